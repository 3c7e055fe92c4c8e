package io.millrace.targets.rabbitmq;

import io.millrace.load.driver.ConsumerSession;
import io.millrace.load.driver.RecordSource;
import io.millrace.targets.wire.Wire;
import java.nio.ByteBuffer;
import java.util.Map;

/**
 * Takes messages off queues and acknowledges them by the handful, as a queue's consumer does; owned by the thread that
 * polls it.
 */
final class QueueReader implements ConsumerSession, AmqpLink.Frames {
    private static final short PREFETCH = 500;
    private static final long NS_PER_MS = 1_000_000L;
    private static final int MAX_RECORD_LENGTH = 8 << 20;
    private static final byte MULTIPLE = 1;

    private final AmqpLink link;
    private final int[] lanes;
    private final Spool.Writer spool;
    private RecordSource.Handler handler;
    private int taken;
    private int place;
    private boolean isRedelivered;
    private long lastTag;
    private long ackedTag;
    private int bodyLength;
    private ByteBuffer parts = ByteBuffer.allocate(0);
    private ByteBuffer view;
    private ByteBuffer viewed;

    /**
     * Begins to consume.
     *
     * @param link   to a server, taken over
     * @param queues to read
     * @param lanes  of each queue
     * @param spool  keeps what is taken, not closed; null if nobody asks for it again
     */
    QueueReader(final AmqpLink link, final String[] queues, final int[] lanes, final Spool.Writer spool) {
        this.link = link;
        this.lanes = lanes.clone();
        this.spool = spool;
        link.call(link.begin(AmqpLink.CHANNEL, AmqpLink.BASIC_QOS).putInt(0).putShort(PREFETCH).put((byte) 0),
            AmqpLink.BASIC_QOS);
        for (int i = 0; i < queues.length; i++) {
            final byte noWait = 8; // what arrives after an answer belongs to poll
            final ByteBuffer out = link.begin(AmqpLink.CHANNEL, AmqpLink.BASIC_CONSUME).putShort((short) 0);
            AmqpLink.shortText(out, queues[i]);
            AmqpLink.shortText(out, String.valueOf(i));
            AmqpLink.table(out.put(noWait), Map.of());
            link.end(out);
        }
    }

    @Override
    public int poll(final long maxNs, final RecordSource.Handler to) {
        handler = to;
        taken = 0;
        final long deadlineNs = System.nanoTime() + maxNs;
        while (true) {
            link.wire().flush();
            link.wire().fill();
            link.take(this);
            acknowledge();
            final long leftNs = deadlineNs - System.nanoTime();
            if (taken > 0 || leftNs <= 0) {
                return taken;
            }
            link.wire().await(Math.max(NS_PER_MS, leftNs));
        }
    }

    @Override
    public void onMethod(final int method, final ByteBuffer in, final int index) {
        if (method == AmqpLink.BASIC_DELIVER) {
            place = Integer.parseInt(AmqpLink.shortText(in, index));
            final int tag = index + 1 + (in.get(index) & 0xFF);
            lastTag = in.getLong(tag);
            isRedelivered = in.get(tag + Long.BYTES) != 0;
        } else if (method == AmqpLink.BASIC_CANCEL) {
            throw new Wire.WireException("rabbitmq cancels a consumer: its queue is gone, or changes its leader", null);
        } else if (method == AmqpLink.CHANNEL_CLOSE) {
            throw new Wire.WireException("rabbitmq refuses to be read: " + in.getShort(index) + " "
                + AmqpLink.shortText(in, index + Short.BYTES), null);
        }
    }

    @Override
    public void onHeader(final long length) {
        if (length < 0 || length > MAX_RECORD_LENGTH) {
            throw new Wire.WireException("rabbitmq: a message of length " + length + " is more than "
                + MAX_RECORD_LENGTH, null);
        }
        bodyLength = (int) length;
        parts.clear();
    }

    @Override
    public void onBody(final ByteBuffer in, final int index, final int length) {
        if (length == bodyLength) {
            if (viewed != in) {
                viewed = in;
                view = in.duplicate(); // the handler moves position and limit
            }
            record(view, index);
            return;
        }
        if (parts.capacity() < bodyLength) {
            parts = ByteBuffer.allocate(bodyLength);
        }
        parts.put(parts.position(), in, index, length).position(parts.position() + length);
        if (parts.position() >= bodyLength) {
            record(parts, 0);
        }
    }

    @Override
    public void close() {
        link.close();
    }

    private void record(final ByteBuffer buffer, final int index) {
        buffer.clear();
        taken++;
        if (spool != null && !spool.keep(place, isRedelivered, buffer, index, bodyLength)) {
            return;
        }
        handler.onRecord(lanes[place], buffer, index, bodyLength);
    }

    private void acknowledge() {
        if (lastTag == ackedTag) {
            return;
        }
        if (spool != null) {
            spool.commit();
        }
        ackedTag = lastTag;
        link.end(link.begin(AmqpLink.CHANNEL, AmqpLink.BASIC_ACK).putLong(lastTag).put(MULTIPLE));
        link.wire().flush();
    }
}
