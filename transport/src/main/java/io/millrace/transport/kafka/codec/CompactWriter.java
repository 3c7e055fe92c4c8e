package io.millrace.transport.kafka.codec;

import static java.nio.ByteOrder.BIG_ENDIAN;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * Counts, lengths and tagged fields of responses, in the old encoding or the flexible one, where they are varints with
 * one added. Stateless.
 */
final class CompactWriter {
    /** Longest count or length in either encoding. */
    static final int MAX_COUNT_LENGTH = 5;
    /** Node id, the longest length of a host's name, port, no rack, no tagged fields. */
    private static final int MAX_ENDPOINT_LENGTH = 4 + 5 + 4 + 1 + 1;
    private static final int MAX_ENDPOINTS_HEADER_LENGTH = 1 + 1 + 5 + 5;
    private static final int UTF8_MAX_LENGTH = 3;
    private static final int NODE_ENDPOINTS_TAG = 0;

    private CompactWriter() {
    }

    /** {@return index after a varint of at most 5 bytes} */
    static int putUnsignedVarint(final MutableDirectBuffer out, final int index, final int value) {
        int at = index;
        int left = value;
        while ((left & ~0x7F) != 0) {
            out.putByte(at++, (byte) (left & 0x7F | 0x80));
            left >>>= 7;
        }
        out.putByte(at++, (byte) left);
        return at;
    }

    /** {@return index after an array's count or a byte field's length} */
    static int putCount(final MutableDirectBuffer out, final int index, final int count, final boolean flexible) {
        if (flexible) {
            return putUnsignedVarint(out, index, count + 1);
        }
        out.putInt(index, count, BIG_ENDIAN);
        return index + Integer.BYTES;
    }

    /** {@return index after a topic's name, or after its id, which is copied as it is} */
    @SuppressWarnings("checkstyle:ParameterNumber") // of one call per topic, without garbage
    static int putTopic(final MutableDirectBuffer out, final int index, final DirectBuffer buffer, final int at,
        final int length, final boolean isId, final boolean flexible) {
        int end = index;
        if (!isId && flexible) {
            end = putUnsignedVarint(out, end, length + 1);
        } else if (!isId) {
            out.putShort(end, (short) length, BIG_ENDIAN);
            end += Short.BYTES;
        }
        out.putBytes(end, buffer, at, length);
        return end + length;
    }

    /** {@return index after a response's own tagged fields: the endpoints, if any} */
    static int putEndpoints(final ReplyTarget target, final int index, final List<NodeEndpoint> endpoints) {
        if (endpoints.isEmpty()) { // nearly always, and an iterator would be garbage
            target.ensureCapacity(index + 1).putByte(index, (byte) 0);
            return index + 1;
        }
        int capacity = index + MAX_ENDPOINTS_HEADER_LENGTH;
        for (final NodeEndpoint endpoint : endpoints) {
            capacity += MAX_ENDPOINT_LENGTH + UTF8_MAX_LENGTH * endpoint.host().length();
        }
        final MutableDirectBuffer out = target.ensureCapacity(capacity);
        int length = varintLength(endpoints.size() + 1);
        for (final NodeEndpoint endpoint : endpoints) {
            final int hostLength = endpoint.host().getBytes(StandardCharsets.UTF_8).length;
            length += 2 * Integer.BYTES + varintLength(hostLength + 1) + hostLength + 2;
        }
        int at = putUnsignedVarint(out, index, 1);
        at = putUnsignedVarint(out, at, NODE_ENDPOINTS_TAG);
        at = putUnsignedVarint(out, at, length);
        at = putUnsignedVarint(out, at, endpoints.size() + 1);
        for (final NodeEndpoint endpoint : endpoints) {
            final byte[] host = endpoint.host().getBytes(StandardCharsets.UTF_8);
            out.putInt(at, endpoint.nodeId(), BIG_ENDIAN);
            at = putUnsignedVarint(out, at + Integer.BYTES, host.length + 1);
            out.putBytes(at, host);
            at += host.length;
            out.putInt(at, endpoint.port(), BIG_ENDIAN);
            out.putShort(at + Integer.BYTES, (short) 0, BIG_ENDIAN); // no rack, no tagged fields
            at += Integer.BYTES + Short.BYTES;
        }
        return at;
    }

    /** {@return what {@link #putUnsignedVarint} wrote} */
    static int unsignedVarint(final DirectBuffer buffer, final int index) {
        int value = 0;
        for (int i = 0; ; i++) {
            final byte next = buffer.getByte(index + i);
            value |= (next & 0x7F) << 7 * i;
            if (next >= 0) {
                return value;
            }
        }
    }

    static int varintLength(final int value) {
        return (Integer.SIZE - Integer.numberOfLeadingZeros(value | 1) + 6) / 7;
    }
}
