package io.millrace.broker.api;

import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.metadata.MetadataCommand;
import io.millrace.broker.metadata.MetadataErrors;
import io.millrace.broker.metadata.MetadataImage;
import io.millrace.broker.metadata.MetadataResult;
import io.millrace.broker.metadata.TopicInfo;
import io.millrace.broker.shard.AppliedMetadata;
import io.millrace.engine.ErrorCodes;
import io.millrace.transport.kafka.codec.TopicCodec;
import io.millrace.transport.kafka.message.CreatePartitions;
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
import org.agrona.concurrent.NanoClock;

/**
 * CreateTopics, CreatePartitions and DeleteTopics. What is created is answered when this node knows its leaders and the
 * other live brokers know of it and lead what they are to lead, so that a client that asks for metadata, or produces,
 * next is served by any of them. Owned by the network thread.
 */
final class TopicAdminHandler {
    static final String MIN_INSYNC_REPLICAS = "min.insync.replicas";
    private static final int SHARDS_PER_BROKER = 1;
    private static final int MAX_DEFAULT_REPLICATION_FACTOR = 3;
    /** How long other brokers may take to hear of what was decided before the client is told. */
    private static final long VISIBLE_PATIENCE_NS = TimeUnit.MILLISECONDS.toNanos(500);
    private static final String UNANSWERED = "the metadata quorum did not answer in time";
    private static final String NAMED_TWICE = "the topic is named more than once in one request";
    private static final String NO_ASSIGNMENT = "replicas are placed by the cluster; leave the assignment out";

    private final BrokerConfig config;
    private final TopicDirectory topics;
    private final QuorumCaller quorum;
    private final RandomGenerator random;
    private final ConfigView configs;
    private final AppliedVersions applied;
    private final NanoClock clock;
    private final List<Gathering<?>> waitingForLeaders = new ArrayList<>();

    TopicAdminHandler(final BrokerConfig config, final TopicDirectory topics, final QuorumCaller quorum,
        final ConfigView configs, final RandomGenerator random, final AppliedVersions applied,
        final NanoClock clock) {
        this.applied = applied;
        this.clock = clock;
        this.config = config;
        this.topics = topics;
        this.quorum = quorum;
        this.configs = configs;
        this.random = random;
    }

    /** A topic that is to be seen with all its leaders before a request is answered. */
    private record Wanted(UUID id, int partitionCount) {
    }

    void create(final CreateTopics.Request request, final ReplySlot slot, final long nowNs) {
        final int version = slot.apiVersion();
        final List<Map.Entry<String, CreateTopics.RequestTopic>> asked =
            List.copyOf(NamedOnce.entries(request.topics(), CreateTopics.RequestTopic::name).entrySet());
        final Map<String, Wanted> created = new HashMap<>();
        final Gathering<CreateTopics.ResponseTopic> gathering = Gathering.attach(slot, asked.size(),
            request.timeoutMs(), nowNs,
            (entry) -> new CreateTopics.ResponseTopic(asked.get(entry).getKey(), MetadataErrors.REQUEST_TIMED_OUT,
                UNANSWERED),
            (answers) -> slot.complete(TopicCodec.encode(
                version, new CreateTopics.Response(answers.stream().map(this::withDetails).toList()), slot)));
        final Visible visible = new Visible(request.timeoutMs());
        gathering.readyWhen(() -> leadersAreVisible(created) && isVisible(visible));
        for (int i = 0; i < asked.size(); i++) {
            final int entry = i;
            final CreateTopics.RequestTopic topic = asked.get(i).getValue();
            final CreateTopics.ResponseTopic refusal = topic == null
                ? new CreateTopics.ResponseTopic(asked.get(i).getKey(), KafkaErrors.INVALID_REQUEST, NAMED_TWICE)
                : refusal(topic);
            if (refusal != null) {
                gathering.answer(entry, refusal);
            } else {
                final MetadataCommand.CreateTopic command = command(topic, request.validateOnly());
                quorum.call(command, (result) -> {
                    if (result.isOk() && !command.validateOnly()) {
                        visible.from(result);
                        created.put(command.name(), new Wanted(command.topicId(), 0));
                    }
                    gathering.answer(entry, answer(command, result));
                });
            }
        }
        untilImage(gathering);
    }

    /** Completes what is done now or when a newer image has come. */
    void untilImage(final Gathering<?> gathering) {
        if (!gathering.completeIfDone()) {
            waitingForLeaders.add(gathering);
        }
    }

    private CreateTopics.ResponseTopic answer(final MetadataCommand.CreateTopic command, final MetadataResult result) {
        if (!result.isOk()) {
            return new CreateTopics.ResponseTopic(command.name(), result.errorCode(), result.message());
        }
        final int registered = topics.image().brokers().size();
        return new CreateTopics.ResponseTopic(command.name(), command.validateOnly() ? null : command.topicId(),
            ErrorCodes.NONE, null, (int)result.value(), command.replicationFactor() > 0
                ? command.replicationFactor() : Math.min(MAX_DEFAULT_REPLICATION_FACTOR, registered), List.of());
    }

    private CreateTopics.ResponseTopic withDetails(final CreateTopics.ResponseTopic answer) {
        final TopicView topic = answer.id() == null ? null : topics.find(answer.name());
        return topic == null || !topic.info.id().equals(answer.id()) ? answer : new CreateTopics.ResponseTopic(
            answer.name(), answer.id(), ErrorCodes.NONE, null, topic.partitionCount(),
            topic.info.shardClass().replicationFactor(), configs.topicConfigs(topic.info));
    }

    private CreateTopics.ResponseTopic refusal(final CreateTopics.RequestTopic topic) {
        if (!topic.assignments().isEmpty()) {
            return new CreateTopics.ResponseTopic(topic.name(), KafkaErrors.INVALID_REPLICA_ASSIGNMENT,
                NO_ASSIGNMENT);
        }
        if (topic.configs().containsValue(null)) {
            return new CreateTopics.ResponseTopic(topic.name(), MetadataErrors.INVALID_CONFIG,
                "a topic config has no value: " + topic.configs());
        }
        final String length = topic.configs().get(TopicDirectory.MAX_MESSAGE_BYTES);
        final String error = length == null ? null : config.checkBatchLimit(TopicDirectory.MAX_MESSAGE_BYTES, length);
        if (error != null) {
            return new CreateTopics.ResponseTopic(topic.name(), MetadataErrors.INVALID_CONFIG, error);
        }
        return null;
    }

    private MetadataCommand.CreateTopic command(final CreateTopics.RequestTopic topic, final boolean validateOnly) {
        final boolean isOffsets = topic.name().equals(TopicInfo.OFFSETS_TOPIC);
        final int replicationFactor = topic.replicationFactor() != -1 ? topic.replicationFactor()
            : isOffsets ? config.offsetsReplicationFactor() : config.defaultReplicationFactor();
        final int partitionCount = topic.partitionCount() != -1 ? topic.partitionCount()
            : isOffsets ? config.offsetsPartitionCount() : config.defaultPartitionCount();
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
        quorum.call(name.equals(TopicInfo.OFFSETS_TOPIC) ? CoordinatorFinder.creation(config, random)
            : command(new CreateTopics.RequestTopic(name, -1, (short)-1, List.of(), Map.of()), false), (result) -> { });
    }

    private boolean leadersAreVisible(final Map<String, Wanted> wanted) {
        for (final Map.Entry<String, Wanted> entry : wanted.entrySet()) {
            final TopicView topic = topics.find(entry.getKey());
            if (topic == null || !topic.info.id().equals(entry.getValue().id())
                || topic.partitionCount() < entry.getValue().partitionCount()) {
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

    /** What was decided last for one request, so that the other brokers are to hear of it. */
    private final class Visible {
        private final long patienceNs;
        private long version = AppliedMetadata.UNKNOWN;
        private long deadlineNs;

        Visible(final int timeoutMs) {
            patienceNs = Math.min(VISIBLE_PATIENCE_NS, TimeUnit.MILLISECONDS.toNanos(Math.max(0, timeoutMs)));
        }

        void from(final MetadataResult result) {
            version = Math.max(version, result.version());
            deadlineNs = clock.nanoTime() + patienceNs;
        }
    }

    /** A client may ask any broker next; one that is slow to hear of it is not waited for much longer. */
    private boolean isVisible(final Visible visible) {
        if (applied.othersHave(visible.version)) {
            return true;
        }
        final boolean isLate = clock.nanoTime() - visible.deadlineNs >= 0;
        if (isLate && visible.patienceNs == VISIBLE_PATIENCE_NS) {
            applied.giveUp(visible.version);
        }
        return isLate;
    }

    /** Looks again at requests that wait for leaders, or for other brokers. */
    int onProgress() {
        final int before = waitingForLeaders.size();
        waitingForLeaders.removeIf(Gathering::completeIfDone);
        return before - waitingForLeaders.size();
    }

    boolean isWaiting() {
        return !waitingForLeaders.isEmpty();
    }

    void delete(final DeleteTopics.Request request, final ReplySlot slot, final long nowNs) {
        final int version = slot.apiVersion();
        final List<Map.Entry<DeleteTopics.RequestTopic, DeleteTopics.RequestTopic>> asked =
            List.copyOf(NamedOnce.entries(request.topics(), (topic) -> topic).entrySet());
        final Gathering<DeleteTopics.ResponseTopic> gathering = Gathering.attach(slot, asked.size(),
            request.timeoutMs(), nowNs,
            (entry) -> deleted(asked.get(entry).getKey(), null, MetadataErrors.REQUEST_TIMED_OUT, UNANSWERED),
            (answers) -> slot.complete(TopicCodec.encode(version, new DeleteTopics.Response(answers), slot)));
        final Visible visible = new Visible(request.timeoutMs());
        gathering.readyWhen(() -> isVisible(visible));
        for (int i = 0; i < asked.size(); i++) {
            final int entry = i;
            final DeleteTopics.RequestTopic topic = asked.get(i).getKey();
            if ((topic.name() == null) == (topic.id() == null)) {
                gathering.answer(entry, deleted(topic, null, KafkaErrors.INVALID_REQUEST,
                    "a topic is named either by its name or by its id"));
                continue;
            }
            if (asked.get(i).getValue() == null) {
                gathering.answer(entry, deleted(topic, null, KafkaErrors.INVALID_REQUEST, NAMED_TWICE));
                continue;
            }
            final TopicInfo info =
                topic.id() == null ? topics.image().topic(topic.name()) : topics.image().topic(topic.id());
            quorum.call(new MetadataCommand.DeleteTopic(topic.name(), topic.id()), (result) -> {
                if (result.isOk()) {
                    visible.from(result);
                }
                gathering.answer(entry, deleted(topic, info, result.errorCode(), result.message()));
            });
        }
        untilImage(gathering);
    }

    private static DeleteTopics.ResponseTopic deleted(final DeleteTopics.RequestTopic topic, final TopicInfo info,
        final short errorCode, final String message) {
        final boolean isFound = info != null && errorCode != MetadataErrors.UNKNOWN_TOPIC_OR_PARTITION;
        return new DeleteTopics.ResponseTopic(info == null ? topic.name() : info.name(),
            topic.id() == null && isFound ? info.id() : topic.id(), errorCode, message);
    }

    void enlarge(final CreatePartitions.Request request, final ReplySlot slot, final long nowNs) {
        final int version = slot.apiVersion();
        final List<Map.Entry<String, CreatePartitions.RequestTopic>> asked =
            List.copyOf(NamedOnce.entries(request.topics(), CreatePartitions.RequestTopic::name).entrySet());
        final Map<String, Wanted> enlarged = new HashMap<>();
        final Gathering<CreatePartitions.ResponseTopic> gathering = Gathering.attach(slot, asked.size(),
            request.timeoutMs(), nowNs,
            (entry) -> new CreatePartitions.ResponseTopic(
                asked.get(entry).getKey(), MetadataErrors.REQUEST_TIMED_OUT, UNANSWERED),
            (answers) -> slot.complete(TopicCodec.encode(version, new CreatePartitions.Response(answers), slot)));
        final Visible visible = new Visible(request.timeoutMs());
        gathering.readyWhen(() -> leadersAreVisible(enlarged) && isVisible(visible));
        for (int i = 0; i < asked.size(); i++) {
            final int entry = i;
            final CreatePartitions.RequestTopic topic = asked.get(i).getValue();
            if (topic == null) {
                gathering.answer(entry, new CreatePartitions.ResponseTopic(
                    asked.get(i).getKey(), KafkaErrors.INVALID_REQUEST, NAMED_TWICE));
                continue;
            }
            final TopicView seen = topics.find(topic.name());
            if (topic.assigned()) {
                gathering.answer(entry, new CreatePartitions.ResponseTopic(topic.name(),
                    KafkaErrors.INVALID_REPLICA_ASSIGNMENT, NO_ASSIGNMENT));
                continue;
            }
            quorum.call(new MetadataCommand.CreatePartitions(topic.name(), topic.partitionCount(),
                seen == null ? Integer.MAX_VALUE : seen.partitionCount(), SHARDS_PER_BROKER, request.validateOnly()),
                (result) -> {
                    if (result.isOk() && !request.validateOnly() && seen != null) {
                        visible.from(result);
                        enlarged.put(topic.name(), new Wanted(seen.info.id(), topic.partitionCount()));
                    }
                    gathering.answer(entry,
                        new CreatePartitions.ResponseTopic(topic.name(), result.errorCode(), result.message()));
                });
        }
        untilImage(gathering);
    }
}
