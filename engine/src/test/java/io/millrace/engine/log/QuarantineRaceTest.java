package io.millrace.engine.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.millrace.engine.DurabilityProfile;
import io.millrace.engine.PartitionReader;
import io.millrace.engine.format.BatchDescriptor;
import io.millrace.engine.format.Checksums;
import io.millrace.engine.format.FrameDescriptor;
import io.millrace.engine.index.IndexEntry;
import io.millrace.engine.index.MemoryIndex;
import io.millrace.engine.index.SegmentIndex;
import io.millrace.engine.io.LogFile;
import io.millrace.engine.segment.Segment;
import io.millrace.engine.sim.SimDisk;
import io.millrace.engine.state.ShardState;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** A segment is mended while a reader is in the middle of it: the damaged file must not be served. */
class QuarantineRaceTest {
    private static final int PARTITION = 3;
    private static final int SEGMENT_LENGTH = 4096;
    private static final int BATCH_LENGTH = BatchDescriptor.HEADER_LENGTH + 100;
    private static final int FRAME_LENGTH =
        FrameDescriptor.alignedLength(FrameDescriptor.HEADER_LENGTH + BATCH_LENGTH);

    private final SimDisk disk = new SimDisk(1);
    private final MemoryIndex index = new MemoryIndex();
    private Runnable onLoad = () -> { };
    private LogFile served;

    @Test
    void shouldNotServeTheDamagedFileWhenQuarantineIsLiftedWhileReading() throws IOException {
        final LogFile damaged = frameFile("damaged"); // its body is, which a reader does not check
        final LogFile sound = frameFile("sound");
        index.add(PARTITION, 0, 1, 0, BATCH_LENGTH, 0);
        final Segment segment = new Segment(0, damaged, new HookedIndex());
        final SegmentPartitionReader reader = new SegmentPartitionReader(logOf(segment));
        segment.quarantined(true);
        onLoad = () -> {
            segment.file(sound);
            segment.quarantined(false);
        };
        assertEquals(PartitionReader.DAMAGED, read(reader));
        assertNotEquals(damaged, served);
        reader.release();

        assertEquals(BATCH_LENGTH, read(reader));
        assertSame(sound, served);
        reader.release();
    }

    private int read(final SegmentPartitionReader reader) {
        return reader.read(PARTITION, 0, 1_000, (file, fileOffset, length, baseOffset, nextOffset) -> {
            served = file;
            return true;
        });
    }

    private LogFile frameFile(final String name) throws IOException {
        final ByteBuffer bytes = ByteBuffer.allocateDirect(FRAME_LENGTH);
        final UnsafeBuffer frame = new UnsafeBuffer(bytes);
        final int batch = FrameDescriptor.HEADER_LENGTH;
        FrameDescriptor.putLengthAndType(
            frame, 0, FrameDescriptor.HEADER_LENGTH + BATCH_LENGTH, FrameDescriptor.TYPE_BATCH);
        FrameDescriptor.putPartitionId(frame, 0, PARTITION);
        frame.putInt(batch + BatchDescriptor.BATCH_LENGTH_FIELD_OFFSET,
            BATCH_LENGTH - BatchDescriptor.LENGTH_OVERHEAD, ByteOrder.BIG_ENDIAN);
        FrameDescriptor.putHeaderCrc(frame, 0, new Checksums().newBatchFrameCrc(frame, 0));
        final LogFile file = disk.open(name, true);
        file.write(bytes, 0);
        return file;
    }

    private SegmentedLog logOf(final Segment segment) {
        final ShardState state = new ShardState();
        state.applyBatch(PARTITION, 0, 1, -1, (short) -1, -1, FRAME_LENGTH);
        final LogConfiguration configuration = new LogConfiguration("test", DurabilityProfile.REPLICATED,
            SEGMENT_LENGTH, 8 * SEGMENT_LENGTH, 0, true, SEGMENT_LENGTH, 1);
        final SegmentedLog log = new SegmentedLog(configuration, disk, state, new LogHealth("test", error -> { }), 7);
        log.adopt(segment);
        log.resume(0, FRAME_LENGTH, 0, FRAME_LENGTH, FRAME_LENGTH);
        return log;
    }

    /** Calls back when an entry is read, which a reader does after it has taken the segment's file. */
    private final class HookedIndex implements SegmentIndex {
        @Override
        public int entryCount(final int partitionId) {
            return index.entryCount(partitionId);
        }

        @Override
        public long firstOffset(final int partitionId) {
            return index.firstOffset(partitionId);
        }

        @Override
        public long nextOffset(final int partitionId) {
            return index.nextOffset(partitionId);
        }

        @Override
        public long batchesLength(final int partitionId) {
            return index.batchesLength(partitionId);
        }

        @Override
        public long maxTimestampMs(final int partitionId) {
            return index.maxTimestampMs(partitionId);
        }

        @Override
        public void load(final int partitionId, final int entryIndex, final IndexEntry target) {
            onLoad.run();
            index.load(partitionId, entryIndex, target);
        }

        @Override
        public void forEachPartition(final PartitionVisitor visitor) {
            index.forEachPartition(visitor);
        }
    }
}
