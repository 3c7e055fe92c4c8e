package io.millrace.targets.redis;

import io.millrace.targets.wire.PublishProtocol;
import io.millrace.targets.wire.Wire;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * XADD for each record, pipelined: what is due together goes out in one write, answers come in the same order. Owned by
 * the sending thread.
 */
final class RedisPublisher implements PublishProtocol {
    /** Name of the one field of an entry. */
    static final String FIELD = "v";

    private static final int MAX_DIGITS = 12;
    private static final int FIRST_QUEUE = 1 << 10;

    private final Wire wire;
    private final byte[][] prefixes;
    /** Slots in the order of their commands; a ring. */
    private int[] queue = new int[FIRST_QUEUE];
    private int head;
    private int size;

    RedisPublisher(final Wire wire, final String[] streams) {
        this.wire = wire;
        prefixes = new byte[streams.length][];
        for (int i = 0; i < streams.length; i++) {
            final int length = streams[i].getBytes(StandardCharsets.UTF_8).length;
            prefixes[i] = ("*5\r\n$4\r\nXADD\r\n$" + length + "\r\n" + streams[i] + "\r\n$1\r\n*\r\n$1\r\n" + FIELD
                + "\r\n$").getBytes(StandardCharsets.UTF_8);
        }
    }

    @Override
    public boolean hasRoom() {
        return wire.unsentLength() < Wire.FULL_LENGTH;
    }

    @Override
    public void publish(final int lane, final int slot, final ByteBuffer record, final int length) {
        final byte[] prefix = prefixes[lane];
        final ByteBuffer out = wire.out(prefix.length + MAX_DIGITS + length + 4);
        out.put(prefix);
        digits(out, length);
        out.put((byte) '\r').put((byte) '\n').put(record.limit(length).position(0)).put((byte) '\r').put((byte) '\n');
        if (size == queue.length) {
            grow();
        }
        queue[(head + size++) & (queue.length - 1)] = slot;
    }

    @Override
    public int poll(final Answers answers) {
        int workCount = wire.flush();
        workCount += wire.fill();
        final ByteBuffer in = wire.in();
        int index = in.position();
        while (index < in.limit()) {
            final int end = Resp.end(in, index);
            if (end < 0) {
                break;
            }
            final int slot = queue[head];
            head = (head + 1) & (queue.length - 1);
            size--;
            if (in.get(index) == '-') {
                final String text = Resp.text(in, index);
                answers.onFailed(slot, text.substring(0, Math.max(0, (text + ' ').indexOf(' '))));
            } else {
                answers.onAcked(slot);
            }
            index = end;
        }
        in.position(index);
        return workCount;
    }

    @Override
    public void await(final long maxNs) {
        wire.await(maxNs);
    }

    @Override
    public void close() {
        wire.close();
    }

    private void grow() {
        final int[] larger = new int[queue.length * 2];
        for (int i = 0; i < size; i++) {
            larger[i] = queue[(head + i) & (queue.length - 1)];
        }
        queue = larger;
        head = 0;
    }

    /** Without garbage. */
    private static void digits(final ByteBuffer out, final int number) {
        int divisor = 1;
        while (number / divisor >= 10) {
            divisor *= 10;
        }
        for (; divisor > 0; divisor /= 10) {
            out.put((byte) ('0' + number / divisor % 10));
        }
    }
}
