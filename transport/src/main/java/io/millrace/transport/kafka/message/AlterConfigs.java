package io.millrace.transport.kafka.message;

import java.util.List;

/** AlterConfigs, versions 0 to 2, and IncrementalAlterConfigs, versions 0 and 1. */
public final class AlterConfigs {
    /** Operation of one change: a new value. */
    public static final byte SET = 0;
    /** Operation of one change: back to the default. */
    public static final byte DELETE = 1;
    /** Operation of one change: adds to a list. */
    public static final byte APPEND = 2;
    /** Operation of one change: takes from a list. */
    public static final byte SUBTRACT = 3;

    /** What a client asks; replaces when whatever it does not name goes back to its default. */
    public record Request(List<RequestResource> resources, boolean replaces, boolean validateOnly) {
    }

    /** One resource, see {@link DescribeConfigs#TOPIC} and {@link DescribeConfigs#BROKER}. */
    public record RequestResource(byte type, String name, List<Change> changes) {
    }

    /** One change; the value may be null. */
    public record Change(String name, byte operation, String value) {
    }

    /** The answer. */
    public record Response(List<ResponseResource> resources) {
    }

    /** One resource; the message is null without an error. */
    public record ResponseResource(short errorCode, String errorMessage, byte type, String name) {
    }

    private AlterConfigs() {
    }
}
