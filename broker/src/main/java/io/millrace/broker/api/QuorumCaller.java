package io.millrace.broker.api;

import io.millrace.broker.metadata.MetadataCommand;
import io.millrace.broker.metadata.MetadataErrors;
import io.millrace.broker.metadata.MetadataProxy;
import io.millrace.broker.metadata.MetadataResult;
import org.agrona.concurrent.ManyToOneConcurrentArrayQueue;

/**
 * Carries commands from the network thread to the quorum and the answers back to the network thread. Owned by the
 * network thread; {@link #post} is for any thread.
 */
final class QuorumCaller {
    private static final int ANSWER_CAPACITY = 16 * 1024;
    private static final MetadataResult NOT_TAKEN = new MetadataResult(
        MetadataErrors.REQUEST_TIMED_OUT, "too many commands wait for the metadata quorum, try again", 0, 0);

    private final MetadataProxy proxy;
    private final Runnable wakeUp;
    private final ManyToOneConcurrentArrayQueue<Runnable> answers =
        new ManyToOneConcurrentArrayQueue<>(ANSWER_CAPACITY);
    private final Containment containment;
    private int openCount;

    QuorumCaller(final MetadataProxy proxy, final Runnable wakeUp, final Containment containment) {
        this.proxy = proxy;
        this.wakeUp = wakeUp;
        this.containment = containment;
    }

    /** Submits a command; the handler is called on the network thread, later or, if it cannot be taken, at once. */
    void call(final MetadataCommand command, final MetadataResult.Handler handler) {
        // at most as many open as the queue of answers holds, so an answer always finds room
        final boolean taken = openCount < ANSWER_CAPACITY && proxy.offer(command, (result) -> post(() -> {
            openCount--;
            handler.onResult(result);
        }));
        if (taken) {
            openCount++;
        } else {
            handler.onResult(NOT_TAKEN);
        }
    }

    /** {@return whether an answer of another thread may be waited for; then {@link #onAnswer} has to come} */
    boolean expectAnswer() {
        if (openCount >= ANSWER_CAPACITY) {
            return false;
        }
        openCount++;
        return true;
    }

    /** Nobody will answer after all. */
    void expectNone() {
        openCount--;
    }

    /** Carries an answer that was expected to the network thread; any thread. */
    void onAnswer(final Runnable answer) {
        post(() -> {
            openCount--;
            answer.run();
        });
    }

    private void post(final Runnable answer) {
        answers.offer(answer);
        wakeUp.run();
    }

    int doWork() {
        int work = 0;
        for (Runnable answer = answers.poll(); answer != null; answer = answers.poll()) {
            try {
                answer.run();
            } catch (final RuntimeException | StackOverflowError failure) {
                containment.onFailure("taking an answer of the metadata quorum", failure);
            }
            work++;
        }
        return work;
    }
}
