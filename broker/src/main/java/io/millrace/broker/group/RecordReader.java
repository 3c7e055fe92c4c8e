package io.millrace.broker.group;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** Reads the fields of Kafka's own records. Owned by whoever made it. Throws {@link GroupFormatException}. */
final class RecordReader {
    private final ByteBuffer buffer;

    RecordReader(final byte[] bytes) {
        buffer = ByteBuffer.wrap(bytes);
    }

    byte i8() {
        require(Byte.BYTES);
        return buffer.get();
    }

    short i16() {
        require(Short.BYTES);
        return buffer.getShort();
    }

    int i32() {
        require(Integer.BYTES);
        return buffer.getInt();
    }

    long i64() {
        require(Long.BYTES);
        return buffer.getLong();
    }

    UUID uuid() {
        return new UUID(i64(), i64());
    }

    int varint() {
        int value = 0;
        for (int shift = 0; shift < 35; shift += 7) {
            final byte b = i8();
            value |= (b & 0x7f) << shift;
            if (b >= 0) {
                return value;
            }
        }
        throw new GroupFormatException("varint too long at byte " + buffer.position());
    }

    /** {@return a count of items that take at least so many bytes each} */
    int count(final int claimed, final int minItemLength) {
        if (claimed < 0 || (long)claimed * minItemLength > buffer.remaining()) {
            throw new GroupFormatException("count out of bounds: " + claimed + ", bytes left: " + buffer.remaining());
        }
        return claimed;
    }

    String string() {
        final int length = i16();
        return length < 0 ? null : text(length);
    }

    String text() {
        final String text = string();
        if (text == null) {
            throw new GroupFormatException("a text is missing at byte " + buffer.position());
        }
        return text;
    }

    byte[] bytes() {
        return take(i32());
    }

    /** {@return bytes, null where the length is -1} */
    byte[] nullableBytes() {
        final int length = i32();
        return length == -1 ? null : take(length);
    }

    byte[] compactBytes() {
        return take(varint() - 1);
    }

    String compactString() {
        final int length = varint() - 1;
        return length < 0 ? null : text(length);
    }

    List<String> compactStrings() {
        final int count = count(varint() - 1, 1);
        final List<String> result = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            result.add(compactString());
        }
        return result;
    }

    /** {@return the tagged fields' reader of one tag, null when it is not there; the others are skipped} */
    RecordReader tag(final int wanted) {
        RecordReader found = null;
        for (int i = varint(); i > 0; i--) {
            final int tag = varint();
            final byte[] value = take(varint());
            if (tag == wanted) {
                found = new RecordReader(value);
            }
        }
        return found;
    }

    private String text(final int length) {
        return new String(take(length), StandardCharsets.UTF_8);
    }

    private byte[] take(final int length) {
        require(length);
        final byte[] bytes = new byte[length];
        try {
            buffer.get(bytes);
        } catch (final BufferUnderflowException ex) {
            throw new GroupFormatException("record ends early: needs " + length + " bytes");
        }
        return bytes;
    }

    private void require(final int length) {
        if (length < 0 || length > buffer.remaining()) {
            throw new GroupFormatException(
                "record ends early: needs " + length + " bytes, has " + buffer.remaining());
        }
    }
}
