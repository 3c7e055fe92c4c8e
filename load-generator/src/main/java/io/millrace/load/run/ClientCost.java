package io.millrace.load.run;

import io.millrace.results.model.Scheduling;

/**
 * What sending processes used over the measured phase; of several the sum.
 *
 * @param ackedCount      records acknowledged meanwhile
 * @param cpuNs           processor time, below 0 if it is not known
 * @param allocated       heap bytes
 * @param gcPauseNs       garbage collection pauses
 * @param scheduling      of all threads, each part null if it is not known
 */
public record ClientCost(long ackedCount, long cpuNs, long allocated, long gcPauseNs, Scheduling scheduling) {
    /**
     * {@return both together; what is not known of one is not known of both}
     *
     * @param other of another process
     */
    public ClientCost plus(final ClientCost other) {
        return new ClientCost(ackedCount + other.ackedCount, cpuNs < 0 || other.cpuNs < 0 ? -1 : cpuNs + other.cpuNs,
            allocated + other.allocated, gcPauseNs + other.gcPauseNs,
            new Scheduling(sum(scheduling.voluntarySwitches(), other.scheduling.voluntarySwitches()),
                sum(scheduling.involuntarySwitches(), other.scheduling.involuntarySwitches()),
                sum(scheduling.runDelayNs(), other.scheduling.runDelayNs())));
    }

    private static Long sum(final Long one, final Long other) {
        return one == null || other == null ? null : Long.valueOf(one + other);
    }
}
