package io.millrace.broker.metadata;

import java.util.ArrayDeque;
import java.util.function.Consumer;
import org.agrona.concurrent.ManyToOneConcurrentArrayQueue;

/**
 * Where commands wait for the quorum: a bounded queue for other threads, a plain one for the metadata thread, which
 * owns everything here but {@link #offer}.
 */
public final class CommandIntake implements MetadataProxy {
    /** How many commands of other threads may wait. */
    public static final int QUEUE_CAPACITY = 1024;

    private static final int DRAIN_LIMIT = 64;

    private final ManyToOneConcurrentArrayQueue<Submission> queue = new ManyToOneConcurrentArrayQueue<>(QUEUE_CAPACITY);
    private final ArrayDeque<Submission> own = new ArrayDeque<>();
    private volatile boolean closed;

    /**
     * A command and who waits for its answer.
     *
     * @param command to be decided
     * @param handler called once
     */
    public record Submission(MetadataCommand command, MetadataResult.Handler handler) {
        /** Answers that the outcome is unknown. */
        public void timeOut() {
            handler.onResult(new MetadataResult(
                MetadataErrors.REQUEST_TIMED_OUT, "the metadata quorum did not answer in time; the outcome is unknown",
                0, 0));
        }
    }

    @Override
    public boolean offer(final MetadataCommand command, final MetadataResult.Handler handler) {
        return !closed && queue.offer(new Submission(command, handler));
    }

    /**
     * Takes a command of the metadata thread itself.
     *
     * @param command to be decided
     * @param handler called once
     */
    public void submit(final MetadataCommand command, final MetadataResult.Handler handler) {
        own.add(new Submission(command, handler));
    }

    /**
     * Hands over what waits now, a bounded number.
     *
     * @param consumer takes them in order
     * @return how many
     */
    public int drain(final Consumer<Submission> consumer) {
        final int ownCount = Math.min(own.size(), DRAIN_LIMIT);
        for (int i = 0; i < ownCount; i++) {
            consumer.accept(own.poll());
        }
        return ownCount + queue.drain(consumer, DRAIN_LIMIT);
    }

    /** Takes nothing more and answers whatever waits. */
    public void close() {
        closed = true;
        while (drain(Submission::timeOut) > 0) {
            // until both are empty
        }
    }
}
