package io.millrace.broker.api;

import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.metadata.BrokerInfo;
import io.millrace.broker.metadata.MetadataErrors;
import io.millrace.broker.metadata.MetadataImage;
import io.millrace.broker.metadata.TopicInfo;
import io.millrace.engine.ErrorCodes;
import io.millrace.transport.kafka.codec.ClusterCodec;
import io.millrace.transport.kafka.codec.MalformedRequestException;
import io.millrace.transport.kafka.message.Metadata;
import io.millrace.transport.kafka.server.ReplySlot;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.UUID;
import java.util.regex.Pattern;

/** Metadata: who is there, who leads what. Owned by the network thread. */
final class MetadataHandler {
    private static final Pattern LEGAL_NAME = Pattern.compile("[a-zA-Z0-9._-]{1,249}");
    /** Partitions in one answer beyond which a request that names its topics is taken for an attack. */
    private static final int MAX_PARTITION_COUNT = 200_000;
    private static final int MIN_VERSION_WITH_TOPIC_IDS = 12;

    private final BrokerConfig config;
    private final TopicDirectory topics;
    private final TopicDescriber describer;
    private final TopicAdminHandler admin;

    MetadataHandler(final BrokerConfig config, final TopicDirectory topics, final TopicDescriber describer,
        final TopicAdminHandler admin) {
        this.config = config;
        this.topics = topics;
        this.describer = describer;
        this.admin = admin;
    }

    void handle(final Metadata.Request request, final ReplySlot slot) {
        final MetadataImage image = topics.image();
        final List<Metadata.Broker> brokers = liveBrokers(image).stream()
            .map((broker) -> new Metadata.Broker(broker.id(), broker.host(), broker.port()))
            .toList();
        final List<Metadata.Topic> answers = new ArrayList<>();
        final int operations =
            request.topicOperationsWanted() ? TopicDescriber.TOPIC_OPERATIONS : Metadata.OPERATIONS_NOT_ASKED;
        if (request.topics() == null) {
            image.topics().forEach((topic) -> answers.add(describe(topics.find(topic.name()), operations)));
        } else {
            int partitionCount = 0;
            for (final Metadata.RequestTopic asked : new LinkedHashSet<>(request.topics())) {
                final Metadata.Topic answer = answer(request, asked, slot.apiVersion(), operations);
                partitionCount += answer.partitions().size();
                if (partitionCount > MAX_PARTITION_COUNT) {
                    throw new MalformedRequestException("Metadata of more than " + MAX_PARTITION_COUNT
                        + " partitions asked for by name; ask for fewer topics at a time");
                }
                answers.add(answer);
            }
        }
        slot.complete(ClusterCodec.encode(slot.apiVersion(), new Metadata.Response(
            brokers, clusterId(image), controllerId(image), answers,
            request.clusterOperationsWanted() ? TopicDescriber.CLUSTER_OPERATIONS : Metadata.OPERATIONS_NOT_ASKED),
            slot));
    }

    static List<BrokerInfo> liveBrokers(final MetadataImage image) {
        return image.brokers().stream().filter((broker) -> !broker.fenced())
            .sorted(Comparator.comparingInt(BrokerInfo::id)).toList();
    }

    /** Any live broker takes an operator's requests and passes them on to the quorum; all name the same one. */
    static int controllerId(final MetadataImage image) {
        final List<BrokerInfo> live = liveBrokers(image);
        return live.isEmpty() ? -1 : live.get(0).id();
    }

    static String clusterId(final MetadataImage image) {
        return image.clusterId() == null ? null : ClusterIds.toText(image.clusterId());
    }

    private Metadata.Topic answer(final Metadata.Request request, final Metadata.RequestTopic asked, final int version,
        final int operations) {
        if (version < MIN_VERSION_WITH_TOPIC_IDS && asked.id() != null || asked.id() == null && asked.name() == null) {
            return missing(KafkaErrors.INVALID_REQUEST, asked.name(), asked.id());
        }
        if (asked.id() != null) {
            final TopicInfo topic = topics.image().topic(asked.id());
            if (topic != null) {
                return describe(topics.find(topic.name()), operations);
            }
            return missing(topics.isUpToDate() ? MetadataErrors.UNKNOWN_TOPIC_ID : KafkaErrors.LEADER_NOT_AVAILABLE,
                null, asked.id());
        }
        final TopicView topic = topics.find(asked.name());
        return topic != null ? describe(topic, operations)
            : unknown(asked.name(), request.autoTopicCreationAllowed());
    }

    /** {@return whether a topic may have this name} */
    static boolean isLegal(final String name) {
        return LEGAL_NAME.matcher(name).matches() && !name.equals(".") && !name.equals("..");
    }

    private Metadata.Topic unknown(final String name, final boolean mayCreate) {
        if (!isLegal(name)) {
            return missing(KafkaErrors.INVALID_TOPIC, name, null);
        }
        if (!topics.isUpToDate()) {
            return missing(KafkaErrors.LEADER_NOT_AVAILABLE, name, null);
        }
        if (mayCreate && config.autoCreateTopics()) {
            admin.createInPassing(name);
            return missing(KafkaErrors.LEADER_NOT_AVAILABLE, name, null);
        }
        return missing(ErrorCodes.UNKNOWN_TOPIC_OR_PARTITION, name, null);
    }

    private static Metadata.Topic missing(final short errorCode, final String name, final UUID id) {
        return new Metadata.Topic(errorCode, name, id, false, List.of(), Metadata.OPERATIONS_NOT_ASKED);
    }

    private Metadata.Topic describe(final TopicView topic, final int operations) {
        return new Metadata.Topic(ErrorCodes.NONE, topic.info.name(), topic.info.id(), topic.info.isInternal(),
            describer.partitions(topic), operations);
    }
}
