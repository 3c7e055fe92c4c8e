package io.millrace.transport.kafka.codec;

import io.millrace.transport.kafka.message.CreateTopics;
import io.millrace.transport.kafka.message.DeleteTopics;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.agrona.DirectBuffer;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.CreateTopicsResponseData;
import org.apache.kafka.common.message.DeleteTopicsRequestData;
import org.apache.kafka.common.message.DeleteTopicsResponseData;
import org.apache.kafka.common.protocol.ApiMessage;

/**
 * Topics made and removed. Stateless, any thread;
 * {@link ColdMessages} has what all such codecs keep to.
 */
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
        return new DeleteTopics.Request(List.copyOf(data.topicNames()), data.timeoutMs());
    }

    /**
     * {@return end index of an encoded CreateTopics response}
     *
     * @param version  of the request
     * @param response to encode
     * @param target   takes it
     */
    public static int encode(final int version, final CreateTopics.Response response, final ReplyTarget target) {
        return ColdMessages.write(createTopics(response), version, target);
    }

    /**
     * {@return end index of an encoded DeleteTopics response}
     *
     * @param version  of the request
     * @param response to encode
     * @param target   takes it
     */
    public static int encode(final int version, final DeleteTopics.Response response, final ReplyTarget target) {
        return ColdMessages.write(deleteTopics(response), version, target);
    }

    private static ApiMessage createTopics(final CreateTopics.Response response) {
        final CreateTopicsResponseData data = new CreateTopicsResponseData();
        for (final CreateTopics.ResponseTopic topic : response.topics()) {
            data.topics().add(new CreateTopicsResponseData.CreatableTopicResult()
                .setName(topic.name())
                .setErrorCode(topic.errorCode())
                .setErrorMessage(topic.errorMessage()));
        }
        return data;
    }

    private static ApiMessage deleteTopics(final DeleteTopics.Response response) {
        final DeleteTopicsResponseData data = new DeleteTopicsResponseData();
        for (final DeleteTopics.ResponseTopic topic : response.topics()) {
            data.responses().add(new DeleteTopicsResponseData.DeletableTopicResult()
                .setName(topic.name())
                .setErrorCode(topic.errorCode()));
        }
        return data;
    }
}
