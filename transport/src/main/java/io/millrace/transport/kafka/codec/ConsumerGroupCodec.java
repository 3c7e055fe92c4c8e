package io.millrace.transport.kafka.codec;

import io.millrace.transport.kafka.message.ConsumerGroupDescribe;
import io.millrace.transport.kafka.message.ConsumerGroupHeartbeat;
import io.millrace.transport.kafka.message.Metadata;
import java.util.ArrayList;
import java.util.List;
import org.agrona.DirectBuffer;
import org.apache.kafka.common.message.ConsumerGroupDescribeRequestData;
import org.apache.kafka.common.message.ConsumerGroupDescribeResponseData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;

/** The group protocol of KIP-848. Stateless, any thread; see {@link ColdMessages}. */
public final class ConsumerGroupCodec {
    private static final byte CLASSIC_MEMBER = 0;
    private static final byte CONSUMER_MEMBER = 1;

    private ConsumerGroupCodec() {
    }

    /**
     * {@return a decoded ConsumerGroupHeartbeat request}
     *
     * @param version of the request
     * @param buffer  holds it
     * @param index   of the body
     * @param length  of the body
     */
    public static ConsumerGroupHeartbeat.Request decodeHeartbeat(
        final int version, final DirectBuffer buffer, final int index, final int length) {
        final ConsumerGroupHeartbeatRequestData data =
            ColdMessages.decode(new ConsumerGroupHeartbeatRequestData(), version, buffer, index, length);
        List<ConsumerGroupHeartbeat.TopicPartitions> owned = null;
        if (data.topicPartitions() != null) {
            owned = new ArrayList<>();
            for (final ConsumerGroupHeartbeatRequestData.TopicPartitions topic : data.topicPartitions()) {
                owned.add(new ConsumerGroupHeartbeat.TopicPartitions(
                    GroupCodec.uuid(topic.topicId()), List.copyOf(topic.partitions())));
            }
        }
        return new ConsumerGroupHeartbeat.Request(data.groupId(), data.memberId(), data.memberEpoch(),
            data.instanceId(), data.rackId(), data.rebalanceTimeoutMs(),
            data.subscribedTopicNames() == null ? null : List.copyOf(data.subscribedTopicNames()),
            data.subscribedTopicRegex(), data.serverAssignor(), owned,
            version >= ConsumerGroupHeartbeat.CLIENT_MEMBER_ID_VERSION);
    }

    /**
     * {@return end index of an encoded ConsumerGroupHeartbeat response}
     *
     * @param version  of the request
     * @param response to encode
     * @param target   takes it
     */
    public static int encode(
        final int version, final ConsumerGroupHeartbeat.Response response, final ReplyTarget target) {
        final ConsumerGroupHeartbeatResponseData data = new ConsumerGroupHeartbeatResponseData()
            .setErrorCode(response.errorCode())
            .setErrorMessage(response.errorMessage())
            .setMemberId(response.memberId())
            .setMemberEpoch(response.memberEpoch())
            .setHeartbeatIntervalMs(response.heartbeatIntervalMs());
        if (response.assignment() != null) {
            data.setAssignment(new ConsumerGroupHeartbeatResponseData.Assignment().setTopicPartitions(
                response.assignment().stream().map(topic -> new ConsumerGroupHeartbeatResponseData.TopicPartitions()
                    .setTopicId(GroupCodec.uuid(topic.topicId()))
                    .setPartitions(topic.partitionIds())).toList()));
        }
        return ColdMessages.write(data, version, target);
    }

    /**
     * {@return a decoded ConsumerGroupDescribe request}
     *
     * @param version of the request
     * @param buffer  holds it
     * @param index   of the body
     * @param length  of the body
     */
    public static ConsumerGroupDescribe.Request decodeDescribe(
        final int version, final DirectBuffer buffer, final int index, final int length) {
        final ConsumerGroupDescribeRequestData data =
            ColdMessages.decode(new ConsumerGroupDescribeRequestData(), version, buffer, index, length);
        return new ConsumerGroupDescribe.Request(List.copyOf(data.groupIds()), data.includeAuthorizedOperations());
    }

    /**
     * {@return end index of an encoded ConsumerGroupDescribe response}
     *
     * @param version  of the request
     * @param response to encode
     * @param target   takes it
     */
    public static int encode(
        final int version, final ConsumerGroupDescribe.Response response, final ReplyTarget target) {
        final ConsumerGroupDescribeResponseData data = new ConsumerGroupDescribeResponseData();
        for (final ConsumerGroupDescribe.Group group : response.groups()) {
            data.groups().add(new ConsumerGroupDescribeResponseData.DescribedGroup()
                .setErrorCode(group.errorCode())
                .setErrorMessage(group.errorMessage())
                .setGroupId(group.groupId())
                .setGroupState(group.state())
                .setGroupEpoch(group.groupEpoch())
                .setAssignmentEpoch(group.assignmentEpoch())
                .setAssignorName(group.assignorName())
                .setAuthorizedOperations(
                    group.errorCode() == 0 ? response.authorizedOperations() : Metadata.OPERATIONS_NOT_ASKED)
                .setMembers(group.members().stream().map(ConsumerGroupCodec::member).toList()));
        }
        return ColdMessages.write(data, version, target);
    }

    private static ConsumerGroupDescribeResponseData.Member member(final ConsumerGroupDescribe.Member member) {
        return new ConsumerGroupDescribeResponseData.Member()
            .setMemberId(member.memberId())
            .setInstanceId(member.instanceId())
            .setRackId(member.rackId())
            .setMemberEpoch(member.memberEpoch())
            .setClientId(member.clientId())
            .setClientHost(member.clientHost())
            .setSubscribedTopicNames(member.topicNames())
            .setSubscribedTopicRegex(member.topicRegex())
            .setAssignment(assignment(member.assignment()))
            .setTargetAssignment(assignment(member.targetAssignment()))
            .setMemberType(member.isClassic() ? CLASSIC_MEMBER : CONSUMER_MEMBER);
    }

    private static ConsumerGroupDescribeResponseData.Assignment assignment(
        final List<ConsumerGroupDescribe.TopicPartitions> topics) {
        return new ConsumerGroupDescribeResponseData.Assignment().setTopicPartitions(
            topics.stream().map(topic -> new ConsumerGroupDescribeResponseData.TopicPartitions()
                .setTopicId(GroupCodec.uuid(topic.topicId()))
                .setTopicName(topic.topicName())
                .setPartitions(topic.partitionIds())).toList());
    }
}
