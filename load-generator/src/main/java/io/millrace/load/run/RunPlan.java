package io.millrace.load.run;

import io.millrace.load.pacing.BurstSchedule;
import io.millrace.load.pacing.RateCurve;
import io.millrace.load.pacing.Schedule;
import io.millrace.load.workload.Arrival;
import io.millrace.load.workload.Workload;
import java.util.List;

/**
 * When the phases of a run begin and end, on the clock of this process. Shared: the run's thread moves the start of the
 * measured phase, once, while it is still ahead, and says when the load after it ends; sending threads read.
 */
final class RunPlan {
    private static final long NS_PER_S = 1_000_000_000L;
    private static final long GRACE_NS = 10 * NS_PER_S;

    private final Workload workload;
    private final long warmupStartNs;
    private final RateCurve curve;
    private final int allProducers;
    private volatile long measureStartNs;
    private volatile boolean isLoadAfterOver;

    private RunPlan(final Workload workload, final long warmupStartNs, final int allProducers) {
        this.workload = workload;
        this.warmupStartNs = warmupStartNs;
        this.allProducers = allProducers;
        measureStartNs = warmupStartNs + workload.warmupNs();
        curve = workload.arrival().isCurve() ? curve(workload.arrival().steps()) : null;
        isLoadAfterOver = workload.phases().backlogLength() == 0;
    }

    /**
     * Plans the phases.
     *
     * @param workload what is run
     * @param startNs  when the first record is due
     * @return the plan
     */
    static RunPlan of(final Workload workload, final long startNs) {
        return new RunPlan(workload, startNs, workload.producers());
    }

    /**
     * Plans the phases of one of several processes that share a schedule.
     *
     * @param workload     what is run, with the producers of this process and the rate of all
     * @param startNs      when the first record is due
     * @param allProducers of all processes
     * @return the plan
     */
    static RunPlan shared(final Workload workload, final long startNs, final int allProducers) {
        return new RunPlan(workload, startNs, allProducers);
    }

    /** {@return when the first record is due} */
    long warmupStartNs() {
        return warmupStartNs;
    }

    /** {@return records due from then on are measured} */
    long measureStartNs() {
        return measureStartNs;
    }

    /** {@return no record is due from then on; {@link Long#MAX_VALUE} if a count ends the phase} */
    long measureEndNs() {
        if (workload.recordCount() == 0) {
            return measureStartNs + workload.durationNs();
        }
        return workload.isUnlimited() ? Long.MAX_VALUE
            : Schedule.dueNsOf(measureStartNs, workload.ratePerS(), workload.recordCount());
    }

    /** {@return records of all producers in the measured phase; {@link Long#MAX_VALUE} if only time ends it} */
    long measureTicks() {
        if (workload.recordCount() > 0) {
            return workload.recordCount();
        }
        if (workload.isUnlimited()) {
            return Long.MAX_VALUE;
        }
        if (curve != null) {
            return curve.ticksWithin(workload.durationNs());
        }
        return workload.arrival().kind() == Arrival.Kind.BURST
            ? BurstSchedule.ticksWithin(workload.durationNs(), workload.ratePerS(), workload.arrival().burstSize())
            : Schedule.ticksWithin(workload.durationNs(), workload.ratePerS());
    }

    /** {@return how long after the end late ticks are still sent, and answers awaited} */
    long graceNs() {
        return GRACE_NS;
    }

    /** {@return true if a clock, not a count, ends the measured phase} */
    boolean isTimed() {
        return measureEndNs() != Long.MAX_VALUE;
    }

    /** {@return the rates over the measured phase, null unless they change} */
    RateCurve curve() {
        return curve;
    }

    /** {@return producers of all processes} */
    int allProducers() {
        return allProducers;
    }

    /** {@return true if producers go on after the measured phase} */
    boolean hasLoadAfter() {
        return workload.phases().backlogLength() > 0;
    }

    /** {@return true once they need not} */
    boolean isLoadAfterOver() {
        return isLoadAfterOver;
    }

    /** Ends the load after the measured phase. */
    void endLoadAfter() {
        isLoadAfterOver = true;
    }

    /**
     * Lets the measured phase begin earlier than planned; only while it has not begun, and a while ahead, so that every
     * thread sees it in time.
     *
     * @param startNs the new start
     */
    void measureFrom(final long startNs) {
        measureStartNs = startNs;
    }

    private static RateCurve curve(final List<Arrival.Step> steps) {
        return new RateCurve(
            steps.stream().mapToLong(Arrival.Step::durationNs).toArray(),
            steps.stream().mapToLong(Arrival.Step::fromRatePerS).toArray(),
            steps.stream().mapToLong(Arrival.Step::toRatePerS).toArray());
    }
}
