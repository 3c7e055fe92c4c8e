package io.millrace.broker.shard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.millrace.engine.log.LogSyncer;
import io.millrace.engine.log.SegmentMaintenance;
import io.millrace.engine.shard.ShardLogContext;
import io.millrace.engine.sim.SimDisk;
import java.io.IOException;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Which shards are open here. */
class LocalShardsTest {
    private static LocalShard open(final int shardId) throws IOException {
        return new LocalShard(shardId, new ShardLogContext().storage(new SimDisk(1)).segmentLength(1 << 20)
            .outcomes((replyId, errorCode, baseOffset, logStartOffset) -> { }).ringCapacity(1 << 20)
            .random(new SplittableRandom(1)).errorHandler(problem -> { }).syncer(new LogSyncer(() -> 0))
            .maintenance(new SegmentMaintenance(() -> 0)).open());
    }

    @Test
    void shouldRefuseAShardThatIsOpenAlready() throws IOException {
        final LocalShards shards = new LocalShards();
        final LocalShard first = open(7);
        shards.add(first);
        final LocalShard again = open(7);
        assertThrows(IllegalStateException.class, () -> shards.add(again), "fetches wait at the first one");
        assertSame(first, shards.get(7));
        assertEquals(1, shards.all().length);
        assertNull(shards.get(8));
    }
}
