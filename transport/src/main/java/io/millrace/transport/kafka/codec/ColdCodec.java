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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.agrona.DirectBuffer;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.DeleteTopicsRequestData;
import org.apache.kafka.common.message.DescribeConfigsRequestData;
import org.apache.kafka.common.message.FindCoordinatorRequestData;
import org.apache.kafka.common.message.InitProducerIdRequestData;
import org.apache.kafka.common.message.ListOffsetsRequestData;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetFetchRequestData;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Message;

/**
 * Decodes the cold requests and encodes their responses, at the cost of some garbage. Stateless, any thread.
 *
 * <p>Decoders throw {@link MalformedRequestException}; the length they are given bounds what they allocate. Encoders
 * write to a {@link ReplyTarget} and return the index to complete the reply with.
 */
public final class ColdCodec {
    private ColdCodec() {
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
        final MetadataRequestData data = decode(new MetadataRequestData(), version, buffer, index, length);
        // version 0 has no null: there the empty list asks for all topics
        if (data.topics() == null || version == 0 && data.topics().isEmpty()) {
            return new Metadata.Request(null, data.allowAutoTopicCreation());
        }
        final List<String> topics = new ArrayList<>(data.topics().size());
        data.topics().forEach(topic -> topics.add(topic.name()));
        return new Metadata.Request(topics, data.allowAutoTopicCreation());
    }

    /**
     * {@return a decoded ListOffsets request}
     *
     * @param version of the request
     * @param buffer  holds it
     * @param index   of the body
     * @param length  of the body
     */
    public static ListOffsets.Request decodeListOffsets(
        final int version, final DirectBuffer buffer, final int index, final int length) {
        final ListOffsetsRequestData data = decode(new ListOffsetsRequestData(), version, buffer, index, length);
        final List<ListOffsets.RequestTopic> topics = new ArrayList<>();
        data.topics().forEach(topic -> {
            final List<ListOffsets.RequestPartition> partitions = new ArrayList<>();
            topic.partitions().forEach(p -> partitions.add(
                new ListOffsets.RequestPartition(p.partitionIndex(), p.currentLeaderEpoch(), p.timestamp())));
            topics.add(new ListOffsets.RequestTopic(topic.name(), partitions));
        });
        return new ListOffsets.Request(data.replicaId(), data.isolationLevel(), topics);
    }

    /**
     * {@return a decoded CreateTopics request}
     *
     * @param version of the request
     * @param buffer  holds it
     * @param index   of the body
     * @param length  of the body
     */
    public static CreateTopics.Request decodeCreateTopics(
        final int version, final DirectBuffer buffer, final int index, final int length) {
        final CreateTopicsRequestData data = decode(new CreateTopicsRequestData(), version, buffer, index, length);
        final List<CreateTopics.RequestTopic> topics = new ArrayList<>();
        data.topics().forEach(topic -> {
            final List<CreateTopics.Assignment> assignments = new ArrayList<>();
            topic.assignments().forEach(a -> assignments.add(
                new CreateTopics.Assignment(a.partitionIndex(), List.copyOf(a.brokerIds()))));
            final Map<String, String> configs = new LinkedHashMap<>();
            topic.configs().forEach(config -> configs.put(config.name(), config.value()));
            topics.add(new CreateTopics.RequestTopic(
                topic.name(), topic.numPartitions(), topic.replicationFactor(), assignments, configs));
        });
        return new CreateTopics.Request(topics, data.timeoutMs(), data.validateOnly());
    }

    /**
     * {@return a decoded DeleteTopics request}
     *
     * @param version of the request
     * @param buffer  holds it
     * @param index   of the body
     * @param length  of the body
     */
    public static DeleteTopics.Request decodeDeleteTopics(
        final int version, final DirectBuffer buffer, final int index, final int length) {
        final DeleteTopicsRequestData data = decode(new DeleteTopicsRequestData(), version, buffer, index, length);
        return new DeleteTopics.Request(List.copyOf(data.topicNames()), data.timeoutMs());
    }

    /**
     * {@return a decoded DescribeConfigs request}
     *
     * @param version of the request
     * @param buffer  holds it
     * @param index   of the body
     * @param length  of the body
     */
    public static DescribeConfigs.Request decodeDescribeConfigs(
        final int version, final DirectBuffer buffer, final int index, final int length) {
        final DescribeConfigsRequestData data =
            decode(new DescribeConfigsRequestData(), version, buffer, index, length);
        final List<DescribeConfigs.RequestResource> resources = new ArrayList<>();
        data.resources().forEach(r -> resources.add(new DescribeConfigs.RequestResource(
            r.resourceType(), r.resourceName(),
            r.configurationKeys() == null ? null : List.copyOf(r.configurationKeys()))));
        return new DescribeConfigs.Request(resources, data.includeSynonyms(), data.includeDocumentation());
    }

    /**
     * {@return a decoded InitProducerId request}
     *
     * @param version of the request
     * @param buffer  holds it
     * @param index   of the body
     * @param length  of the body
     */
    public static InitProducerId.Request decodeInitProducerId(
        final int version, final DirectBuffer buffer, final int index, final int length) {
        final InitProducerIdRequestData data = decode(new InitProducerIdRequestData(), version, buffer, index, length);
        return new InitProducerId.Request(data.transactionalId(), data.transactionTimeoutMs());
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
            decode(new FindCoordinatorRequestData(), version, buffer, index, length);
        return new FindCoordinator.Request(data.key(), data.keyType());
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
        final OffsetCommitRequestData data = decode(new OffsetCommitRequestData(), version, buffer, index, length);
        final List<OffsetCommit.RequestTopic> topics = new ArrayList<>();
        data.topics().forEach(topic -> {
            final List<OffsetCommit.RequestPartition> partitions = new ArrayList<>();
            topic.partitions().forEach(p -> partitions.add(new OffsetCommit.RequestPartition(p.partitionIndex(),
                p.committedOffset(), p.committedLeaderEpoch(), p.committedMetadata())));
            topics.add(new OffsetCommit.RequestTopic(topic.name(), partitions));
        });
        return new OffsetCommit.Request(data.groupId(), data.generationIdOrMemberEpoch(), data.memberId(),
            data.groupInstanceId(), topics);
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
        final OffsetFetchRequestData data = decode(new OffsetFetchRequestData(), version, buffer, index, length);
        if (data.topics() == null) {
            return new OffsetFetch.Request(data.groupId(), null, data.requireStable());
        }
        final List<OffsetFetch.RequestTopic> topics = new ArrayList<>();
        data.topics().forEach(topic -> topics.add(
            new OffsetFetch.RequestTopic(topic.name(), List.copyOf(topic.partitionIndexes()))));
        return new OffsetFetch.Request(data.groupId(), topics, data.requireStable());
    }

    /**
     * {@return end index of an encoded OffsetCommit response}
     *
     * @param version  of the request
     * @param response to encode
     * @param target   takes it
     */
    public static int encode(final int version, final OffsetCommit.Response response, final ReplyTarget target) {
        return ColdResponses.write(ColdResponses.offsetCommit(response), version, target);
    }

    /**
     * {@return end index of an encoded OffsetFetch response}
     *
     * @param version  of the request
     * @param response to encode
     * @param target   takes it
     */
    public static int encode(final int version, final OffsetFetch.Response response, final ReplyTarget target) {
        final Message message = ColdResponses.offsetFetch(version, response);
        return ApiTable.isFlexible(ApiTable.OFFSET_FETCH, version)
            ? ColdResponses.writeFlexible(message, version, target) : ColdResponses.write(message, version, target);
    }

    /**
     * {@return end index of an encoded Metadata response}
     *
     * @param version  of the request
     * @param response to encode
     * @param target   takes it
     */
    public static int encode(final int version, final Metadata.Response response, final ReplyTarget target) {
        return ColdResponses.write(ColdResponses.metadata(response), version, target);
    }

    /**
     * {@return end index of an encoded ListOffsets response}
     *
     * @param version  of the request
     * @param response to encode
     * @param target   takes it
     */
    public static int encode(final int version, final ListOffsets.Response response, final ReplyTarget target) {
        return ColdResponses.write(ColdResponses.listOffsets(version, response), version, target);
    }

    /**
     * {@return end index of an encoded CreateTopics response}
     *
     * @param version  of the request
     * @param response to encode
     * @param target   takes it
     */
    public static int encode(final int version, final CreateTopics.Response response, final ReplyTarget target) {
        return ColdResponses.write(ColdResponses.createTopics(response), version, target);
    }

    /**
     * {@return end index of an encoded DeleteTopics response}
     *
     * @param version  of the request
     * @param response to encode
     * @param target   takes it
     */
    public static int encode(final int version, final DeleteTopics.Response response, final ReplyTarget target) {
        return ColdResponses.write(ColdResponses.deleteTopics(response), version, target);
    }

    /**
     * {@return end index of an encoded DescribeConfigs response}
     *
     * @param version  of the request
     * @param response to encode
     * @param target   takes it
     */
    public static int encode(final int version, final DescribeConfigs.Response response, final ReplyTarget target) {
        return ColdResponses.write(ColdResponses.describeConfigs(version, response), version, target);
    }

    /**
     * {@return end index of an encoded InitProducerId response}
     *
     * @param version  of the request
     * @param response to encode
     * @param target   takes it
     */
    public static int encode(final int version, final InitProducerId.Response response, final ReplyTarget target) {
        return ColdResponses.write(ColdResponses.initProducerId(response), version, target);
    }

    /**
     * {@return end index of an encoded FindCoordinator response}
     *
     * @param version  of the request
     * @param response to encode
     * @param target   takes it
     */
    public static int encode(final int version, final FindCoordinator.Response response, final ReplyTarget target) {
        return ColdResponses.write(ColdResponses.findCoordinator(version, response), version, target);
    }

    private static <T extends Message> T decode(
        final T data, final int version, final DirectBuffer buffer, final int index, final int length) {
        if (length < 0 || index < 0 || index > buffer.capacity() - length) {
            throw new MalformedRequestException("slice outside the buffer: index=" + index + ", length=" + length);
        }
        final byte[] body = new byte[length];
        buffer.getBytes(index, body);
        final ByteBufferAccessor accessor = new ByteBufferAccessor(ByteBuffer.wrap(body));
        try {
            data.read(accessor, (short) version);
        } catch (final RuntimeException e) {
            // the generated classes throw whatever comes: buffer underflow, unsupported version, negative length
            throw new MalformedRequestException("body cannot be decoded: version=" + version + ", length=" + length +
                ": " + e.getMessage());
        }
        if (accessor.remaining() > 0) {
            throw new MalformedRequestException("bytes after the end of the message: " + accessor.remaining());
        }
        return data;
    }
}
