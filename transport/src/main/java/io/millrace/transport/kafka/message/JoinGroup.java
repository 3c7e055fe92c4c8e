package io.millrace.transport.kafka.message;

import java.util.List;

/** JoinGroup, versions 0 to 9. */
public final class JoinGroup {
    /** First version in which a new member must come back with the id it is given. */
    public static final int MEMBER_ID_REQUIRED_VERSION = 4;

    /**
     * What a client asks; an empty member id is a new member, a rebalance time-out of -1 is the session's, the instance
     * id may be null.
     */
    public record Request(
        String groupId,
        int sessionTimeoutMs,
        int rebalanceTimeoutMs,
        String memberId,
        String groupInstanceId,
        String protocolType,
        List<Protocol> protocols,
        boolean isMemberIdRequired,
        boolean isSkipAssignmentKnown) {
    }

    /** One protocol that the member speaks; its metadata is opaque. */
    public record Protocol(String name, byte[] metadata) {
    }

    /** The answer; type and name of the protocol may be null, only the leader is told the members. */
    public record Response(
        short errorCode,
        int generationId,
        String protocolType,
        String protocolName,
        String leader,
        boolean skipAssignment,
        String memberId,
        List<Member> members) {
    }

    /** One member, as its leader sees it. */
    public record Member(String memberId, String groupInstanceId, byte[] metadata) {
    }

    private JoinGroup() {
    }
}
