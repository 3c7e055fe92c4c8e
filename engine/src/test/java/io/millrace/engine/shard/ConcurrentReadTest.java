package io.millrace.engine.shard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.engine.PartitionReader;
import io.millrace.engine.sim.SimDisk;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Readers on threads of their own against writing, rolling, syncing, sealing, retention and cuts. */
class ConcurrentReadTest {
    private static final int PARTITION_COUNT = 3;
    private static final int BATCH_COUNT = 1500;

    @Test
    @Timeout(600)
    void shouldReadWholeBatchesInOrderWhileEverythingElseHappens() throws Exception {
        final TestShard shard = new TestShard(new SimDisk(31)).open().lead(1);
        final AtomicReference<Throwable> failure = new AtomicReference<>();
        final AtomicLong readCount = new AtomicLong();
        final AtomicReference<Boolean> isDone = new AtomicReference<>(false);
        final Thread reader = new Thread(() -> readAll(shard, isDone, failure, readCount), "reader");
        final Thread keeper = new Thread(() -> keep(shard, isDone, failure), "maintenance and syncer");
        reader.start();
        keeper.start();
        int epoch = 1;
        for (int i = 0; i < BATCH_COUNT && failure.get() == null; i++) {
            shard.produce(i % PARTITION_COUNT, 1, 100 + i % 300);
            if (i % 3 == 0) {
                shard.commitAll();
            }
            if (i % 50 == 0) {
                shard.log.retain(i % PARTITION_COUNT, 6_000);
            }
            if (i % 211 == 0) {
                final long committed = shard.log.marks().committedAcquire();
                shard.log.stopLeading();
                shard.log.truncate(committed);
                shard.lead(++epoch);
            }
        }
        // the last batches can be read in peace
        final long countBefore = readCount.get();
        while (readCount.get() < countBefore + 20 && failure.get() == null) {
            Thread.yield();
        }
        isDone.set(true);
        reader.join();
        keeper.join();
        assertNull(failure.get(), () -> "failure=" + failure.get());
        assertEquals(List.of(), shard.errors);
        shard.commitAll();
        shard.sync(); // on a fast run the other thread may have synced too late for any retention to take effect
        for (int partitionId = 0; partitionId < PARTITION_COUNT; partitionId++) {
            shard.log.retain(partitionId, 6_000);
        }
        assertTrue(shard.log.startPosition() > 0);
        shard.log.close();
    }

    private static void keep(
        final TestShard shard, final AtomicReference<Boolean> isDone, final AtomicReference<Throwable> failure) {
        try {
            while (!isDone.get()) {
                shard.advance(100_000_000L);
                shard.syncer.doWork();
                shard.maintenance.doWork();
            }
        } catch (final RuntimeException | AssertionError ex) {
            failure.compareAndSet(null, ex);
        }
    }

    private static void readAll(
        final TestShard shard,
        final AtomicReference<Boolean> isDone,
        final AtomicReference<Throwable> failure,
        final AtomicLong readCount) {
        final PartitionReader reader = shard.log.newPartitionReader();
        try {
            while (!isDone.get()) {
                for (int partitionId = 0; partitionId < PARTITION_COUNT; partitionId++) {
                    readPartition(reader, partitionId);
                    reader.release();
                }
                readCount.incrementAndGet();
            }
        } catch (final RuntimeException | AssertionError ex) {
            failure.compareAndSet(null, ex);
        }
    }

    private static void readPartition(final PartitionReader reader, final int partitionId) {
        final long start = reader.logStartOffset(partitionId);
        final long highWatermark = reader.highWatermark(partitionId);
        if (highWatermark <= start) {
            return;
        }
        final long[] next = {start};
        while (next[0] < highWatermark) {
            final long from = next[0];
            reader.read(partitionId, from, 2_000, (file, fileOffset, length, baseOffset, nextOffset) -> {
                // retention may have moved the start meanwhile; behind the first batch there are no gaps
                if (baseOffset > next[0] && next[0] != start) {
                    assertTrue(reader.logStartOffset(partitionId) >= next[0],
                        "gap: expected=" + next[0] + " baseOffset=" + baseOffset);
                }
                try {
                    TestShard.checkBatch(file, fileOffset, length, baseOffset);
                } catch (final AssertionError ex) {
                    throw new AssertionError("partition=" + partitionId + " offset=" + baseOffset, ex);
                }
                next[0] = nextOffset;
                return true;
            });
            if (next[0] == from) {
                return; // a cut came in between; nothing was handed over
            }
        }
        while (reader.highWatermark(partitionId) < highWatermark) {
            Thread.yield(); // a cut hides the end while it lasts, it does not move it
        }
    }
}
