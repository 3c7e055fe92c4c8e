package io.millrace.transport.kafka.message;

import java.util.List;

/** ListGroups, versions 0 to 5. */
public final class ListGroups {
    /** What a client asks; an empty filter takes everything. */
    public record Request(List<String> states, List<String> types) {
    }

    /** The answer. */
    public record Response(short errorCode, List<Group> groups) {
    }

    /** One group. */
    public record Group(String groupId, String protocolType, String state, String type) {
    }

    private ListGroups() {
    }
}
