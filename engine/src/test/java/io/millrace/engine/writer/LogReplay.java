package io.millrace.engine.writer;

import static java.nio.ByteOrder.BIG_ENDIAN;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.engine.format.BatchDescriptor;
import io.millrace.engine.format.Checksums;
import io.millrace.engine.format.FrameDescriptor;
import io.millrace.engine.format.LogStartDescriptor;
import io.millrace.engine.state.ShardState;
import java.util.ArrayList;
import java.util.List;
import org.agrona.DirectBuffer;
import org.agrona.ExpandableArrayBuffer;

/** Reads a log as recovery does, checks every frame, and rebuilds its state. Used by one thread. */
final class LogReplay {
    /** One batch found. */
    record Found(int tag, int partitionId, long baseOffset, int epoch, long endPosition) {
    }

    final ShardState state = new ShardState();
    final List<Found> batches = new ArrayList<>();
    private final Checksums checksums = new Checksums();

    LogReplay(final MemoryLog log) {
        int previousCrc = MemoryLog.SALT;
        long position = 0;
        int epoch = -1;
        while (position < log.endPosition()) {
            final int frame = (int) position;
            final int length = FrameDescriptor.length(log.bytes, frame);
            final int alignedLength = FrameDescriptor.alignedLength(length);
            assertEquals(position, FrameDescriptor.position(log.bytes, frame), "position");
            assertEquals(previousCrc, FrameDescriptor.previousCrc(log.bytes, frame), "chain at " + position);
            assertEquals(checksums.frameCrc(log.bytes, frame), FrameDescriptor.headerCrc(log.bytes, frame), "crc");
            for (int i = length; i < alignedLength; i++) {
                assertEquals(0, log.bytes.getByte(frame + i), "padding");
            }
            assertTrue(FrameDescriptor.leaderEpoch(log.bytes, frame) >= epoch, "epoch");
            epoch = FrameDescriptor.leaderEpoch(log.bytes, frame);
            final boolean segmentStart = log.segmentBases.contains(position);
            assertEquals(segmentStart, FrameDescriptor.type(log.bytes, frame) == FrameDescriptor.TYPE_STATE);
            take(log.bytes, frame, length, epoch);
            previousCrc = FrameDescriptor.headerCrc(log.bytes, frame);
            position += alignedLength;
        }
        assertEquals(log.endPosition(), position);
        assertEquals(log.lastFrameCrc(), previousCrc);
    }

    static byte[] encoded(final ShardState state) {
        final ExpandableArrayBuffer buffer = new ExpandableArrayBuffer(state.encodedLength() + 1);
        final byte[] bytes = new byte[state.encode(buffer, 0)];
        buffer.getBytes(0, bytes);
        return bytes;
    }

    private void take(final DirectBuffer bytes, final int frame, final int length, final int epoch) {
        final int payload = frame + FrameDescriptor.HEADER_LENGTH;
        final long endPosition = frame + FrameDescriptor.alignedLength(length);
        switch (FrameDescriptor.type(bytes, frame)) {
            case FrameDescriptor.TYPE_BATCH -> {
                assertEquals(epoch, state.lastEpoch());
                assertEquals(epoch, BatchDescriptor.partitionLeaderEpoch(bytes, payload));
                assertEquals(BatchDescriptor.crc(bytes, payload),
                    checksums.batchCrc(bytes, payload, length - FrameDescriptor.HEADER_LENGTH), "batch crc");
                final int partitionId = FrameDescriptor.partitionId(bytes, frame);
                state.onBatch(partitionId, bytes, payload, endPosition); // throws unless offsets are dense
                batches.add(new Found(bytes.getInt(payload + TestBatches.TAG_FIELD_OFFSET, BIG_ENDIAN), partitionId,
                    BatchDescriptor.baseOffset(bytes, payload), epoch, endPosition));
            }
            case FrameDescriptor.TYPE_STATE -> {
                final byte[] carried = new byte[length - FrameDescriptor.HEADER_LENGTH];
                bytes.getBytes(payload, carried);
                if (frame > 0) { // the first one may tell of deletions
                    assertArrayEquals(encoded(state), carried, "state frame and the frames before it");
                }
                assertTrue(state.load(bytes, payload, carried.length));
                assertArrayEquals(carried, encoded(state), "state loaded and encoded again");
                noteEpoch(epoch, frame);
            }
            case FrameDescriptor.TYPE_LOG_START -> {
                for (int i = 0; i < LogStartDescriptor.entryCount(length); i++) {
                    state.logStartOffset(LogStartDescriptor.partitionId(bytes, frame, i),
                        LogStartDescriptor.logStartOffset(bytes, frame, i));
                }
            }
            case FrameDescriptor.TYPE_EPOCH_START -> noteEpoch(epoch, frame);
            default -> throw new AssertionError("frame type at " + frame);
        }
    }

    private void noteEpoch(final int epoch, final long position) {
        if (epoch > state.lastEpoch()) {
            state.onEpoch(epoch, position);
        }
    }
}
