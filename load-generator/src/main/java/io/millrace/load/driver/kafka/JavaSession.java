package io.millrace.load.driver.kafka;

import io.millrace.load.driver.DeliveryListener;
import io.millrace.load.driver.DriverProducer;
import io.millrace.load.driver.DriverSession;
import io.millrace.load.workload.Workload;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.agrona.concurrent.NanoClock;

/**
 * The producers of one sending thread, which owns it; answers arrive on the threads of their clients, one at a time
 * through a lock, and wake the sending thread when it waits for room.
 */
final class JavaSession implements DriverSession {
    private final DeliveryListener listener;
    private final NanoClock clock;
    private final int window;
    private final AtomicInteger inFlight = new AtomicInteger();
    private final List<JavaProducer> producers = new ArrayList<>();
    private final Object answerLock = new Object();
    private volatile Thread waiter;
    private boolean isDraining;

    JavaSession(
        final Workload workload, final int producerCount, final DeliveryListener listener, final NanoClock clock) {
        this.listener = listener;
        this.clock = clock;
        window = Math.max(1, (int) ((long) workload.inFlightCount() * producerCount / workload.producers()));
    }

    void add(final JavaProducer producer) {
        producers.add(producer);
    }

    @Override
    public DriverProducer producer(final int index) {
        return producers.get(index);
    }

    @Override
    public int poll(final long nowNs) {
        return 0; // the client has a thread of its own
    }

    @Override
    public int inFlightCount() {
        return inFlight.get();
    }

    @Override
    public void await(final long maxNs) {
        if (isDraining || inFlight.get() >= window) {
            waiter = Thread.currentThread();
            if (isDraining ? inFlight.get() > 0 : inFlight.get() >= window) {
                LockSupport.parkNanos(maxNs);
            }
            waiter = null;
        } else {
            LockSupport.parkNanos(maxNs);
        }
    }

    @Override
    public void drain() {
        isDraining = true;
    }

    @Override
    public void close() {
        producers.forEach(JavaProducer::close);
    }

    /** {@return true if there is room for one more, which is then taken} */
    boolean take() {
        if (inFlight.get() >= window) {
            return false;
        }
        inFlight.incrementAndGet();
        return true;
    }

    void onSent(final int producerId, final int partition, final int sequence, final long dueNs, final long sentNs) {
        listener.onSent(producerId, partition, sequence, dueNs, sentNs);
    }

    void onAnswer(
        final int producerId,
        final int partition,
        final int sequence,
        final long dueNs,
        final long sentNs,
        final Exception failure) {
        final long nowNs = clock.nanoTime();
        synchronized (answerLock) {
            if (failure == null) {
                listener.onAcked(producerId, partition, sequence, dueNs, sentNs, nowNs);
            } else {
                listener.onFailed(producerId, partition, sequence, dueNs, nowNs, failure.getClass().getSimpleName());
            }
        }
        inFlight.decrementAndGet();
        final Thread waiting = waiter;
        if (waiting != null) {
            LockSupport.unpark(waiting);
        }
    }
}
