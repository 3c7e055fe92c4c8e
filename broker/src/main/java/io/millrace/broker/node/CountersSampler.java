package io.millrace.broker.node;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import io.millrace.broker.replication.ShardGauges;
import io.millrace.broker.scrub.ScrubTotals;
import io.millrace.broker.shard.LocalShard;
import io.millrace.broker.shard.LocalShards;
import io.millrace.engine.ingress.RingPool;
import io.millrace.meter.GcPauses;
import io.millrace.transport.counters.AgentRole;
import io.millrace.transport.counters.CountersFile;
import io.millrace.transport.counters.NodeCounter;
import io.millrace.transport.kafka.server.ServerCounter;
import io.millrace.transport.kafka.server.ServerCounters;
import java.lang.management.ManagementFactory;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.agrona.collections.Int2ObjectHashMap;
import org.agrona.concurrent.status.AtomicCounter;

/**
 * Once a second copies to the counters file what is known elsewhere: processor time and allocation of the threads,
 * garbage collections, the network thread's and the shards' own gauges. Owned by the maintenance thread.
 */
final class CountersSampler {
    private static final long INTERVAL_NS = 1_000_000_000L;
    private static final long NS_PER_MS = 1_000_000L;

    private final CountersFile file;
    private final NodeCounters nodeCounters;
    private final ServerCounters server;
    private final LocalShards shards;
    private final Supplier<List<ShardGauges>> gauges;
    private final ScrubTotals scrub;
    private final RingPool rings;
    private final long startNs;
    private final Map<NodeCounter, AtomicCounter> node = new EnumMap<>(NodeCounter.class);
    private final Map<ServerCounter, AtomicCounter> network = new EnumMap<>(ServerCounter.class);
    private final Int2ObjectHashMap<AtomicCounter[]> shardCounters = new Int2ObjectHashMap<>();
    private final Map<AgentRole, Long> threadIds = new EnumMap<>(AgentRole.class);
    private final GcPauses collections = new GcPauses();
    private final ThreadMXBean threads =
        ManagementFactory.getThreadMXBean() instanceof ThreadMXBean bean ? bean : null;
    private final OperatingSystemMXBean system =
        ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean bean ? bean : null;
    private long sampledNs;
    private long lastAllocatedLength;

    CountersSampler(final NodeCounters nodeCounters, final ServerCounters server, final LocalShards shards,
        final Supplier<List<ShardGauges>> gauges, final ScrubTotals scrub, final RingPool rings,
        final long nowNs) {
        this.nodeCounters = nodeCounters;
        this.server = server;
        this.shards = shards;
        this.gauges = gauges;
        this.scrub = scrub;
        this.rings = rings;
        file = nodeCounters.file();
        startNs = nowNs;
        sampledNs = nowNs - INTERVAL_NS;
        for (final NodeCounter counter : NodeCounter.values()) {
            if (counter != NodeCounter.RING_HIGH_WATER_LENGTH) {
                node.put(counter, file.newCounter(counter.typeId(), counter.label()));
            }
        }
        for (final ServerCounter counter : ServerCounter.values()) {
            if (counter != ServerCounter.MAX_DUTY_CYCLE_NS) { // the agent's own counters have it
                network.put(counter, file.newCounter(
                    NodeCounter.SERVER_TYPE_ID + counter.ordinal(), "network: " + counter.label()));
            }
        }
    }

    /** Names the thread of an agent; before the sampling thread starts. */
    void thread(final AgentRole role, final long threadId) {
        threadIds.put(role, threadId);
    }

    void doWork(final long nowNs) {
        if (nowNs - sampledNs < INTERVAL_NS) {
            return;
        }
        sampledNs = nowNs;
        sampleThreads();
        sampleCollections();
        network.forEach((counter, copy) -> copy.setRelease(server.get(counter)));
        sampleShards();
        sampleScrub();
        set(NodeCounter.SAMPLED_AT_MS, (nowNs - startNs) / NS_PER_MS); // last: what it dates is there
    }

    private void sampleThreads() {
        if (system != null) {
            set(NodeCounter.CPU_NS, Math.max(0, system.getProcessCpuTime()));
        }
        if (threads == null) {
            return;
        }
        long allocatedLength = 0;
        for (final long length : threads.getThreadAllocatedBytes(threads.getAllThreadIds())) {
            allocatedLength += Math.max(0, length);
        }
        // a thread that ended takes its share with it
        node.get(NodeCounter.ALLOCATED_LENGTH).getAndAddRelease(Math.max(0, allocatedLength - lastAllocatedLength));
        lastAllocatedLength = allocatedLength;
        threadIds.forEach((role, id) ->
            nodeCounters.agent(role).usage(threads.getThreadCpuTime(id), threads.getThreadAllocatedBytes(id)));
    }

    private void sampleCollections() {
        set(NodeCounter.GC_COUNT, collections.count());
        set(NodeCounter.GC_PAUSE_NS, collections.pauseNs());
    }

    private void sampleShards() {
        long fullCount = 0;
        for (final LocalShard shard : shards.all()) {
            fullCount += shard.ingress().fullCount();
        }
        set(NodeCounter.RING_FULL_COUNT, fullCount);
        set(NodeCounter.RING_LIVE_COUNT, rings.liveCount());
        set(NodeCounter.RING_IDLE_COUNT, rings.idleCount());
        for (final ShardGauges shard : gauges.get()) {
            final AtomicCounter[] counters = countersOf(shard.shardId());
            for (int i = 0; i < counters.length; i++) {
                counters[i].setRelease(shard.get(i));
            }
        }
    }

    private void sampleScrub() {
        set(NodeCounter.SCRUB_LENGTH, scrub.scrubbedLength());
        set(NodeCounter.SCRUB_SEGMENT_COUNT, scrub.checkedCount());
        set(NodeCounter.SCRUB_FINDING_COUNT, scrub.findingCount());
        set(NodeCounter.SCRUB_QUARANTINED_COUNT, scrub.quarantinedCount());
        set(NodeCounter.SCRUB_REPAIRED_COUNT, scrub.repairedCount());
    }

    /** {@return one counter for each gauge; none when the file has no room for a further shard} */
    private AtomicCounter[] countersOf(final int shardId) {
        AtomicCounter[] counters = shardCounters.get(shardId);
        if (counters == null) {
            final boolean hasRoom = file.hasRoom(ShardGauges.GAUGE_COUNT);
            counters = new AtomicCounter[hasRoom ? ShardGauges.GAUGE_COUNT : 0];
            for (int i = 0; i < counters.length; i++) {
                counters[i] = file.newShardCounter(
                    NodeCounter.SHARD_TYPE_ID + i, "shard " + shardId + ": " + ShardGauges.label(i), shardId);
            }
            shardCounters.put(shardId, counters);
        }
        return counters;
    }

    private void set(final NodeCounter counter, final long value) {
        node.get(counter).setRelease(value);
    }
}
