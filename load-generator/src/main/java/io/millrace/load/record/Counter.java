package io.millrace.load.record;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/** A count with one writing thread and any number of readers. */
public final class Counter {
    private static final VarHandle VALUE;

    static {
        try {
            VALUE = MethodHandles.lookup().findVarHandle(Counter.class, "value", long.class);
        } catch (final ReflectiveOperationException ex) {
            throw new ExceptionInInitializerError(ex);
        }
    }

    private long value;

    /** Begins at 0. */
    public Counter() {
    }

    /** Counts one more; the writing thread's. */
    public void incrementOrdered() {
        VALUE.setRelease(this, value + 1); // pairs with getAcquire
    }

    /** {@return the count, with everything the writer did before it} */
    public long getAcquire() {
        return (long) VALUE.getAcquire(this); // pairs with incrementOrdered
    }
}
