package io.millrace.engine.log;

/**
 * What readers may know of a partition. The engine thread writes, any thread reads.
 */
final class PartitionView {
    private final int partitionId;
    private volatile long logStartOffset;
    private volatile long logEndOffset;
    private volatile long lastEndPosition;
    private volatile boolean isDeleted;

    PartitionView(final int partitionId, final long logStartOffset, final long logEndOffset, final long endPosition) {
        this.partitionId = partitionId;
        this.logStartOffset = logStartOffset;
        this.logEndOffset = logEndOffset;
        lastEndPosition = endPosition;
    }

    int partitionId() {
        return partitionId;
    }

    long logStartOffset() {
        return logStartOffset;
    }

    void logStartOffset(final long offset) {
        logStartOffset = offset;
    }

    long logEndOffset() {
        return logEndOffset;
    }

    /** {@return position at or behind the end of the partition's last frame; read after {@link #logEndOffset()}} */
    long lastEndPosition() {
        return lastEndPosition;
    }

    /** The position goes first, so that whoever sees the offset sees a position that is large enough. */
    void advance(final long newLogEndOffset, final long newLastEndPosition) {
        lastEndPosition = newLastEndPosition;
        logEndOffset = newLogEndOffset;
    }

    boolean isDeleted() {
        return isDeleted;
    }

    void delete() {
        isDeleted = true;
    }
}
