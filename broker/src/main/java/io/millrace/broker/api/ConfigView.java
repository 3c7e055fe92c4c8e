package io.millrace.broker.api;

import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.config.ConfigKey;
import io.millrace.broker.config.ConfigKeys;
import io.millrace.broker.metadata.BrokerConfigRules;
import io.millrace.broker.metadata.MetadataCommand;
import io.millrace.broker.metadata.TopicConfigs;
import io.millrace.broker.metadata.TopicInfo;
import io.millrace.engine.ErrorCodes;
import io.millrace.transport.kafka.codec.ConfigCodec;
import io.millrace.transport.kafka.message.DescribeConfigs;
import io.millrace.transport.kafka.message.ListConfigResources;
import io.millrace.transport.kafka.server.ReplySlot;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * DescribeConfigs for topics, this broker, and what all brokers were told; ListConfigResources. Owned by the network
 * thread.
 */
final class ConfigView {
    private static final String ALL_BROKERS_NAME = "";
    private static final int ALL_BROKERS = MetadataCommand.AlterBrokerConfig.ALL_BROKERS;

    private final BrokerConfig config;
    private final TopicDirectory topics;

    ConfigView(final BrokerConfig config, final TopicDirectory topics) {
        this.config = config;
        this.topics = topics;
    }

    void handle(final DescribeConfigs.Request request, final ReplySlot slot) {
        final List<DescribeConfigs.ResponseResource> answers = new ArrayList<>();
        final Set<String> answered = new HashSet<>();
        for (final DescribeConfigs.RequestResource resource : request.resources()) {
            if (answered.add(resource.type() + resource.name())) { // once, however often a client names it
                answers.add(describe(request, resource));
            }
        }
        slot.complete(ConfigCodec.encode(slot.apiVersion(), new DescribeConfigs.Response(answers), slot));
    }

    void list(final ListConfigResources.Request request, final ReplySlot slot) {
        final List<ListConfigResources.Resource> answers = new ArrayList<>();
        if (request.types().isEmpty() || request.types().contains(DescribeConfigs.TOPIC)) {
            topics.image().topics().forEach((topic) ->
                answers.add(new ListConfigResources.Resource(DescribeConfigs.TOPIC, topic.name())));
        }
        if (request.types().isEmpty() || request.types().contains(DescribeConfigs.BROKER)) {
            MetadataHandler.liveBrokers(topics.image()).forEach((broker) ->
                answers.add(new ListConfigResources.Resource(DescribeConfigs.BROKER, Integer.toString(broker.id()))));
        }
        slot.complete(ConfigCodec.encode(slot.apiVersion(), new ListConfigResources.Response(answers), slot));
    }

    private DescribeConfigs.ResponseResource describe(
        final DescribeConfigs.Request request, final DescribeConfigs.RequestResource resource) {
        if (resource.type() == DescribeConfigs.TOPIC) {
            final TopicView topic = topics.find(resource.name());
            if (topic == null && !MetadataHandler.isLegal(resource.name())) {
                return refuse(resource, KafkaErrors.INVALID_TOPIC, "no topic can be named '" + resource.name() + "'");
            }
            return topic == null
                ? refuse(resource, ErrorCodes.UNKNOWN_TOPIC_OR_PARTITION, "no such topic: " + resource.name())
                : answer(request, resource, topicConfigs(topic.info));
        }
        if (resource.type() == DescribeConfigs.BROKER) {
            if (resource.name().equals(ALL_BROKERS_NAME)) {
                return answer(request, resource, toldToAll());
            }
            if (!resource.name().equals(Integer.toString(config.nodeId()))) {
                return refuse(resource, KafkaErrors.INVALID_REQUEST, "asked for broker " + resource.name()
                    + " but this is " + config.nodeId() + "; ask that broker itself");
            }
            return answer(request, resource, brokerConfigs());
        }
        return refuse(resource, KafkaErrors.INVALID_REQUEST,
            "resource type " + resource.type() + " is not supported, only topics (2) and brokers (4)");
    }

    private static DescribeConfigs.ResponseResource refuse(
        final DescribeConfigs.RequestResource resource, final short errorCode, final String message) {
        return new DescribeConfigs.ResponseResource(errorCode, message, resource.type(), resource.name(), List.of());
    }

    private static DescribeConfigs.ResponseResource answer(final DescribeConfigs.Request request,
        final DescribeConfigs.RequestResource resource, final List<DescribeConfigs.Config> configs) {
        final List<DescribeConfigs.Config> wanted = new ArrayList<>();
        for (final DescribeConfigs.Config entry : configs) {
            if (resource.keys() == null || resource.keys().isEmpty() || resource.keys().contains(entry.name())) {
                wanted.add(new DescribeConfigs.Config(entry.name(), entry.value(), entry.readOnly(), entry.source(),
                    entry.sensitive(), entry.type(), request.includeSynonyms() ? entry.synonyms() : List.of(),
                    request.includeDocumentation() ? entry.documentation() : null));
            }
        }
        return new DescribeConfigs.ResponseResource(
            ErrorCodes.NONE, null, resource.type(), resource.name(), wanted);
    }

    /** {@return all configs of a topic, with where each value comes from} */
    List<DescribeConfigs.Config> topicConfigs(final TopicInfo topic) {
        final List<DescribeConfigs.Config> configs = new ArrayList<>();
        for (final TopicConfigs.Key key : TopicConfigs.all()) {
            final List<DescribeConfigs.Synonym> synonyms = new ArrayList<>();
            final String set = topic.configs().get(key.name());
            if (set != null) {
                synonyms.add(new DescribeConfigs.Synonym(key.name(), set, DescribeConfigs.SOURCE_TOPIC));
            }
            final String fixed = fixedAtCreation(topic, key.name());
            if (fixed != null) {
                synonyms.add(new DescribeConfigs.Synonym(key.name(), fixed, DescribeConfigs.SOURCE_DEFAULT));
            } else {
                addBrokerSynonyms(synonyms, key.brokerName());
            }
            if (synonyms.isEmpty()) {
                synonyms.add(new DescribeConfigs.Synonym(
                    key.name(), key.defaultText(), DescribeConfigs.SOURCE_DEFAULT));
            }
            configs.add(new DescribeConfigs.Config(key.name(), synonyms.get(0).value(), false,
                synonyms.get(0).source(), false, typeOf(key), synonyms, key.description()));
        }
        return configs;
    }

    /** {@return what the topic's shards were made for, which no broker's config changes any more; or null} */
    private static String fixedAtCreation(final TopicInfo topic, final String name) {
        if (name.equals(TopicAdminHandler.MIN_INSYNC_REPLICAS)) {
            return Integer.toString(topic.shardClass().minInsyncReplicas());
        }
        return name.equals("millrace.profile") ? topic.shardClass().profile().configName() : null;
    }

    private static byte typeOf(final TopicConfigs.Key key) {
        return switch (key.type()) {
            case BOOLEAN -> DescribeConfigs.TYPE_BOOLEAN;
            case INT -> DescribeConfigs.TYPE_INT;
            case LONG -> DescribeConfigs.TYPE_LONG;
            case DOUBLE -> DescribeConfigs.TYPE_DOUBLE;
            case LIST -> DescribeConfigs.TYPE_LIST;
            default -> DescribeConfigs.TYPE_STRING;
        };
    }

    private byte typeOf(final String brokerKey) {
        final Class<?> type = config.typeOf(brokerKey);
        if (type == Boolean.class) {
            return DescribeConfigs.TYPE_BOOLEAN;
        } else if (type == Integer.class) {
            return DescribeConfigs.TYPE_INT;
        } else if (type == Long.class) {
            return DescribeConfigs.TYPE_LONG;
        }
        return type == List.class ? DescribeConfigs.TYPE_LIST : DescribeConfigs.TYPE_STRING;
    }

    /** Where this broker looks for a value of its own, the first that counts first. */
    private void addBrokerSynonyms(final List<DescribeConfigs.Synonym> synonyms, final String name) {
        if (name == null) {
            return;
        }
        final String own = topics.image().brokerConfigs(config.nodeId()).get(name);
        if (own != null) {
            synonyms.add(new DescribeConfigs.Synonym(name, own, DescribeConfigs.SOURCE_BROKER));
        }
        final String all = topics.image().brokerConfigs(ALL_BROKERS).get(name);
        if (all != null) {
            synonyms.add(new DescribeConfigs.Synonym(name, all, DescribeConfigs.SOURCE_ALL_BROKERS));
        }
        final String text = config.plainText(name);
        if (text != null) {
            synonyms.add(new DescribeConfigs.Synonym(name, text, config.isExplicit(name)
                ? DescribeConfigs.SOURCE_STATIC_BROKER : DescribeConfigs.SOURCE_DEFAULT));
        }
    }

    private List<DescribeConfigs.Config> brokerConfigs() {
        final List<DescribeConfigs.Config> configs = new ArrayList<>();
        for (final ConfigKey<?> key : ConfigKeys.all()) {
            final List<DescribeConfigs.Synonym> synonyms = new ArrayList<>();
            addBrokerSynonyms(synonyms, key.name());
            configs.add(new DescribeConfigs.Config(key.name(), synonyms.get(0).value(),
                !BrokerConfigRules.isDynamic(key.name()), synonyms.get(0).source(), false,
                typeOf(key.name()), synonyms, key.description()));
        }
        return configs;
    }

    private List<DescribeConfigs.Config> toldToAll() {
        final List<DescribeConfigs.Config> configs = new ArrayList<>();
        for (final Map.Entry<String, String> told : topics.image().brokerConfigs(ALL_BROKERS).entrySet()) {
            configs.add(new DescribeConfigs.Config(told.getKey(), told.getValue(), false,
                DescribeConfigs.SOURCE_ALL_BROKERS, false, typeOf(told.getKey()), List.of(new DescribeConfigs
                    .Synonym(told.getKey(), told.getValue(), DescribeConfigs.SOURCE_ALL_BROKERS)), null));
        }
        return configs;
    }
}
