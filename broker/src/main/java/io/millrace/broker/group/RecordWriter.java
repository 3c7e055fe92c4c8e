package io.millrace.broker.group;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;

/** Writes the fields of Kafka's own records, big endian. Owned by whoever made it. */
final class RecordWriter {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    RecordWriter i8(final int value) {
        out.write(value);
        return this;
    }

    RecordWriter i16(final int value) {
        return i8(value >> 8).i8(value);
    }

    RecordWriter i32(final int value) {
        return i16(value >> 16).i16(value);
    }

    RecordWriter i64(final long value) {
        return i32((int)(value >> 32)).i32((int)value);
    }

    RecordWriter uuid(final UUID value) {
        return i64(value.getMostSignificantBits()).i64(value.getLeastSignificantBits());
    }

    RecordWriter varint(final int value) {
        int rest = value;
        while ((rest & ~0x7f) != 0) {
            i8(rest | 0x80);
            rest >>>= 7;
        }
        return i8(rest);
    }

    /** With a length of two bytes, null as -1. */
    RecordWriter string(final String value) {
        if (value == null) {
            return i16(-1);
        }
        final byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
        i16(utf8.length);
        out.writeBytes(utf8);
        return this;
    }

    RecordWriter bytes(final byte[] value) {
        i32(value.length);
        out.writeBytes(value);
        return this;
    }

    /** With the length plus one as a varint, null as 0. */
    RecordWriter compactString(final String value) {
        if (value == null) {
            return varint(0);
        }
        final byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
        varint(utf8.length + 1);
        out.writeBytes(utf8);
        return this;
    }

    /** With the length plus one as a varint. */
    RecordWriter compactBytes(final byte[] value) {
        varint(value.length + 1);
        return raw(value);
    }

    /** Without a length. */
    RecordWriter raw(final byte[] value) {
        out.writeBytes(value);
        return this;
    }

    RecordWriter compactStrings(final List<String> values) {
        varint(values.size() + 1);
        values.forEach(this::compactString);
        return this;
    }

    RecordWriter noTags() {
        return varint(0);
    }

    byte[] toByteArray() {
        return out.toByteArray();
    }
}
