package io.millrace.targets.redis;

import io.millrace.targets.wire.Wire;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Writes commands and reads replies of RESP2, Redis's protocol; no state. Replies are read in place: {@link #end} tells
 * where one ends, and only one that has arrived as a whole is looked at.
 */
final class Resp {
    private static final byte CR = '\r';
    private static final int MAX_ELEMENTS = 1 << 20;

    private Resp() {
    }

    /**
     * Writes a command.
     *
     * @param wire  takes it
     * @param words of the command
     */
    static void command(final Wire wire, final String... words) {
        wire.put("*" + words.length + "\r\n");
        for (final String word : words) {
            wire.put("$" + word.getBytes(StandardCharsets.UTF_8).length + "\r\n" + word + "\r\n");
        }
    }

    /**
     * {@return index after a whole reply, -1 if some of it has not arrived}
     *
     * @param buffer holds it, up to its limit
     * @param start  index of its first byte
     */
    static int end(final ByteBuffer buffer, final int start) {
        int index = start;
        long left = 1;
        while (left > 0) {
            left--;
            final int line = endOfLine(buffer, index);
            if (line < 0) {
                return -1;
            }
            final byte type = buffer.get(index);
            final long number = type == '$' || type == '*' ? number(buffer, index + 1) : -1;
            index = line + 2;
            if (type == '$' && number >= 0) {
                index = (int) Math.min(Integer.MAX_VALUE, index + number + 2);
            } else if (type == '*' && number > 0) {
                left += number;
                if (left > MAX_ELEMENTS) {
                    throw new Wire.WireException("redis: a reply of " + left + " elements is more than "
                        + MAX_ELEMENTS, null);
                }
            } else if (type != '+' && type != '-' && type != ':' && type != '$' && type != '*') {
                throw new Wire.WireException("redis: a reply begins with byte " + type, null);
            }
            if (index > buffer.limit()) {
                return -1;
            }
        }
        return index;
    }

    /**
     * {@return index after the line at index}
     *
     * @param buffer holds it
     * @param index  of its first byte
     */
    static int afterLine(final ByteBuffer buffer, final int index) {
        return endOfLine(buffer, index) + 2;
    }

    /**
     * {@return the number of a line, after its type}
     *
     * @param buffer holds it
     * @param index  of the first digit or the sign
     */
    static long number(final ByteBuffer buffer, final int index) {
        final boolean isNegative = buffer.get(index) == '-';
        long value = 0;
        for (int i = isNegative ? index + 1 : index; buffer.get(i) != CR; i++) {
            value = value * 10 + (buffer.get(i) - '0');
        }
        return isNegative ? -value : value;
    }

    /**
     * {@return the text of a line or of a bulk string}
     *
     * @param buffer holds a whole reply
     * @param index  of its type
     */
    static String text(final ByteBuffer buffer, final int index) {
        final int line = endOfLine(buffer, index);
        final boolean isBulk = buffer.get(index) == '$';
        final int from = isBulk ? line + 2 : index + 1;
        final byte[] bytes = new byte[isBulk ? (int) Math.max(0, number(buffer, index + 1)) : line - from];
        buffer.get(from, bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static int endOfLine(final ByteBuffer buffer, final int index) {
        for (int i = index; i + 1 < buffer.limit(); i++) {
            if (buffer.get(i) == CR) {
                return i;
            }
        }
        return -1;
    }
}
