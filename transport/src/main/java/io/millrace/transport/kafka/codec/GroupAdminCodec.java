package io.millrace.transport.kafka.codec;

import io.millrace.transport.kafka.message.DeleteGroups;
import io.millrace.transport.kafka.message.DescribeGroups;
import io.millrace.transport.kafka.message.ListGroups;
import io.millrace.transport.kafka.message.Metadata;
import java.util.ArrayList;
import java.util.List;
import org.agrona.DirectBuffer;
import org.apache.kafka.common.message.DeleteGroupsRequestData;
import org.apache.kafka.common.message.DeleteGroupsResponseData;
import org.apache.kafka.common.message.DescribeGroupsRequestData;
import org.apache.kafka.common.message.DescribeGroupsResponseData;
import org.apache.kafka.common.message.ListGroupsRequestData;
import org.apache.kafka.common.message.ListGroupsResponseData;

/** Groups as administrators see them. Stateless, any thread; see {@link ColdMessages}. */
public final class GroupAdminCodec {
    private static final int UNKNOWN_GROUP_IS_AN_ERROR_VERSION = 6;
    private static final short GROUP_ID_NOT_FOUND = 69;

    private GroupAdminCodec() {
    }

    /**
     * {@return a decoded ListGroups request}
     *
     * @param version of the request
     * @param buffer  holds it
     * @param index   of the body
     * @param length  of the body
     */
    public static ListGroups.Request decodeList(
        final int version, final DirectBuffer buffer, final int index, final int length) {
        final ListGroupsRequestData data =
            ColdMessages.decode(new ListGroupsRequestData(), version, buffer, index, length);
        return new ListGroups.Request(List.copyOf(data.statesFilter()), List.copyOf(data.typesFilter()));
    }

    /**
     * {@return end index of an encoded ListGroups response}
     *
     * @param version  of the request
     * @param response to encode
     * @param target   takes it
     */
    public static int encode(final int version, final ListGroups.Response response, final ReplyTarget target) {
        final List<ListGroupsResponseData.ListedGroup> groups = new ArrayList<>();
        response.groups().forEach(group -> groups.add(new ListGroupsResponseData.ListedGroup()
            .setGroupId(group.groupId())
            .setProtocolType(group.protocolType())
            .setGroupState(group.state())
            .setGroupType(group.type())));
        return ColdMessages.write(new ListGroupsResponseData()
            .setErrorCode(response.errorCode()).setGroups(groups), version, target);
    }

    /**
     * {@return a decoded DescribeGroups request}
     *
     * @param version of the request
     * @param buffer  holds it
     * @param index   of the body
     * @param length  of the body
     */
    public static DescribeGroups.Request decodeDescribe(
        final int version, final DirectBuffer buffer, final int index, final int length) {
        final DescribeGroupsRequestData data =
            ColdMessages.decode(new DescribeGroupsRequestData(), version, buffer, index, length);
        return new DescribeGroups.Request(List.copyOf(data.groups()), data.includeAuthorizedOperations());
    }

    /**
     * {@return end index of an encoded DescribeGroups response; before version 6 a group that is not there is dead}
     *
     * @param version  of the request
     * @param response to encode
     * @param target   takes it
     */
    public static int encode(final int version, final DescribeGroups.Response response, final ReplyTarget target) {
        final DescribeGroupsResponseData data = new DescribeGroupsResponseData();
        for (final DescribeGroups.Group group : response.groups()) {
            final boolean isMissing =
                group.errorCode() == GROUP_ID_NOT_FOUND && version < UNKNOWN_GROUP_IS_AN_ERROR_VERSION;
            final List<DescribeGroupsResponseData.DescribedGroupMember> members = new ArrayList<>();
            group.members().forEach(member -> members.add(new DescribeGroupsResponseData.DescribedGroupMember()
                .setMemberId(member.memberId())
                .setGroupInstanceId(member.groupInstanceId())
                .setClientId(member.clientId())
                .setClientHost(member.clientHost())
                .setMemberMetadata(member.metadata())
                .setMemberAssignment(member.assignment())));
            final short errorCode = isMissing ? 0 : group.errorCode();
            data.groups().add(new DescribeGroupsResponseData.DescribedGroup()
                .setErrorCode(errorCode)
                .setAuthorizedOperations(
                    errorCode == 0 ? response.authorizedOperations() : Metadata.OPERATIONS_NOT_ASKED)
                .setErrorMessage(version < UNKNOWN_GROUP_IS_AN_ERROR_VERSION ? null : group.errorMessage())
                .setGroupId(group.groupId())
                .setGroupState(group.state())
                .setProtocolType(group.protocolType())
                .setProtocolData(group.protocol())
                .setMembers(members));
        }
        return ColdMessages.write(data, version, target);
    }

    /**
     * {@return a decoded DeleteGroups request}
     *
     * @param version of the request
     * @param buffer  holds it
     * @param index   of the body
     * @param length  of the body
     */
    public static DeleteGroups.Request decodeDelete(
        final int version, final DirectBuffer buffer, final int index, final int length) {
        final DeleteGroupsRequestData data =
            ColdMessages.decode(new DeleteGroupsRequestData(), version, buffer, index, length);
        return new DeleteGroups.Request(List.copyOf(data.groupsNames()));
    }

    /**
     * {@return end index of an encoded DeleteGroups response}
     *
     * @param version  of the request
     * @param response to encode
     * @param target   takes it
     */
    public static int encode(final int version, final DeleteGroups.Response response, final ReplyTarget target) {
        final DeleteGroupsResponseData data = new DeleteGroupsResponseData().setResults(
            new DeleteGroupsResponseData.DeletableGroupResultCollection(
                HashedLists.room(response.results(), result -> result.groupId().hashCode())));
        response.results().forEach(result -> data.results().add(new DeleteGroupsResponseData.DeletableGroupResult()
            .setGroupId(result.groupId())
            .setErrorCode(result.errorCode())
            .setErrorMessage(result.errorMessage())));
        return ColdMessages.write(data, version, target);
    }
}
