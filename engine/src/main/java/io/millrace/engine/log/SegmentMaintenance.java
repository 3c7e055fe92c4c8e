package io.millrace.engine.log;

import java.util.concurrent.CopyOnWriteArrayList;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.NanoClock;

/**
 * The maintenance of a broker's logs: files made ready, indexes sealed, retired segments recycled or deleted,
 * checkpoints written. Its own thread in production; a simulation calls {@link #doWork()} inline. Logs are added and
 * removed by any thread.
 */
public final class SegmentMaintenance implements Agent {
    private final NanoClock clock;
    private final CopyOnWriteArrayList<SegmentKeeper> keepers = new CopyOnWriteArrayList<>();

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
    public void add(final SegmentedLog log) {
        keepers.add(new SegmentKeeper(log));
    }

    /**
     * Forgets a log. Work on it that is under way goes on; closing the log waits for it.
     *
     * @param log added before
     */
    public void remove(final SegmentedLog log) {
        keepers.removeIf(keeper -> keeper.log() == log);
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
