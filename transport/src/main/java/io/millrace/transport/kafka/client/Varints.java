package io.millrace.transport.kafka.client;

import org.agrona.concurrent.UnsafeBuffer;

/** Zig-zag variable-length integers of Kafka's records. Stateless, any thread. */
final class Varints {
    private Varints() {
    }

    /** {@return bytes that the value takes} */
    static int length(final int value) {
        int rest = value << 1 ^ value >> 31;
        int length = 1;
        while ((rest & ~0x7F) != 0) {
            rest >>>= 7;
            length++;
        }
        return length;
    }

    /** {@return index after the written value} */
    static int put(final UnsafeBuffer buffer, final int index, final int value) {
        int rest = value << 1 ^ value >> 31;
        int at = index;
        while ((rest & ~0x7F) != 0) {
            buffer.putByte(at++, (byte) (rest | 0x80));
            rest >>>= 7;
        }
        buffer.putByte(at++, (byte) rest);
        return at;
    }
}
