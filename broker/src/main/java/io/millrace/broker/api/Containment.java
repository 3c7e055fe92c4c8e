package io.millrace.broker.api;

import java.util.function.BiConsumer;
import java.util.function.IntSupplier;

/**
 * Keeps what fails in one part of the duty cycle from ending the others: the requests it worked for run out of time, or
 * their connections are closed, and the node goes on. Owned by the network thread.
 *
 * <p>Not for what every answer rests on, the image of the metadata and the outcomes of producers' batches: with those
 * in doubt the node had better end.
 */
final class Containment {
    private BiConsumer<String, Throwable> failures = (work, failure) -> {
        throw new IllegalStateException(work + " failed", failure);
    };

    /** Sets who counts and logs failures; before the network thread starts. */
    void failures(final BiConsumer<String, Throwable> sink) {
        failures = sink;
    }

    /** {@return the work count of a part of the duty cycle, 0 when it failed} */
    int run(final String work, final IntSupplier part) {
        try {
            return part.getAsInt();
        } catch (final RuntimeException | StackOverflowError failure) {
            onFailure(work, failure);
            return 0;
        }
    }

    /** Something failed that was caught already. */
    void onFailure(final String work, final Throwable failure) {
        failures.accept(work, failure);
    }
}
