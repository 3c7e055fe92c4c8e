package io.millrace.broker.api;

import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.metadata.TopicInfo;
import io.millrace.engine.ErrorCodes;
import io.millrace.transport.kafka.codec.ConfigCodec;
import io.millrace.transport.kafka.message.DescribeConfigs;
import io.millrace.transport.kafka.server.ReplySlot;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** DescribeConfigs for topics and this broker. Owned by the network thread. */
final class ConfigView {
    private final BrokerConfig config;
    private final TopicDirectory topics;

    ConfigView(final BrokerConfig config, final TopicDirectory topics) {
        this.config = config;
        this.topics = topics;
    }

    void handle(final DescribeConfigs.Request request, final ReplySlot slot) {
        final List<DescribeConfigs.ResponseResource> answers = new ArrayList<>();
        for (final DescribeConfigs.RequestResource resource : request.resources()) {
            answers.add(describe(resource));
        }
        slot.complete(ConfigCodec.encode(slot.apiVersion(), new DescribeConfigs.Response(answers), slot));
    }

    private DescribeConfigs.ResponseResource describe(final DescribeConfigs.RequestResource resource) {
        if (resource.type() == DescribeConfigs.TOPIC) {
            final TopicView topic = topics.find(resource.name());
            if (topic == null) {
                return refuse(resource, ErrorCodes.UNKNOWN_TOPIC_OR_PARTITION, "no such topic: " + resource.name());
            }
            return answer(resource, topicConfigs(topic.info));
        }
        if (resource.type() == DescribeConfigs.BROKER) {
            if (!resource.name().equals(Integer.toString(config.nodeId()))) {
                return refuse(resource, KafkaErrors.INVALID_REQUEST, "asked for broker " + resource.name()
                    + " but this is " + config.nodeId() + "; ask that broker itself");
            }
            return answer(resource, brokerConfigs());
        }
        return refuse(resource, KafkaErrors.INVALID_REQUEST,
            "resource type " + resource.type() + " is not supported, only topics (2) and brokers (4)");
    }

    private static DescribeConfigs.ResponseResource refuse(
        final DescribeConfigs.RequestResource resource, final short errorCode, final String message) {
        return new DescribeConfigs.ResponseResource(errorCode, message, resource.type(), resource.name(), List.of());
    }

    private static DescribeConfigs.ResponseResource answer(
        final DescribeConfigs.RequestResource resource, final List<DescribeConfigs.Config> configs) {
        final List<DescribeConfigs.Config> wanted = resource.keys() == null ? configs
            : configs.stream().filter((entry) -> resource.keys().contains(entry.name())).toList();
        return new DescribeConfigs.ResponseResource(
            ErrorCodes.NONE, null, resource.type(), resource.name(), wanted);
    }

    private List<DescribeConfigs.Config> topicConfigs(final TopicInfo topic) {
        final List<DescribeConfigs.Config> configs = new ArrayList<>();
        addTopic(configs, topic, "cleanup.policy", "delete", DescribeConfigs.TYPE_LIST);
        addTopic(configs, topic, "compression.type", "producer", DescribeConfigs.TYPE_STRING);
        addTopic(configs, topic, TopicDirectory.MAX_MESSAGE_BYTES, Integer.toString(config.messageMaxLength()),
            DescribeConfigs.TYPE_INT);
        addTopic(configs, topic, "message.timestamp.type", "CreateTime", DescribeConfigs.TYPE_STRING);
        addTopic(configs, topic, "millrace.profile",
            topic.shardClass().profile().configName(), DescribeConfigs.TYPE_STRING);
        addTopic(configs, topic, TopicAdminHandler.MIN_INSYNC_REPLICAS,
            Integer.toString(topic.shardClass().minInsyncReplicas()), DescribeConfigs.TYPE_INT);
        addTopic(configs, topic, "retention.bytes", Long.toString(config.retentionLength()),
            DescribeConfigs.TYPE_LONG);
        addTopic(configs, topic, "retention.ms", Long.toString(config.retentionMs()), DescribeConfigs.TYPE_LONG);
        addTopic(configs, topic, "segment.bytes", Integer.toString(config.segmentLength()), DescribeConfigs.TYPE_INT);
        return configs;
    }

    private static void addTopic(final List<DescribeConfigs.Config> configs, final TopicInfo topic, final String name,
        final String defaultValue, final byte type) {
        final String set = topic.configs().get(name);
        configs.add(new DescribeConfigs.Config(name, set == null ? defaultValue : set, false,
            set == null ? DescribeConfigs.SOURCE_DEFAULT : DescribeConfigs.SOURCE_TOPIC, false, type));
    }

    private List<DescribeConfigs.Config> brokerConfigs() {
        final List<DescribeConfigs.Config> configs = new ArrayList<>();
        for (final Map.Entry<String, String> entry : config.effectiveTexts().entrySet()) {
            configs.add(new DescribeConfigs.Config(entry.getKey(), entry.getValue(), true,
                config.isExplicit(entry.getKey())
                    ? DescribeConfigs.SOURCE_STATIC_BROKER : DescribeConfigs.SOURCE_DEFAULT,
                false, DescribeConfigs.TYPE_STRING));
        }
        return configs;
    }
}
