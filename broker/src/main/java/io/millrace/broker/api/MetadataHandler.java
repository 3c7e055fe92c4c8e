package io.millrace.broker.api;

import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.metadata.BrokerInfo;
import io.millrace.broker.metadata.MetadataImage;
import io.millrace.broker.metadata.ShardInfo;
import io.millrace.engine.ErrorCodes;
import io.millrace.transport.kafka.codec.ClusterCodec;
import io.millrace.transport.kafka.message.Metadata;
import io.millrace.transport.kafka.server.ReplySlot;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;

/** Metadata: who is there, who leads what. Owned by the network thread. */
final class MetadataHandler {
    private static final Pattern LEGAL_NAME = Pattern.compile("[a-zA-Z0-9._-]{1,249}");

    private final BrokerConfig config;
    private final TopicDirectory topics;
    private final TopicAdminHandler admin;

    MetadataHandler(final BrokerConfig config, final TopicDirectory topics, final TopicAdminHandler admin) {
        this.config = config;
        this.topics = topics;
        this.admin = admin;
    }

    void handle(final Metadata.Request request, final ReplySlot slot) {
        final MetadataImage image = topics.image();
        final List<Metadata.Broker> brokers = image.brokers().stream()
            .filter((broker) -> !broker.fenced())
            .sorted(Comparator.comparingInt(BrokerInfo::id))
            .map((broker) -> new Metadata.Broker(broker.id(), broker.host(), broker.port()))
            .toList();
        final List<Metadata.Topic> answers = new ArrayList<>();
        if (request.topics() == null) {
            image.topics().forEach((topic) -> answers.add(describe(topics.find(topic.name()))));
        } else {
            for (final String name : request.topics()) {
                final TopicView topic = topics.find(name);
                answers.add(topic != null ? describe(topic) : missing(name, request.autoTopicCreationAllowed()));
            }
        }
        final int controllerId = brokers.isEmpty() ? -1 : brokers.get(0).nodeId();
        final String clusterId = image.clusterId() == null ? null : ClusterIds.toText(image.clusterId());
        slot.complete(ClusterCodec.encode(slot.apiVersion(),
            new Metadata.Response(brokers, clusterId, controllerId, answers), slot));
    }

    private Metadata.Topic missing(final String name, final boolean mayCreate) {
        if (!LEGAL_NAME.matcher(name).matches() || name.equals(".") || name.equals("..")) {
            return new Metadata.Topic(KafkaErrors.INVALID_TOPIC, name, false, List.of());
        }
        if (mayCreate && config.autoCreateTopics()) {
            admin.createInPassing(name);
            return new Metadata.Topic(KafkaErrors.LEADER_NOT_AVAILABLE, name, false, List.of());
        }
        return new Metadata.Topic(ErrorCodes.UNKNOWN_TOPIC_OR_PARTITION, name, false, List.of());
    }

    private Metadata.Topic describe(final TopicView topic) {
        final List<Metadata.Partition> partitions = new ArrayList<>(topic.partitionCount());
        for (int i = 0; i < topic.partitionCount(); i++) {
            final ShardView shard = topic.shards[i];
            final ShardInfo info = shard.info;
            final int leader = shard.visibleLeaderId;
            final List<Integer> offline = info.replicas().stream()
                .filter((id) -> !topics.image().isLive(id)).toList();
            partitions.add(new Metadata.Partition(
                leader == MetadataImage.NO_LEADER ? KafkaErrors.LEADER_NOT_AVAILABLE : ErrorCodes.NONE,
                i, leader, info.leaderEpoch(), info.replicas(), info.isr(), offline));
        }
        return new Metadata.Topic(ErrorCodes.NONE, topic.info.name(), topic.info.isInternal(), partitions);
    }
}
