package io.millrace.broker.api;

import io.millrace.broker.metadata.BrokerInfo;
import io.millrace.broker.metadata.MetadataImage;
import io.millrace.broker.metadata.QuorumStatus;
import io.millrace.broker.metadata.TopicInfo;
import io.millrace.broker.shard.AppliedMetadata;
import io.millrace.engine.ErrorCodes;
import io.millrace.transport.kafka.codec.ClusterCodec;
import io.millrace.transport.kafka.message.DescribeCluster;
import io.millrace.transport.kafka.message.DescribeQuorum;
import io.millrace.transport.kafka.message.DescribeTopicPartitions;
import io.millrace.transport.kafka.message.Metadata;
import io.millrace.transport.kafka.server.ReplySlot;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.agrona.concurrent.EpochClock;
import org.agrona.concurrent.NanoClock;

/** DescribeCluster, DescribeTopicPartitions and DescribeQuorum. Owned by the network thread. */
final class ClusterHandler {
    private static final String QUORUM_TOPIC = "__cluster_metadata";
    private static final int MAX_PARTITION_COUNT = 2000;

    private final int nodeId;
    private final TopicDirectory topics;
    private final TopicDescriber describer;
    private final AppliedVersions applied;
    private final NanoClock clock;
    private final EpochClock epochClock;
    private Supplier<QuorumStatus> quorumStatus = () -> QuorumStatus.UNKNOWN;

    ClusterHandler(final int nodeId, final TopicDirectory topics, final TopicDescriber describer,
        final AppliedVersions applied, final NanoClock clock, final EpochClock epochClock) {
        this.applied = applied;
        this.clock = clock;
        this.epochClock = epochClock;
        this.nodeId = nodeId;
        this.topics = topics;
        this.describer = describer;
    }

    /** Sets where to look for the quorum's state; before the network thread starts. */
    void quorumStatus(final Supplier<QuorumStatus> status) {
        quorumStatus = status;
    }

    void describeCluster(final DescribeCluster.Request request, final ReplySlot slot) {
        final MetadataImage image = topics.image();
        if (request.endpointType() != DescribeCluster.BROKERS) {
            slot.complete(ClusterCodec.encode(slot.apiVersion(), new DescribeCluster.Response(
                KafkaErrors.MISMATCHED_ENDPOINT_TYPE, "endpoint type " + request.endpointType()
                    + " was asked for, but brokers (1) answer here", DescribeCluster.BROKERS,
                MetadataHandler.clusterId(image), -1, List.of(), Metadata.OPERATIONS_NOT_ASKED), slot));
            return;
        }
        final List<DescribeCluster.Broker> brokers = image.brokers().stream()
            .filter((broker) -> request.fencedWanted() || !broker.fenced())
            .sorted(Comparator.comparingInt(BrokerInfo::id))
            .map((broker) -> new DescribeCluster.Broker(broker.id(), broker.host(), broker.port(), broker.fenced()))
            .toList();
        slot.complete(ClusterCodec.encode(slot.apiVersion(), new DescribeCluster.Response(ErrorCodes.NONE, null,
            DescribeCluster.BROKERS, MetadataHandler.clusterId(image), MetadataHandler.controllerId(image), brokers,
            request.operationsWanted() ? TopicDescriber.CLUSTER_OPERATIONS : Metadata.OPERATIONS_NOT_ASKED), slot));
    }

    void describeTopicPartitions(final DescribeTopicPartitions.Request request, final ReplySlot slot) {
        final DescribeTopicPartitions.Cursor cursor = request.cursor();
        final TreeSet<String> names = new TreeSet<>(request.topics());
        if (cursor != null && (cursor.partitionId() < 0 || !names.isEmpty() && !names.contains(cursor.topic()))) {
            // as Kafka, which knows no other way to say so
            slot.complete(ClusterCodec.encode(slot.apiVersion(), new DescribeTopicPartitions.Response(
                names.stream().map((name) -> missing(KafkaErrors.INVALID_REQUEST, name,
                    Metadata.OPERATIONS_NOT_ASKED)).toList(), null), slot));
            return;
        }
        if (request.topics().isEmpty()) {
            topics.image().topics().forEach((topic) -> names.add(topic.name()));
        }
        final List<DescribeTopicPartitions.Topic> answers = new ArrayList<>();
        DescribeTopicPartitions.Cursor next = null;
        int left = Math.max(1, Math.min(MAX_PARTITION_COUNT, request.partitionLimit()));
        for (final String name : cursor == null ? names : names.tailSet(cursor.topic())) {
            final int first = cursor != null && cursor.topic().equals(name) ? cursor.partitionId() : 0;
            final TopicView topic = topics.find(name);
            if (left == 0 && (topic == null || first < topic.partitionCount())) {
                next = new DescribeTopicPartitions.Cursor(name, first);
                break;
            }
            if (topic == null) {
                if (!request.topics().isEmpty()) {
                    answers.add(missing(MetadataHandler.isLegal(name)
                        ? ErrorCodes.UNKNOWN_TOPIC_OR_PARTITION : KafkaErrors.INVALID_TOPIC, name,
                        TopicDescriber.TOPIC_OPERATIONS));
                }
                continue;
            }
            final int end = Math.min(topic.partitionCount(), first + left);
            answers.add(describe(topic, first, end));
            left -= Math.max(0, end - first);
            if (end < topic.partitionCount()) {
                next = new DescribeTopicPartitions.Cursor(name, end);
                break;
            }
        }
        slot.complete(ClusterCodec.encode(
            slot.apiVersion(), new DescribeTopicPartitions.Response(answers, next), slot));
    }

    private static DescribeTopicPartitions.Topic missing(
        final short errorCode, final String name, final int operations) {
        return new DescribeTopicPartitions.Topic(errorCode, name, null, false, List.of(), operations);
    }

    private DescribeTopicPartitions.Topic describe(final TopicView topic, final int first, final int end) {
        final List<DescribeTopicPartitions.Partition> partitions = new ArrayList<>();
        for (int i = first; i < end; i++) {
            partitions.add(new DescribeTopicPartitions.Partition(
                describer.partition(topic, i), topic.shards[i].info.eligible()));
        }
        final TopicInfo info = topic.info;
        return new DescribeTopicPartitions.Topic(ErrorCodes.NONE, info.name(), info.id(), info.isInternal(), partitions,
            TopicDescriber.TOPIC_OPERATIONS);
    }

    /**
     * The quorum as this node knows it. Ends of logs are versions of the metadata, as brokers tell them to each other:
     * -1 for one that has told nothing.
     */
    void describeQuorum(final DescribeQuorum.Request request, final ReplySlot slot) {
        final QuorumStatus status = quorumStatus.get();
        final List<DescribeQuorum.Topic> answers = new ArrayList<>();
        NamedOnce.partitionIds(request.topics(), DescribeQuorum.RequestTopic::name,
            DescribeQuorum.RequestTopic::partitionIds).forEach((name, partitionIds) -> {
                final List<DescribeQuorum.Partition> partitions = new ArrayList<>();
                for (final int partition : partitionIds) {
                    partitions.add(name.equals(QUORUM_TOPIC) && partition == 0 ? quorum(status)
                        : new DescribeQuorum.Partition(partition, ErrorCodes.UNKNOWN_TOPIC_OR_PARTITION,
                            "only " + QUORUM_TOPIC + "-0 has a quorum", -1, -1, -1, List.of(), List.of()));
                }
                answers.add(new DescribeQuorum.Topic(name, partitions));
            });
        final List<DescribeQuorum.Node> nodes = status.controllers().stream()
            .map((node) -> new DescribeQuorum.Node(node.nodeId(), node.host(), node.metadataPort())).toList();
        slot.complete(ClusterCodec.encode(
            slot.apiVersion(), new DescribeQuorum.Response(ErrorCodes.NONE, null, answers, nodes), slot));
    }

    private DescribeQuorum.Partition quorum(final QuorumStatus status) {
        final boolean alone = status.controllers().isEmpty();
        final int leaderId = alone ? nodeId : status.leaderNodeId();
        if (leaderId < 0) {
            return new DescribeQuorum.Partition(0, KafkaErrors.LEADER_NOT_AVAILABLE,
                "this node knows of no leader of the metadata quorum; try again", -1, -1, -1, List.of(), List.of());
        }
        long end = topics.image().version();
        for (final BrokerInfo broker : topics.image().brokers()) {
            end = Math.max(end, applied.of(broker.id()));
        }
        final long known = end;
        final List<Integer> voterIds = alone ? List.of(nodeId)
            : status.controllers().stream().map(QuorumStatus.Controller::nodeId).toList();
        final List<DescribeQuorum.Replica> voters = voterIds.stream()
            .map((id) -> replica(id, id == leaderId ? known : applied.of(id), known)).toList();
        final List<DescribeQuorum.Replica> observers = topics.image().brokers().stream().map(BrokerInfo::id)
            .filter((id) -> !voterIds.contains(id)).sorted().map((id) -> replica(id, applied.of(id), known)).toList();
        return new DescribeQuorum.Partition(0, ErrorCodes.NONE, null, leaderId, (int)Math.max(0, status.termId()), end,
            voters, observers);
    }

    /** What the quorum's leader has it has decided, so nobody is asked how far it is. */
    private DescribeQuorum.Replica replica(final int id, final long version, final long end) {
        if (id != nodeId && applied.of(id) == AppliedMetadata.UNKNOWN) {
            return new DescribeQuorum.Replica(id, version, -1, -1);
        }
        final long nowNs = clock.nanoTime();
        final long heardMs =
            epochClock.time() - TimeUnit.NANOSECONDS.toMillis(nowNs - applied.heardNs(id, nowNs));
        return new DescribeQuorum.Replica(id, version, heardMs, version >= end ? heardMs : -1);
    }
}
