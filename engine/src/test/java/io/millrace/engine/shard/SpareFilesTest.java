package io.millrace.engine.shard;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.engine.DurabilityProfile;
import io.millrace.engine.PartitionReader;
import io.millrace.engine.io.LogFile;
import io.millrace.engine.io.LogStorage;
import io.millrace.engine.segment.SegmentNames;
import io.millrace.engine.sim.SimDisk;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Files that leave the log and wait for a coming segment: none is lost, and they keep to their bounds. */
class SpareFilesTest {
    private static final int SPARE_COUNT = 4;

    private final SimDisk disk = new SimDisk(11);
    private final TestShard shard = new TestShard(disk);

    @Test
    void shouldGiveSpareFileBackWhenItCannotBeRead() throws IOException {
        openAndFree(10);
        disk.failReadAhead(true);
        for (int i = 0; i < 3 * SPARE_COUNT; i++) {
            halfFill();
            shard.maintain();
            roll();
        }
        assertEquals(0, spareCount(), () -> "files=" + disk.list());
        assertFalse(shard.errors.isEmpty());
        disk.failReadAhead(false);
        roll();
        shard.maintain();
        assertFalse(shard.log.isOffline());
    }

    @Test
    void shouldAllocateSpareFileInFullWhenProfileIsDurable() throws IOException {
        shard.profile = DurabilityProfile.DURABLE;
        openAndFree(10);
        for (int i = 0; i < 2; i++) {
            roll();
            halfFill();
            shard.maintain();
        }
        assertTrue(disk.list().stream().filter(name -> name.endsWith(".prepared"))
            .anyMatch(name -> disk.bytes(name).length == shard.segmentLength), () -> "files=" + disk.list());
    }

    @Test
    void shouldUseSpareFilesWhenAReaderHoldsOneThatLeftTheLog() throws IOException {
        openAndFree(10);
        final PartitionReader reader = shard.log.newPartitionReader();
        assertTrue(reader.read(0, reader.logStartOffset(0), 1, (file, at, length, base, next) -> true) > 0);
        rollPrepared();
        free();
        final long fileCount = logCount() + spareCount();
        rollPrepared();
        rollPrepared();
        assertEquals(fileCount, logCount() + spareCount(), () -> "files=" + disk.list());
        reader.release();
    }

    @Test
    void shouldKeepLogAndSpareFilesWithinTheCapWhenLogGrewByNewFiles() throws IOException {
        shard.capacity = 8L * shard.segmentLength;
        openAndFree(7);
        assertEquals(SPARE_COUNT, spareCount());
        while (logCount() < 8) {
            roll(); // maintenance is late, so new files are made
        }
        shard.maintain();
        assertTrue(logCount() + spareCount() <= 8, () -> "files=" + disk.list());
    }

    @Test
    void shouldGiveSpareFilesUpWhenMaintenanceFindsDiskFull() throws IOException {
        openAndFree(10);
        rollPrepared();
        halfFill();
        shard.maintain();
        disk.capacity(disk.totalLength() + 200); // less than an index
        roll(); // into a file that is there
        assertNull(shard.log.shortage());
        shard.maintain();
        shard.maintain();
        assertTrue(disk.fullCount() > 0);
        assertTrue(spareCount() <= 1, () -> "files=" + disk.list());
        assertEquals(logCount() - 1, disk.list().stream().filter(name -> name.endsWith(".index")).count(),
            () -> "files=" + disk.list());
    }

    @Test
    void shouldKeepFilesThatTheCheckpointDoesNotYetLeaveBehind() throws IOException {
        final Runnable[] onCheckpoint = {() -> { }};
        final TestShard hooked = new TestShard(new HookedStorage(disk, onCheckpoint)).open().lead(1);
        for (int i = 0; i < 300; i++) {
            assertEquals(0, hooked.produce(0, 1, 300));
        }
        hooked.commitAll();
        hooked.sync();
        hooked.maintain();
        hooked.log.retain(0, 40_000);
        final long firstStart = hooked.log.startPosition();
        onCheckpoint[0] = () -> hooked.log.retain(0, 1); // the engine thread, while maintenance stores the first start
        hooked.maintenance.doWork();
        final long lastStart = hooked.log.startPosition();
        assertTrue(firstStart > 0 && lastStart > firstStart, firstStart + " " + lastStart);
        final byte[] bytes = hooked.bytes();
        disk.killProcess();
        final TestShard again = new TestShard(disk).open();
        assertEquals(firstStart, again.log.startPosition());
        assertArrayEquals(bytes, again.bytes(lastStart));
    }

    /** Calls back while a checkpoint is being stored. */
    private record HookedStorage(LogStorage storage, Runnable[] onCheckpoint) implements LogStorage {
        @Override
        public List<String> list() throws IOException {
            return storage.list();
        }

        @Override
        public LogFile open(final String name, final boolean create) throws IOException {
            return storage.open(name, create);
        }

        @Override
        public void rename(final String from, final String to) throws IOException {
            storage.rename(from, to);
            if (SegmentNames.CHECKPOINT.equals(to)) {
                final Runnable hook = onCheckpoint[0];
                onCheckpoint[0] = () -> { };
                hook.run();
            }
        }

        @Override
        public void delete(final String name) throws IOException {
            storage.delete(name);
        }

        @Override
        public void syncDirectory() throws IOException {
            storage.syncDirectory();
        }

        @Override
        public long usableLength() throws IOException {
            return storage.usableLength();
        }
    }

    /** A log of one partition whose oldest segments were given back, made without prepared files. */
    private void openAndFree(final int segmentCount) throws IOException {
        shard.spareLength = (long) SPARE_COUNT * shard.segmentLength;
        shard.open().lead(1);
        while (logCount() < segmentCount) {
            roll();
        }
        free();
        shard.maintain();
    }

    private void free() {
        shard.sync();
        shard.commitAll();
        shard.log.retain(0, 1);
    }

    private void roll() {
        final long count = logCount();
        while (logCount() == count && shard.produce(0, 1, 300) == 0) {
            continue;
        }
    }

    private void rollPrepared() {
        halfFill();
        shard.maintain();
        roll();
    }

    private void halfFill() {
        for (int length = 0; length <= shard.segmentLength / 2; length += 300) {
            shard.produce(0, 1, 300);
        }
    }

    private long logCount() {
        return disk.list().stream().filter(name -> name.endsWith(".log")).count();
    }

    private long spareCount() {
        return disk.list().stream().filter(name -> name.endsWith(".prepared")).count();
    }
}
