package io.millrace.broker.group;

import java.util.Random;
import java.util.function.LongConsumer;

/** Plays a model again and again, each time with another seed, and names the seed with which it fails. */
final class Rounds {
    private Rounds() {
    }

    static void play(final int count, final LongConsumer run) {
        for (int round = 0; round < count; round++) {
            final long seed = new Random().nextLong();
            try {
                run.accept(seed);
            } catch (final AssertionError | RuntimeException ex) {
                throw new AssertionError("seed=" + seed, ex);
            }
        }
    }
}
