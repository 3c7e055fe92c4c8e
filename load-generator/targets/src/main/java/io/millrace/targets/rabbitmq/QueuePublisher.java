package io.millrace.targets.rabbitmq;

import io.millrace.targets.wire.PublishProtocol;
import io.millrace.targets.wire.Wire;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A persistent message for each record, confirmed by its number on the channel, in any order and several at a time.
 * Owned by the sending thread.
 */
final class QueuePublisher implements PublishProtocol, AmqpLink.Frames {
    private static final int NONE = -1;
    private static final byte MANDATORY = 1;
    private static final short DELIVERY_MODE = 1 << 12;
    private static final byte PERSISTENT = 2;
    private static final int HEADER_LENGTH = 2 + 2 + 8 + 2 + 1;
    private static final short BASIC = 60;

    private final AmqpLink link;
    /** Method frames that publish to each queue, whole. */
    private final byte[][] methods;
    /** Slots of the messages from {@link #firstTag} on, by number modulo length; {@link #NONE} once answered. */
    private int[] slots = new int[1 << 12];
    private long[] tags = new long[1 << 10];
    private long firstTag = 1;
    private long nextTag = 1;
    private Answers answers;
    private int answeredCount;

    QueuePublisher(final AmqpLink link, final String[] queues) {
        this.link = link;
        methods = new byte[queues.length][];
        for (int i = 0; i < queues.length; i++) {
            methods[i] = method(queues[i]);
        }
        link.call(link.begin(AmqpLink.CHANNEL, AmqpLink.CONFIRM_SELECT).put((byte) 0), AmqpLink.CONFIRM_SELECT);
    }

    /** Mandatory: what finds no queue comes back, and is not confirmed as if it were somewhere. */
    private static byte[] method(final String queue) {
        final byte[] name = queue.getBytes(StandardCharsets.UTF_8);
        final int length = 4 + 2 + 1 + 1 + name.length + 1;
        return ByteBuffer.allocate(length + AmqpLink.FRAME_OVERHEAD).put(AmqpLink.METHOD)
            .putShort((short) AmqpLink.CHANNEL).putInt(length).putInt(AmqpLink.BASIC_PUBLISH).putShort((short) 0)
            .put((byte) 0).put((byte) name.length).put(name).put(MANDATORY).put(AmqpLink.FRAME_END).array();
    }

    @Override
    public boolean hasRoom() {
        return link.wire().unsentLength() < Wire.FULL_LENGTH;
    }

    @Override
    public void publish(final int lane, final int slot, final ByteBuffer record, final int length) {
        number(slot);
        final byte[] method = methods[lane];
        final int maxLength = link.maxBodyLength();
        final int frames = (length + maxLength - 1) / maxLength;
        final ByteBuffer out = link.wire().out(
            method.length + HEADER_LENGTH + length + (frames + 1) * AmqpLink.FRAME_OVERHEAD);
        out.put(method);
        out.put(AmqpLink.HEADER).putShort((short) AmqpLink.CHANNEL).putInt(HEADER_LENGTH).putShort(BASIC)
            .putShort((short) 0).putLong(length).putShort(DELIVERY_MODE).put(PERSISTENT).put(AmqpLink.FRAME_END);
        for (int index = 0; index < length; index += maxLength) {
            final int part = Math.min(maxLength, length - index);
            out.put(AmqpLink.BODY).putShort((short) AmqpLink.CHANNEL).putInt(part)
                .put(record.limit(index + part).position(index)).put(AmqpLink.FRAME_END);
        }
    }

    @Override
    public int poll(final Answers to) {
        answers = to;
        answeredCount = 0;
        final int moved = link.wire().flush() + link.wire().fill();
        link.take(this);
        return moved + answeredCount;
    }

    /** The answer's number tells it from that of the next record in the slot. */
    @Override
    public boolean forget(final int slot) {
        final int place = place(tags[slot]);
        if (slots[place] == slot) {
            slots[place] = NONE;
        }
        return true;
    }

    @Override
    public void await(final long maxNs) {
        link.wire().await(maxNs);
    }

    @Override
    public void close() {
        link.close();
    }

    @Override
    public void onMethod(final int method, final ByteBuffer in, final int index) {
        if (method == AmqpLink.BASIC_ACK || method == AmqpLink.BASIC_NACK) {
            final long tag = in.getLong(index);
            final boolean isMultiple = (in.get(index + Long.BYTES) & 1) != 0;
            if (tag >= nextTag) {
                throw new Wire.WireException("rabbitmq confirms message " + tag + ", which was not sent", null);
            }
            for (long t = isMultiple ? firstTag : Math.max(firstTag, tag); t <= tag; t++) {
                answer(t, method == AmqpLink.BASIC_ACK);
            }
            while (firstTag < nextTag && slots[place(firstTag)] == NONE) {
                firstTag++;
            }
        } else if (method == AmqpLink.BASIC_RETURN || method == AmqpLink.CHANNEL_CLOSE) {
            throw new Wire.WireException("rabbitmq refuses a message: " + in.getShort(index) + " "
                + AmqpLink.shortText(in, index + Short.BYTES), null);
        }
    }

    private void answer(final long tag, final boolean isAck) {
        final int slot = slots[place(tag)];
        if (slot == NONE) {
            return;
        }
        slots[place(tag)] = NONE;
        answeredCount++;
        if (isAck) {
            answers.onAcked(slot);
        } else {
            answers.onFailed(slot, "BASIC_NACK");
        }
    }

    private void number(final int slot) {
        if (nextTag - firstTag == slots.length) {
            final int[] larger = new int[slots.length * 2];
            for (long tag = firstTag; tag < nextTag; tag++) {
                larger[(int) (tag & larger.length - 1)] = slots[place(tag)];
            }
            slots = larger;
        }
        if (slot >= tags.length) {
            tags = Arrays.copyOf(tags, Math.max(slot + 1, tags.length * 2));
        }
        slots[place(nextTag)] = slot;
        tags[slot] = nextTag++;
    }

    private int place(final long tag) {
        return (int) (tag & slots.length - 1);
    }
}
