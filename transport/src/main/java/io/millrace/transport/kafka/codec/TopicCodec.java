package io.millrace.transport.kafka.codec;

import io.millrace.transport.kafka.message.CreatePartitions;
import io.millrace.transport.kafka.message.CreateTopics;
import io.millrace.transport.kafka.message.DeleteTopics;
import io.millrace.transport.kafka.message.DescribeConfigs;
import io.millrace.transport.kafka.message.ElectLeaders;
import io.millrace.transport.kafka.message.ListPartitionReassignments;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Map;
import org.agrona.DirectBuffer;
import org.apache.kafka.common.message.CreatePartitionsRequestData;
import org.apache.kafka.common.message.CreatePartitionsResponseData;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.CreateTopicsResponseData;
import org.apache.kafka.common.message.DeleteTopicsRequestData;
import org.apache.kafka.common.message.DeleteTopicsResponseData;
import org.apache.kafka.common.message.ElectLeadersRequestData;
import org.apache.kafka.common.message.ElectLeadersResponseData;
import org.apache.kafka.common.message.ListPartitionReassignmentsRequestData;
import org.apache.kafka.common.message.ListPartitionReassignmentsResponseData;

/** Topics made, enlarged, led by others and removed. Stateless, any thread. */
public final class TopicCodec {
    private TopicCodec() {
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
        final CreateTopicsRequestData data =
            ColdMessages.decode(new CreateTopicsRequestData(), version, buffer, index, length);
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
        final DeleteTopicsRequestData data =
            ColdMessages.decode(new DeleteTopicsRequestData(), version, buffer, index, length);
        final List<DeleteTopics.RequestTopic> topics = new ArrayList<>();
        data.topicNames().forEach(name -> topics.add(new DeleteTopics.RequestTopic(name, null)));
        data.topics().forEach(topic -> topics.add(
            new DeleteTopics.RequestTopic(topic.name(), ColdMessages.id(topic.topicId()))));
        return new DeleteTopics.Request(topics, data.timeoutMs());
    }

    /**
     * {@return a decoded CreatePartitions request}
     *
     * @param version of the request
     * @param buffer  holds it
     * @param index   of the body
     * @param length  of the body
     */
    public static CreatePartitions.Request decodeCreatePartitions(
        final int version, final DirectBuffer buffer, final int index, final int length) {
        final CreatePartitionsRequestData data =
            ColdMessages.decode(new CreatePartitionsRequestData(), version, buffer, index, length);
        final List<CreatePartitions.RequestTopic> topics = new ArrayList<>();
        data.topics().forEach(topic -> topics.add(new CreatePartitions.RequestTopic(
            topic.name(), topic.count(), topic.assignments() != null && !topic.assignments().isEmpty())));
        return new CreatePartitions.Request(topics, data.timeoutMs(), data.validateOnly());
    }

    /**
     * {@return a decoded ElectLeaders request}
     *
     * @param version of the request
     * @param buffer  holds it
     * @param index   of the body
     * @param length  of the body
     */
    public static ElectLeaders.Request decodeElectLeaders(
        final int version, final DirectBuffer buffer, final int index, final int length) {
        final ElectLeadersRequestData data =
            ColdMessages.decode(new ElectLeadersRequestData(), version, buffer, index, length);
        List<ElectLeaders.RequestTopic> topics = null;
        if (data.topicPartitions() != null) {
            topics = new ArrayList<>();
            for (final ElectLeadersRequestData.TopicPartitions topic : data.topicPartitions()) {
                topics.add(new ElectLeaders.RequestTopic(topic.topic(), List.copyOf(topic.partitions())));
            }
        }
        return new ElectLeaders.Request(data.electionType(), topics, data.timeoutMs());
    }

    /**
     * {@return a decoded ListPartitionReassignments request}
     *
     * @param version of the request
     * @param buffer  holds it
     * @param index   of the body
     * @param length  of the body
     */
    public static ListPartitionReassignments.Request decodeListPartitionReassignments(
        final int version, final DirectBuffer buffer, final int index, final int length) {
        ColdMessages.decode(new ListPartitionReassignmentsRequestData(), version, buffer, index, length);
        return new ListPartitionReassignments.Request();
    }

    /**
     * {@return end index of an encoded CreateTopics response}
     *
     * @param version  of the request
     * @param response to encode
     * @param target   takes it
     */
    public static int encode(
        final int version, final CreateTopics.Response response, final ReplyTarget target) {
        final CreateTopicsResponseData data = new CreateTopicsResponseData().setTopics(
            new CreateTopicsResponseData.CreatableTopicResultCollection(
                HashedLists.room(response.topics(), topic -> topic.name().hashCode())));
        for (final CreateTopics.ResponseTopic topic : response.topics()) {
            final List<CreateTopicsResponseData.CreatableTopicConfigs> configs = new ArrayList<>();
            for (final DescribeConfigs.Config config : topic.configs()) {
                configs.add(new CreateTopicsResponseData.CreatableTopicConfigs()
                    .setName(config.name())
                    .setValue(config.value())
                    .setReadOnly(config.readOnly())
                    .setConfigSource(config.source())
                    .setIsSensitive(config.sensitive()));
            }
            data.topics().add(new CreateTopicsResponseData.CreatableTopicResult()
                .setName(topic.name())
                .setTopicId(ColdMessages.id(topic.id()))
                .setErrorCode(topic.errorCode())
                .setErrorMessage(topic.errorMessage())
                .setNumPartitions(topic.partitionCount())
                .setReplicationFactor((short) topic.replicationFactor())
                .setConfigs(configs));
        }
        return ColdMessages.write(data, version, target);
    }

    /**
     * {@return end index of an encoded DeleteTopics response}
     *
     * @param version  of the request
     * @param response to encode
     * @param target   takes it
     */
    public static int encode(
        final int version, final DeleteTopics.Response response, final ReplyTarget target) {
        final DeleteTopicsResponseData data = new DeleteTopicsResponseData().setResponses(
            new DeleteTopicsResponseData.DeletableTopicResultCollection(
                HashedLists.room(response.topics(), topic -> Objects.hashCode(topic.name()))));
        for (final DeleteTopics.ResponseTopic topic : response.topics()) {
            data.responses().add(new DeleteTopicsResponseData.DeletableTopicResult()
                .setName(topic.name())
                .setTopicId(ColdMessages.id(topic.id()))
                .setErrorCode(topic.errorCode())
                .setErrorMessage(topic.errorMessage()));
        }
        return ColdMessages.write(data, version, target);
    }

    /**
     * {@return end index of an encoded CreatePartitions response}
     *
     * @param version  of the request
     * @param response to encode
     * @param target   takes it
     */
    public static int encode(
        final int version, final CreatePartitions.Response response, final ReplyTarget target) {
        final CreatePartitionsResponseData data = new CreatePartitionsResponseData();
        for (final CreatePartitions.ResponseTopic topic : response.topics()) {
            data.results().add(new CreatePartitionsResponseData.CreatePartitionsTopicResult()
                .setName(topic.name())
                .setErrorCode(topic.errorCode())
                .setErrorMessage(topic.errorMessage()));
        }
        return ColdMessages.write(data, version, target);
    }

    /**
     * {@return end index of an encoded ElectLeaders response}
     *
     * @param version  of the request
     * @param response to encode
     * @param target   takes it
     */
    public static int encode(
        final int version, final ElectLeaders.Response response, final ReplyTarget target) {
        final ElectLeadersResponseData data = new ElectLeadersResponseData();
        if (version >= 1) {
            data.setErrorCode(response.errorCode());
        }
        for (final ElectLeaders.ResponseTopic topic : response.topics()) {
            final ElectLeadersResponseData.ReplicaElectionResult out =
                new ElectLeadersResponseData.ReplicaElectionResult().setTopic(topic.name());
            for (final ElectLeaders.ResponsePartition partition : topic.partitions()) {
                out.partitionResult().add(new ElectLeadersResponseData.PartitionResult()
                    .setPartitionId(partition.partitionId())
                    .setErrorCode(partition.errorCode())
                    .setErrorMessage(partition.errorMessage()));
            }
            data.replicaElectionResults().add(out);
        }
        return ColdMessages.write(data, version, target);
    }

    /**
     * {@return end index of an encoded ListPartitionReassignments response}
     *
     * @param version  of the request
     * @param response to encode
     * @param target   takes it
     */
    public static int encode(
        final int version, final ListPartitionReassignments.Response response, final ReplyTarget target) {
        return ColdMessages.write(new ListPartitionReassignmentsResponseData(), version, target);
    }
}
