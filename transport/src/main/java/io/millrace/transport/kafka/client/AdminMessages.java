package io.millrace.transport.kafka.client;

import io.millrace.transport.kafka.message.Metadata;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.DeleteTopicsRequestData;
import org.apache.kafka.common.message.DescribeConfigsRequestData;
import org.apache.kafka.common.message.ListOffsetsRequestData;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.protocol.Message;

/** The generated messages of {@link LeanAdmin}'s requests. Stateless, any thread. */
final class AdminMessages {
    private static final byte TOPIC_RESOURCE = 2;

    private AdminMessages() {
    }

    static String errorName(final short errorCode) {
        return errorCode == -1 ? "UNKNOWN_SERVER_ERROR" : Errors.forCode(errorCode).name();
    }

    static Message metadata(final List<String> topics, final short version) {
        final MetadataRequestData data = new MetadataRequestData();
        if (version >= 4) {
            data.setAllowAutoTopicCreation(false);
        }
        if (topics == null) {
            return data.setTopics(null);
        }
        for (final String topic : topics) {
            data.topics().add(new MetadataRequestData.MetadataRequestTopic().setName(topic));
        }
        return data;
    }

    static Metadata.Response fromMetadata(final MetadataResponseData data) {
        final List<Metadata.Broker> brokers = new ArrayList<>();
        data.brokers().forEach(b -> brokers.add(new Metadata.Broker(b.nodeId(), b.host(), b.port())));
        final List<Metadata.Topic> topics = new ArrayList<>();
        data.topics().forEach(topic -> {
            final List<Metadata.Partition> partitions = new ArrayList<>();
            topic.partitions().forEach(p -> partitions.add(new Metadata.Partition(p.errorCode(), p.partitionIndex(),
                p.leaderId(), p.leaderEpoch(), p.replicaNodes(), p.isrNodes(), p.offlineReplicas())));
            partitions.sort((a, b) -> Integer.compare(a.partitionId(), b.partitionId()));
            topics.add(new Metadata.Topic(topic.errorCode(), topic.name(), topic.isInternal(), partitions));
        });
        return new Metadata.Response(brokers, data.clusterId(), data.controllerId(), topics);
    }

    static Message createTopic(
        final String name,
        final int partitionCount,
        final int replicationFactor,
        final Map<String, String> configs,
        final int timeoutMs) {
        final CreateTopicsRequestData.CreatableTopic topic = new CreateTopicsRequestData.CreatableTopic()
            .setName(name).setNumPartitions(partitionCount).setReplicationFactor((short) replicationFactor);
        configs.forEach((key, value) -> topic.configs().add(
            new CreateTopicsRequestData.CreatableTopicConfig().setName(key).setValue(value)));
        final CreateTopicsRequestData data = new CreateTopicsRequestData().setTimeoutMs(timeoutMs);
        data.topics().add(topic);
        return data;
    }

    static Message deleteTopic(final String name, final int timeoutMs) {
        return new DeleteTopicsRequestData().setTopicNames(List.of(name)).setTimeoutMs(timeoutMs);
    }

    static Message listOffsets(final String topic, final int partitionId, final long timestampMs) {
        return new ListOffsetsRequestData().setReplicaId(-1).setTopics(List.of(
            new ListOffsetsRequestData.ListOffsetsTopic().setName(topic).setPartitions(List.of(
                new ListOffsetsRequestData.ListOffsetsPartition()
                    .setPartitionIndex(partitionId).setTimestamp(timestampMs)))));
    }

    static Message describeTopicConfigs(final String topic) {
        return new DescribeConfigsRequestData().setResources(List.of(
            new DescribeConfigsRequestData.DescribeConfigsResource()
                .setResourceType(TOPIC_RESOURCE).setResourceName(topic).setConfigurationKeys(null)));
    }
}
