package io.millrace.transport.kafka.message;

import java.util.Map;

/** SyncGroup, versions 0 to 5. */
public final class SyncGroup {
    /** What a client asks; instance id, protocol type and name may be null. */
    public record Request(
        String groupId,
        int generationId,
        String memberId,
        String groupInstanceId,
        String protocolType,
        String protocolName,
        Map<String, byte[]> assignments) {
    }

    /** The answer; type and name of the protocol may be null. */
    public record Response(short errorCode, String protocolType, String protocolName, byte[] assignment) {
    }

    private SyncGroup() {
    }
}
