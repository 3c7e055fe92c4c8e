package io.millrace.broker.api;

/** How far one Produce request has come. Pooled; owned by the network thread. */
final class PendingProduce {
    private static final int INITIAL_CAPACITY = 8;

    int version;
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
    /** Topic of an open entry whose in-sync replicas are to be counted once more at its ack, else null. */
    TopicView[] topics = new TopicView[INITIAL_CAPACITY];
    int[] partitions = new int[INITIAL_CAPACITY];
    boolean[] open = new boolean[INITIAL_CAPACITY];

    void reset(final int produceVersion, final int newPartitionCount, final long nowNs) {
        version = produceVersion;
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
