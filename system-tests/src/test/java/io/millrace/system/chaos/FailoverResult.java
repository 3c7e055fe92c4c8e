package io.millrace.system.chaos;

import java.util.List;

/**
 * One broker ended under load.
 *
 * @param number            from 0
 * @param kind              "kill" or "shutdown"
 * @param victim            the node
 * @param wasMetadataLeader whether it led the metadata
 * @param ledPartitions     of the topic that it led
 * @param standstillMs      longest time between two acknowledgements of a partition it led, over all of them
 * @param medianMs          the same, of the middle one of those partitions
 * @param othersMs          the same, of the partitions that it did not lead
 * @param backMs            from its new start until all replicas were in sync
 * @param standstillsMs     of each partition that it led
 */
record FailoverResult(int number, String kind, int victim, boolean wasMetadataLeader, int ledPartitions,
    double standstillMs, double medianMs, double othersMs, long backMs, List<Double> standstillsMs) {
    static final String KILL = "kill";
    static final String SHUTDOWN = "shutdown";
}
