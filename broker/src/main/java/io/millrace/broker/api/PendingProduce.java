package io.millrace.broker.api;

import org.agrona.collections.IntArrayList;

/** How far one Produce request has come. Pooled; owned by the network thread. */
final class PendingProduce {
    private static final int INITIAL_CAPACITY = 8;

    int version;
    boolean acksAll;
    int responseEnd;
    int partitionCount;
    /** Partition at which admission goes on after back-pressure. */
    int nextPartition;
    /** Partition whose batch was found good before the ring was found full; -1 for none. */
    int checkedPartition;
    long firstOfferNs;
    int openCount;
    boolean failed;
    boolean abandoned;
    boolean admitted;
    int[] entryIndexes = new int[INITIAL_CAPACITY];
    /** Topic and partition of each open entry. */
    TopicView[] topics = new TopicView[INITIAL_CAPACITY];
    int[] partitions = new int[INITIAL_CAPACITY];
    /** Leaders that the reply names. */
    final IntArrayList named = new IntArrayList();
    boolean[] open = new boolean[INITIAL_CAPACITY];

    void reset(final int produceVersion, final boolean isAcksAll, final int newPartitionCount, final long nowNs) {
        version = produceVersion;
        acksAll = isAcksAll;
        named.clear();
        firstOfferNs = nowNs;
        partitionCount = newPartitionCount;
        responseEnd = 0;
        nextPartition = 0;
        checkedPartition = -1;
        openCount = 0;
        failed = false;
        abandoned = false;
        admitted = false;
        if (entryIndexes.length < partitionCount) {
            entryIndexes = new int[partitionCount];
            open = new boolean[partitionCount];
            topics = new TopicView[partitionCount];
            partitions = new int[partitionCount];
        }
    }
}
