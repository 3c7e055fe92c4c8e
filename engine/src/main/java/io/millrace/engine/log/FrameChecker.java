package io.millrace.engine.log;

import io.millrace.engine.format.BatchDescriptor;
import io.millrace.engine.format.Checksums;
import io.millrace.engine.format.FrameDescriptor;
import io.millrace.engine.format.LogStartDescriptor;
import org.agrona.DirectBuffer;
import org.agrona.collections.Long2LongHashMap;

/**
 * Decides whether a frame is whole and continues the log: header CRC, chain, position, length bounds, epoch, dense
 * offsets, batch CRC. Owned by one thread.
 *
 * <p>Recovery, follower appends and truncation all ask here. Offsets of frames that were accepted but are not yet in
 * the shard's state are remembered until {@link #forgetPending()}.
 */
final class FrameChecker {
    /** Nothing was ever written here. */
    static final int END = 0;
    /** More bytes are needed: see {@link #neededLength()}. */
    static final int INCOMPLETE = -1;
    static final int BAD_LENGTH = -2;
    static final int BAD_TYPE = -3;
    static final int BAD_HEADER_CRC = -4;
    static final int BAD_PADDING = -5;
    static final int BAD_BATCH = -6;
    static final int BAD_BATCH_CRC = -7;
    static final int BAD_STATE = -8;
    static final int BAD_LOG_START = -9;
    // what follows is a whole frame that does not belong here
    static final int OTHER_POSITION = -10;
    static final int OTHER_CHAIN = -11;
    static final int OTHER_EPOCH = -12;
    static final int OTHER_OFFSET = -13;
    static final int OTHER_PLACE = -14;

    private static final long NOT_PENDING = -1;

    private final Checksums checksums = new Checksums();
    private final Long2LongHashMap pendingNextOffsets = new Long2LongHashMap(NOT_PENDING);
    private final LogState state;
    private long position;
    private int previousCrc;
    private boolean isChained;
    private int epoch;
    private int neededLength;

    FrameChecker(final LogState state) {
        this.state = state;
    }

    /**
     * Says where the next frame goes.
     *
     * @param nextPosition of the next frame
     * @param lastFrameCrc header CRC of the frame before
     * @param hasBefore    whether there is a frame before; if not, any previousCrc is right (it is the shard's salt)
     * @param lastEpoch    of the frame before
     */
    void expect(final long nextPosition, final int lastFrameCrc, final boolean hasBefore, final int lastEpoch) {
        position = nextPosition;
        previousCrc = lastFrameCrc;
        isChained = hasBefore;
        epoch = lastEpoch;
        forgetPending();
    }

    void forgetPending() {
        if (!pendingNextOffsets.isEmpty()) {
            pendingNextOffsets.clear();
        }
    }

    /** {@return position behind the last accepted frame} */
    long position() {
        return position;
    }

    /** {@return header CRC of the last accepted frame} */
    int lastFrameCrc() {
        return previousCrc;
    }

    /** {@return epoch of the last accepted frame} */
    int lastEpoch() {
        return epoch;
    }

    /** {@return aligned length of the frame that was {@link #INCOMPLETE}, or what is needed to know it} */
    int neededLength() {
        return neededLength;
    }

    /**
     * Checks one frame; if it is accepted the next one is expected behind it.
     *
     * @param buffer          holds it
     * @param index           of its first byte
     * @param availableLength bytes from there on
     * @return its aligned length, or one of the constants above, none of which is larger than 0
     */
    int check(final DirectBuffer buffer, final int index, final int availableLength) {
        if (availableLength < FrameDescriptor.HEADER_LENGTH) {
            neededLength = FrameDescriptor.HEADER_LENGTH;
            return INCOMPLETE;
        }
        final int length = FrameDescriptor.length(buffer, index);
        final int type = FrameDescriptor.type(buffer, index);
        if (length == 0) {
            return END;
        }
        final boolean isBatch = type == FrameDescriptor.TYPE_BATCH;
        if (length < (isBatch ? FrameDescriptor.MIN_BATCH_FRAME_LENGTH : FrameDescriptor.HEADER_LENGTH)
            || length > FrameDescriptor.MAX_FRAME_LENGTH) {
            return BAD_LENGTH;
        }
        if (type < FrameDescriptor.TYPE_BATCH || type > FrameDescriptor.TYPE_LOG_START) {
            return BAD_TYPE;
        }
        final int alignedLength = FrameDescriptor.alignedLength(length);
        // before more bytes are asked for: a stale frame need not be read
        final int misfit = misfit(buffer, index, type);
        if (availableLength < alignedLength) {
            neededLength = alignedLength;
            return misfit < 0 ? misfit : INCOMPLETE;
        }
        if (checksums.frameCrc(buffer, index) != FrameDescriptor.headerCrc(buffer, index)) {
            return BAD_HEADER_CRC;
        }
        if (misfit < 0) {
            return misfit;
        }
        final int damage = bodyDamage(buffer, index, length, isBatch);
        return damage < 0 ? damage : accept(buffer, index, alignedLength);
    }

    /** {@return whether a result means damaged bytes, rather than a whole frame of another place} */
    static boolean isDamage(final int result) {
        return result < END && result > OTHER_POSITION;
    }

    /** {@return words for a result} */
    static String describe(final int result) {
        return switch (result) {
            case END -> "no frame";
            case INCOMPLETE -> "the file ends inside a frame";
            case BAD_LENGTH -> "impossible frame length";
            case BAD_TYPE -> "unknown frame type";
            case BAD_HEADER_CRC -> "wrong header CRC";
            case BAD_PADDING -> "padding is not zero";
            case BAD_BATCH -> "batch length, version or count is wrong";
            case BAD_BATCH_CRC -> "wrong batch CRC";
            case BAD_STATE -> "state frame cannot be read";
            case BAD_LOG_START -> "log start frame of an impossible length";
            case OTHER_POSITION -> "frame of another position";
            case OTHER_CHAIN -> "frame does not continue the chain";
            case OTHER_EPOCH -> "frame of an older epoch";
            case OTHER_OFFSET -> "offset is not the partition's next one";
            case OTHER_PLACE -> "state frame inside a segment, or a segment without one";
            default -> "frame accepted";
        };
    }

    private int misfit(final DirectBuffer buffer, final int index, final int type) {
        if (FrameDescriptor.position(buffer, index) != position) {
            return OTHER_POSITION;
        }
        if (isChained && FrameDescriptor.previousCrc(buffer, index) != previousCrc) {
            return OTHER_CHAIN;
        }
        final int frameEpoch = FrameDescriptor.leaderEpoch(buffer, index);
        // an epoch begins with its epoch start frame, or with the state frame that a roll had to put before it
        if (frameEpoch < epoch || frameEpoch > epoch
            && type != FrameDescriptor.TYPE_EPOCH_START && type != FrameDescriptor.TYPE_STATE) {
            return OTHER_EPOCH;
        }
        return 0;
    }

    private int bodyDamage(final DirectBuffer buffer, final int index, final int length, final boolean isBatch) {
        for (int i = index + length, end = index + FrameDescriptor.alignedLength(length); i < end; i++) {
            if (buffer.getByte(i) != 0) {
                return BAD_PADDING;
            }
        }
        if (!isBatch) {
            return FrameDescriptor.type(buffer, index) != FrameDescriptor.TYPE_LOG_START
                || LogStartDescriptor.isLength(length - FrameDescriptor.HEADER_LENGTH) ? 0 : BAD_LOG_START;
        }
        final int batchIndex = index + FrameDescriptor.HEADER_LENGTH;
        final int batchLength = length - FrameDescriptor.HEADER_LENGTH;
        if (BatchDescriptor.totalLength(buffer, batchIndex) != batchLength
            || BatchDescriptor.magic(buffer, batchIndex) != BatchDescriptor.MAGIC_V2
            || BatchDescriptor.lastOffsetDelta(buffer, batchIndex) < 0) {
            return BAD_BATCH;
        }
        if (checksums.batchCrc(buffer, batchIndex, batchLength) != BatchDescriptor.crc(buffer, batchIndex)) {
            return BAD_BATCH_CRC;
        }
        final int partitionId = FrameDescriptor.partitionId(buffer, index);
        final long pending = pendingNextOffsets.get(partitionId);
        final long expected = pending == NOT_PENDING ? Math.max(0, state.nextOffset(partitionId)) : pending;
        return BatchDescriptor.baseOffset(buffer, batchIndex) == expected ? 0 : OTHER_OFFSET;
    }

    private int accept(final DirectBuffer buffer, final int index, final int alignedLength) {
        if (FrameDescriptor.type(buffer, index) == FrameDescriptor.TYPE_BATCH) {
            pendingNextOffsets.put(FrameDescriptor.partitionId(buffer, index),
                BatchDescriptor.nextOffset(buffer, index + FrameDescriptor.HEADER_LENGTH));
        }
        position += alignedLength;
        previousCrc = FrameDescriptor.headerCrc(buffer, index);
        isChained = true;
        epoch = FrameDescriptor.leaderEpoch(buffer, index);
        return alignedLength;
    }
}
