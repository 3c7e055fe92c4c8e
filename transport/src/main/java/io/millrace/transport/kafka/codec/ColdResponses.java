package io.millrace.transport.kafka.codec;

import io.millrace.transport.kafka.message.CreateTopics;
import io.millrace.transport.kafka.message.DeleteTopics;
import io.millrace.transport.kafka.message.DescribeConfigs;
import io.millrace.transport.kafka.message.FindCoordinator;
import io.millrace.transport.kafka.message.InitProducerId;
import io.millrace.transport.kafka.message.ListOffsets;
import io.millrace.transport.kafka.message.Metadata;
import io.millrace.transport.kafka.message.OffsetCommit;
import io.millrace.transport.kafka.message.OffsetFetch;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.message.CreateTopicsResponseData;
import org.apache.kafka.common.message.DeleteTopicsResponseData;
import org.apache.kafka.common.message.DescribeConfigsResponseData;
import org.apache.kafka.common.message.FindCoordinatorResponseData;
import org.apache.kafka.common.message.InitProducerIdResponseData;
import org.apache.kafka.common.message.ListOffsetsResponseData;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.message.OffsetCommitResponseData;
import org.apache.kafka.common.message.OffsetFetchResponseData;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Message;
import org.apache.kafka.common.protocol.ObjectSerializationCache;

/** From our records to the generated message classes, for {@link ColdCodec}. */
final class ColdResponses {
    private ColdResponses() {
    }

    static int write(final Message message, final int version, final ReplyTarget target) {
        return write(message, version, target, ReplyTarget.BODY_INDEX);
    }

    /** Writes a response of the flexible encoding: its header ends with tagged fields, of which there are none. */
    static int writeFlexible(final Message message, final int version, final ReplyTarget target) {
        target.ensureCapacity(ReplyTarget.BODY_INDEX + 1).putByte(ReplyTarget.BODY_INDEX, (byte) 0);
        return write(message, version, target, ReplyTarget.BODY_INDEX + 1);
    }

    private static int write(final Message message, final int version, final ReplyTarget target, final int index) {
        final ObjectSerializationCache cache = new ObjectSerializationCache();
        final int length = message.size(cache, (short) version);
        final ByteBuffer body = ByteBuffer.allocate(length);
        message.write(new ByteBufferAccessor(body), cache, (short) version);
        final int end = Math.addExact(index, length);
        target.ensureCapacity(end).putBytes(index, body.array(), 0, length);
        return end;
    }

    static Message metadata(final Metadata.Response response) {
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

    static Message listOffsets(final int version, final ListOffsets.Response response) {
        final ListOffsetsResponseData data = new ListOffsetsResponseData();
        for (final ListOffsets.ResponseTopic topic : response.topics()) {
            final ListOffsetsResponseData.ListOffsetsTopicResponse out =
                new ListOffsetsResponseData.ListOffsetsTopicResponse().setName(topic.name());
            for (final ListOffsets.ResponsePartition partition : topic.partitions()) {
                out.partitions().add(new ListOffsetsResponseData.ListOffsetsPartitionResponse()
                    .setPartitionIndex(partition.partitionId())
                    .setErrorCode(partition.errorCode())
                    .setTimestamp(partition.timestampMs())
                    .setOffset(partition.offset())
                    .setLeaderEpoch(version >= 4 ? partition.leaderEpoch() : -1));
            }
            data.topics().add(out);
        }
        return data;
    }

    static Message createTopics(final CreateTopics.Response response) {
        final CreateTopicsResponseData data = new CreateTopicsResponseData();
        for (final CreateTopics.ResponseTopic topic : response.topics()) {
            data.topics().add(new CreateTopicsResponseData.CreatableTopicResult()
                .setName(topic.name())
                .setErrorCode(topic.errorCode())
                .setErrorMessage(topic.errorMessage()));
        }
        return data;
    }

    static Message deleteTopics(final DeleteTopics.Response response) {
        final DeleteTopicsResponseData data = new DeleteTopicsResponseData();
        for (final DeleteTopics.ResponseTopic topic : response.topics()) {
            data.responses().add(new DeleteTopicsResponseData.DeletableTopicResult()
                .setName(topic.name())
                .setErrorCode(topic.errorCode()));
        }
        return data;
    }

    static Message describeConfigs(final int version, final DescribeConfigs.Response response) {
        final DescribeConfigsResponseData data = new DescribeConfigsResponseData();
        for (final DescribeConfigs.ResponseResource resource : response.resources()) {
            final DescribeConfigsResponseData.DescribeConfigsResult out =
                new DescribeConfigsResponseData.DescribeConfigsResult()
                    .setErrorCode(resource.errorCode())
                    .setErrorMessage(resource.errorMessage())
                    .setResourceType(resource.type())
                    .setResourceName(resource.name());
            for (final DescribeConfigs.Config config : resource.configs()) {
                final DescribeConfigsResponseData.DescribeConfigsResourceResult entry =
                    new DescribeConfigsResponseData.DescribeConfigsResourceResult()
                        .setName(config.name())
                        .setValue(config.value())
                        .setReadOnly(config.readOnly())
                        .setConfigSource(config.source())
                        .setIsSensitive(config.sensitive());
                if (version >= 3) {
                    entry.setConfigType(config.type());
                }
                out.configs().add(entry);
            }
            data.results().add(out);
        }
        return data;
    }

    static Message offsetCommit(final OffsetCommit.Response response) {
        final OffsetCommitResponseData data = new OffsetCommitResponseData();
        for (final OffsetCommit.ResponseTopic topic : response.topics()) {
            final OffsetCommitResponseData.OffsetCommitResponseTopic out =
                new OffsetCommitResponseData.OffsetCommitResponseTopic().setName(topic.name());
            for (final OffsetCommit.ResponsePartition partition : topic.partitions()) {
                out.partitions().add(new OffsetCommitResponseData.OffsetCommitResponsePartition()
                    .setPartitionIndex(partition.partitionId())
                    .setErrorCode(partition.errorCode()));
            }
            data.topics().add(out);
        }
        return data;
    }

    static Message offsetFetch(final int version, final OffsetFetch.Response response) {
        final OffsetFetchResponseData data = new OffsetFetchResponseData();
        if (version >= 2) {
            data.setErrorCode(response.errorCode());
        }
        for (final OffsetFetch.ResponseTopic topic : response.topics()) {
            final OffsetFetchResponseData.OffsetFetchResponseTopic out =
                new OffsetFetchResponseData.OffsetFetchResponseTopic().setName(topic.name());
            for (final OffsetFetch.ResponsePartition partition : topic.partitions()) {
                out.partitions().add(new OffsetFetchResponseData.OffsetFetchResponsePartition()
                    .setPartitionIndex(partition.partitionId())
                    .setCommittedOffset(partition.offset())
                    .setCommittedLeaderEpoch(version >= 5 ? partition.leaderEpoch() : -1)
                    .setMetadata(partition.metadata())
                    .setErrorCode(partition.errorCode()));
            }
            data.topics().add(out);
        }
        return data;
    }

    static Message initProducerId(final InitProducerId.Response response) {
        return new InitProducerIdResponseData()
            .setErrorCode(response.errorCode())
            .setProducerId(response.producerId())
            .setProducerEpoch(response.producerEpoch());
    }

    static Message findCoordinator(final int version, final FindCoordinator.Response response) {
        return new FindCoordinatorResponseData()
            .setErrorCode(response.errorCode())
            .setErrorMessage(version >= 1 ? response.errorMessage() : "")
            .setNodeId(response.nodeId())
            .setHost(response.host())
            .setPort(response.port());
    }
}
