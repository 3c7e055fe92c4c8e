package io.millrace.engine.log;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * What readers may know of a partition. The engine thread writes, any thread reads.
 */
final class PartitionView {
    private static final VarHandle LOG_END_OFFSET = handle("logEndOffset");
    private static final VarHandle LAST_END_POSITION = handle("lastEndPosition");

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

    private static VarHandle handle(final String field) {
        try {
            return MethodHandles.lookup().findVarHandle(PartitionView.class, field, long.class);
        } catch (final ReflectiveOperationException ex) {
            throw new ExceptionInInitializerError(ex);
        }
    }

    /** The position goes first, so that whoever sees the offset sees a position that is large enough. */
    void advanceRelease(final long newLogEndOffset, final long newLastEndPosition) {
        LAST_END_POSITION.setRelease(this, newLastEndPosition);
        LOG_END_OFFSET.setRelease(this, newLogEndOffset); // both pair with the volatile reads above
    }

    boolean isDeleted() {
        return isDeleted;
    }

    void delete() {
        isDeleted = true;
    }
}
