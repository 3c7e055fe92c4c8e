package io.millrace.broker.api;

import io.millrace.broker.metadata.MetadataCommand;
import io.millrace.broker.metadata.MetadataErrors;
import io.millrace.broker.metadata.MetadataImage;
import io.millrace.broker.metadata.MetadataResult;
import io.millrace.broker.metadata.ShardInfo;
import io.millrace.engine.ErrorCodes;
import io.millrace.transport.kafka.codec.TopicCodec;
import io.millrace.transport.kafka.message.ElectLeaders;
import io.millrace.transport.kafka.server.ReplySlot;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * ElectLeaders. Partitions of one shard are led together, so an election is held once for each shard that a request
 * names and moves all of the shard's partitions. Owned by the network thread.
 */
final class ElectionHandler {
    private final TopicDirectory topics;
    private final QuorumCaller quorum;
    private final Consumer<Gathering<?>> untilImage;
    private final Consumer<String> warnings;

    /**
     * Connects the handler.
     *
     * @param topics     of the network thread
     * @param quorum     to be asked
     * @param untilImage takes what waits for a newer image
     * @param warnings   hears of elections
     */
    ElectionHandler(final TopicDirectory topics, final QuorumCaller quorum, final Consumer<Gathering<?>> untilImage,
        final Consumer<String> warnings) {
        this.untilImage = untilImage;
        this.topics = topics;
        this.quorum = quorum;
        this.warnings = warnings;
    }

    /** One shard that is asked for, and where its partitions stand in the answer. */
    private record Entry(String topic, int partition, ShardView shard) {
    }

    void handle(final ElectLeaders.Request request, final ReplySlot slot, final long nowNs) {
        final int version = slot.apiVersion();
        if (request.electionType() != ElectLeaders.PREFERRED && request.electionType() != ElectLeaders.UNCLEAN) {
            slot.complete(TopicCodec.encode(
                version, new ElectLeaders.Response(KafkaErrors.INVALID_REQUEST, List.of()), slot));
            return;
        }
        final Set<Entry> entries = new LinkedHashSet<>(); // each partition once, however often it is named
        if (request.topics() == null) {
            topics.image().topics().forEach((topic) -> addAll(entries, topics.find(topic.name())));
        } else {
            request.topics().forEach((topic) -> topic.partitionIds().forEach((partition) ->
                entries.add(new Entry(topic.name(), partition, shard(topic.name(), partition)))));
        }
        final List<ShardView> shards = entries.stream().map(Entry::shard).filter((shard) -> shard != null).distinct()
            .toList();
        final Gathering<MetadataResult> gathering = Gathering.attach(slot, shards.size(), request.timeoutMs(), nowNs,
            (entry) -> new MetadataResult(MetadataErrors.REQUEST_TIMED_OUT,
                "the metadata quorum did not answer in time", 0, 0),
            (results) -> slot.complete(TopicCodec.encode(
                version, answer(entries, shards, results, request.topics() == null), slot)));
        final Map<Integer, MetadataResult> accepted = new HashMap<>();
        gathering.readyWhen(() -> accepted.entrySet().stream().allMatch(
            (entry) -> isOver(entry.getKey(), entry.getValue())));
        final MetadataCommand.ElectionKind kind = request.electionType() == ElectLeaders.UNCLEAN
            ? MetadataCommand.ElectionKind.UNCLEAN : MetadataCommand.ElectionKind.PREFERRED;
        for (int i = 0; i < shards.size(); i++) {
            final int entry = i;
            final int shardId = shards.get(i).shardId;
            quorum.call(
                new MetadataCommand.ElectLeader(shardId, MetadataCommand.ElectLeader.ANY_BROKER, kind), (result) -> {
                    if (result.errorCode() != MetadataErrors.ELECTION_NOT_NEEDED) {
                        warnings.accept("a client asked for " + (kind == MetadataCommand.ElectionKind.UNCLEAN
                            ? "an unclean" : "a preferred") + " election: shard=" + shardId + "; "
                            + (result.isOk() ? "done, epoch " + result.value() : "refused: " + result.message()));
                    }
                    if (result.isOk()) {
                        accepted.put(shardId, result);
                    }
                    gathering.answer(entry, result);
                });
        }
        untilImage.accept(gathering);
    }

    /** Whether an election that was accepted has been held or given up; a live leader hands over first. */
    private boolean isOver(final int shardId, final MetadataResult result) {
        final ShardInfo shard = topics.image().shard(shardId);
        return topics.image().version() >= result.version()
            && (shard.leaderEpoch() >= result.value() || shard.movingTo() == MetadataImage.NO_LEADER);
    }

    private ElectLeaders.ResponsePartition answer(final Entry entry, final MetadataResult result) {
        if (result == null) {
            return new ElectLeaders.ResponsePartition(entry.partition(), ErrorCodes.UNKNOWN_TOPIC_OR_PARTITION,
                "no such partition: " + entry.topic() + "-" + entry.partition());
        }
        if (!result.isOk() || topics.image().shard(entry.shard().shardId).leaderEpoch() >= result.value()) {
            return new ElectLeaders.ResponsePartition(entry.partition(), result.errorCode(), result.message());
        }
        return isOver(entry.shard().shardId, result)
            ? new ElectLeaders.ResponsePartition(entry.partition(), MetadataErrors.PREFERRED_LEADER_NOT_AVAILABLE,
                "the leader could not hand over: the other one did not catch up with it")
            : new ElectLeaders.ResponsePartition(entry.partition(), MetadataErrors.REQUEST_TIMED_OUT,
                "the leader is still handing over");
    }

    private static void addAll(final Set<Entry> entries, final TopicView topic) {
        for (int partition = 0; partition < topic.partitionCount(); partition++) {
            entries.add(new Entry(topic.info.name(), partition, topic.shards[partition]));
        }
    }

    private ShardView shard(final String name, final int partition) {
        final TopicView topic = topics.find(name);
        return topic == null || partition < 0 || partition >= topic.partitionCount() ? null : topic.shards[partition];
    }

    /** When all were asked for, those that needed no election are left out, as Kafka does. */
    private ElectLeaders.Response answer(final Set<Entry> entries, final List<ShardView> shards,
        final List<MetadataResult> results, final boolean all) {
        final List<ElectLeaders.ResponseTopic> answers = new ArrayList<>();
        for (final Entry entry : entries) {
            final MetadataResult result = entry.shard() == null ? null : results.get(shards.indexOf(entry.shard()));
            if (all && result != null && result.errorCode() == MetadataErrors.ELECTION_NOT_NEEDED) {
                continue;
            }
            if (answers.isEmpty() || !answers.get(answers.size() - 1).name().equals(entry.topic())) {
                answers.add(new ElectLeaders.ResponseTopic(entry.topic(), new ArrayList<>()));
            }
            answers.get(answers.size() - 1).partitions().add(answer(entry, result));
        }
        return new ElectLeaders.Response(ErrorCodes.NONE, answers);
    }
}
