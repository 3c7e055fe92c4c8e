package io.millrace.engine.state;

import java.util.Arrays;

/** Longs that lead back to a savepoint, newest on top. Owned by the engine thread. */
final class UndoStack {
    private static final int INITIAL_COUNT = 32 * 1024;

    private long[] values = new long[INITIAL_COUNT];
    private int count;
    private boolean active;

    boolean isActive() {
        return active;
    }

    boolean isEmpty() {
        return count == 0;
    }

    void start() {
        active = true;
        count = 0;
    }

    void stop() {
        active = false;
        count = 0;
    }

    /** Doubles when full: a block of the writer stays below the initial room, a long chunk of a leader may not. */
    void push(final long value) {
        if (count == values.length) {
            values = Arrays.copyOf(values, count * 2);
        }
        values[count++] = value;
    }

    long pop() {
        return values[--count];
    }

    int popInt() {
        return (int) pop();
    }
}
