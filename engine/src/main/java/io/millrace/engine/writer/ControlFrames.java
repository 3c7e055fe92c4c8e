package io.millrace.engine.writer;

import io.millrace.engine.format.Checksums;
import io.millrace.engine.format.FrameDescriptor;
import io.millrace.engine.format.LogStartDescriptor;
import io.millrace.engine.log.BlockLog;
import io.millrace.engine.state.ShardState;
import java.nio.ByteBuffer;
import org.agrona.BufferUtil;
import org.agrona.concurrent.UnsafeBuffer;

/** Makes the frames that no client sent: epoch start, state and log starts. Owned by the engine thread. */
final class ControlFrames {
    private static final int INITIAL_LENGTH = 4 * 1024;

    private final Checksums checksums;
    private final UnsafeBuffer buffer = new UnsafeBuffer();
    private ByteBuffer memory;

    ControlFrames(final Checksums checksums) {
        this.checksums = checksums;
        allocate(INITIAL_LENGTH);
    }

    /** {@return the epoch start frame at the log's end} */
    ByteBuffer epochStart(final BlockLog log, final int epoch) {
        return finish(log, epoch, FrameDescriptor.TYPE_EPOCH_START, 0);
    }

    /** {@return the state frame at the log's end} */
    ByteBuffer state(final BlockLog log, final int epoch, final ShardState state) {
        reserve(FrameDescriptor.HEADER_LENGTH + state.encodedLength());
        return finish(log, epoch, FrameDescriptor.TYPE_STATE, state.encode(buffer, FrameDescriptor.HEADER_LENGTH));
    }

    /** {@return the frame at the log's end that tells the log starts of these partitions} */
    ByteBuffer logStarts(
        final BlockLog log, final int epoch, final ShardState state, final int[] partitionIds, final int count) {
        reserve(FrameDescriptor.HEADER_LENGTH + count * LogStartDescriptor.ENTRY_LENGTH);
        for (int i = 0; i < count; i++) {
            LogStartDescriptor.put(buffer, 0, i, partitionIds[i], state.logStartOffset(partitionIds[i]));
        }
        return finish(log, epoch, FrameDescriptor.TYPE_LOG_START, count * LogStartDescriptor.ENTRY_LENGTH);
    }

    /** {@return header CRC of the frame made last} */
    int headerCrc() {
        return FrameDescriptor.headerCrc(buffer, 0);
    }

    private ByteBuffer finish(final BlockLog log, final int epoch, final int type, final int payloadLength) {
        final int length = FrameDescriptor.HEADER_LENGTH + payloadLength;
        FrameDescriptor.putLengthAndType(buffer, 0, length, type);
        FrameDescriptor.putPosition(buffer, 0, log.endPosition());
        FrameDescriptor.putLeaderEpoch(buffer, 0, epoch);
        FrameDescriptor.putPartitionId(buffer, 0, FrameDescriptor.NO_PARTITION);
        FrameDescriptor.putPreviousCrc(buffer, 0, log.lastFrameCrc());
        FrameDescriptor.zeroPadding(buffer, 0, length);
        FrameDescriptor.putHeaderCrc(buffer, 0, checksums.frameCrc(buffer, 0));
        memory.clear().limit(FrameDescriptor.alignedLength(length));
        return memory;
    }

    private void reserve(final int needed) {
        if (memory.capacity() < FrameDescriptor.alignedLength(needed)) {
            allocate(Integer.highestOneBit(needed) * 2);
        }
    }

    private void allocate(final int length) {
        memory = BufferUtil.allocateDirectAligned(length, INITIAL_LENGTH);
        buffer.wrap(memory);
    }
}
