package io.millrace.broker.api;

import io.millrace.broker.group.GroupErrors;
import io.millrace.transport.kafka.codec.ReplyTarget;
import io.millrace.transport.kafka.server.ReplySlot;
import java.util.function.Function;

/** One request to a coordinator, answered once, unless its client is gone. Owned by the network thread. */
final class GroupCall<R> implements Deferred {
    /** Writes an answer; a method of a codec class. */
    @FunctionalInterface
    interface Encoder<R> {
        int encode(int version, R response, ReplyTarget target);
    }

    private final ReplySlot slot;
    private final short version;
    private final Encoder<R> encoder;
    private final Function<Short, R> refusal;
    private boolean isDone;

    /**
     * Takes over a slot.
     *
     * @param slot    not completed
     * @param encoder of the answer
     * @param refusal an answer that is nothing but an error
     */
    GroupCall(final ReplySlot slot, final Encoder<R> encoder, final Function<Short, R> refusal) {
        this.slot = slot;
        this.version = slot.apiVersion();
        this.encoder = encoder;
        this.refusal = refusal;
        slot.attach(this);
    }

    void answer(final R response) {
        if (!isDone) {
            isDone = true;
            try {
                slot.complete(encoder.encode(version, response, slot));
            } catch (final RuntimeException | StackOverflowError failure) {
                slot.crash(failure); // whoever answers it has others to answer
            }
        }
    }

    void refuse(final short error) {
        answer(refusal.apply(error));
    }

    @Override
    public void onExpired(final ReplySlot expired) {
        refuse(GroupErrors.COORDINATOR_NOT_AVAILABLE);
    }

    @Override
    public void onAbandoned(final ReplySlot abandoned) {
        if (!isDone) {
            isDone = true;
            slot.completeWithoutReply();
        }
    }
}
