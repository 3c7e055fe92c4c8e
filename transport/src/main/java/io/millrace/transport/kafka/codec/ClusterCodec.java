package io.millrace.transport.kafka.codec;

import io.millrace.transport.kafka.message.Metadata;
import java.util.ArrayList;
import java.util.List;
import org.agrona.DirectBuffer;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.protocol.ApiMessage;

/**
 * Metadata: who is there and who leads what. Stateless, any thread;
 * {@link ColdMessages} has what all such codecs keep to.
 */
public final class ClusterCodec {
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
        final MetadataRequestData data = ColdMessages.decode(new MetadataRequestData(), version, buffer, index, length);
        // version 0 has no null: there the empty list asks for all topics
        if (data.topics() == null || version == 0 && data.topics().isEmpty()) {
            return new Metadata.Request(null, data.allowAutoTopicCreation());
        }
        final List<String> topics = new ArrayList<>(data.topics().size());
        data.topics().forEach(topic -> topics.add(topic.name()));
        return new Metadata.Request(topics, data.allowAutoTopicCreation());
    }

    /**
     * {@return end index of an encoded Metadata response}
     *
     * @param version  of the request
     * @param response to encode
     * @param target   takes it
     */
    public static int encode(final int version, final Metadata.Response response, final ReplyTarget target) {
        return ColdMessages.write(metadata(response), version, target);
    }

    private static ApiMessage metadata(final Metadata.Response response) {
        final MetadataResponseData data = new MetadataResponseData()
            .setClusterId(response.clusterId())
            .setControllerId(response.controllerId());
        for (final Metadata.Broker broker : response.brokers()) {
            data.brokers().add(new MetadataResponseData.MetadataResponseBroker()
                .setNodeId(broker.nodeId()).setHost(broker.host()).setPort(broker.port()));
        }
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
                .setName(topic.name())
                .setIsInternal(topic.internal())
                .setPartitions(partitions));
        }
        return data;
    }
}
