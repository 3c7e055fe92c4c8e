package io.millrace.engine.log;

import io.millrace.engine.format.BatchDescriptor;
import io.millrace.engine.format.Checksums;
import io.millrace.engine.format.FrameDescriptor;
import org.agrona.DirectBuffer;

/** Puts what {@link FrameChecker} refused into words: expected and found. Owned by one thread. */
final class FindingText {
    private final Checksums checksums = new Checksums();
    private String expected;
    private String found;

    /**
     * A finding for a frame that was refused.
     *
     * @param file      name of the segment
     * @param position  of the frame
     * @param result    of the checker
     * @param checker   as it was when it refused
     * @param state     of the log before the frame
     * @param buffer    holds what is there
     * @param index     of the frame's first byte
     * @param available bytes from there on
     * @return the finding
     */
    @SuppressWarnings("checkstyle:ParameterNumber") // a frame, where it is and what was expected of it
    Finding describe(
        final String file,
        final long position,
        final int result,
        final FrameChecker checker,
        final LogState state,
        final DirectBuffer buffer,
        final int index,
        final int available) {
        expected = "";
        found = "";
        if (available >= FrameDescriptor.HEADER_LENGTH) {
            explainHeader(result, checker, buffer, index, available);
            if (available >= FrameDescriptor.MIN_BATCH_FRAME_LENGTH) {
                explainBatch(result, state, buffer, index, available);
            }
        } else {
            say(FrameDescriptor.HEADER_LENGTH + " bytes of a frame header", available + " bytes");
        }
        return new Finding(
            Finding.Kind.SEGMENT, file, position, FrameChecker.describe(result), expected, found);
    }

    private void explainHeader(
        final int result, final FrameChecker checker, final DirectBuffer buffer, final int index, final int available) {
        final int length = FrameDescriptor.length(buffer, index);
        switch (result) {
            case FrameChecker.END -> say("a frame", "length 0");
            case FrameChecker.INCOMPLETE -> say(length + " bytes of a frame", available + " bytes");
            case FrameChecker.BAD_LENGTH -> say(FrameDescriptor.HEADER_LENGTH + " to "
                + FrameDescriptor.MAX_FRAME_LENGTH, Integer.toString(length));
            case FrameChecker.BAD_TYPE -> say(FrameDescriptor.TYPE_BATCH + " to " + FrameDescriptor.TYPE_LOG_START,
                Integer.toString(FrameDescriptor.type(buffer, index)));
            case FrameChecker.BAD_HEADER_CRC -> say(length <= available ? hex(checksums.frameCrc(buffer, index)) : "",
                hex(FrameDescriptor.headerCrc(buffer, index)));
            case FrameChecker.OTHER_POSITION -> say(Long.toString(checker.position()),
                Long.toString(FrameDescriptor.position(buffer, index)));
            case FrameChecker.OTHER_CHAIN -> say("previousCrc " + hex(checker.lastFrameCrc()),
                hex(FrameDescriptor.previousCrc(buffer, index)));
            case FrameChecker.OTHER_EPOCH -> say("epoch " + checker.lastEpoch() + " or an epoch start",
                Integer.toString(FrameDescriptor.leaderEpoch(buffer, index)));
            default -> { }
        }
    }

    private void explainBatch(
        final int result, final LogState state, final DirectBuffer buffer, final int index, final int available) {
        final int length = FrameDescriptor.length(buffer, index);
        final int batch = index + FrameDescriptor.HEADER_LENGTH;
        final int partitionId = FrameDescriptor.partitionId(buffer, index);
        switch (result) {
            case FrameChecker.BAD_BATCH -> say("batch length " + (length - FrameDescriptor.HEADER_LENGTH)
                    + " magic 2 last offset delta from 0",
                BatchDescriptor.totalLength(buffer, batch) + ", " + BatchDescriptor.magic(buffer, batch) + ", "
                    + BatchDescriptor.lastOffsetDelta(buffer, batch));
            case FrameChecker.BAD_BATCH_CRC -> say(length <= available
                    ? hex(checksums.batchCrc(buffer, batch, length - FrameDescriptor.HEADER_LENGTH)) : "",
                hex(BatchDescriptor.crc(buffer, batch)) + " partition=" + partitionId + " baseOffset="
                    + BatchDescriptor.baseOffset(buffer, batch));
            case FrameChecker.OTHER_OFFSET -> say("offset " + state.nextOffset(partitionId),
                BatchDescriptor.baseOffset(buffer, batch) + " partition=" + partitionId);
            default -> { }
        }
    }

    private void say(final String newExpected, final String newFound) {
        expected = newExpected;
        found = newFound;
    }

    private static String hex(final int crc) {
        return "0x" + Integer.toHexString(crc);
    }
}
