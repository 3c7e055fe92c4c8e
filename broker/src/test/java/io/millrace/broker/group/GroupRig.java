package io.millrace.broker.group;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.transport.kafka.message.ConsumerGroupHeartbeat;
import io.millrace.transport.kafka.message.Heartbeat;
import io.millrace.transport.kafka.message.JoinGroup;
import io.millrace.transport.kafka.message.LeaveGroup;
import io.millrace.transport.kafka.message.OffsetCommit;
import io.millrace.transport.kafka.message.OffsetFetch;
import io.millrace.transport.kafka.message.SyncGroup;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;

/** A coordinator on virtual time over a log in memory, for tests. */
final class GroupRig implements GroupClock, TopicCatalog {
    static final GroupClient CLIENT = new GroupClient("client", "/127.0.0.1");

    final List<GroupRecord> log = new ArrayList<>();
    final List<String> warnings = new ArrayList<>();
    final Map<String, UUID> topics = new TreeMap<>();
    final Map<UUID, Integer> partitionCounts = new TreeMap<>();
    final SplittableRandom random;
    GroupConfiguration config = GroupConfiguration.DEFAULTS;
    GroupCoordinator coordinator;
    long nowMs = 1_000_000;
    long topicsVersion;
    long memoryLength = 64 << 20;
    long maxBatchLength = 2 << 20;

    GroupRig(final long seed) {
        random = new SplittableRandom(seed);
        addTopic("t", 6);
        reload();
    }

    void addTopic(final String name, final int count) {
        final UUID id = new UUID(random.nextLong(), random.nextLong());
        topics.put(name, id);
        partitionCounts.put(id, count);
        topicsVersion++;
    }

    void deleteTopic(final String name) {
        partitionCounts.remove(topics.remove(name));
        topicsVersion++;
        coordinator.onTopics();
    }

    /** As after a crash: whoever waited hears nothing, what is in the log comes back. */
    void reload() {
        final RecordSink sink = new RecordSink() {
            @Override
            public void append(final GroupRecord record) {
                assertTrue(record.length() <= maxBatchLength, "a record that cannot be kept");
                log.add(record);
            }

            @Override
            public void appendAll(final List<GroupRecord> records) {
                assertTrue(records.stream().mapToLong(GroupRecord::length).sum() <= maxBatchLength,
                    "records that cannot be kept together");
                log.addAll(records);
            }

            @Override
            public long maxLength(final int count) {
                return maxBatchLength;
            }
        };
        final GroupCoordinator next = new GroupCoordinator(config, this, random, sink, this,
            length -> coordinatorLength() + length <= memoryLength, warnings::add);
        for (final GroupRecord record : List.copyOf(log)) {
            next.replay(record.key(), record.value());
        }
        coordinator = next;
        next.start();
    }

    private long coordinatorLength() {
        return coordinator == null ? 0 : coordinator.usedLength();
    }

    void pass(final long ms) {
        for (final long end = nowMs + ms; nowMs < end;) {
            nowMs = Math.min(end, Math.max(nowMs + 1, coordinator.nextTickMs()));
            coordinator.tick();
        }
    }

    @Override
    public long nowMs() {
        return nowMs;
    }

    @Override
    public long wallMs() {
        return nowMs;
    }

    @Override
    public UUID topicId(final String name) {
        return topics.get(name);
    }

    @Override
    public String topicName(final UUID topicId) {
        return topics.entrySet().stream().filter(topic -> topic.getValue().equals(topicId)).map(Map.Entry::getKey)
            .findFirst().orElse(null);
    }

    @Override
    public int partitionCount(final UUID topicId) {
        return partitionCounts.getOrDefault(topicId, 0);
    }

    @Override
    public long version() {
        return topicsVersion;
    }

    @Override
    public Collection<String> topicNames() {
        return topics.keySet();
    }

    // requests

    static JoinGroup.Request joinRequest(final String group, final String memberId, final String instanceId,
        final boolean isMemberIdRequired, final String... protocols) {
        final List<JoinGroup.Protocol> spoken = new ArrayList<>();
        for (final String protocol : protocols) {
            spoken.add(new JoinGroup.Protocol(protocol, protocol.getBytes(java.nio.charset.StandardCharsets.UTF_8)));
        }
        return new JoinGroup.Request(
            group, 10_000, 60_000, memberId, instanceId, "consumer", spoken, isMemberIdRequired, true);
    }

    /** {@return where the answer appears} */
    AtomicReference<JoinGroup.Response> join(final JoinGroup.Request request) {
        final AtomicReference<JoinGroup.Response> answer = new AtomicReference<>();
        coordinator.join(request, CLIENT, answer::set);
        return answer;
    }

    AtomicReference<JoinGroup.Response> join(final String memberId) {
        return join(joinRequest("g", memberId, null, false, "range"));
    }

    AtomicReference<SyncGroup.Response> sync(
        final int generation, final String memberId, final Map<String, byte[]> assignments) {
        final AtomicReference<SyncGroup.Response> answer = new AtomicReference<>();
        coordinator.sync(
            new SyncGroup.Request("g", generation, memberId, null, null, null, assignments), answer::set);
        return answer;
    }

    short heartbeat(final int generation, final String memberId) {
        return coordinator.heartbeat(new Heartbeat.Request("g", generation, memberId, null)).errorCode();
    }

    short leave(final String memberId) {
        return coordinator.leave(new LeaveGroup.Request("g", List.of(new LeaveGroup.Member(memberId, null))))
            .members().get(0).errorCode();
    }

    short commit(final int generation, final String memberId, final int partition, final long offset) {
        return coordinator.commit(new OffsetCommit.Request("g", generation, memberId, null,
            List.of(new OffsetCommit.RequestTopic("t", null,
                List.of(new OffsetCommit.RequestPartition(partition, offset, -1, "")))))).topics().get(0)
            .partitions().get(0).errorCode();
    }

    long committed(final int partition) {
        return coordinator.fetch(new OffsetFetch.RequestGroup("g", null, -1,
            List.of(new OffsetFetch.RequestTopic("t", null, List.of(partition)))), false, new AnswerBudget())
            .topics().get(0)
            .partitions().get(0).offset();
    }

    ConsumerGroupHeartbeat.Response beat(final String memberId, final int epoch, final String instanceId,
        final List<String> topicNames, final List<ConsumerGroupHeartbeat.TopicPartitions> owned) {
        return coordinator.consumerHeartbeat(new ConsumerGroupHeartbeat.Request("g", memberId, epoch, instanceId, null,
            topicNames == null ? -1 : 30_000, topicNames, null, null, owned, true), CLIENT);
    }
}
