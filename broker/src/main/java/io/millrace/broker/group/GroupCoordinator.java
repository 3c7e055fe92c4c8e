package io.millrace.broker.group;

import static io.millrace.broker.group.GroupErrors.COORDINATOR_NOT_AVAILABLE;
import static io.millrace.broker.group.GroupErrors.GROUP_ID_NOT_FOUND;
import static io.millrace.broker.group.GroupErrors.GROUP_MAX_SIZE_REACHED;
import static io.millrace.broker.group.GroupErrors.ILLEGAL_GENERATION;
import static io.millrace.broker.group.GroupErrors.INCONSISTENT_GROUP_PROTOCOL;
import static io.millrace.broker.group.GroupErrors.INVALID_GROUP_ID;
import static io.millrace.broker.group.GroupErrors.INVALID_REQUEST;
import static io.millrace.broker.group.GroupErrors.INVALID_SESSION_TIMEOUT;
import static io.millrace.broker.group.GroupErrors.NONE;
import static io.millrace.broker.group.GroupErrors.POLICY_VIOLATION;
import static io.millrace.broker.group.GroupErrors.STALE_MEMBER_EPOCH;
import static io.millrace.broker.group.GroupErrors.UNKNOWN_MEMBER_ID;

import io.millrace.transport.kafka.message.ConsumerGroupHeartbeat;
import io.millrace.transport.kafka.message.Heartbeat;
import io.millrace.transport.kafka.message.JoinGroup;
import io.millrace.transport.kafka.message.LeaveGroup;
import io.millrace.transport.kafka.message.OffsetCommit;
import io.millrace.transport.kafka.message.OffsetFetch;
import io.millrace.transport.kafka.message.SyncGroup;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/**
 * Coordinates the groups of one partition of the offsets topic. Owned by the network thread.
 *
 * <p>State changes at once, and the records that bring it back go to the sink. Whoever carries answers to clients must
 * hold each back until the records that went to the sink before it are committed; when one of them cannot be, this
 * coordinator is thrown away and a new one is made from the log.
 */
public final class GroupCoordinator {
    /** Timers that may come up in one call of {@link #tick}. */
    private static final int TIMER_LIMIT = 1000;

    final TreeMap<String, Group> groups = new TreeMap<>();
    final GroupOffsets offsets;
    final GroupAccount account;
    final RecordSink sink;
    final TopicCatalog topics;
    private final GroupConfiguration config;
    private final GroupClock clock;
    private final Timers timers = new Timers();
    private final ClassicBalance balance;
    private final ClassicRules classic;
    private final ClassicJoin joins;
    private final ConsumerRules consumers;
    private final MixedRules mixed;
    private final Migration migration;
    /** {@link RecordSink#number()} when a group was forgotten last. */
    private long forgottenNumber;

    /**
     * An empty coordinator; {@link #replay} fills it.
     *
     * @param config   limits and times
     * @param clock    of sessions and of what is kept
     * @param random   for member ids
     * @param sink     takes what is to be kept
     * @param topics   there are
     * @param memory   that is shared with the other coordinators
     * @param warnings for whoever runs the cluster
     */
    public GroupCoordinator(final GroupConfiguration config, final GroupClock clock, final RandomGenerator random,
        final RecordSink sink, final TopicCatalog topics, final GroupMemory memory,
        final Consumer<String> warnings) {
        this.config = config;
        this.clock = clock;
        this.sink = sink;
        this.topics = topics;
        account = new GroupAccount(memory, clock, groups);
        offsets = new GroupOffsets(config, clock, sink, topics, account);
        balance = new ClassicBalance(config, clock, timers, sink);
        classic = new ClassicRules(config, balance);
        joins = new ClassicJoin(config, balance, random);
        migration = new Migration(config, timers, balance, sink, topics);
        consumers = new ConsumerRules(config, clock, timers, random, sink, topics, migration, warnings);
        mixed = new MixedRules(config, clock, timers, consumers, migration, topics);
    }

    // what was kept

    /**
     * Takes in one record of the log.
     *
     * @param key   of the record
     * @param value null where something is taken back
     * @throws GroupFormatException when it cannot be understood
     */
    public void replay(final byte[] key, final byte[] value) {
        GroupReplay.replay(this, key, value);
    }

    /** All records are in: sessions begin, and what is of no use any more is taken back. */
    public void start() {
        for (final Group group : new ArrayList<>(groups.values())) {
            if (group.consumer != null) {
                consumers.restart(group.consumer);
            } else {
                balance.restart(group.classic);
            }
        }
        onTopics();
        account.recountAll();
        timers.schedule(clock.nowMs() + config.offsetsCheckIntervalMs(), this::cleanUp);
    }

    /**
     * {@return every record that is needed to bring back one group, null when there is none after this one}
     *
     * @param afterId id of the group before it, empty for the first
     */
    public Snapshot snapshotAfter(final String afterId) {
        final java.util.Map.Entry<String, Group> next = groups.higherEntry(afterId);
        return next == null ? null : new Snapshot(next.getKey(), GroupReplay.records(next.getValue()));
    }

    /**
     * One group's share of a snapshot.
     *
     * @param groupId of the group
     * @param records that bring it back
     */
    public record Snapshot(String groupId, List<GroupRecord> records) {
    }

    /** {@return bytes that its groups take in memory, roughly} */
    public long usedLength() {
        return account.length();
    }

    // time

    /** {@return when {@link #tick} has something to do, on the clock's time} */
    public long nextTickMs() {
        return timers.nextMs();
    }

    /** {@return how much was due} */
    public int tick() {
        return timers.poll(clock.nowMs(), TIMER_LIMIT);
    }

    /** Topics may have gone: what was committed in them goes too. */
    public void onTopics() {
        for (final Group group : new ArrayList<>(groups.values())) {
            if (offsets.removeIf(group, (key, offset) -> !offsets.isLive(key, offset)) > 0) {
                dropIfUnused(group);
            }
        }
    }

    /** Forgets offsets that nobody has committed for long, in topics that the group does not read any more. */
    private void cleanUp() {
        for (final Group group : new ArrayList<>(groups.values())) {
            expire(group);
            dropIfUnused(group);
            account.recount(group);
        }
        timers.schedule(clock.nowMs() + config.offsetsCheckIntervalMs(), this::cleanUp);
    }

    private void expire(final Group group) {
        final Set<String> subscribed = group.subscribedTopics();
        if (subscribed == null) {
            return; // who knows what its members read
        }
        final boolean isEmptyClassic = group.consumer == null && group.isPersisted() && group.isEmpty();
        final long emptySinceMs = isEmptyClassic ? group.classic.stateSinceMs : -1;
        final long wallMs = clock.wallMs();
        offsets.removeIf(group, (key, offset) -> !subscribed.contains(key.topic())
            && wallMs - Math.max(emptySinceMs, offset.committedMs()) >= config.offsetsRetentionMs());
    }

    private void dropIfUnused(final Group group) {
        if (group.isEmpty() && group.offsets.isEmpty()
            && (group.consumer != null || group.classic.pendingIds.isEmpty())) {
            forget(group);
        }
    }

    /** Takes back whatever is known of a group. */
    private void forget(final Group group) {
        offsets.removeIf(group, (key, offset) -> true);
        dropProtocol(group);
        groups.remove(group.id);
        forgottenNumber = sink.number();
        account.recount(group);
    }

    private void dropProtocol(final Group group) {
        if (group.consumer != null) {
            sink.append(GroupRecords.noTargetEpoch(group.id));
            sink.append(GroupRecords.noConsumer(group.id));
        } else if (group.isPersisted()) {
            sink.append(GroupRecords.noClassic(group.id));
        }
    }

    /**
     * Answers whoever waits; nothing may be asked of this coordinator afterwards.
     *
     * @param error for all of them
     */
    public void refuseAll(final short error) {
        groups.values().forEach(group -> {
            if (group.consumer == null) {
                ClassicBalance.refuseAll(group.classic, error);
            }
        });
    }

    // classic members

    private static boolean isName(final String groupId) {
        return groupId.length() <= GroupConfiguration.MAX_NAME_LENGTH
            && groupId.getBytes(StandardCharsets.UTF_8).length <= GroupConfiguration.MAX_NAME_LENGTH;
    }

    private Group create(final String groupId) {
        return groups.computeIfAbsent(groupId, id -> {
            final Group group = new Group(id);
            group.offsetsNumber = forgottenNumber; // it may have had offsets before
            return group;
        });
    }

    /**
     * JoinGroup.
     *
     * @param request of a client
     * @param client  who that is
     * @param reply   takes the answer, now or later
     */
    public void join(
        final JoinGroup.Request request, final GroupClient client, final Consumer<JoinGroup.Response> reply) {
        final String groupId = request.groupId();
        Group group = groups.get(groupId);
        short error = NONE;
        if (groupId.isEmpty() || !isName(groupId)) {
            error = INVALID_GROUP_ID;
        } else if (!GroupConfiguration.isId(request.groupInstanceId())) {
            error = INVALID_REQUEST;
        } else if (!GroupConfiguration.isId(request.protocolType())
            || request.protocols().size() > GroupConfiguration.MAX_PROTOCOL_COUNT
            || !request.protocols().stream().allMatch(protocol -> GroupConfiguration.isId(protocol.name()))) {
            error = INCONSISTENT_GROUP_PROTOCOL;
        } else if (request.sessionTimeoutMs() < config.minSessionTimeoutMs()
            || request.sessionTimeoutMs() > config.maxSessionTimeoutMs()) {
            error = INVALID_SESSION_TIMEOUT;
        } else if (group == null && !request.memberId().isEmpty()) {
            error = UNKNOWN_MEMBER_ID;
        } else if (group == null && groups.size() >= config.maxGroupCount()
            || !account.hasRoom(GroupAccount.growth(group, request))) {
            error = GROUP_MAX_SIZE_REACHED;
        }
        if (error != NONE) {
            reply.accept(ClassicBalance.joinError(error, request.memberId()));
            return;
        }
        group = create(groupId);
        join(group, request, client, reply);
        account.recount(group);
    }

    private void join(final Group group, final JoinGroup.Request request, final GroupClient client,
        final Consumer<JoinGroup.Response> reply) {
        if (group.consumer != null && mixed.isReplacingLast(group.consumer, request)) {
            consumers.remove(group.consumer, group.consumer.byInstance.get(request.groupInstanceId()));
        }
        if (group.consumer != null && !group.isEmpty()) {
            mixed.join(group.consumer, request, client, reply);
            return;
        }
        if (group.consumer != null) {
            dropProtocol(group);
            group.classic = new ClassicGroup(group);
            group.classic.generation = group.consumer.epoch; // numbers that were given out do not come again
            group.consumer = null;
        }
        joins.join(group.classic, request, client, reply);
        if (group.classic.protocolType == null) {
            dropIfUnused(group);
        }
    }

    /**
     * SyncGroup.
     *
     * @param request of a client
     * @param reply   takes the answer, now or later
     */
    public void sync(final SyncGroup.Request request, final Consumer<SyncGroup.Response> reply) {
        final Group group = groups.get(request.groupId());
        if (group == null) {
            reply.accept(ClassicBalance.syncError(UNKNOWN_MEMBER_ID));
        } else if (group.consumer != null) {
            mixed.sync(group.consumer, request, reply);
        } else if (account.hasRoom(GroupAccount.growth(group.classic, request))) {
            classic.sync(group.classic, request, reply);
            account.recount(group);
        } else {
            reply.accept(ClassicBalance.syncError(COORDINATOR_NOT_AVAILABLE));
        }
    }

    /**
     * {@return the answer to Heartbeat}
     *
     * @param request of a client
     */
    public Heartbeat.Response heartbeat(final Heartbeat.Request request) {
        final Group group = groups.get(request.groupId());
        return new Heartbeat.Response(group == null ? UNKNOWN_MEMBER_ID
            : group.consumer != null ? mixed.heartbeat(group.consumer, request)
            : classic.heartbeat(group.classic, request));
    }

    /**
     * {@return the answer to LeaveGroup}
     *
     * @param request of a client
     */
    public LeaveGroup.Response leave(final LeaveGroup.Request request) {
        final Group group = groups.get(request.groupId());
        if (group != null && group.consumer == null) {
            final LeaveGroup.Response response =
                new LeaveGroup.Response(NONE, classic.leave(group.classic, request.members()));
            account.recount(group);
            return response;
        }
        return new LeaveGroup.Response(NONE, request.members().stream().map(member ->
            new LeaveGroup.MemberResponse(member.memberId(), member.groupInstanceId(),
                group == null ? UNKNOWN_MEMBER_ID : leave(group, member))).toList());
    }

    private short leave(final Group group, final LeaveGroup.Member member) {
        return group.consumer != null ? mixed.leave(group.consumer, member)
            : classic.leave(group.classic, List.of(member)).get(0).errorCode(); // the one before it took the group back
    }

    // members of the consumer protocol

    /**
     * {@return the answer to ConsumerGroupHeartbeat}
     *
     * @param request of a client
     * @param client  who that is
     */
    public ConsumerGroupHeartbeat.Response consumerHeartbeat(
        final ConsumerGroupHeartbeat.Request request, final GroupClient client) {
        final ConsumerGroupHeartbeat.Response refusal = ConsumerRules.check(request);
        if (refusal != null) {
            return refusal;
        }
        if (request.groupId().isEmpty() || !isName(request.groupId())) {
            return consumerError(INVALID_GROUP_ID, "the group's name must have 1 to "
                + GroupConfiguration.MAX_NAME_LENGTH + " bytes");
        }
        Group group = groups.get(request.groupId());
        final boolean isClassic = group != null && group.consumer == null;
        if (request.memberEpoch() != 0 && (group == null || isClassic)) {
            // one that slept while its group was given back joins again; it would end for good if it were told that
            // this is no consumer group
            return consumerError(UNKNOWN_MEMBER_ID,
                "Member " + request.memberId() + " is not a member of group " + request.groupId() + ".");
        }
        if (isClassic && (!group.isEmpty() || !group.classic.pendingIds.isEmpty())) {
            final String problem = migration.upgrade(group);
            if (problem != null) {
                return consumerError(
                    GROUP_ID_NOT_FOUND, "Group " + request.groupId() + " is not a consumer group: " + problem);
            }
            consumers.restart(group.consumer);
        }
        if (group == null && groups.size() >= config.maxGroupCount()) {
            return consumerError(GROUP_MAX_SIZE_REACHED, "too many groups: limit=" + config.maxGroupCount()
                + ": delete groups that are not used");
        }
        if (request.memberEpoch() >= 0 && !account.hasRoom(GroupAccount.growth(group, request))) {
            return consumerError(GROUP_MAX_SIZE_REACHED, "the groups of this broker have taken all memory that is "
                + "theirs: delete groups that are not used, or give the broker a larger heap");
        }
        group = create(request.groupId());
        if (group.consumer == null) {
            dropProtocol(group);
            group.consumer = new ConsumerGroup(group);
            group.consumer.epoch = group.classic.generation;
            group.consumer.assignmentEpoch = group.consumer.epoch;
        }
        final int epoch = group.consumer.epoch;
        final ConsumerGroup.Matching matching = group.consumer.matching;
        final ConsumerGroupHeartbeat.Response response = consumers.heartbeat(group.consumer, request, client);
        if (group.consumer == null || group.consumer.epoch != epoch || group.consumer.matching != matching) {
            account.recount(group);
        }
        return response;
    }

    private static ConsumerGroupHeartbeat.Response consumerError(final short error, final String message) {
        return new ConsumerGroupHeartbeat.Response(error, message, null, 0, 0, null);
    }

    // offsets

    /**
     * {@return the answer to OffsetCommit}
     *
     * @param request of a client
     */
    public OffsetCommit.Response commit(final OffsetCommit.Request request) {
        final Group present = groups.get(request.groupId());
        final short error = checkCommit(present, request);
        if (error != NONE) {
            return commitError(request, error);
        }
        final Group group = create(request.groupId());
        final OffsetCommit.Response response =
            new OffsetCommit.Response(offsets.commit(group, request.topics()));
        if (present == null) {
            dropIfUnused(group);
        }
        return response;
    }

    private short checkCommit(final Group group, final OffsetCommit.Request request) {
        if (!isName(request.groupId())) {
            return INVALID_GROUP_ID;
        }
        if (group == null) {
            if (request.generationId() >= 0) {
                return ILLEGAL_GENERATION;
            }
            return groups.size() >= config.maxGroupCount() ? POLICY_VIOLATION : NONE;
        }
        return group.consumer != null
            ? ConsumerRules.checkCommit(group.consumer, request.memberId(), request.generationId())
            : classic.checkCommit(
                group.classic, request.memberId(), request.groupInstanceId(), request.generationId());
    }

    /**
     * {@return an answer with one error for all}
     *
     * @param request to answer
     * @param error   for each partition
     */
    public static OffsetCommit.Response commitError(final OffsetCommit.Request request, final short error) {
        return new OffsetCommit.Response(request.topics().stream().map(topic ->
            new OffsetCommit.ResponseTopic(topic.name(), topic.topicId(), topic.partitions().stream().map(partition ->
                new OffsetCommit.ResponsePartition(partition.partitionId(), error)).toList())).toList());
    }

    /**
     * {@return {@link RecordSink#number()} of the last record that a group's answer to OffsetFetch rests on}
     *
     * @param groupId of the group
     */
    public long offsetsNumber(final String groupId) {
        final Group group = groups.get(groupId);
        return group == null ? forgottenNumber : group.offsetsNumber;
    }

    /**
     * {@return one group's answer to OffsetFetch}
     *
     * @param request of a client
     * @param isById  whether topics are named by id
     * @param budget  of the answer, all groups together
     */
    public OffsetFetch.ResponseGroup fetch(final OffsetFetch.RequestGroup request, final boolean isById,
        final AnswerBudget budget) {
        if (!isName(request.groupId())) {
            return fetchError(request, INVALID_GROUP_ID);
        }
        final Group group = groups.get(request.groupId());
        if (request.memberId() != null && !request.memberId().isEmpty() && request.memberEpoch() >= 0
            && group != null && group.consumer != null) {
            final ConsumerMember member = group.consumer.members.get(request.memberId());
            if (member == null || member.epoch != request.memberEpoch()) {
                return fetchError(request, member == null ? UNKNOWN_MEMBER_ID : STALE_MEMBER_EPOCH);
            }
        }
        final List<OffsetFetch.ResponseTopic> answers = offsets.fetch(group, request, isById, budget);
        return answers == null ? fetchError(request, INVALID_REQUEST)
            : new OffsetFetch.ResponseGroup(request.groupId(), NONE, answers);
    }

    /**
     * {@return an answer with an error, also in each partition, since the oldest versions have no other place}
     *
     * @param request to answer
     * @param error   of the group
     */
    public static OffsetFetch.ResponseGroup fetchError(final OffsetFetch.RequestGroup request, final short error) {
        final List<OffsetFetch.ResponseTopic> topics = new ArrayList<>();
        if (request.topics() != null) {
            request.topics().forEach(topic -> topics.add(
                new OffsetFetch.ResponseTopic(topic.name(), topic.topicId(), topic.partitionIds().stream()
                    .distinct().map(partition -> GroupOffsets.none(partition, error)).toList())));
        }
        return new OffsetFetch.ResponseGroup(request.groupId(), error, topics);
    }

    /** Takes back whatever is known of a group that has no members. {@return the error} */
    short delete(final Group group) {
        if (group == null) {
            return GROUP_ID_NOT_FOUND;
        }
        if (!group.isEmpty() || group.consumer == null && !group.classic.pendingIds.isEmpty()) {
            return GroupErrors.NON_EMPTY_GROUP;
        }
        forget(group);
        return NONE;
    }
}
