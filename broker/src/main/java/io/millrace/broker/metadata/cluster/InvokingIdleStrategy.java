package io.millrace.broker.metadata.cluster;

import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.AgentInvoker;
import org.agrona.concurrent.BackoffIdleStrategy;
import org.agrona.concurrent.IdleStrategy;

/**
 * Runs other agents while its thread has nothing to do, so that they need no thread of their own, and parks when they
 * have nothing to do either. Owned by the thread that idles.
 */
final class InvokingIdleStrategy implements IdleStrategy {
    private static final long MIN_PARK_NS = TimeUnit.MICROSECONDS.toNanos(50);

    private final BackoffIdleStrategy backoff;
    private final AgentInvoker[] invokers;
    private boolean invoking;

    InvokingIdleStrategy(final long maxParkNs, final AgentInvoker... invokers) {
        this.backoff = new BackoffIdleStrategy(1, 1, MIN_PARK_NS, maxParkNs);
        this.invokers = invokers;
    }

    @Override
    public void idle(final int workCount) {
        backoff.idle(workCount + invoke());
    }

    @Override
    public void idle() {
        backoff.idle(invoke());
    }

    @Override
    public void reset() {
        backoff.reset();
    }

    /** An agent that idles here while it is being invoked must not start itself again. */
    private int invoke() {
        if (invoking) {
            return 0;
        }
        invoking = true;
        try {
            int workCount = 0;
            for (final AgentInvoker invoker : invokers) {
                workCount += invoker.invoke();
            }
            return workCount;
        } finally {
            invoking = false;
        }
    }
}
