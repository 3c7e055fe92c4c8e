package io.millrace.broker.metadata;

import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.agrona.DirectBuffer;

/** Reads what {@link WireWriter} wrote; each length is checked against what is left before anything is allocated. */
final class WireReader {
    private static final ByteOrder ORDER = ByteOrder.LITTLE_ENDIAN;

    private final DirectBuffer buffer;
    private final int limit;
    private int index;

    WireReader(final DirectBuffer buffer, final int index, final int length) {
        this.buffer = buffer;
        this.index = index;
        this.limit = index + length;
        buffer.boundsCheck(index, length);
    }

    int remaining() {
        return limit - index;
    }

    int index() {
        return index;
    }

    byte readByte() {
        return buffer.getByte(advance(Byte.BYTES));
    }

    boolean readBoolean() {
        final byte value = readByte();
        if (value != 0 && value != 1) {
            throw new MetadataFormatException("boolean is neither 0 nor 1: " + value);
        }
        return value == 1;
    }

    short readShort() {
        return buffer.getShort(advance(Short.BYTES), ORDER);
    }

    int readInt() {
        return buffer.getInt(advance(Integer.BYTES), ORDER);
    }

    long readLong() {
        return buffer.getLong(advance(Long.BYTES), ORDER);
    }

    UUID readUuid() {
        return readBoolean() ? new UUID(readLong(), readLong()) : null;
    }

    String readString() {
        final int length = readInt();
        if (length == WireWriter.NULL_LENGTH) {
            return null;
        }
        final byte[] bytes = new byte[check(length, 1)];
        buffer.getBytes(advance(length), bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /** {@return a string that must be there} */
    String readText() {
        final String value = readString();
        if (value == null) {
            throw new MetadataFormatException("string is missing at index " + index);
        }
        return value;
    }

    List<String> readStrings() {
        final int count = readCount(Integer.BYTES);
        final List<String> values = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            values.add(readText());
        }
        return values;
    }

    List<Integer> readInts() {
        final int count = readCount(Integer.BYTES);
        final List<Integer> values = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            values.add(readInt());
        }
        return values;
    }

    List<Long> readLongs() {
        final int count = readCount(Long.BYTES);
        final List<Long> values = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            values.add(readLong());
        }
        return values;
    }

    Map<String, String> readStringMap() {
        final int count = readCount(2 * Integer.BYTES);
        final Map<String, String> values = new HashMap<>();
        for (int i = 0; i < count; i++) {
            values.put(readText(), readText());
        }
        return values;
    }

    /** {@return a count of items that take at least so many bytes each} */
    int readCount(final int itemLength) {
        return check(readInt(), itemLength);
    }

    private int check(final int count, final int itemLength) {
        if (count < 0 || count > remaining() / itemLength) {
            throw new MetadataFormatException(
                "count exceeds what is there: count=" + count + " itemLength=" + itemLength + " remaining="
                    + remaining());
        }
        return count;
    }

    private int advance(final int length) {
        if (length > remaining()) {
            throw new MetadataFormatException("cut short: need=" + length + " remaining=" + remaining());
        }
        final int at = index;
        index += length;
        return at;
    }
}
