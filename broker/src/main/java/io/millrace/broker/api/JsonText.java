package io.millrace.broker.api;

import java.util.Collection;

/** Writes JSON, a value after the other. Owned by its caller. */
final class JsonText {
    private static final int SMALLEST_PRINTABLE = 0x20;

    private final StringBuilder text = new StringBuilder(4096);
    private boolean separate;

    JsonText beginObject() {
        return begin('{');
    }

    JsonText endObject() {
        return end('}');
    }

    JsonText beginArray() {
        return begin('[');
    }

    JsonText endArray() {
        return end(']');
    }

    JsonText name(final String name) {
        quoted(name);
        text.append(':');
        separate = false;
        return this;
    }

    JsonText field(final String name, final long value) {
        name(name);
        return value(value);
    }

    JsonText field(final String name, final boolean value) {
        name(name);
        text.append(value);
        separate = true;
        return this;
    }

    /** A null is written as such. */
    JsonText field(final String name, final String value) {
        name(name);
        if (value == null) {
            text.append("null");
        } else {
            quoted(value);
        }
        separate = true;
        return this;
    }

    JsonText field(final String name, final Collection<Integer> values) {
        name(name).beginArray();
        values.forEach(this::value);
        return endArray();
    }

    JsonText value(final long value) {
        separate();
        text.append(value);
        separate = true;
        return this;
    }

    @Override
    public String toString() {
        return text.toString();
    }

    private JsonText begin(final char bracket) {
        separate();
        text.append(bracket);
        separate = false;
        return this;
    }

    private JsonText end(final char bracket) {
        text.append(bracket);
        separate = true;
        return this;
    }

    private void separate() {
        if (separate) {
            text.append(',');
        }
    }

    private void quoted(final String value) {
        separate();
        text.append('"');
        for (int i = 0; i < value.length(); i++) {
            final char next = value.charAt(i);
            if (next == '"' || next == '\\') {
                text.append('\\').append(next);
            } else if (next < SMALLEST_PRINTABLE) {
                text.append(String.format("\\u%04x", (int) next));
            } else {
                text.append(next);
            }
        }
        text.append('"');
    }
}
