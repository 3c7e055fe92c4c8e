package io.millrace.load.run;

import io.millrace.load.pacing.BurstSchedule;
import io.millrace.load.pacing.CurveSchedule;
import io.millrace.load.pacing.PoissonSchedule;
import io.millrace.load.pacing.Schedule;
import io.millrace.load.pacing.TickSchedule;
import io.millrace.load.workload.Arrival;
import io.millrace.load.workload.Mix;
import io.millrace.load.workload.Workload;

/** Makes the schedule of one producer in one phase. */
final class Schedules {
    private static final int WARMUP_STREAM = 1;
    private static final int MEASURE_STREAM = 2;
    private static final int AFTER_STREAM = 3;
    private static final long STREAMS = 4;

    private Schedules() {
    }

    /** The warm-up runs at the rate with which the measured phase begins. Its end is a clock, not a count. */
    static TickSchedule warmup(final Workload workload, final RunPlan plan, final int producerId) {
        return open(workload, plan, producerId, plan.warmupStartNs(), WARMUP_STREAM);
    }

    static TickSchedule measure(final Workload workload, final RunPlan plan, final int producerId) {
        final long startNs = plan.measureStartNs();
        return switch (workload.arrival().kind()) {
            case BURST -> new BurstSchedule(startNs, workload.ratePerS(), workload.arrival().burstSize(), producerId,
                plan.allProducers(), plan.measureTicks());
            case POISSON -> poisson(workload, plan, producerId, startNs, MEASURE_STREAM,
                workload.recordCount() > 0 ? Schedule.NEVER : workload.durationNs(),
                workload.recordCount() > 0
                    ? Schedule.ticksOf(workload.recordCount(), producerId, plan.allProducers()) : Long.MAX_VALUE);
            case STEP, RAMP -> new CurveSchedule(startNs, plan.curve(), producerId, plan.allProducers(),
                plan.measureTicks());
            default -> new Schedule(startNs, workload.ratePerS(), producerId, plan.allProducers(), plan.measureTicks());
        };
    }

    /** After the measured phase, until it is told to end. */
    static TickSchedule after(final Workload workload, final RunPlan plan, final int producerId) {
        return open(workload, plan, producerId, plan.measureEndNs(), AFTER_STREAM);
    }

    private static TickSchedule open(
        final Workload workload, final RunPlan plan, final int producerId, final long startNs, final int stream) {
        final long ratePerS = workload.warmupRatePerS();
        final Arrival arrival = workload.arrival();
        return switch (arrival.kind()) {
            case BURST -> new BurstSchedule(startNs, ratePerS, arrival.burstSize(), producerId, plan.allProducers(),
                Long.MAX_VALUE);
            case POISSON ->
                poisson(workload, plan, producerId, startNs, stream, Schedule.NEVER, Long.MAX_VALUE);
            default -> new Schedule(startNs, ratePerS, producerId, plan.allProducers(), Long.MAX_VALUE);
        };
    }

    private static TickSchedule poisson(
        final Workload workload,
        final RunPlan plan,
        final int producerId,
        final long startNs,
        final int stream,
        final long durationNs,
        final long tickCount) {
        final long seed = workload.seed();
        final long draw = producerId * STREAMS + stream;
        return new PoissonSchedule(startNs, workload.warmupRatePerS(), plan.allProducers(), durationNs, tickCount,
            tick -> Mix.unit(seed, draw, tick));
    }
}
