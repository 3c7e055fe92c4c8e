package io.millrace.broker.metadata.cluster;

import io.aeron.cluster.service.ClusterClock;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.EpochClock;
import org.agrona.concurrent.NanoClock;

/**
 * The quorum's clock on one member: time of day when it was started, and from there on as a monotonic clock runs. A
 * time of day that is set forward would close every session at once, one that is set back would keep dead brokers
 * alive. Any thread.
 */
final class SteadyClusterClock implements ClusterClock {
    private final NanoClock nanoClock;
    private final long startMs;
    private final long startNs;

    SteadyClusterClock(final EpochClock epochClock, final NanoClock nanoClock) {
        this.nanoClock = nanoClock;
        startMs = epochClock.time();
        startNs = nanoClock.nanoTime();
    }

    @Override
    public long time() {
        return startMs + TimeUnit.NANOSECONDS.toMillis(nanoClock.nanoTime() - startNs);
    }

    @Override
    public long timeMillis() {
        return time();
    }

    @Override
    public long timeMicros() {
        return TimeUnit.MILLISECONDS.toMicros(time());
    }

    @Override
    public long timeNanos() {
        return TimeUnit.MILLISECONDS.toNanos(time());
    }

    @Override
    public long convertToNanos(final long time) {
        return TimeUnit.MILLISECONDS.toNanos(time);
    }
}
