package io.millrace.broker.sim;

import java.util.random.RandomGenerator;
import org.agrona.concurrent.NanoClock;

/** A machine's own clock: it began at some time and runs a little too fast or too slow. */
final class SimClock implements NanoClock {
    private final SimScheduler scheduler;
    private final long offsetNs;
    private final long driftPpm;

    SimClock(final SimScheduler scheduler, final RandomGenerator random, final int maxDriftPpm) {
        this.scheduler = scheduler;
        offsetNs = random.nextLong(3_600_000_000_000L);
        driftPpm = random.nextInt(-maxDriftPpm, maxDriftPpm + 1);
    }

    @Override
    public long nanoTime() {
        final long nowNs = scheduler.nowNs();
        return offsetNs + nowNs + nowNs * driftPpm / 1_000_000;
    }
}
