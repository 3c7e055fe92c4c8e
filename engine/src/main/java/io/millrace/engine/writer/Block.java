package io.millrace.engine.writer;

import io.millrace.engine.format.FrameDescriptor;

/** Who asked for the records of the block that is being gathered, and where it lies. Owned by the engine thread. */
final class Block {
    private static final int MIN_ALIGNED_LENGTH =
        FrameDescriptor.alignedLength(FrameDescriptor.MIN_BATCH_FRAME_LENGTH);

    final long[] replyIds;
    final long[] endPositions;
    final long[] baseOffsets;
    final int[] partitionIds;
    final byte[] acks;
    int count;
    int index;
    int length;
    int lastFrameCrc;

    /**
     * Room for as many records as a block can have.
     *
     * @param lengthLimit no record is added once the block is this long
     */
    Block(final int lengthLimit) {
        final int maxCount = lengthLimit / MIN_ALIGNED_LENGTH + 1;
        replyIds = new long[maxCount];
        endPositions = new long[maxCount];
        baseOffsets = new long[maxCount];
        partitionIds = new int[maxCount];
        acks = new byte[maxCount];
    }

    boolean isEmpty() {
        return count == 0;
    }

    void start(final int blockIndex, final int previousCrc) {
        index = blockIndex;
        lastFrameCrc = previousCrc;
        length = 0;
        count = 0;
    }

    void add(
        final long replyId,
        final byte acksAsked,
        final long baseOffset,
        final long endPosition,
        final int partitionId) {
        replyIds[count] = replyId;
        acks[count] = acksAsked;
        baseOffsets[count] = baseOffset;
        endPositions[count] = endPosition;
        partitionIds[count] = partitionId;
        count++;
    }

    void clear() {
        length = 0;
        count = 0;
    }
}
