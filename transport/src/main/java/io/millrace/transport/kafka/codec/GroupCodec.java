package io.millrace.transport.kafka.codec;

import io.millrace.transport.kafka.message.FindCoordinator;
import io.millrace.transport.kafka.message.OffsetCommit;
import io.millrace.transport.kafka.message.OffsetDelete;
import io.millrace.transport.kafka.message.OffsetFetch;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.agrona.DirectBuffer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.FindCoordinatorRequestData;
import org.apache.kafka.common.message.FindCoordinatorResponseData;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetCommitResponseData;
import org.apache.kafka.common.message.OffsetDeleteRequestData;
import org.apache.kafka.common.message.OffsetDeleteResponseData;
import org.apache.kafka.common.message.OffsetFetchRequestData;
import org.apache.kafka.common.message.OffsetFetchResponseData;

/** Coordinators and committed offsets. Stateless, any thread; see {@link ColdMessages}. */
public final class GroupCodec {
    private static final int BATCHED_COORDINATORS_VERSION = 4;

    private GroupCodec() {
    }

    /**
     * {@return a decoded FindCoordinator request}
     *
     * @param version of the request
     * @param buffer  holds it
     * @param index   of the body
     * @param length  of the body
     */
    public static FindCoordinator.Request decodeFindCoordinator(
        final int version, final DirectBuffer buffer, final int index, final int length) {
        final FindCoordinatorRequestData data =
            ColdMessages.decode(new FindCoordinatorRequestData(), version, buffer, index, length);
        return new FindCoordinator.Request(version < BATCHED_COORDINATORS_VERSION
            ? List.of(data.key()) : List.copyOf(data.coordinatorKeys()), data.keyType());
    }

    /**
     * {@return end index of an encoded FindCoordinator response}
     *
     * @param version  of the request
     * @param response to encode
     * @param target   takes it
     */
    public static int encode(final int version, final FindCoordinator.Response response, final ReplyTarget target) {
        final FindCoordinatorResponseData data = new FindCoordinatorResponseData();
        if (version < BATCHED_COORDINATORS_VERSION) {
            final FindCoordinator.Coordinator one = response.coordinators().get(0);
            data.setErrorCode(one.errorCode())
                .setErrorMessage(oldMessage(one, version))
                .setNodeId(one.nodeId())
                .setHost(one.host())
                .setPort(one.port());
        } else {
            response.coordinators().forEach(one -> data.coordinators().add(
                new FindCoordinatorResponseData.Coordinator()
                    .setKey(one.key())
                    .setErrorCode(one.errorCode())
                    .setErrorMessage(one.errorMessage())
                    .setNodeId(one.nodeId())
                    .setHost(one.host())
                    .setPort(one.port())));
        }
        return ColdMessages.write(data, version, target);
    }

    /** As Kafka says it: old versions have a word for success, too. */
    private static String oldMessage(final FindCoordinator.Coordinator one, final int version) {
        if (version < 1) {
            return "";
        }
        return one.errorCode() == 0 ? "NONE" : one.errorMessage();
    }

    /**
     * {@return a decoded OffsetCommit request}
     *
     * @param version of the request
     * @param buffer  holds it
     * @param index   of the body
     * @param length  of the body
     */
    public static OffsetCommit.Request decodeOffsetCommit(
        final int version, final DirectBuffer buffer, final int index, final int length) {
        final OffsetCommitRequestData data =
            ColdMessages.decode(new OffsetCommitRequestData(), version, buffer, index, length);
        final boolean byId = version >= OffsetCommit.TOPIC_ID_VERSION;
        final List<OffsetCommit.RequestTopic> topics = new ArrayList<>();
        data.topics().forEach(topic -> {
            final List<OffsetCommit.RequestPartition> partitions = new ArrayList<>();
            topic.partitions().forEach(p -> partitions.add(new OffsetCommit.RequestPartition(p.partitionIndex(),
                p.committedOffset(), p.committedLeaderEpoch(), p.committedMetadata())));
            topics.add(new OffsetCommit.RequestTopic(
                byId ? null : topic.name(), byId ? uuid(topic.topicId()) : null, partitions));
        });
        return new OffsetCommit.Request(data.groupId(), data.generationIdOrMemberEpoch(), data.memberId(),
            data.groupInstanceId(), topics);
    }

    /**
     * {@return end index of an encoded OffsetCommit response}
     *
     * @param version  of the request
     * @param response to encode
     * @param target   takes it
     */
    public static int encode(final int version, final OffsetCommit.Response response, final ReplyTarget target) {
        final OffsetCommitResponseData data = new OffsetCommitResponseData();
        for (final OffsetCommit.ResponseTopic topic : response.topics()) {
            final List<OffsetCommitResponseData.OffsetCommitResponsePartition> partitions = new ArrayList<>();
            topic.partitions().forEach(p -> partitions.add(
                new OffsetCommitResponseData.OffsetCommitResponsePartition()
                    .setPartitionIndex(p.partitionId())
                    .setErrorCode(p.errorCode())));
            final OffsetCommitResponseData.OffsetCommitResponseTopic named =
                new OffsetCommitResponseData.OffsetCommitResponseTopic().setPartitions(partitions);
            data.topics().add(version >= OffsetCommit.TOPIC_ID_VERSION
                ? named.setTopicId(uuid(topic.topicId())) : named.setName(topic.name()));
        }
        return ColdMessages.write(data, version, target);
    }

    /**
     * {@return a decoded OffsetFetch request}
     *
     * @param version of the request
     * @param buffer  holds it
     * @param index   of the body
     * @param length  of the body
     */
    public static OffsetFetch.Request decodeOffsetFetch(
        final int version, final DirectBuffer buffer, final int index, final int length) {
        final OffsetFetchRequestData data =
            ColdMessages.decode(new OffsetFetchRequestData(), version, buffer, index, length);
        final List<OffsetFetch.RequestGroup> groups = new ArrayList<>();
        if (version < OffsetFetch.GROUPS_VERSION) {
            List<OffsetFetch.RequestTopic> topics = null;
            if (data.topics() != null) {
                topics = new ArrayList<>();
                for (final OffsetFetchRequestData.OffsetFetchRequestTopic topic : data.topics()) {
                    topics.add(new OffsetFetch.RequestTopic(
                        topic.name(), null, List.copyOf(topic.partitionIndexes())));
                }
            }
            groups.add(new OffsetFetch.RequestGroup(data.groupId(), null, -1, topics));
        } else {
            data.groups().forEach(group -> groups.add(requestGroup(version, group)));
        }
        return new OffsetFetch.Request(groups, data.requireStable());
    }

    private static OffsetFetch.RequestGroup requestGroup(
        final int version, final OffsetFetchRequestData.OffsetFetchRequestGroup group) {
        final boolean byId = version >= OffsetFetch.TOPIC_ID_VERSION;
        List<OffsetFetch.RequestTopic> topics = null;
        if (group.topics() != null) {
            topics = new ArrayList<>();
            for (final OffsetFetchRequestData.OffsetFetchRequestTopics topic : group.topics()) {
                topics.add(new OffsetFetch.RequestTopic(byId ? null : topic.name(),
                    byId ? uuid(topic.topicId()) : null, List.copyOf(topic.partitionIndexes())));
            }
        }
        return new OffsetFetch.RequestGroup(group.groupId(), group.memberId(), group.memberEpoch(), topics);
    }

    /**
     * {@return end index of an encoded OffsetFetch response}
     *
     * @param version  of the request
     * @param response to encode
     * @param target   takes it
     */
    public static int encode(final int version, final OffsetFetch.Response response, final ReplyTarget target) {
        final OffsetFetchResponseData data = new OffsetFetchResponseData();
        if (version < OffsetFetch.GROUPS_VERSION) {
            final OffsetFetch.ResponseGroup group = response.groups().get(0);
            data.setErrorCode(group.errorCode());
            group.topics().forEach(topic -> data.topics().add(new OffsetFetchResponseData.OffsetFetchResponseTopic()
                .setName(topic.name())
                .setPartitions(topic.partitions().stream().map(GroupCodec::responsePartition).toList())));
        } else {
            response.groups().forEach(group -> data.groups().add(responseGroup(version, group)));
        }
        return ColdMessages.write(data, version, target);
    }

    private static OffsetFetchResponseData.OffsetFetchResponsePartition responsePartition(
        final OffsetFetch.ResponsePartition partition) {
        return new OffsetFetchResponseData.OffsetFetchResponsePartition()
            .setPartitionIndex(partition.partitionId())
            .setCommittedOffset(partition.offset())
            .setCommittedLeaderEpoch(partition.leaderEpoch())
            .setMetadata(partition.metadata())
            .setErrorCode(partition.errorCode());
    }

    private static OffsetFetchResponseData.OffsetFetchResponseGroup responseGroup(
        final int version, final OffsetFetch.ResponseGroup group) {
        final OffsetFetchResponseData.OffsetFetchResponseGroup data =
            new OffsetFetchResponseData.OffsetFetchResponseGroup()
                .setGroupId(group.groupId()).setErrorCode(group.errorCode());
        for (final OffsetFetch.ResponseTopic topic : group.topics()) {
            final OffsetFetchResponseData.OffsetFetchResponseTopics named =
                new OffsetFetchResponseData.OffsetFetchResponseTopics();
            topic.partitions().forEach(partition -> named.partitions().add(
                new OffsetFetchResponseData.OffsetFetchResponsePartitions()
                    .setPartitionIndex(partition.partitionId())
                    .setCommittedOffset(partition.offset())
                    .setCommittedLeaderEpoch(partition.leaderEpoch())
                    .setMetadata(partition.metadata())
                    .setErrorCode(partition.errorCode())));
            data.topics().add(version >= OffsetFetch.TOPIC_ID_VERSION
                ? named.setTopicId(uuid(topic.topicId())) : named.setName(topic.name()));
        }
        return data;
    }

    /**
     * {@return a decoded OffsetDelete request}
     *
     * @param version of the request
     * @param buffer  holds it
     * @param index   of the body
     * @param length  of the body
     */
    public static OffsetDelete.Request decodeOffsetDelete(
        final int version, final DirectBuffer buffer, final int index, final int length) {
        final OffsetDeleteRequestData data =
            ColdMessages.decode(new OffsetDeleteRequestData(), version, buffer, index, length);
        final List<OffsetDelete.RequestTopic> topics = new ArrayList<>();
        data.topics().forEach(topic -> topics.add(new OffsetDelete.RequestTopic(
            topic.name(), topic.partitions().stream().map(p -> p.partitionIndex()).toList())));
        return new OffsetDelete.Request(data.groupId(), topics);
    }

    /**
     * {@return end index of an encoded OffsetDelete response}
     *
     * @param version  of the request
     * @param response to encode
     * @param target   takes it
     */
    public static int encode(final int version, final OffsetDelete.Response response, final ReplyTarget target) {
        final HashedLists lists = new HashedLists();
        final OffsetDeleteResponseData data = new OffsetDeleteResponseData().setErrorCode(response.errorCode())
            .setTopics(new OffsetDeleteResponseData.OffsetDeleteResponseTopicCollection(
                lists.roomFor(response.topics(), topic -> topic.name().hashCode())));
        for (final OffsetDelete.ResponseTopic topic : response.topics()) {
            final OffsetDeleteResponseData.OffsetDeleteResponseTopic answer =
                new OffsetDeleteResponseData.OffsetDeleteResponseTopic().setName(topic.name()).setPartitions(
                    new OffsetDeleteResponseData.OffsetDeleteResponsePartitionCollection(
                        lists.roomFor(topic.partitions(), OffsetDelete.ResponsePartition::partitionId)));
            topic.partitions().forEach(p -> answer.partitions().add(
                new OffsetDeleteResponseData.OffsetDeleteResponsePartition()
                    .setPartitionIndex(p.partitionId()).setErrorCode(p.errorCode())));
            data.topics().add(answer);
        }
        return ColdMessages.write(data, version, target);
    }

    static UUID uuid(final Uuid id) {
        return new UUID(id.getMostSignificantBits(), id.getLeastSignificantBits());
    }

    static Uuid uuid(final UUID id) {
        return new Uuid(id.getMostSignificantBits(), id.getLeastSignificantBits());
    }
}
