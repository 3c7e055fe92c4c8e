package io.millrace.engine.log;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.NanoClock;

/**
 * The maintenance of a broker's logs: files made ready, indexes sealed, retired segments recycled or deleted,
 * checkpoints written. Its own thread in production; a simulation calls {@link #doWork()} inline. Logs are added and
 * removed by any thread.
 */
public final class SegmentMaintenance implements Agent {
    private final NanoClock clock;
    private volatile SegmentKeeper[] keepers = {};

    /**
     * Maintenance without logs.
     *
     * @param clock tells when a checkpoint is due
     */
    public SegmentMaintenance(final NanoClock clock) {
        this.clock = clock;
    }

    /**
     * Looks after a log from now on.
     *
     * @param log open
     */
    public synchronized void add(final SegmentedLog log) {
        final SegmentKeeper[] grown = Arrays.copyOf(keepers, keepers.length + 1);
        grown[keepers.length] = new SegmentKeeper(log);
        keepers = grown;
    }

    /**
     * Forgets a log. Work on it that is under way goes on; closing the log waits for it.
     *
     * @param log added before
     */
    public synchronized void remove(final SegmentedLog log) {
        final List<SegmentKeeper> kept = new ArrayList<>(Arrays.asList(keepers));
        kept.removeIf(keeper -> keeper.log() == log);
        keepers = kept.toArray(new SegmentKeeper[0]);
    }

    @Override
    public int doWork() {
        final long nowNs = clock.nanoTime();
        int workCount = 0;
        for (final SegmentKeeper keeper : keepers) {
            workCount += keeper.doWork(nowNs);
        }
        return workCount;
    }

    @Override
    public String roleName() {
        return "maintenance";
    }
}
