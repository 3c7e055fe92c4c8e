package io.millrace.load.record;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/** A count with one writing thread and any number of readers. */
final class Counter {
    private static final VarHandle VALUE;

    static {
        try {
            VALUE = MethodHandles.lookup().findVarHandle(Counter.class, "value", long.class);
        } catch (final ReflectiveOperationException ex) {
            throw new ExceptionInInitializerError(ex);
        }
    }

    private long value;

    void incrementOrdered() {
        VALUE.setRelease(this, value + 1); // pairs with getAcquire
    }

    long getAcquire() {
        return (long) VALUE.getAcquire(this); // pairs with incrementOrdered
    }
}
