package io.millrace.transport.kafka.codec;

import io.millrace.transport.kafka.message.DescribeCluster;
import io.millrace.transport.kafka.message.DescribeQuorum;
import io.millrace.transport.kafka.message.DescribeTopicPartitions;
import io.millrace.transport.kafka.message.Metadata;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.agrona.DirectBuffer;
import org.apache.kafka.common.message.DescribeClusterRequestData;
import org.apache.kafka.common.message.DescribeClusterResponseData;
import org.apache.kafka.common.message.DescribeQuorumRequestData;
import org.apache.kafka.common.message.DescribeQuorumResponseData;
import org.apache.kafka.common.message.DescribeTopicPartitionsRequestData;
import org.apache.kafka.common.message.DescribeTopicPartitionsResponseData;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.MetadataResponseData;

/** Metadata and the other descriptions of the cluster: who is there and who leads what. Stateless, any thread. */
public final class ClusterCodec {
    private static final int METADATA_NULL_NAMES = 12;
    private static final int DESCRIBE_QUORUM_NODES = 2;

    private ClusterCodec() {
    }

    /**
     * {@return a decoded Metadata request}
     *
     * @param version of the request
     * @param buffer  holds it
     * @param index   of the body
     * @param length  of the body
     */
    public static Metadata.Request decodeMetadata(
        final int version, final DirectBuffer buffer, final int index, final int length) {
        final MetadataRequestData data =
            ColdMessages.decode(new MetadataRequestData(), version, buffer, index, length);
        List<Metadata.RequestTopic> topics = null;
        // version 0 has no null: there the empty list asks for all topics
        if (data.topics() != null && !(version == 0 && data.topics().isEmpty())) {
            topics = new ArrayList<>(data.topics().size());
            for (final MetadataRequestData.MetadataRequestTopic topic : data.topics()) {
                topics.add(new Metadata.RequestTopic(ColdMessages.id(topic.topicId()), topic.name()));
            }
        }
        return new Metadata.Request(topics, data.allowAutoTopicCreation(), data.includeTopicAuthorizedOperations(),
            data.includeClusterAuthorizedOperations());
    }

    /**
     * {@return a decoded DescribeCluster request}
     *
     * @param version of the request
     * @param buffer  holds it
     * @param index   of the body
     * @param length  of the body
     */
    public static DescribeCluster.Request decodeDescribeCluster(
        final int version, final DirectBuffer buffer, final int index, final int length) {
        final DescribeClusterRequestData data =
            ColdMessages.decode(new DescribeClusterRequestData(), version, buffer, index, length);
        return new DescribeCluster.Request(
            data.includeClusterAuthorizedOperations(), data.endpointType(), data.includeFencedBrokers());
    }

    /**
     * {@return a decoded DescribeTopicPartitions request}
     *
     * @param version of the request
     * @param buffer  holds it
     * @param index   of the body
     * @param length  of the body
     */
    public static DescribeTopicPartitions.Request decodeDescribeTopicPartitions(
        final int version, final DirectBuffer buffer, final int index, final int length) {
        final DescribeTopicPartitionsRequestData data =
            ColdMessages.decode(new DescribeTopicPartitionsRequestData(), version, buffer, index, length);
        final List<String> topics = new ArrayList<>(data.topics().size());
        data.topics().forEach(topic -> topics.add(topic.name()));
        return new DescribeTopicPartitions.Request(topics, data.responsePartitionLimit(), data.cursor() == null ? null
            : new DescribeTopicPartitions.Cursor(data.cursor().topicName(), data.cursor().partitionIndex()));
    }

    /**
     * {@return a decoded DescribeQuorum request}
     *
     * @param version of the request
     * @param buffer  holds it
     * @param index   of the body
     * @param length  of the body
     */
    public static DescribeQuorum.Request decodeDescribeQuorum(
        final int version, final DirectBuffer buffer, final int index, final int length) {
        final DescribeQuorumRequestData data =
            ColdMessages.decode(new DescribeQuorumRequestData(), version, buffer, index, length);
        final List<DescribeQuorum.RequestTopic> topics = new ArrayList<>();
        data.topics().forEach(topic -> topics.add(new DescribeQuorum.RequestTopic(topic.topicName(),
            topic.partitions().stream().map(DescribeQuorumRequestData.PartitionData::partitionIndex).toList())));
        return new DescribeQuorum.Request(topics);
    }

    /**
     * {@return end index of an encoded Metadata response}
     *
     * @param version  of the request
     * @param response to encode
     * @param target   takes it
     */
    public static int encode(
        final int version, final Metadata.Response response, final ReplyTarget target) {
        final MetadataResponseData data = new MetadataResponseData()
            .setClusterId(response.clusterId())
            .setControllerId(response.controllerId())
            .setClusterAuthorizedOperations(response.authorizedOperations());
        for (final Metadata.Broker broker : response.brokers()) {
            data.brokers().add(new MetadataResponseData.MetadataResponseBroker()
                .setNodeId(broker.nodeId()).setHost(broker.host()).setPort(broker.port()));
        }
        data.setTopics(new MetadataResponseData.MetadataResponseTopicCollection(
            HashedLists.room(response.topics(), topic -> Objects.hashCode(topic.name()))));
        for (final Metadata.Topic topic : response.topics()) {
            final List<MetadataResponseData.MetadataResponsePartition> partitions = new ArrayList<>();
            for (final Metadata.Partition partition : topic.partitions()) {
                partitions.add(new MetadataResponseData.MetadataResponsePartition()
                    .setErrorCode(partition.errorCode())
                    .setPartitionIndex(partition.partitionId())
                    .setLeaderId(partition.leaderId())
                    .setLeaderEpoch(partition.leaderEpoch())
                    .setReplicaNodes(partition.replicaIds())
                    .setIsrNodes(partition.isrIds())
                    .setOfflineReplicas(partition.offlineIds()));
            }
            data.topics().add(new MetadataResponseData.MetadataResponseTopic()
                .setErrorCode(topic.errorCode())
                .setName(topic.name() == null && version < METADATA_NULL_NAMES ? "" : topic.name())
                .setTopicId(ColdMessages.id(topic.id()))
                .setIsInternal(topic.internal())
                .setPartitions(partitions)
                .setTopicAuthorizedOperations(topic.authorizedOperations()));
        }
        return ColdMessages.write(data, version, target);
    }

    /**
     * {@return end index of an encoded DescribeCluster response}
     *
     * @param version  of the request
     * @param response to encode
     * @param target   takes it
     */
    public static int encode(
        final int version, final DescribeCluster.Response response, final ReplyTarget target) {
        final DescribeClusterResponseData data = new DescribeClusterResponseData()
            .setErrorCode(response.errorCode())
            .setErrorMessage(response.errorMessage())
            .setClusterId(response.clusterId() == null ? "" : response.clusterId())
            .setControllerId(response.controllerId())
            .setClusterAuthorizedOperations(response.authorizedOperations());
        if (version >= 1) {
            data.setEndpointType(response.endpointType());
        }
        for (final DescribeCluster.Broker broker : response.brokers()) {
            data.brokers().add(new DescribeClusterResponseData.DescribeClusterBroker()
                .setBrokerId(broker.nodeId()).setHost(broker.host()).setPort(broker.port())
                .setIsFenced(version >= 2 && broker.fenced()));
        }
        return ColdMessages.write(data, version, target);
    }

    /**
     * {@return end index of an encoded DescribeTopicPartitions response}
     *
     * @param version  of the request
     * @param response to encode
     * @param target   takes it
     */
    public static int encode(
        final int version, final DescribeTopicPartitions.Response response, final ReplyTarget target) {
        final DescribeTopicPartitionsResponseData data = new DescribeTopicPartitionsResponseData().setTopics(
            new DescribeTopicPartitionsResponseData.DescribeTopicPartitionsResponseTopicCollection(
                HashedLists.room(response.topics(), topic -> topic.name().hashCode())));
        for (final DescribeTopicPartitions.Topic topic : response.topics()) {
            final List<DescribeTopicPartitionsResponseData.DescribeTopicPartitionsResponsePartition> partitions =
                new ArrayList<>();
            for (final DescribeTopicPartitions.Partition entry : topic.partitions()) {
                final Metadata.Partition partition = entry.partition();
                partitions.add(new DescribeTopicPartitionsResponseData.DescribeTopicPartitionsResponsePartition()
                    .setErrorCode(partition.errorCode())
                    .setPartitionIndex(partition.partitionId())
                    .setLeaderId(partition.leaderId())
                    .setLeaderEpoch(partition.leaderEpoch())
                    .setReplicaNodes(partition.replicaIds())
                    .setIsrNodes(partition.isrIds())
                    .setEligibleLeaderReplicas(entry.eligibleIds())
                    .setLastKnownElr(List.of())
                    .setOfflineReplicas(partition.offlineIds()));
            }
            data.topics().add(new DescribeTopicPartitionsResponseData.DescribeTopicPartitionsResponseTopic()
                .setErrorCode(topic.errorCode())
                .setName(topic.name())
                .setTopicId(ColdMessages.id(topic.id()))
                .setIsInternal(topic.internal())
                .setPartitions(partitions)
                .setTopicAuthorizedOperations(topic.authorizedOperations()));
        }
        final DescribeTopicPartitions.Cursor next = response.nextCursor();
        if (next != null) {
            data.setNextCursor(new DescribeTopicPartitionsResponseData.Cursor()
                .setTopicName(next.topic()).setPartitionIndex(next.partitionId()));
        }
        return ColdMessages.write(data, version, target);
    }

    /**
     * {@return end index of an encoded DescribeQuorum response}
     *
     * @param version  of the request
     * @param response to encode
     * @param target   takes it
     */
    public static int encode(
        final int version, final DescribeQuorum.Response response, final ReplyTarget target) {
        final DescribeQuorumResponseData data = new DescribeQuorumResponseData()
            .setErrorCode(response.errorCode()).setErrorMessage(response.errorMessage());
        for (final DescribeQuorum.Topic topic : response.topics()) {
            final DescribeQuorumResponseData.TopicData out =
                new DescribeQuorumResponseData.TopicData().setTopicName(topic.name());
            for (final DescribeQuorum.Partition partition : topic.partitions()) {
                out.partitions().add(new DescribeQuorumResponseData.PartitionData()
                    .setPartitionIndex(partition.partitionId())
                    .setErrorCode(partition.errorCode())
                    .setErrorMessage(partition.errorMessage())
                    .setLeaderId(partition.leaderId())
                    .setLeaderEpoch(partition.leaderEpoch())
                    .setHighWatermark(partition.highWatermark())
                    .setCurrentVoters(replicas(partition.voters()))
                    .setObservers(replicas(partition.observers())));
            }
            data.topics().add(out);
        }
        if (version >= DESCRIBE_QUORUM_NODES) {
            for (final DescribeQuorum.Node node : response.nodes()) {
                final DescribeQuorumResponseData.Node out =
                    new DescribeQuorumResponseData.Node().setNodeId(node.nodeId());
                out.listeners().add(new DescribeQuorumResponseData.Listener()
                    .setName("CONTROLLER").setHost(node.host()).setPort(node.port()));
                data.nodes().add(out);
            }
        }
        return ColdMessages.write(data, version, target);
    }

    private static List<DescribeQuorumResponseData.ReplicaState> replicas(final List<DescribeQuorum.Replica> replicas) {
        final List<DescribeQuorumResponseData.ReplicaState> out = new ArrayList<>();
        for (final DescribeQuorum.Replica replica : replicas) {
            out.add(new DescribeQuorumResponseData.ReplicaState()
                .setReplicaId(replica.nodeId())
                .setLogEndOffset(replica.logEndOffset())
                .setLastFetchTimestamp(replica.lastFetchMs())
                .setLastCaughtUpTimestamp(replica.lastCaughtUpMs()));
        }
        return out;
    }
}
