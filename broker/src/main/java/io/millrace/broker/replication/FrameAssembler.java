package io.millrace.broker.replication;

import org.agrona.BitUtil;
import org.agrona.DirectBuffer;
import org.agrona.ExpandableDirectByteBuffer;

/**
 * Puts together a frame that arrives in pieces. Owned by the engine thread.
 *
 * <p>Holds at most one frame; grows to the longest seen and never beyond the limit.
 */
final class FrameAssembler {
    /** The frame's length is out of bounds: the bytes are no log. */
    static final int INVALID = -1;

    private static final int ALIGNMENT = 8;
    private static final int MIN_FRAME_LENGTH = 32;
    private static final int INITIAL_CAPACITY = 4096;

    private final int maxAlignedLength;
    private ExpandableDirectByteBuffer buffer;
    private int length;

    FrameAssembler(final int maxFrameLength) {
        this.maxAlignedLength = BitUtil.align(maxFrameLength, ALIGNMENT);
    }

    DirectBuffer buffer() {
        return buffer;
    }

    /** {@return bytes held} */
    int length() {
        return length;
    }

    void clear() {
        length = 0;
    }

    /** {@return whether the one frame is complete} */
    boolean isComplete() {
        return length >= Integer.BYTES && length == alignedLength(buffer, 0);
    }

    /**
     * Takes bytes until the frame is complete.
     *
     * @return bytes taken, or {@link #INVALID}
     */
    int take(final DirectBuffer source, final int index, final int available) {
        if (buffer == null) {
            buffer = new ExpandableDirectByteBuffer(INITIAL_CAPACITY); // on the first split frame
        }
        int taken = 0;
        if (length < Integer.BYTES) {
            taken = Math.min(Integer.BYTES - length, available);
            buffer.putBytes(length, source, index, taken);
            length += taken;
            if (length < Integer.BYTES) {
                return taken;
            }
        }
        final int alignedLength = alignedLength(buffer, 0);
        if (alignedLength == INVALID) {
            return INVALID;
        }
        final int rest = Math.min(alignedLength - length, available - taken);
        if (rest > 0) {
            buffer.putBytes(length, source, index + taken, rest);
            length += rest;
        }
        return taken + rest;
    }

    /**
     * {@return length of the whole frames at the front of these bytes, or {@link #INVALID}}
     */
    int wholeFramesLength(final DirectBuffer source, final int index, final int available) {
        int whole = 0;
        while (available - whole >= Integer.BYTES) {
            final int alignedLength = alignedLength(source, index + whole);
            if (alignedLength == INVALID) {
                return INVALID;
            }
            if (alignedLength > available - whole) {
                break;
            }
            whole += alignedLength;
        }
        return whole;
    }

    private int alignedLength(final DirectBuffer source, final int index) {
        final int frameLength = source.getInt(index, MessageHeader.ORDER);
        if (frameLength < MIN_FRAME_LENGTH || frameLength > maxAlignedLength) {
            return INVALID;
        }
        return BitUtil.align(frameLength, ALIGNMENT);
    }
}
