package io.millrace.transport.kafka.message;

import java.util.List;

/** ListConfigResources, versions 0 and 1. */
public final class ListConfigResources {
    /** A resource that holds subscriptions to clients' metrics; there are none. */
    public static final byte CLIENT_METRICS = 16;

    /** What a client asks; no types asks for all of them. */
    public record Request(List<Byte> types) {
    }

    /** The answer. */
    public record Response(List<Resource> resources) {
    }

    /** One resource that has configs. */
    public record Resource(byte type, String name) {
    }

    private ListConfigResources() {
    }
}
