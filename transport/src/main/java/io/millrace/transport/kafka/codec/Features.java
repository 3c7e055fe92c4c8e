package io.millrace.transport.kafka.codec;

import static java.nio.ByteOrder.BIG_ENDIAN;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.agrona.ExpandableArrayBuffer;

/**
 * The features that ApiVersions tells, from version 3 on: what clients and tools look at to learn whether there is
 * something that is not a request of its own. Stateless.
 *
 * <p>They cannot be raised or lowered (there is no UpdateFeatures), so each is supported at just the level that it has,
 * and their epoch never changes. What is not there is not told: transactions, share groups, streams groups.
 */
final class Features {
    /** Name and level. */
    private record Feature(String name, int level) {
    }

    private static final Feature[] ALL = {
        new Feature("group.version", 1), // the consumer protocol (KIP-848)
        new Feature("metadata.version", 25), // 4.0-IV3: what Kafka demands for that, and what its tools take for 4.0
    };
    private static final int SUPPORTED_TAG = 0;
    private static final int EPOCH_TAG = 1;
    private static final int FINALIZED_TAG = 2;
    private static final long EPOCH = 0;

    private Features() {
    }

    /** {@return the tagged fields of the response} */
    static byte[] encode() {
        final ExpandableArrayBuffer out = new ExpandableArrayBuffer();
        int at = CompactWriter.putUnsignedVarint(out, 0, FINALIZED_TAG + 1);
        at = putRanges(out, at, SUPPORTED_TAG);
        at = CompactWriter.putUnsignedVarint(out, at, EPOCH_TAG);
        at = CompactWriter.putUnsignedVarint(out, at, Long.BYTES);
        out.putLong(at, EPOCH, BIG_ENDIAN);
        at = putRanges(out, at + Long.BYTES, FINALIZED_TAG);
        return Arrays.copyOf(out.byteArray(), at);
    }

    /** Two levels each, which are the same: lowest and highest that is supported, or highest and lowest in force. */
    private static int putRanges(final ExpandableArrayBuffer out, final int index, final int tag) {
        final ExpandableArrayBuffer field = new ExpandableArrayBuffer();
        int length = CompactWriter.putCount(field, 0, ALL.length, true);
        for (final Feature feature : ALL) {
            final byte[] name = feature.name.getBytes(StandardCharsets.UTF_8);
            length = CompactWriter.putCount(field, length, name.length, true);
            field.putBytes(length, name);
            length += name.length;
            field.putShort(length, (short) feature.level, BIG_ENDIAN);
            field.putShort(length + Short.BYTES, (short) feature.level, BIG_ENDIAN);
            length = CompactWriter.putUnsignedVarint(field, length + 2 * Short.BYTES, 0);
        }
        int at = CompactWriter.putUnsignedVarint(out, index, tag);
        at = CompactWriter.putUnsignedVarint(out, at, length);
        out.putBytes(at, field, 0, length);
        return at + length;
    }
}
