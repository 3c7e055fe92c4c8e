package io.millrace.transport.kafka.codec;

import static java.nio.ByteOrder.BIG_ENDIAN;

import org.agrona.DirectBuffer;

/**
 * A bounded read position in a message. Owned by the thread that made it.
 *
 * <p>Every read is checked against the message's end by itself, as Agrona's own bounds checks can be switched off.
 */
final class WireReader {
    private DirectBuffer buffer;
    private int index;
    private int limit;
    /** Whether lengths and counts are varints with one added, and structures end in tagged fields. */
    private boolean flexible;

    /** Begins with the old encoding; see {@link #flexible(boolean)}. */
    void wrap(final DirectBuffer source, final int sourceIndex, final int length) {
        if (length < 0 || sourceIndex < 0 || sourceIndex > source.capacity() - length) {
            throw new MalformedRequestException("slice outside the buffer: index=" + sourceIndex +
                ", length=" + length +
                ", capacity=" + source.capacity());
        }
        buffer = source;
        index = sourceIndex;
        limit = sourceIndex + length;
        flexible = false;
    }

    void flexible(final boolean isFlexible) {
        flexible = isFlexible;
    }

    DirectBuffer buffer() {
        return buffer;
    }

    int index() {
        return index;
    }

    void index(final int newIndex) {
        index = newIndex;
    }

    int remaining() {
        return limit - index;
    }

    byte readByte() {
        return buffer.getByte(take(Byte.BYTES));
    }

    short readShort() {
        return buffer.getShort(take(Short.BYTES), BIG_ENDIAN);
    }

    int readInt() {
        return buffer.getInt(take(Integer.BYTES), BIG_ENDIAN);
    }

    long readLong() {
        return buffer.getLong(take(Long.BYTES), BIG_ENDIAN);
    }

    /** {@return length of a string whose bytes were skipped, -1 for null; they begin at index() - length} */
    int readNullableString() {
        final int length = flexible ? readUnsignedVarint() - 1 : readShort();
        if (length < -1 || length > Short.MAX_VALUE) {
            throw new MalformedRequestException("string length out of range: " + length);
        }
        skip(Math.max(length, 0));
        return length;
    }

    int readString() {
        final int length = readNullableString();
        if (length < 0) {
            throw new MalformedRequestException("a string that may not be null is null");
        }
        return length;
    }

    /** {@return length of a byte field whose bytes were skipped, -1 for null; they begin at index() - length} */
    int readNullableBytes() {
        final int length = flexible ? readUnsignedVarint() - 1 : readInt();
        if (length < -1) {
            throw new MalformedRequestException("negative byte field length: " + length);
        }
        skip(Math.max(length, 0));
        return length;
    }

    /** {@return count of an array, at most as many as its elements could fit; 0 for null} */
    int readArrayCount(final int minElementLength) {
        final int count = flexible ? readUnsignedVarint() - 1 : readInt();
        if (count < -1 || count > remaining() / minElementLength) {
            throw new MalformedRequestException("array count=" + count + " does not fit the remaining=" + remaining() +
                " bytes");
        }
        return Math.max(count, 0);
    }

    /** {@return an unsigned varint of at most 5 bytes that is not negative as an int} */
    int readUnsignedVarint() {
        int value = 0;
        for (int shift = 0; shift < 35; shift += 7) {
            final byte b = readByte();
            value |= (b & 0x7F) << shift;
            if (b >= 0) {
                if (value < 0 || shift == 28 && b > 7) {
                    break;
                }
                return value;
            }
        }
        throw new MalformedRequestException("varint out of range");
    }

    /** Skips the tagged fields at the end of a structure, if the encoding has them. */
    void skipTaggedFields() {
        if (flexible) {
            for (int i = readUnsignedVarint(); i > 0; i--) {
                readUnsignedVarint();
                skip(readUnsignedVarint());
            }
        }
    }

    void skip(final int length) {
        take(length);
    }

    private int take(final int length) {
        final int at = index;
        if (length < 0 || length > limit - at) {
            throw new MalformedRequestException("message ends early: needs " + length + " bytes, has " + (limit - at));
        }
        index = at + length;
        return at;
    }
}
