package io.millrace.transport.kafka.message;

import java.util.List;

/** DescribeGroups, versions 0 to 6. */
public final class DescribeGroups {
    /** What a client asks. */
    public record Request(List<String> groupIds, boolean operationsWanted) {
    }

    /** The answer: one for each group, in their order, and what may be done with those that have no error. */
    public record Response(List<Group> groups, int authorizedOperations) {
    }

    /** One group; the message may be null. */
    public record Group(
        short errorCode,
        String errorMessage,
        String groupId,
        String state,
        String protocolType,
        String protocol,
        List<Member> members) {
    }

    /** One member; the instance id may be null. */
    public record Member(
        String memberId,
        String groupInstanceId,
        String clientId,
        String clientHost,
        byte[] metadata,
        byte[] assignment) {
    }

    private DescribeGroups() {
    }
}
