package io.millrace.transport.kafka.client;

/** Requests without an answer, in order, in flat arrays. Owned by the connection's thread. */
final class InFlight {
    static final int API_VERSIONS = 0;
    static final int PRODUCE = 1;
    static final int FETCH = 2;

    private final int mask;
    private final int[] kinds;
    private final int[] correlationIds;
    private final int[] partitionIds;
    private final long[] tokens;
    private final long[] sentNs;
    private int head;
    private int tail;

    InFlight(final int capacity) {
        mask = capacity - 1;
        kinds = new int[capacity];
        correlationIds = new int[capacity];
        partitionIds = new int[capacity];
        tokens = new long[capacity];
        sentNs = new long[capacity];
    }

    int count() {
        return tail - head;
    }

    boolean isFull() {
        return tail - head > mask;
    }

    void add(final int kind, final int correlationId, final long token, final int partitionId, final long atNs) {
        final int slot = tail++ & mask;
        kinds[slot] = kind;
        correlationIds[slot] = correlationId;
        tokens[slot] = token;
        partitionIds[slot] = partitionId;
        sentNs[slot] = atNs;
    }

    int headKind() {
        return kinds[head & mask];
    }

    int headCorrelationId() {
        return correlationIds[head & mask];
    }

    int headPartitionId() {
        return partitionIds[head & mask];
    }

    long headToken() {
        return tokens[head & mask];
    }

    long headSentNs() {
        return sentNs[head & mask];
    }

    void remove() {
        head++;
    }
}
