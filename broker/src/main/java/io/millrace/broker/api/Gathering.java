package io.millrace.broker.api;

import io.millrace.transport.kafka.server.ReplySlot;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.IntFunction;

/**
 * One request with several entries, each of which is answered on its own, mostly by the metadata quorum; the reply
 * leaves when all are there or time is up. Owned by the network thread.
 *
 * @param <A> answer to one entry
 */
final class Gathering<A> implements Deferred {
    private final ReplySlot slot;
    private final List<A> answers;
    private final IntFunction<A> unanswered;
    private final Consumer<List<A>> reply;
    private BooleanSupplier ready = () -> true;
    private int openCount;
    private boolean completed;

    private Gathering(
        final ReplySlot slot, final int count, final IntFunction<A> unanswered, final Consumer<List<A>> reply) {
        this.slot = slot;
        this.answers = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            answers.add(null);
        }
        this.unanswered = unanswered;
        this.reply = reply;
        this.openCount = count;
    }

    /**
     * {@return what waits for the entries of a request; {@link #completeIfDone} is still to be called once}
     *
     * @param slot       of the request
     * @param count      of its entries
     * @param timeoutMs  as the client wants it
     * @param nowNs      now
     * @param unanswered answer to an entry when time is up
     * @param reply      completes the slot
     */
    static <A> Gathering<A> attach(final ReplySlot slot, final int count, final int timeoutMs, final long nowNs,
        final IntFunction<A> unanswered, final Consumer<List<A>> reply) {
        final Gathering<A> gathering = new Gathering<>(slot, count, unanswered, reply);
        slot.attach(gathering);
        slot.expireAt(nowNs + TimeUnit.MILLISECONDS.toNanos(Math.max(1, timeoutMs)));
        return gathering;
    }

    /** Sets what must be true besides; {@link #completeIfDone} is to be called when that may have changed. */
    void readyWhen(final BooleanSupplier condition) {
        ready = condition;
    }

    /** One entry is answered; the reply may leave. */
    void answer(final int entry, final A answer) {
        if (!completed && answers.get(entry) == null) {
            answers.set(entry, answer);
            openCount--;
            completeIfDone();
        }
    }

    /** {@return whether nothing is left to be done} */
    boolean completeIfDone() {
        try {
            if (!completed && slot.attachment() != this) {
                completed = true; // the request has failed meanwhile
            }
            if (!completed && openCount == 0 && ready.getAsBoolean()) {
                complete();
            }
        } catch (final RuntimeException | StackOverflowError failure) {
            completed = true;
            slot.crash(failure); // not thrown on: others may be gathering, too
        }
        return completed;
    }

    private void complete() {
        completed = true;
        for (int i = 0; i < answers.size(); i++) {
            if (answers.get(i) == null) {
                answers.set(i, unanswered.apply(i));
            }
        }
        reply.accept(answers);
    }

    @Override
    public void onExpired(final ReplySlot expired) {
        if (!completed) {
            complete();
        }
    }
}
