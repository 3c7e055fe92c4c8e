package io.millrace.transport.kafka.client;

import io.millrace.transport.kafka.codec.MalformedRequestException;
import org.agrona.DirectBuffer;

/** A bounded read position in records. Owned by the thread that made it. */
final class VarintReader {
    private DirectBuffer buffer;
    private int index;
    private int limit;

    void wrap(final DirectBuffer source) {
        buffer = source;
        index = 0;
        limit = source.capacity();
    }

    int index() {
        return index;
    }

    void index(final int newIndex) {
        index = newIndex;
    }

    /** {@return index after so many bytes, which must be there} */
    int require(final int length) {
        if (length < 0 || length > limit - index) {
            throw new MalformedRequestException("records end early: needs " + length + " bytes, has " +
                (limit - index));
        }
        return index + length;
    }

    /** {@return index of the skipped bytes} */
    int skip(final int length) {
        final int at = index;
        index = require(length);
        return at;
    }

    int readInt() {
        final long value = readLong();
        if (value != (int) value) {
            throw new MalformedRequestException("varint does not fit an int: " + value);
        }
        return (int) value;
    }

    long readLong() {
        long value = 0;
        for (int shift = 0; shift < 70; shift += 7) {
            final byte b = buffer.getByte(skip(1));
            value |= (long) (b & 0x7F) << shift;
            if (b >= 0) {
                return value >>> 1 ^ -(value & 1);
            }
        }
        throw new MalformedRequestException("varint too long");
    }
}
