package io.millrace.broker.node;

import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.shard.LocalShard;
import io.millrace.broker.shard.LocalShards;
import io.millrace.engine.io.StorageObserver;
import io.millrace.meter.HiccupThread;
import io.millrace.meter.MeterFile;
import io.millrace.meter.Timing;
import io.millrace.transport.counters.AgentRole;
import io.millrace.transport.counters.CountersFile;
import io.millrace.transport.counters.CountersFinder;
import io.millrace.transport.counters.NodeCounter;
import io.millrace.transport.counters.PeakCounter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.EnumMap;
import java.util.Map;
import org.agrona.concurrent.NanoClock;
import org.agrona.concurrent.SystemEpochClock;

/**
 * A node's counters, in a file that others read while it runs. Opened and closed by the node's owner; each part of it
 * belongs to the thread named there.
 */
final class NodeCounters implements StorageObserver, AutoCloseable {
    private static final long RING_INTERVAL_NS = 1_000_000L;

    private final CountersFile file;
    private final Path link;
    private final MeterFile meter;
    private final HiccupThread hiccups;
    private final Map<AgentRole, AgentCounters> agents = new EnumMap<>(AgentRole.class);
    private final PeakCounter ringHighWater;

    // engine thread
    private long ringsSeenNs;

    private NodeCounters(
        final CountersFile file, final Path link, final MeterFile meter, final boolean isHiccupMetered,
        final long nowNs) {
        this.file = file;
        this.link = link;
        this.meter = meter;
        meter.keeps(Timing.SYNC);
        hiccups = isHiccupMetered ? HiccupThread.into(meter) : null;
        if (hiccups != null) {
            hiccups.start();
        }
        ringsSeenNs = nowNs;
        ringHighWater =
            file.newPeak(NodeCounter.RING_HIGH_WATER_LENGTH.typeId(), NodeCounter.RING_HIGH_WATER_LENGTH.label());
        for (final AgentRole role : AgentRole.values()) {
            agents.put(role, new AgentCounters(file, role));
        }
    }

    /**
     * Makes the file, beside the buffers of Aeron, and a link to it in the data directory; and this process's meter.
     *
     * @param config    of the node
     * @param directory locked
     * @param clock     of all agents
     * @return the counters
     * @throws IOException when there is no room for it
     */
    static NodeCounters open(final BrokerConfig config, final DataDirectory directory, final NanoClock clock)
        throws IOException {
        final Path parent = config.aeronParentDirectory();
        Files.createDirectories(parent);
        final long nowNs = clock.nanoTime();
        final CountersFile file = CountersFile.create(
            parent.resolve(CountersFinder.fileName(config.listener().port(), config.nodeId())), config.nodeId(),
            ProcessHandle.current().pid(), SystemEpochClock.INSTANCE.time(), nowNs);
        final MeterFile meter;
        try {
            meter = MeterFile.create();
        } catch (final IOException ex) {
            file.close();
            throw new IOException("cannot make the meter of this process: " + ex.getMessage() + "; free some room in "
                + "/dev/shm, or where there is none in the temporary directory", ex);
        }
        return new NodeCounters(file, link(file, directory), meter, config.isHiccupMetered(), nowNs);
    }

    /** {@return the link, null on a file system without such: the counters are found by process all the same} */
    private static Path link(final CountersFile file, final DataDirectory directory) {
        final Path link = directory.path().resolve(CountersFinder.LINK_NAME);
        try {
            final Path temporary = directory.path().resolve(CountersFinder.LINK_NAME + ".tmp");
            Files.deleteIfExists(temporary);
            Files.createSymbolicLink(temporary, file.path());
            Files.move(temporary, link, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            return link;
        } catch (final IOException | UnsupportedOperationException ex) {
            return null;
        }
    }

    CountersFile file() {
        return file;
    }

    AgentCounters agent(final AgentRole role) {
        return agents.get(role);
    }

    @Override
    public void onWrite(final int length, final long startNs, final long endNs) {
        final AgentCounters agent = AgentThread.currentCounters();
        if (agent != null) {
            agent.onWrite(length, startNs, endNs);
        }
    }

    @Override
    public void onSync(final long startNs, final long endNs) {
        final AgentCounters agent = AgentThread.currentCounters();
        if (agent != null) {
            agent.onSync(startNs, endNs);
            if (agent != agents.get(AgentRole.MAINTENANCE)) { // nobody waits for what maintenance syncs
                meter.record(Timing.SYNC, endNs - startNs);
            }
        }
    }

    /** Looks at the rings, at most once a ms: their producers' marks are on a cache line of the network thread. */
    void onEngineCycle(final long nowNs, final LocalShards shards) {
        if (nowNs - ringsSeenNs < RING_INTERVAL_NS) {
            return;
        }
        ringsSeenNs = nowNs;
        for (final LocalShard shard : shards.all()) {
            ringHighWater.record(nowNs, shard.ingress().occupiedLength());
        }
    }

    @Override
    public void close() throws IOException {
        if (hiccups != null) {
            hiccups.close();
        }
        meter.close();
        if (link != null) {
            Files.deleteIfExists(link);
        }
        file.close();
    }
}
