package io.millrace.broker.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.metadata.MetadataTrio;
import io.millrace.broker.metadata.ShardInfo;
import io.millrace.broker.shard.LocalShard;
import io.millrace.broker.shard.LocalShards;
import io.millrace.engine.log.LogSyncer;
import io.millrace.engine.log.SegmentMaintenance;
import io.millrace.engine.shard.SegmentedShardLog;
import io.millrace.engine.shard.ShardLogContext;
import io.millrace.engine.sim.SimDisk;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(180)
class HandOverTest {
    private final MetadataTrio trio = new MetadataTrio().startAll();
    private final LocalShards shards = new LocalShards();
    private final List<Boolean> held = new ArrayList<>();
    private SegmentedShardLog log;
    private LocalShard local;

    /** Every look at the clock takes a step: so the quorum works, and so does the engine of the leader. */
    private long tick(final int leader, final ShardInfo shard) {
        trio.step();
        if (local.leadingEpoch() >= 0 && trio.image(leader).shard(shard.id()).leader() != leader) {
            local.leading(-1, 0);
        }
        return trio.nowNs;
    }

    private int handOver(final ShardInfo shard) throws IOException {
        final int leader = shard.leader();
        log = new ShardLogContext().storage(new SimDisk(1)).outcomes((reply, error, base, start) -> { })
            .segmentLength(1 << 20).ringCapacity(1 << 16).random(new SplittableRandom(1)).errorHandler(problem -> { })
            .syncer(new LogSyncer(() -> trio.nowNs)).maintenance(new SegmentMaintenance(() -> trio.nowNs)).open();
        log.commit(log.startLeading(shard.leaderEpoch()));
        local = new LocalShard(shard.id(), log);
        local.leading(shard.leaderEpoch(), log.endPosition());
        shards.add(local);
        final long startNs = trio.nowNs;
        final int left = new HandOver(leader, () -> tick(leader, shard), shards, () -> trio.image(leader),
            trio.proxy(leader), () -> trio.quorums[leader].lastHeardNs(), held::add, () -> false).run();
        assertTrue(trio.nowNs - startNs < TimeUnit.SECONDS.toNanos(2), "took " + (trio.nowNs - startNs));
        return left;
    }

    @Test
    void shouldLetProducersWaitUntilAnotherLeads() throws IOException {
        final ShardInfo shard = trio.createShard("t");
        assertEquals(0, handOver(shard));
        assertEquals(List.of(true, false), held);
        final ShardInfo now = trio.image(shard.leader()).shard(shard.id());
        assertNotEquals(shard.leader(), now.leader());
        assertTrue(now.hasLeader());
        assertTrue(trio.image(1).broker(shard.leader()).shuttingDown());
    }

    @Test
    void shouldNotWaitWhenNobodyCanTakeOver() throws IOException {
        final ShardInfo shard = trio.createShard("t");
        for (int id = 1; id <= 3; id++) {
            if (id != shard.leader()) {
                trio.stop(id);
            }
        }
        assertEquals(1, handOver(shard));
        assertTrue(!held.contains(true), "producers go on");
    }
}
