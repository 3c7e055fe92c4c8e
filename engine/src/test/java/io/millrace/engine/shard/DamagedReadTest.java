package io.millrace.engine.shard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.engine.PartitionReader;
import io.millrace.engine.format.FrameDescriptor;
import io.millrace.engine.sim.SimDisk;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Bytes flip under an open log: what Kafka's batch CRC leaves uncovered must not reach a client. */
class DamagedReadTest {
    private static final String FIRST_SEGMENT = "00000000000000000000.log";

    private final SimDisk disk = new SimDisk(4);
    private TestShard shard;
    private List<Integer> frames;

    @BeforeEach
    void fill() throws IOException {
        shard = new TestShard(disk).open().lead(1);
        for (int i = 0; i < 200; i++) {
            assertEquals(0, shard.produce(i % 2, 1, 100));
            shard.maintain();
        }
        shard.commitAll();
        frames = TestShard.frameIndexes(shard.bytes());
    }

    @Test
    void shouldHandOverNothingWithAFlippedHeader() {
        final int frame = frames.get(12); // a state frame and an epoch start come first
        final long offset = 5;
        for (int at = 0; at < FrameDescriptor.BATCH_CRC_COVER_LENGTH; at++) { // what follows the clients check
            disk.flipBit(FIRST_SEGMENT, frame + at, at % 8);
            final List<Long> before = shard.readOffsets(0, 0);
            assertEquals(List.of(0L, 1L, 2L, 3L, 4L), before, "byte " + at);
            assertEquals(PartitionReader.DAMAGED,
                shard.log.newPartitionReader().read(0, offset, 1_000, (file, fileOffset, length, base, next) -> true));
            assertEquals(offset + 1, shard.readOffsets(0, offset + 1).get(0), "what follows is whole");
            assertEquals(100, shard.readOffsets(1, 0).size(), "another partition is whole");
            disk.flipBit(FIRST_SEGMENT, frame + at, at % 8);
        }
        assertEquals(100, shard.readOffsets(0, 0).size());
        assertEquals(1, shard.errors.size(), "reported once: " + shard.errors);
        assertTrue(shard.errors.get(0).getMessage().contains("position=" + frame), shard.errors.get(0).getMessage());
    }

    @Test
    void shouldNotFindABatchWithAFlippedHeaderByTimestamp() {
        disk.flipBit(FIRST_SEGMENT, frames.get(2) + FrameDescriptor.HEADER_LENGTH, 3);
        final PartitionReader reader = shard.log.newPartitionReader();
        assertThrows(UncheckedIOException.class,
            () -> reader.findByTimestamp(0, 0, 0, (file, fileOffset, length, base, next) -> true));
    }

    @Test
    void shouldHandOverNothingThatAFlippedIndexPointsAt() {
        final String index = FIRST_SEGMENT.replace(".log", ".index");
        final int length = disk.bytes(index).length;
        for (int at = 0; at < length; at++) {
            disk.flipBit(index, at, at % 7);
            for (int partitionId = 0; partitionId < 2; partitionId++) {
                for (long offset = 0; offset < 30; offset += 3) {
                    final List<Long> offsets = shard.readOffsets(partitionId, offset);
                    assertTrue(offsets.isEmpty() || offsets.get(0) == offset, "byte " + at + " read " + offsets);
                }
            }
            disk.flipBit(index, at, at % 7);
        }
    }
}
