package io.millrace.transport.kafka.codec;

import io.millrace.transport.kafka.message.Heartbeat;
import io.millrace.transport.kafka.message.JoinGroup;
import io.millrace.transport.kafka.message.LeaveGroup;
import io.millrace.transport.kafka.message.SyncGroup;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.agrona.DirectBuffer;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.HeartbeatResponseData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.LeaveGroupRequestData;
import org.apache.kafka.common.message.LeaveGroupResponseData;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.message.SyncGroupResponseData;

/** What members of a group send: join, sync, heartbeat, leave. Stateless, any thread; see {@link ColdMessages}. */
public final class MembershipCodec {
    private static final int LEAVE_MEMBERS_VERSION = 3;
    private static final int NULLABLE_PROTOCOL_VERSION = 7;

    private MembershipCodec() {
    }

    /**
     * {@return a decoded JoinGroup request}
     *
     * @param version of the request
     * @param buffer  holds it
     * @param index   of the body
     * @param length  of the body
     */
    public static JoinGroup.Request decodeJoin(
        final int version, final DirectBuffer buffer, final int index, final int length) {
        final JoinGroupRequestData data =
            ColdMessages.decode(new JoinGroupRequestData(), version, buffer, index, length);
        final List<JoinGroup.Protocol> protocols = new ArrayList<>();
        data.protocols().forEach(protocol ->
            protocols.add(new JoinGroup.Protocol(protocol.name(), protocol.metadata())));
        return new JoinGroup.Request(data.groupId(), data.sessionTimeoutMs(),
            data.rebalanceTimeoutMs() < 0 ? data.sessionTimeoutMs() : data.rebalanceTimeoutMs(), data.memberId(),
            data.groupInstanceId(), data.protocolType(), protocols,
            version >= JoinGroup.MEMBER_ID_REQUIRED_VERSION, version >= 9);
    }

    /**
     * {@return end index of an encoded JoinGroup response}
     *
     * @param version  of the request
     * @param response to encode
     * @param target   takes it
     */
    public static int encode(final int version, final JoinGroup.Response response, final ReplyTarget target) {
        final List<JoinGroupResponseData.JoinGroupResponseMember> members = new ArrayList<>();
        response.members().forEach(member -> members.add(new JoinGroupResponseData.JoinGroupResponseMember()
            .setMemberId(member.memberId())
            .setGroupInstanceId(member.groupInstanceId())
            .setMetadata(member.metadata())));
        final String protocolName = response.protocolName() == null && version < NULLABLE_PROTOCOL_VERSION
            ? "" : response.protocolName();
        return ColdMessages.write(new JoinGroupResponseData()
            .setErrorCode(response.errorCode())
            .setGenerationId(response.generationId())
            .setProtocolType(response.protocolType())
            .setProtocolName(protocolName)
            .setLeader(response.leader())
            .setSkipAssignment(response.skipAssignment())
            .setMemberId(response.memberId())
            .setMembers(members), version, target);
    }

    /**
     * {@return a decoded SyncGroup request}
     *
     * @param version of the request
     * @param buffer  holds it
     * @param index   of the body
     * @param length  of the body
     */
    public static SyncGroup.Request decodeSync(
        final int version, final DirectBuffer buffer, final int index, final int length) {
        final SyncGroupRequestData data =
            ColdMessages.decode(new SyncGroupRequestData(), version, buffer, index, length);
        final Map<String, byte[]> assignments = new LinkedHashMap<>();
        data.assignments().forEach(assignment -> assignments.put(assignment.memberId(), assignment.assignment()));
        return new SyncGroup.Request(data.groupId(), data.generationId(), data.memberId(), data.groupInstanceId(),
            data.protocolType(), data.protocolName(), assignments);
    }

    /**
     * {@return end index of an encoded SyncGroup response}
     *
     * @param version  of the request
     * @param response to encode
     * @param target   takes it
     */
    public static int encode(final int version, final SyncGroup.Response response, final ReplyTarget target) {
        return ColdMessages.write(new SyncGroupResponseData()
            .setErrorCode(response.errorCode())
            .setProtocolType(response.protocolType())
            .setProtocolName(response.protocolName())
            .setAssignment(response.assignment()), version, target);
    }

    /**
     * {@return a decoded Heartbeat request}
     *
     * @param version of the request
     * @param buffer  holds it
     * @param index   of the body
     * @param length  of the body
     */
    public static Heartbeat.Request decodeHeartbeat(
        final int version, final DirectBuffer buffer, final int index, final int length) {
        final HeartbeatRequestData data =
            ColdMessages.decode(new HeartbeatRequestData(), version, buffer, index, length);
        return new Heartbeat.Request(data.groupId(), data.generationId(), data.memberId(), data.groupInstanceId());
    }

    /**
     * {@return end index of an encoded Heartbeat response}
     *
     * @param version  of the request
     * @param response to encode
     * @param target   takes it
     */
    public static int encode(final int version, final Heartbeat.Response response, final ReplyTarget target) {
        return ColdMessages.write(
            new HeartbeatResponseData().setErrorCode(response.errorCode()), version, target);
    }

    /**
     * {@return a decoded LeaveGroup request}
     *
     * @param version of the request
     * @param buffer  holds it
     * @param index   of the body
     * @param length  of the body
     */
    public static LeaveGroup.Request decodeLeave(
        final int version, final DirectBuffer buffer, final int index, final int length) {
        final LeaveGroupRequestData data =
            ColdMessages.decode(new LeaveGroupRequestData(), version, buffer, index, length);
        if (version < LEAVE_MEMBERS_VERSION) {
            return new LeaveGroup.Request(data.groupId(), List.of(new LeaveGroup.Member(data.memberId(), null)));
        }
        final List<LeaveGroup.Member> members = new ArrayList<>();
        data.members().forEach(member ->
            members.add(new LeaveGroup.Member(member.memberId(), member.groupInstanceId())));
        return new LeaveGroup.Request(data.groupId(), members);
    }

    /**
     * {@return end index of an encoded LeaveGroup response}
     *
     * @param version  of the request
     * @param response to encode
     * @param target   takes it
     */
    public static int encode(final int version, final LeaveGroup.Response response, final ReplyTarget target) {
        final LeaveGroupResponseData data = new LeaveGroupResponseData().setErrorCode(response.errorCode());
        if (version >= LEAVE_MEMBERS_VERSION) {
            response.members().forEach(member -> data.members().add(new LeaveGroupResponseData.MemberResponse()
                .setMemberId(member.memberId())
                .setGroupInstanceId(member.groupInstanceId())
                .setErrorCode(member.errorCode())));
        } else if (response.errorCode() == 0 && !response.members().isEmpty()) {
            data.setErrorCode(response.members().get(0).errorCode());
        }
        return ColdMessages.write(data, version, target);
    }
}
