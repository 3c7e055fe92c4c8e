package io.millrace.load.run;

import io.millrace.load.pacing.Schedule;
import io.millrace.load.workload.Workload;

/**
 * When the phases of a run begin and end, on the clock of this process.
 *
 * @param warmupStartNs  first record
 * @param measureStartNs records due from then on are measured
 * @param measureEndNs   no record is due from then on; {@link Long#MAX_VALUE} if a count ends the phase
 * @param measureTicks   records of all producers in the measured phase; {@link Long#MAX_VALUE} if only time ends it
 * @param graceNs        how long after the end late ticks are still sent, and answers awaited
 */
record RunPlan(long warmupStartNs, long measureStartNs, long measureEndNs, long measureTicks, long graceNs) {
    private static final long NS_PER_S = 1_000_000_000L;
    private static final long GRACE_NS = 10 * NS_PER_S;

    /**
     * Plans the phases.
     *
     * @param workload what is run
     * @param startNs  when the first record is due
     * @return the plan
     */
    static RunPlan of(final Workload workload, final long startNs) {
        final long measureStartNs = startNs + workload.warmupNs();
        final long ticks;
        final long endNs;
        if (workload.recordCount() > 0) {
            ticks = workload.recordCount();
            endNs = workload.isUnlimited()
                ? Long.MAX_VALUE
                : Schedule.dueNsOf(measureStartNs, workload.ratePerS(), ticks);
        } else {
            ticks = workload.isUnlimited()
                ? Long.MAX_VALUE
                : Schedule.ticksWithin(workload.durationNs(), workload.ratePerS());
            endNs = measureStartNs + workload.durationNs();
        }
        return new RunPlan(startNs, measureStartNs, endNs, ticks, GRACE_NS);
    }

    /** {@return true if a clock, not a count, ends the measured phase} */
    boolean isTimed() {
        return measureEndNs != Long.MAX_VALUE;
    }
}
