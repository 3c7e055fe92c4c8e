package io.millrace.engine.format;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * Computes the checksums of frames and batches; owned by one thread. Allocates nothing once it has seen a buffer.
 */
public final class Checksums {
    private static final int AFTER_CRC_FIELD_OFFSET = FrameDescriptor.PREVIOUS_CRC_FIELD_OFFSET;
    private static final byte[] ZERO_CRC_FIELD = new byte[Integer.BYTES];

    private final CRC32C crc = new CRC32C();
    private final BufferViews views = new BufferViews();
    private ByteBuffer view;

    /**
     * {@return the header CRC that this frame should carry}
     *
     * <p>Whatever stands in the header CRC field counts as zero. The caller has checked that the frame's length is at
     * least {@link FrameDescriptor#MIN_BATCH_FRAME_LENGTH} for a batch, {@link FrameDescriptor#HEADER_LENGTH} else, and
     * that the buffer holds all of it.
     *
     * @param buffer holds the frame
     * @param index  of its first byte
     */
    public int frameCrc(final DirectBuffer buffer, final int index) {
        final int coverLength = FrameDescriptor.type(buffer, index) == FrameDescriptor.TYPE_BATCH
            ? FrameDescriptor.BATCH_CRC_COVER_LENGTH : FrameDescriptor.length(buffer, index);
        final int base = select(buffer) + index;
        crc.reset();
        update(base, FrameDescriptor.HEADER_CRC_FIELD_OFFSET);
        crc.update(ZERO_CRC_FIELD, 0, ZERO_CRC_FIELD.length);
        update(base + AFTER_CRC_FIELD_OFFSET, coverLength - AFTER_CRC_FIELD_OFFSET);
        return (int) crc.getValue();
    }

    /**
     * {@return the header CRC of a batch frame that is being made}
     *
     * <p>The same as {@link #frameCrc} in one pass instead of three, since the header CRC field may be overwritten.
     *
     * @param buffer holds the frame; its header CRC field is zero afterwards
     * @param index  of the frame's first byte
     */
    public int newBatchFrameCrc(final MutableDirectBuffer buffer, final int index) {
        FrameDescriptor.putHeaderCrc(buffer, index, 0);
        return crc(buffer, index, FrameDescriptor.BATCH_CRC_COVER_LENGTH);
    }

    /**
     * {@return the CRC that this batch should carry in its own CRC field}
     *
     * @param buffer      holds the batch
     * @param index       of its first byte
     * @param totalLength of the batch in bytes, checked by the caller
     */
    public int batchCrc(final DirectBuffer buffer, final int index, final int totalLength) {
        final int base = select(buffer) + index;
        crc.reset();
        update(base + BatchDescriptor.ATTRIBUTES_FIELD_OFFSET, totalLength - BatchDescriptor.ATTRIBUTES_FIELD_OFFSET);
        return (int) crc.getValue();
    }

    /**
     * {@return CRC32C of some bytes}
     *
     * @param buffer holds them
     * @param index  of the first
     * @param length how many
     */
    public int crc(final DirectBuffer buffer, final int index, final int length) {
        final int base = select(buffer) + index;
        crc.reset();
        update(base, length);
        return (int) crc.getValue();
    }

    private void update(final int viewIndex, final int length) {
        view.limit(viewIndex + length).position(viewIndex);
        crc.update(view);
    }

    /** The buffer's own ByteBuffer may be in use elsewhere, so positions are moved on a view. */
    private int select(final DirectBuffer buffer) {
        view = views.of(buffer);
        return buffer.wrapAdjustment();
    }
}
