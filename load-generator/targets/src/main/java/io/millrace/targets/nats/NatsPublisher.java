package io.millrace.targets.nats;

import io.millrace.targets.wire.PublishProtocol;
import io.millrace.targets.wire.Wire;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * A message for each record, with a subject for the stream's answer that names the record's slot. Owned by the sending
 * thread.
 */
final class NatsPublisher implements PublishProtocol, NatsLink.Messages {
    private static final int MAX_DIGITS = 24;
    private static final byte QUOTE = '"';

    private final NatsLink link;
    private final byte[][] prefixes;
    /** Counts how often a slot was used, so that a late answer is not taken for the next record's. */
    private int[] uses = new int[1 << 10];
    private Answers answers;

    NatsPublisher(final NatsLink link, final String[] subjects) {
        this.link = link;
        prefixes = new byte[subjects.length][];
        for (int i = 0; i < subjects.length; i++) {
            prefixes[i] = ("PUB " + subjects[i] + " " + link.inbox() + ".").getBytes(StandardCharsets.UTF_8);
        }
        link.subscribe(link.inbox() + ".*.*");
    }

    @Override
    public boolean hasRoom() {
        return link.wire().unsentLength() < Wire.FULL_LENGTH;
    }

    @Override
    public void publish(final int lane, final int slot, final ByteBuffer record, final int length) {
        if (slot >= uses.length) {
            uses = java.util.Arrays.copyOf(uses, Math.max(slot + 1, uses.length * 2));
        }
        final int use = uses[slot] + 1 & Integer.MAX_VALUE;
        uses[slot] = use;
        final byte[] prefix = prefixes[lane];
        final ByteBuffer out = link.wire().out(prefix.length + MAX_DIGITS * 2 + length);
        out.put(prefix);
        digits(out, slot);
        out.put((byte) '.');
        digits(out, use);
        out.put((byte) ' ');
        digits(out, length);
        out.put((byte) '\r').put((byte) '\n').put(record.limit(length).position(0)).put((byte) '\r').put((byte) '\n');
    }

    @Override
    public int poll(final Answers to) {
        answers = to;
        final int workCount = link.wire().flush() + link.wire().fill();
        return workCount + link.take(this);
    }

    @Override
    public boolean forget(final int slot) {
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

    /** {"stream":"name","seq":7} or {"error":{"code":503,...},...}: what begins with an e is an error. */
    @Override
    public void onMessage(final NatsLink.Message message) {
        final ByteBuffer in = message.buffer();
        int dot = message.subjectEnd() - 1;
        while (in.get(dot) != '.') {
            dot--;
        }
        int before = dot - 1;
        while (in.get(before) != '.') {
            before--;
        }
        final int slot = NatsLink.number(in, before + 1, dot);
        if (slot >= uses.length || NatsLink.number(in, dot + 1, message.subjectEnd()) != uses[slot]) {
            return; // of a record that was given up
        }
        final boolean isError = message.headerIndex() >= 0 || message.length() < 3
            || in.get(message.index() + 1) == QUOTE && in.get(message.index() + 2) == 'e';
        if (isError) {
            answers.onFailed(slot, "JETSTREAM_" + NatsAdmin.errorCode(message.body()));
        } else {
            answers.onAcked(slot);
        }
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
