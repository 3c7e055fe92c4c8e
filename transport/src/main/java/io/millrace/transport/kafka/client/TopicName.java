package io.millrace.transport.kafka.client;

import java.nio.charset.StandardCharsets;
import org.agrona.concurrent.UnsafeBuffer;

/** A topic's name with its bytes on the wire. Immutable, any thread. */
public final class TopicName {
    private final String name;
    private final UnsafeBuffer utf8;

    /**
     * @param name at most 249 bytes, as Kafka has it
     */
    public TopicName(final String name) {
        final byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        if (bytes.length == 0 || bytes.length > 249) {
            throw new IllegalArgumentException("topic name must have 1 to 249 bytes: length=" + bytes.length);
        }
        this.name = name;
        this.utf8 = new UnsafeBuffer(bytes);
    }

    /** {@return the name} */
    public String name() {
        return name;
    }

    UnsafeBuffer utf8() {
        return utf8;
    }

    @Override
    public String toString() {
        return name;
    }
}
