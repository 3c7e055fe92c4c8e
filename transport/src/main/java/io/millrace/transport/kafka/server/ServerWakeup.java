package io.millrace.transport.kafka.server;

import java.nio.channels.Selector;

/**
 * Wakes the network thread from its selector. {@link #signal()} from any thread, the rest by the network thread.
 *
 * <p>Both flags are volatile, which orders them against each other: either the signaller sees that the thread parks,
 * or the thread sees the signal before it does. A signal that finds one pending adds nothing.
 */
final class ServerWakeup {
    private volatile boolean signalled;
    private volatile boolean parked;
    private volatile Selector selector;

    void selector(final Selector value) {
        selector = value;
    }

    void signal() {
        if (!signalled) {
            signalled = true;
            if (parked) {
                selector.wakeup();
            }
        }
    }

    /** Takes a pending signal; to be called before the work that it announces is looked for. */
    void take() {
        if (signalled) {
            signalled = false;
        }
    }

    /** {@return whether to park: no signal is pending} */
    boolean beginPark() {
        parked = true;
        return !signalled;
    }

    /** {@return whether a signal came; it stays pending} */
    boolean endPark() {
        parked = false;
        return signalled;
    }
}
