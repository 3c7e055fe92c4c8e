package io.millrace.system.chaos;

/** The longest time without an acknowledgement, per partition of one topic. Any thread; few at a time. */
final class AckGaps {
    private final long[] lastAckNs;
    private final long[] ackCount;
    private final long[] longestNs;

    AckGaps(final int partitionCount, final long nowNs) {
        lastAckNs = new long[partitionCount];
        ackCount = new long[partitionCount];
        longestNs = new long[partitionCount];
        java.util.Arrays.fill(lastAckNs, nowNs);
    }

    synchronized void onAck(final int partition, final long nowNs) {
        longestNs[partition] = Math.max(longestNs[partition], nowNs - lastAckNs[partition]);
        lastAckNs[partition] = nowNs;
        ackCount[partition]++;
    }

    /** Begins a measurement: gaps from the last acknowledgement before now on. */
    synchronized void begin() {
        java.util.Arrays.fill(longestNs, 0);
    }

    /** {@return the longest gap of each partition since the beginning; one that still lasts is left out} */
    synchronized long[] longestNs() {
        return longestNs.clone();
    }

    synchronized long[] ackCounts() {
        return ackCount.clone();
    }
}
