package io.millrace.engine.writer;

import io.millrace.engine.DurabilityProfile;
import io.millrace.engine.ErrorCodes;
import io.millrace.engine.LogMarks;
import io.millrace.engine.ProduceOutcomes;
import io.millrace.engine.state.ShardState;

/**
 * Answers those who asked, each once, when the mark they asked for has passed their batch. Owned by the engine thread.
 *
 * <p>Reply id 0 means that nobody asks: nothing is ever answered. With any other id acks 0 is answered as soon as the
 * batch is written or refused, so that the asker can let go of what it holds for it.
 */
final class Answers {
    static final long NOBODY = 0;
    static final int ACKS_ALL = -1;
    static final int ACKS_LEADER = 1;

    private final ProduceOutcomes outcomes;
    private final DurabilityProfile profile;
    private final LogMarks marks;
    private final ShardState state;
    private final PendingAcks untilSynced;
    private final PendingAcks untilCommitted;
    private RuntimeException firstFailure;

    Answers(
        final ProduceOutcomes outcomes,
        final DurabilityProfile profile,
        final LogMarks marks,
        final ShardState state,
        final int pendingCapacity) {
        this.outcomes = outcomes;
        this.profile = profile;
        this.marks = marks;
        this.state = state;
        untilSynced = new PendingAcks(pendingCapacity);
        untilCommitted = new PendingAcks(pendingCapacity);
    }

    /** {@return how many more batches may wait} */
    int room() {
        return Math.min(untilSynced.room(), untilCommitted.room());
    }

    /** Answers a batch that is in the log, now or when its mark has passed its end. */
    void accept(
        final byte acks,
        final long replyId,
        final long baseOffset,
        final long endPosition,
        final int partitionId) {
        if (replyId == NOBODY) {
            return;
        }
        if (acks == ACKS_ALL && marks.committedAcquire() < endPosition) {
            untilCommitted.add(endPosition, replyId, baseOffset, partitionId);
        } else if (acks == ACKS_LEADER && profile == DurabilityProfile.DURABLE
            && marks.syncedAcquire() < endPosition) {
            untilSynced.add(endPosition, replyId, baseOffset, partitionId);
        } else {
            send(replyId, ErrorCodes.NONE, baseOffset, state.logStartOffset(partitionId));
        }
    }

    void refuse(final long replyId, final short errorCode) {
        if (replyId != NOBODY) {
            send(replyId, errorCode, -1, -1);
        }
    }

    int onSynced() {
        return untilSynced.isEmpty() ? 0 : release(untilSynced, marks.syncedAcquire());
    }

    int onCommitted(final long position) {
        return release(untilCommitted, position);
    }

    void refuseAllPending(final short errorCode) {
        refuseAll(untilSynced, errorCode);
        refuseAll(untilCommitted, errorCode);
    }

    /** Throws what an outcome threw meanwhile, once: it must not break the block that was being answered. */
    void throwFailure() {
        final RuntimeException failure = firstFailure;
        if (failure != null) {
            firstFailure = null;
            throw failure;
        }
    }

    private int release(final PendingAcks pending, final long position) {
        int count = 0;
        while (pending.isDue(position)) {
            final long replyId = pending.replyId();
            final long baseOffset = pending.baseOffset();
            final long logStartOffset = state.logStartOffset(pending.partitionId());
            pending.remove();
            send(replyId, ErrorCodes.NONE, baseOffset, logStartOffset);
            count++;
        }
        return count;
    }

    private void refuseAll(final PendingAcks pending, final short errorCode) {
        while (!pending.isEmpty()) {
            final long replyId = pending.replyId();
            pending.remove();
            refuse(replyId, errorCode);
        }
    }

    private void send(final long replyId, final short errorCode, final long baseOffset, final long logStartOffset) {
        try {
            outcomes.onOutcome(replyId, errorCode, baseOffset, logStartOffset);
        } catch (final RuntimeException ex) {
            if (firstFailure == null) {
                firstFailure = ex;
            }
        }
    }
}
