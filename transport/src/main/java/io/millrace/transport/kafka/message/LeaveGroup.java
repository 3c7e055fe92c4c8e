package io.millrace.transport.kafka.message;

import java.util.List;

/** LeaveGroup, versions 0 to 5. */
public final class LeaveGroup {
    /** What a client asks; exactly one member below version 3. */
    public record Request(String groupId, List<Member> members) {
    }

    /** Who leaves: an id, or an instance id (which may be null) with an empty one. */
    public record Member(String memberId, String groupInstanceId) {
    }

    /** The answer; below version 3 the one member's error stands for all. */
    public record Response(short errorCode, List<MemberResponse> members) {
    }

    /** One member. */
    public record MemberResponse(String memberId, String groupInstanceId, short errorCode) {
    }

    private LeaveGroup() {
    }
}
