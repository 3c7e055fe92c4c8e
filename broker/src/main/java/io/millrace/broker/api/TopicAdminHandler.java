package io.millrace.broker.api;

import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.metadata.MetadataCommand;
import io.millrace.broker.metadata.MetadataErrors;
import io.millrace.broker.metadata.MetadataImage;
import io.millrace.broker.metadata.MetadataResult;
import io.millrace.transport.kafka.codec.TopicCodec;
import io.millrace.transport.kafka.message.CreateTopics;
import io.millrace.transport.kafka.message.DeleteTopics;
import io.millrace.transport.kafka.server.ReplySlot;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/**
 * CreateTopics and DeleteTopics. A creation is answered when this node knows the topic's leaders, so that a client that
 * asks for metadata next finds them. Owned by the network thread.
 */
final class TopicAdminHandler {
    static final String MIN_INSYNC_REPLICAS = "min.insync.replicas";
    private static final int SHARDS_PER_BROKER = 1;
    private static final int MIN_VERSION_WITH_DEFAULTS = 4;

    private final BrokerConfig config;
    private final TopicDirectory topics;
    private final QuorumCaller quorum;
    private final RandomGenerator random;
    private final List<Creation> waitingForLeaders = new ArrayList<>();

    TopicAdminHandler(final BrokerConfig config, final TopicDirectory topics, final QuorumCaller quorum,
        final RandomGenerator random) {
        this.config = config;
        this.topics = topics;
        this.quorum = quorum;
        this.random = random;
    }

    void create(final CreateTopics.Request request, final ReplySlot slot, final long nowNs) {
        final Creation creation = new Creation(slot, request.topics().size());
        slot.attach(creation);
        slot.expireAt(nowNs + TimeUnit.MILLISECONDS.toNanos(Math.max(1, request.timeoutMs())));
        for (int i = 0; i < request.topics().size(); i++) {
            final int entry = i;
            final CreateTopics.RequestTopic topic = request.topics().get(i);
            creation.names.add(topic.name());
            final CreateTopics.ResponseTopic refusal = refusal(topic, slot.apiVersion());
            if (refusal != null) {
                creation.answers[entry] = refusal;
                creation.openCount--;
            } else {
                final MetadataCommand.CreateTopic command = command(topic, request.validateOnly());
                quorum.call(command, (result) -> onCreated(creation, entry, result, command));
            }
        }
        completeIfDone(creation);
    }

    private CreateTopics.ResponseTopic refusal(final CreateTopics.RequestTopic topic, final int version) {
        if (!topic.assignments().isEmpty()) {
            return new CreateTopics.ResponseTopic(topic.name(), KafkaErrors.INVALID_REPLICA_ASSIGNMENT,
                "replicas are placed by the cluster; leave the assignment out");
        }
        if (version < MIN_VERSION_WITH_DEFAULTS && (topic.partitionCount() < 1 || topic.replicationFactor() < 1)) {
            return new CreateTopics.ResponseTopic(topic.name(), KafkaErrors.INVALID_PARTITIONS,
                "partitions=" + topic.partitionCount() + " replicationFactor=" + topic.replicationFactor()
                    + ": both must be at least 1 in this version of the request");
        }
        if (topic.configs().containsValue(null)) {
            return new CreateTopics.ResponseTopic(topic.name(), MetadataErrors.INVALID_CONFIG,
                "a topic config has no value: " + topic.configs());
        }
        return null;
    }

    private MetadataCommand.CreateTopic command(final CreateTopics.RequestTopic topic, final boolean validateOnly) {
        final int replicationFactor = topic.replicationFactor() == -1
            ? config.defaultReplicationFactor() : topic.replicationFactor();
        final int partitionCount = topic.partitionCount() == -1
            ? config.defaultPartitionCount() : topic.partitionCount();
        final Map<String, String> configs = new HashMap<>(topic.configs());
        if (config.defaultMinInsyncReplicas() > 0 && !configs.containsKey(MIN_INSYNC_REPLICAS)) {
            configs.put(MIN_INSYNC_REPLICAS,
                Integer.toString(Math.min(config.defaultMinInsyncReplicas(), Math.max(1, replicationFactor))));
        }
        return new MetadataCommand.CreateTopic(new UUID(random.nextLong(), random.nextLong()), topic.name(),
            partitionCount, replicationFactor, config.profile(), configs, SHARDS_PER_BROKER, validateOnly);
    }

    /** Creates a topic that a client asked for in passing; nobody waits for the answer. */
    void createInPassing(final String name) {
        quorum.call(command(new CreateTopics.RequestTopic(name, -1, (short)-1, List.of(), Map.of()), false),
            (result) -> { });
    }

    private void onCreated(final Creation creation, final int entry, final MetadataResult result,
        final MetadataCommand.CreateTopic command) {
        creation.answers[entry] =
            new CreateTopics.ResponseTopic(creation.names.get(entry), result.errorCode(), result.message());
        creation.openCount--;
        if (result.isOk() && !command.validateOnly()) {
            creation.created.put(command.name(), command.topicId());
        }
        completeIfDone(creation);
    }

    private void completeIfDone(final Creation creation) {
        if (!creation.completed && creation.openCount == 0) {
            if (leadersAreVisible(creation)) {
                creation.complete();
            } else if (!waitingForLeaders.contains(creation)) {
                waitingForLeaders.add(creation);
            }
        }
    }

    private boolean leadersAreVisible(final Creation creation) {
        for (final Map.Entry<String, UUID> created : creation.created.entrySet()) {
            final TopicView topic = topics.find(created.getKey());
            if (topic == null || !topic.info.id().equals(created.getValue())) {
                return false; // not known yet, or still the deleted one that had the name before
            }
            for (final ShardView shard : topic.shards) {
                final boolean led = shard.visibleLeaderId == config.nodeId()
                    ? shard.isLedHere() : shard.visibleLeaderId != MetadataImage.NO_LEADER;
                if (!led) {
                    return false;
                }
            }
        }
        return true;
    }

    /** Looks again at creations that wait for their leaders. */
    int onProgress() {
        final int before = waitingForLeaders.size();
        waitingForLeaders.removeIf((creation) -> {
            if (!creation.completed && leadersAreVisible(creation)) {
                creation.complete();
            }
            return creation.completed;
        });
        return before - waitingForLeaders.size();
    }

    boolean isWaiting() {
        return !waitingForLeaders.isEmpty();
    }

    void delete(final DeleteTopics.Request request, final ReplySlot slot, final long nowNs) {
        final Deletion deletion = new Deletion(slot, request.names());
        slot.attach(deletion);
        slot.expireAt(nowNs + TimeUnit.MILLISECONDS.toNanos(Math.max(1, request.timeoutMs())));
        for (int i = 0; i < request.names().size(); i++) {
            final int entry = i;
            quorum.call(new MetadataCommand.DeleteTopic(request.names().get(i), null),
                (result) -> deletion.onAnswer(entry, result.errorCode()));
        }
        deletion.completeIfDone();
    }

    /** One CreateTopics request. */
    private static final class Creation implements Deferred {
        private final ReplySlot slot;
        private final short version;
        private final List<String> names = new ArrayList<>();
        private final Map<String, UUID> created = new HashMap<>();
        private final CreateTopics.ResponseTopic[] answers;
        private int openCount;
        private boolean completed;

        Creation(final ReplySlot slot, final int count) {
            this.slot = slot;
            this.version = slot.apiVersion();
            this.answers = new CreateTopics.ResponseTopic[count];
            this.openCount = count;
        }

        void complete() {
            completed = true;
            final List<CreateTopics.ResponseTopic> topics = new ArrayList<>();
            for (int i = 0; i < answers.length; i++) {
                topics.add(answers[i] != null ? answers[i] : new CreateTopics.ResponseTopic(names.get(i),
                    MetadataErrors.REQUEST_TIMED_OUT, "the metadata quorum did not answer in time"));
            }
            slot.complete(TopicCodec.encode(version, new CreateTopics.Response(topics), slot));
        }

        @Override
        public void onExpired(final ReplySlot expired) {
            complete();
        }
    }

    /** One DeleteTopics request. */
    private static final class Deletion implements Deferred {
        private final ReplySlot slot;
        private final short version;
        private final List<String> names;
        private final Short[] answers;
        private int openCount;
        private boolean completed;

        Deletion(final ReplySlot slot, final List<String> names) {
            this.slot = slot;
            this.version = slot.apiVersion();
            this.names = names;
            this.answers = new Short[names.size()];
            this.openCount = names.size();
        }

        void onAnswer(final int entry, final short errorCode) {
            answers[entry] = errorCode;
            openCount--;
            completeIfDone();
        }

        void completeIfDone() {
            if (!completed && openCount == 0) {
                onExpired(slot);
            }
        }

        @Override
        public void onExpired(final ReplySlot expired) {
            completed = true;
            final List<DeleteTopics.ResponseTopic> topics = new ArrayList<>();
            for (int i = 0; i < answers.length; i++) {
                topics.add(new DeleteTopics.ResponseTopic(names.get(i),
                    answers[i] == null ? MetadataErrors.REQUEST_TIMED_OUT : answers[i]));
            }
            slot.complete(TopicCodec.encode(version, new DeleteTopics.Response(topics), slot));
        }
    }
}
