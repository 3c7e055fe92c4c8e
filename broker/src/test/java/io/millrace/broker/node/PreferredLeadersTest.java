package io.millrace.broker.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.metadata.MetadataCommand;
import io.millrace.broker.metadata.MetadataTrio;
import io.millrace.broker.metadata.ShardInfo;
import java.util.List;
import org.junit.jupiter.api.Test;

class PreferredLeadersTest {
    private static final long INTERVAL_NS = 1_000_000_000L;

    private final MetadataTrio trio = new MetadataTrio().startAll();

    @Test
    void shouldTakeBackTheLeadershipOnlyWhenInSyncAndItIsTime() {
        final ShardInfo shard = trio.createShard("t");
        final int preferred = shard.replicas().get(0);
        assertEquals(preferred, shard.leader());
        trio.stop(preferred);
        trio.start(preferred, false);
        final PreferredLeaders leaders = new PreferredLeaders(preferred, trio.proxy(preferred),
            () -> trio.image(preferred), INTERVAL_NS, trio.nowNs);
        final int other = trio.image(preferred).shard(shard.id()).leader();
        assertNotEquals(preferred, other);

        assertEquals(0, leaders.doWork(trio.nowNs + INTERVAL_NS), "not in sync");
        final ShardInfo now = trio.image(other).shard(shard.id());
        assertTrue(trio.submit(other, new MetadataCommand.ChangeIsr(
            now.id(), other, now.leaderEpoch(), now.isrVersion(), List.of(1, 2, 3))).isOk());
        trio.step();
        assertEquals(0, leaders.doWork(trio.nowNs), "not yet time");
        assertEquals(1, leaders.doWork(trio.nowNs + 2 * INTERVAL_NS));
        trio.step();
        assertEquals(preferred, trio.image(other).shard(shard.id()).movingTo());
        assertTrue(trio.submit(other, new MetadataCommand.FinishMove(shard.id(), other, now.leaderEpoch(), preferred))
            .isOk());
        trio.step();
        assertEquals(preferred, trio.image(other).shard(shard.id()).leader());
        assertEquals(0, leaders.doWork(trio.nowNs + 4 * INTERVAL_NS), "leads again");
    }
}
