package io.millrace.engine.log;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.NanoClock;

/**
 * The syncer of a broker: fdatasync and nothing else, for all its logs. Its own thread in production; a simulation
 * calls {@link #doWork()} inline. Logs are added and removed by any thread.
 */
public final class LogSyncer implements Agent {
    private final NanoClock clock;
    private volatile LogSync[] syncs = {};

    /**
     * A syncer without logs.
     *
     * @param clock tells when a replicated log is due
     */
    public LogSyncer(final NanoClock clock) {
        this.clock = clock;
    }

    /**
     * Looks after a log from now on.
     *
     * @param log open
     */
    public synchronized void add(final SegmentedLog log) {
        final LogSync[] grown = Arrays.copyOf(syncs, syncs.length + 1);
        grown[syncs.length] = new LogSync(log);
        syncs = grown;
    }

    /**
     * Forgets a log. A sync that is under way goes on; closing the log waits for it.
     *
     * @param log added before
     */
    public synchronized void remove(final SegmentedLog log) {
        final List<LogSync> kept = new ArrayList<>(Arrays.asList(syncs));
        kept.removeIf(sync -> sync.log() == log);
        syncs = kept.toArray(new LogSync[0]);
    }

    @Override
    public int doWork() {
        final long nowNs = clock.nanoTime();
        int workCount = 0;
        for (final LogSync sync : syncs) {
            workCount += sync.doWork(nowNs);
        }
        return workCount;
    }

    @Override
    public String roleName() {
        return "syncer";
    }
}
