package io.millrace.engine.log;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * What readers may know of a partition. The engine thread writes, any thread reads.
 */
final class PartitionView {
    private static final long UNKNOWN = -1;

    private static final VarHandle LOG_END_OFFSET = handle("logEndOffset");
    private static final VarHandle LAST_END_POSITION = handle("lastEndPosition");

    private final int partitionId;
    private volatile long logStartOffset;
    private volatile long logEndOffset;
    private volatile long lastEndPosition;
    private volatile boolean isDeleted;

    // the engine thread's alone: how far retention has looked through the partition
    private long lookedPosition = UNKNOWN;
    private int passedCount;
    private long passedLength;
    private long keptLength = UNKNOWN;

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

    /** {@return base of the segment that retention has come to, -1 before it began} */
    long lookedPosition() {
        return lookedPosition;
    }

    /** {@return batches of that segment that retention has passed} */
    int passedCount() {
        return passedCount;
    }

    /** {@return their bytes} */
    long passedLength() {
        return passedLength;
    }

    /** {@return bytes of all batches that retention has not passed, -1 when not counted yet} */
    long keptLength() {
        return keptLength;
    }

    void keptLength(final long length) {
        keptLength = length;
    }

    /** Retention comes to the next segment. */
    void look(final long basePosition) {
        lookedPosition = basePosition;
        passedCount = 0;
        passedLength = 0;
    }

    /** Retention passes what is left of a segment. */
    void passed(final long length) {
        keptLength = keptLength < 0 ? UNKNOWN : keptLength - length;
    }

    void passedBatch(final int length) {
        passedCount++;
        passedLength += length;
        passed(length);
    }

    /** Batches were written. */
    void appended(final long length) {
        keptLength += keptLength < 0 ? 0 : length;
    }

    void delete() {
        isDeleted = true;
    }
}
