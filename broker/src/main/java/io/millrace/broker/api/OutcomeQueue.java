package io.millrace.broker.api;

import io.millrace.engine.ErrorCodes;
import io.millrace.engine.ProduceOutcomes;
import java.nio.ByteBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.MessageHandler;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.ringbuffer.OneToOneRingBuffer;
import org.agrona.concurrent.ringbuffer.RingBufferDescriptor;

/**
 * Outcomes from the engine thread (producer) to the network thread (consumer). Never full: the network thread has at
 * most {@link #ENTRY_LIMIT} batches of producers and {@link #COORDINATOR_LIMIT} of coordinators in the rings at a time.
 *
 * <p>An outcome is staged first. The engine thread publishes what was decided since the last time, or takes every
 * acceptance among it back when it finds that meanwhile it may have been stopped until somebody else led.
 */
public final class OutcomeQueue implements ProduceOutcomes {
    /** Batches that may be waiting for their outcome at a time. */
    static final int ENTRY_LIMIT = 32 * 1024;
    /** The same for the coordinators of groups, beside those of producers. */
    static final int COORDINATOR_LIMIT = 4 * 1024;
    /** Reply id of a batch with acks=0, whose outcome nobody waits for. */
    static final long NOBODY = 0;
    private static final int ERROR_FIELD_OFFSET = Long.BYTES;
    private static final int BASE_OFFSET_FIELD_OFFSET = ERROR_FIELD_OFFSET + Long.BYTES;
    private static final int LOG_START_FIELD_OFFSET = BASE_OFFSET_FIELD_OFFSET + Long.BYTES;
    private static final int MESSAGE_LENGTH = LOG_START_FIELD_OFFSET + Long.BYTES;
    /** Message and ring header take 40 bytes; more than twice the need, so that a wrap never matters. */
    private static final int CAPACITY = 128 * ENTRY_LIMIT;
    private static final int MESSAGE_TYPE = 1;
    private static final int STAGED_COUNT = 4;

    /** Takes outcomes on the network thread. */
    @FunctionalInterface
    interface Handler {
        void onOutcome(long replyId, short errorCode, long baseOffset, long logStartOffset);
    }

    private final OneToOneRingBuffer ring = new OneToOneRingBuffer(
        new UnsafeBuffer(ByteBuffer.allocateDirect(CAPACITY + RingBufferDescriptor.TRAILER_LENGTH)));
    private final MessageHandler reader = this::onMessage;
    private final long[] staged = new long[(ENTRY_LIMIT + COORDINATOR_LIMIT) * STAGED_COUNT];
    private int stagedLength;
    private Handler handler;
    private boolean published;

    @Override
    public void onOutcome(
        final long replyId, final short errorCode, final long baseOffset, final long logStartOffset) {
        if (replyId == NOBODY) {
            return;
        }
        final int at = stagedLength;
        if (at == staged.length) {
            throw full();
        }
        staged[at] = replyId;
        staged[at + 1] = errorCode;
        staged[at + 2] = baseOffset;
        staged[at + 3] = logStartOffset;
        stagedLength = at + STAGED_COUNT;
    }

    /** {@return whether something waits to be published; engine thread} */
    public boolean isStaged() {
        return stagedLength > 0;
    }

    /** Publishes what was decided since the last time; engine thread. */
    public void publish() {
        final int length = stagedLength;
        stagedLength = 0;
        for (int i = 0; i < length; i += STAGED_COUNT) {
            publish(staged[i], staged[i + 1], staged[i + 2], staged[i + 3]);
        }
    }

    /** Publishes what was decided since the last time, with NOT_LEADER_OR_FOLLOWER for success; engine thread. */
    public void publishRefused() {
        for (int i = 0; i < stagedLength; i += STAGED_COUNT) {
            if (staged[i + 1] == ErrorCodes.NONE) {
                staged[i + 1] = ErrorCodes.NOT_LEADER_OR_FOLLOWER;
                staged[i + 2] = -1;
                staged[i + 3] = -1;
            }
        }
        publish();
    }

    private void publish(final long replyId, final long errorCode, final long baseOffset, final long logStartOffset) {
        final int index = ring.tryClaim(MESSAGE_TYPE, MESSAGE_LENGTH);
        if (index < 0) {
            throw full();
        }
        ring.buffer().putLong(index, replyId);
        ring.buffer().putLong(index + ERROR_FIELD_OFFSET, errorCode);
        ring.buffer().putLong(index + BASE_OFFSET_FIELD_OFFSET, baseOffset);
        ring.buffer().putLong(index + LOG_START_FIELD_OFFSET, logStartOffset);
        ring.commit(index);
        published = true;
    }

    private static IllegalStateException full() {
        return new IllegalStateException("outcome queue is full: more than " + ENTRY_LIMIT + " batches in flight");
    }

    /** {@return whether anything was published since the last call; engine thread, to wake the network thread once} */
    public boolean takePublished() {
        final boolean result = published;
        published = false;
        return result;
    }

    /** Hands over what has come; network thread. */
    int drain(final Handler outcomeHandler) {
        handler = outcomeHandler;
        return ring.read(reader);
    }

    private void onMessage(final int type, final MutableDirectBuffer buffer, final int index, final int length) {
        handler.onOutcome(buffer.getLong(index), (short)buffer.getLong(index + ERROR_FIELD_OFFSET),
            buffer.getLong(index + BASE_OFFSET_FIELD_OFFSET), buffer.getLong(index + LOG_START_FIELD_OFFSET));
    }
}
