package io.millrace.broker.metadata;

import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.agrona.DirectBuffer;
import org.agrona.ExpandableArrayBuffer;

/** Writes fields one after another, little endian, into a buffer that grows. Owned by whoever made it. */
final class WireWriter {
    static final int NULL_LENGTH = -1;

    private static final ByteOrder ORDER = ByteOrder.LITTLE_ENDIAN;

    private final ExpandableArrayBuffer buffer = new ExpandableArrayBuffer();
    private int length;

    WireWriter reset() {
        length = 0;
        return this;
    }

    DirectBuffer buffer() {
        return buffer;
    }

    int length() {
        return length;
    }

    byte[] toByteArray() {
        final byte[] bytes = new byte[length];
        buffer.getBytes(0, bytes);
        return bytes;
    }

    WireWriter writeByte(final int value) {
        buffer.putByte(length, (byte) value);
        length += Byte.BYTES;
        return this;
    }

    WireWriter writeBoolean(final boolean value) {
        return writeByte(value ? 1 : 0);
    }

    WireWriter writeShort(final int value) {
        buffer.putShort(length, (short) value, ORDER);
        length += Short.BYTES;
        return this;
    }

    WireWriter writeInt(final int value) {
        buffer.putInt(length, value, ORDER);
        length += Integer.BYTES;
        return this;
    }

    WireWriter writeLong(final long value) {
        buffer.putLong(length, value, ORDER);
        length += Long.BYTES;
        return this;
    }

    WireWriter writeUuid(final UUID value) {
        writeBoolean(value != null);
        return value == null ? this
            : writeLong(value.getMostSignificantBits()).writeLong(value.getLeastSignificantBits());
    }

    WireWriter writeString(final String value) {
        if (value == null) {
            return writeInt(NULL_LENGTH);
        }
        return writeBytes(value.getBytes(StandardCharsets.UTF_8));
    }

    WireWriter writeBytes(final byte[] value) {
        writeInt(value.length);
        buffer.putBytes(length, value);
        length += value.length;
        return this;
    }

    WireWriter writeStrings(final List<String> values) {
        writeInt(values.size());
        values.forEach(this::writeString);
        return this;
    }

    WireWriter writeInts(final List<Integer> values) {
        writeInt(values.size());
        values.forEach(this::writeInt);
        return this;
    }

    WireWriter writeLongs(final List<Long> values) {
        writeInt(values.size());
        values.forEach(this::writeLong);
        return this;
    }

    /** Sorted, so that equal maps give equal bytes. */
    WireWriter writeStringMap(final Map<String, String> values) {
        writeInt(values.size());
        new TreeMap<>(values).forEach((key, value) -> writeString(key).writeString(value));
        return this;
    }
}
