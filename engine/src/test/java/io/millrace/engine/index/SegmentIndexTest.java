package io.millrace.engine.index;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.millrace.engine.sim.SimDisk;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SegmentIndexTest {
    private static final int PARTITION_COUNT = 10_000;
    private static final int ENTRY_COUNT = 60_000;
    private static final long BASE_POSITION = 1 << 20;
    private static final String NAME = "00000000000001048576.index";

    private final SimDisk disk = new SimDisk(3);
    private final IndexEntry entry = new IndexEntry();

    /** What was added, per partition: base offset, next offset, position, length, timestamp. */
    private final List<List<long[]>> model = new ArrayList<>();

    @Test
    void shouldFindEveryBatchOfTenThousandPartitionsInMemoryAndSealed() throws IOException {
        final MemoryIndex index = new MemoryIndex();
        for (int round = 0; round < 2; round++) { // the second time in memory that was used before
            final long endPosition = fill(index, 41 + round);
            check(index);
            final SealedIndex sealed = SealedIndex.seal(disk, NAME, index, BASE_POSITION, endPosition, 77);
            check(sealed);
            assertEquals(endPosition, sealed.endPosition());
            assertEquals(77, sealed.lastFrameCrc());
            sealed.close();
            final SealedIndex opened = SealedIndex.open(disk, NAME, BASE_POSITION);
            assertNotNull(opened);
            check(opened);
            opened.close();
            assertNull(SealedIndex.open(disk, NAME, BASE_POSITION + 8));
            index.clear();
            assertEquals(0, index.entryCount(5));
        }
    }

    @Test
    void shouldForgetEntriesBehindCut() throws IOException {
        final MemoryIndex index = new MemoryIndex();
        fill(index, 9);
        final long cut = BASE_POSITION + 50L * ENTRY_COUNT;
        index.truncate(cut);
        model.forEach(entries -> entries.removeIf(values -> values[2] >= cut));
        check(index);
    }

    @Test
    void shouldRefuseFileWithAnyFlippedByte() throws IOException {
        final MemoryIndex index = new MemoryIndex();
        index.add(4, 0, 3, BASE_POSITION + 64, 100, 5);
        index.add(9, 7, 9, BASE_POSITION + 200, 120, 6);
        SealedIndex.seal(disk, NAME, index, BASE_POSITION, BASE_POSITION + 400, 1).close();
        final int length = disk.bytes(NAME).length;
        for (int i = 0; i < length; i++) {
            disk.flipBit(NAME, i, i % 8);
            assertNull(SealedIndex.open(disk, NAME, BASE_POSITION), "byte " + i);
            disk.flipBit(NAME, i, i % 8);
        }
        assertNotNull(SealedIndex.open(disk, NAME, BASE_POSITION));
    }

    private long fill(final MemoryIndex index, final long seed) {
        final SplittableRandom random = new SplittableRandom(seed);
        model.clear();
        for (int i = 0; i < PARTITION_COUNT; i++) {
            model.add(new ArrayList<>());
        }
        long position = BASE_POSITION;
        for (int i = 0; i < ENTRY_COUNT; i++) {
            final int partitionId = random.nextInt(3) == 0 ? 17 : random.nextInt(PARTITION_COUNT);
            final List<long[]> entries = model.get(partitionId);
            final long base = entries.isEmpty() ? random.nextInt(1000) : entries.get(entries.size() - 1)[1];
            final long[] values =
                {base, base + 1 + random.nextInt(5), position, 61 + random.nextInt(20), random.nextLong(1 << 30)};
            entries.add(values);
            index.add(partitionId, values[0], values[1], values[2], (int) values[3], values[4]);
            position += 32 + 81;
        }
        return position;
    }

    private void check(final SegmentIndex index) throws IOException {
        for (int partitionId = 0; partitionId < PARTITION_COUNT; partitionId++) {
            final List<long[]> entries = model.get(partitionId);
            assertEquals(entries.size(), index.entryCount(partitionId));
            assertEquals(entries.isEmpty() ? -1 : entries.get(0)[0], index.firstOffset(partitionId));
            assertEquals(entries.stream().mapToLong(values -> values[3]).sum(), index.batchesLength(partitionId));
            assertEquals(entries.stream().mapToLong(values -> values[4]).max().orElse(Long.MIN_VALUE),
                index.maxTimestampMs(partitionId));
            for (int i = 0; i < entries.size(); i += 1 + i / 8) {
                check(index, partitionId, i, entries.get(i));
            }
        }
        assertEquals(0, index.entryCount(PARTITION_COUNT + 1));
    }

    private void check(final SegmentIndex index, final int partitionId, final int i, final long[] values)
        throws IOException {
        assertEquals(i, index.firstEntryEndingAfterOffset(partitionId, values[0], entry));
        assertEquals(i, index.firstEntryEndingAfterOffset(partitionId, values[1] - 1, entry));
        assertEquals(i, index.firstEntryFromPosition(partitionId, values[2], entry));
        assertEquals(i + 1, index.firstEntryFromPosition(partitionId, values[2] + 1, entry));
        index.load(partitionId, i, entry);
        assertEquals(values[0], entry.baseOffset());
        assertEquals(values[1], entry.nextOffset());
        assertEquals(values[2], entry.position());
        assertEquals(values[3], entry.batchLength());
        assertEquals(values[4], entry.maxTimestampMs());
    }
}
