package io.millrace.broker.group;

import static io.millrace.broker.group.GroupErrors.FENCED_INSTANCE_ID;
import static io.millrace.broker.group.GroupErrors.FENCED_MEMBER_EPOCH;
import static io.millrace.broker.group.GroupErrors.GROUP_MAX_SIZE_REACHED;
import static io.millrace.broker.group.GroupErrors.ILLEGAL_GENERATION;
import static io.millrace.broker.group.GroupErrors.INVALID_REGULAR_EXPRESSION;
import static io.millrace.broker.group.GroupErrors.INVALID_REQUEST;
import static io.millrace.broker.group.GroupErrors.NONE;
import static io.millrace.broker.group.GroupErrors.STALE_MEMBER_EPOCH;
import static io.millrace.broker.group.GroupErrors.UNKNOWN_MEMBER_ID;
import static io.millrace.broker.group.GroupErrors.UNRELEASED_INSTANCE_ID;
import static io.millrace.broker.group.GroupErrors.UNSUPPORTED_ASSIGNOR;

import io.millrace.transport.kafka.message.ConsumerGroupHeartbeat;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/**
 * The heartbeat of the consumer protocol: members come, change, are told their assignments, and go. Owned by its
 * coordinator.
 */
final class ConsumerRules {
    /** Of a member's subscription: it has to fit one record in the smallest ring. */
    private static final int MAX_SUBSCRIPTION_LENGTH = 64 * 1024;
    private static final int DEFAULT_REBALANCE_TIMEOUT_MS = 300_000;
    /** Different ones in a group: what they mean is kept, and looked at whenever members or topics change. */
    static final int MAX_REGEX_COUNT = 100;

    private final GroupConfiguration config;
    private final GroupClock clock;
    private final Timers timers;
    private final RandomGenerator random;
    private final RecordSink sink;
    private final ConsumerTargets targets;
    private final Migration migration;

    ConsumerRules(final GroupConfiguration config, final GroupClock clock, final Timers timers,
        final RandomGenerator random, final RecordSink sink, final TopicCatalog topics, final Migration migration,
        final Consumer<String> warnings) {
        this.config = config;
        this.clock = clock;
        this.timers = timers;
        this.random = random;
        this.sink = sink;
        this.migration = migration;
        targets = new ConsumerTargets(topics, sink, warnings);
    }

    private static ConsumerGroupHeartbeat.Response refuse(final short error, final String message) {
        return new ConsumerGroupHeartbeat.Response(error, message, null, 0, 0, null);
    }

    private static ConsumerGroupHeartbeat.Response unknown(final ConsumerGroupHeartbeat.Request request) {
        return refuse(UNKNOWN_MEMBER_ID,
            "Member " + request.memberId() + " is not a member of group " + request.groupId() + ".");
    }

    /** {@return null, or what is wrong with a request whatever the group} */
    static ConsumerGroupHeartbeat.Response check(final ConsumerGroupHeartbeat.Request request) {
        if (!GroupConfiguration.isId(request.memberId()) || !GroupConfiguration.isId(request.instanceId())
            || !GroupConfiguration.isId(request.rackId())) {
            return refuse(INVALID_REQUEST, "MemberId, InstanceId or RackId is longer than "
                + GroupConfiguration.MAX_ID_LENGTH + " characters.");
        }
        if (request.topicNames() != null && request.topicNames().stream()
            .mapToLong(name -> Short.BYTES + name.getBytes(StandardCharsets.UTF_8).length).sum()
            > MAX_SUBSCRIPTION_LENGTH) {
            return refuse(INVALID_REQUEST, "SubscribedTopicNames is longer than " + MAX_SUBSCRIPTION_LENGTH
                + " bytes in all: subscribe by a regular expression.");
        }
        if (request.memberEpoch() < ConsumerMember.AWAY_EPOCH) {
            return refuse(INVALID_REQUEST, "MemberEpoch is invalid: " + request.memberEpoch());
        }
        if (request.memberId().isEmpty() && (request.memberEpoch() != 0 || request.isMemberIdFromClient())) {
            return refuse(INVALID_REQUEST, "MemberId can't be empty.");
        }
        if (request.memberEpoch() == 0 && (request.rebalanceTimeoutMs() == -1
            || request.topicNames() == null && request.topicRegex() == null
            || request.ownedPartitions() == null || !request.ownedPartitions().isEmpty())) {
            return refuse(INVALID_REQUEST,
                "A member that joins must name its rebalance time-out and subscription, and own no partitions.");
        }
        if (request.memberEpoch() == ConsumerMember.AWAY_EPOCH && request.instanceId() == null) {
            return refuse(INVALID_REQUEST, "InstanceId can't be null.");
        }
        if (request.serverAssignor() != null && !Assignors.NAMES.contains(request.serverAssignor())) {
            return refuse(UNSUPPORTED_ASSIGNOR, "ServerAssignor " + request.serverAssignor()
                + " is not supported. Supported assignors: range, uniform.");
        }
        if (request.topicRegex() != null && !request.topicRegex().isEmpty()
            && !TopicPattern.isValid(request.topicRegex())) {
            return refuse(INVALID_REGULAR_EXPRESSION,
                "SubscribedTopicRegex `" + request.topicRegex() + "` is not a valid regular expression.");
        }
        return null;
    }

    ConsumerGroupHeartbeat.Response heartbeat(
        final ConsumerGroup group, final ConsumerGroupHeartbeat.Request request, final GroupClient client) {
        if (request.memberEpoch() < 0) {
            return leave(group, request);
        }
        ConsumerMember member = group.members.get(request.memberId());
        final ConsumerGroupHeartbeat.Response refusal =
            request.memberEpoch() == 0 ? checkJoin(group, member, request) : checkMember(member, request);
        if (refusal != null) {
            return refusal;
        }
        if (member != null && growth(member, request) > 0
            && group.length() + growth(member, request) > config.maxGroupLength()) {
            return refuse(GROUP_MAX_SIZE_REACHED, "The subscriptions of the consumer group are longer than "
                + config.maxGroupLength() + " bytes in all: subscribe by a regular expression.");
        }
        if (!hasRoomFor(group, request)) {
            return refuse(GROUP_MAX_SIZE_REACHED, "The members of the consumer group subscribe by "
                + MAX_REGEX_COUNT + " different regular expressions, which is the limit: subscribe by one of them.");
        }
        if (request.memberEpoch() == 0) {
            if (member != null && member.isClassic()) {
                member.cancelTimers();
                member.classic = null; // it goes on with the other protocol, as a new one
                member.client = null;
                member.session = null;
            } else if (member == null) {
                member = admit(group, request.memberId().isEmpty() ? newId("") : request.memberId(),
                    request.instanceId());
            }
        }
        final Assignment assignedBefore = member.assigned;
        final Object before = description(member);
        final boolean isNew = member.client == null;
        final Object subscriptionBefore = subscription(member);
        update(member, request, client);
        final boolean isChanged = isNew || !subscriptionBefore.equals(subscription(member));
        if (isNew || !before.equals(description(member))) {
            record(group, member, isChanged);
        }
        if (!advance(group, member, isChanged,
            request.ownedPartitions() == null ? null : Assignment.of(request.ownedPartitions()))) {
            return refuse(GROUP_MAX_SIZE_REACHED, "A member of the consumer group would have more partitions than fit "
                + "one record of " + sink.maxLength(1) + " bytes twice: add members, have each of them subscribe to "
                + "fewer topics, or give the brokers a larger millrace.ring.bytes.");
        }
        final boolean isFull = request.memberEpoch() == 0 || request.ownedPartitions() != null
            && request.rebalanceTimeoutMs() != -1;
        return new ConsumerGroupHeartbeat.Response(NONE, null, member.id, member.epoch, config.consumerHeartbeatMs(),
            isFull || !assignedBefore.equals(member.assigned) ? member.assigned.toMessage() : null);
    }

    /**
     * {@return whether a request names no regular expression, or one that others have, or one more may come}
     */
    private static boolean hasRoomFor(final ConsumerGroup group, final ConsumerGroupHeartbeat.Request request) {
        final String regex = request.topicRegex();
        if (regex == null || regex.isEmpty()) {
            return true;
        }
        final ConsumerMember former = request.instanceId() == null ? null : group.byInstance.get(request.instanceId());
        final Set<String> others = new HashSet<>();
        for (final ConsumerMember member : group.members.values()) {
            if (member != former && !member.id.equals(request.memberId())) {
                others.add(member.topicRegex); // the other two give up the one that they have
            }
        }
        others.remove(null);
        return others.size() < MAX_REGEX_COUNT || others.contains(regex);
    }

    private static long growth(final ConsumerMember member, final ConsumerGroupHeartbeat.Request request) {
        return request.topicNames() == null ? 0
            : 2 * (lengthOf(request.topicNames()) - lengthOf(member.topicNames));
    }

    private static long lengthOf(final List<String> names) {
        return names.stream().mapToLong(String::length).sum();
    }

    private ConsumerGroupHeartbeat.Response checkJoin(
        final ConsumerGroup group, final ConsumerMember member, final ConsumerGroupHeartbeat.Request request) {
        final ConsumerMember owner = request.instanceId() == null ? null : group.byInstance.get(request.instanceId());
        if (owner != null && owner != member && owner.epoch != ConsumerMember.AWAY_EPOCH
            && !owner.isClassic()) {
            return refuse(UNRELEASED_INSTANCE_ID, "Static member " + request.memberId() + " with instance id "
                + request.instanceId() + " cannot join the group because the instance id is owned by "
                + owner.id + " member.");
        }
        if (member == null && owner == null && (group.members.size() >= config.maxGroupSize()
            || group.length() > config.maxGroupLength())) {
            return refuse(GROUP_MAX_SIZE_REACHED, "The consumer group has reached its maximum capacity of "
                + config.maxGroupSize() + " members.");
        }
        return null;
    }

    private static ConsumerGroupHeartbeat.Response checkMember(
        final ConsumerMember member, final ConsumerGroupHeartbeat.Request request) {
        if (member == null || member.isClassic()) {
            return unknown(request);
        }
        if (request.instanceId() != null && !request.instanceId().equals(member.instanceId)) {
            return refuse(FENCED_INSTANCE_ID, "Member " + request.memberId() + " does not own instance id "
                + request.instanceId() + ".");
        }
        final int epoch = request.memberEpoch();
        // an answer may have been lost: the member then still has the epoch before, and no more than it was given
        final boolean isRetry = epoch == member.previousEpoch && request.ownedPartitions() != null
            && member.assigned.hasAllOf(Assignment.of(request.ownedPartitions()));
        if (epoch > member.epoch || epoch < member.epoch && !isRetry) {
            return refuse(FENCED_MEMBER_EPOCH, "The consumer group member has epoch " + epoch
                + " but the group coordinator has epoch " + member.epoch
                + ". The member must abandon all its partitions and rejoin.");
        }
        return null;
    }

    String newId(final String prefix) {
        return prefix + new UUID(random.nextLong(), random.nextLong());
    }

    /**
     * A new member, or the next process of a static one, which then goes on with what that has: others need not notice.
     */
    ConsumerMember admit(final ConsumerGroup group, final String memberId, final String instanceId) {
        final ConsumerMember member = new ConsumerMember(memberId);
        final ConsumerMember former = instanceId == null ? null : group.byInstance.get(instanceId);
        member.instanceId = instanceId;
        if (former != null) {
            member.assigned = former.assigned;
            member.target = former.target;
            member.rackId = former.rackId;
            member.topicNames = former.topicNames;
            member.topicRegex = former.topicRegex;
            member.matchedTopics = former.matchedTopics;
            member.matchedRegex = former.matchedRegex;
            member.matchedNames = former.matchedNames;
            member.serverAssignor = former.serverAssignor;
            member.rebalanceTimeoutMs = former.rebalanceTimeoutMs;
            member.epoch = former.epoch == ConsumerMember.AWAY_EPOCH ? former.previousEpoch : former.epoch;
            member.previousEpoch = member.epoch;
            member.client = former.client;
            // what is not its target yet may be free by now, also where the group is in its epoch: it looks at once
            member.state = ConsumerMember.State.UNRELEASED;
            // it is a member as soon as its own record is there, and must have all the rest by then
            sink.append(GroupRecords.target(group.group.id, member.id, member.target));
            sink.append(GroupRecords.current(group.group.id, member));
            sink.append(GroupRecords.member(group.group.id, member));
            forget(group, former);
        }
        group.add(member);
        return member;
    }

    /**
     * Gives a member that has asked its next step.
     * {@return false where the group has no room for what is new about it: then it had to go}
     */
    boolean advance(final ConsumerGroup group, final ConsumerMember member, final boolean isChanged,
        final Assignment owned) {
        targets.update(group, isChanged);
        if (group.isTooLong && isChanged) {
            remove(group, member);
            return false;
        }
        reconcile(group, member, owned);
        renew(group, member);
        return true;
    }

    /** Records what a member is. */
    void record(final ConsumerGroup group, final ConsumerMember member, final boolean isChanged) {
        if (isChanged) {
            announce(group);
        }
        sink.append(GroupRecords.member(group.group.id, member));
    }

    /**
     * Records, before members change, that there is an epoch to come: another coordinator that finds the change in the
     * log, and nothing that follows it, has to begin that epoch itself.
     */
    private void announce(final ConsumerGroup group) {
        sink.append(GroupRecords.consumer(group, group.epoch + 1));
    }

    /** Topics may have changed. */
    void follow(final ConsumerGroup group) {
        targets.update(group, false);
    }

    /** {@return what of a member decides who is to have what} */
    static List<Object> subscription(final ConsumerMember member) {
        return List.of(
            member.topicNames, String.valueOf(member.topicRegex), String.valueOf(member.serverAssignor));
    }

    /** {@return what of a member the log must know, but for what is assigned} */
    private static List<Object> description(final ConsumerMember member) {
        return List.of(subscription(member), String.valueOf(member.client), member.rebalanceTimeoutMs,
            String.valueOf(member.rackId));
    }

    private static void update(
        final ConsumerMember member, final ConsumerGroupHeartbeat.Request request, final GroupClient client) {
        member.client = client;
        if (request.topicNames() != null) {
            member.topicNames = request.topicNames().stream().sorted().distinct().toList();
        }
        if (request.topicRegex() != null) {
            member.topicRegex = request.topicRegex().isEmpty() ? null : request.topicRegex();
        }
        member.serverAssignor = request.serverAssignor() == null ? member.serverAssignor : request.serverAssignor();
        member.rackId = request.rackId() == null ? member.rackId : request.rackId();
        if (request.rebalanceTimeoutMs() != -1) {
            member.rebalanceTimeoutMs = request.rebalanceTimeoutMs();
        } else if (member.rebalanceTimeoutMs == 0) {
            member.rebalanceTimeoutMs = DEFAULT_REBALANCE_TIMEOUT_MS;
        }
    }

    private void reconcile(final ConsumerGroup group, final ConsumerMember member, final Assignment owned) {
        final int epochBefore = member.epoch;
        if (Reconciliation.next(group, member, owned)) {
            sink.append(GroupRecords.current(group.group.id, member));
        }
        Timers.cancel(member.state == ConsumerMember.State.UNREVOKED ? null : member.revocation);
        if (member.state == ConsumerMember.State.UNREVOKED
            && (member.revocation == null || member.epoch != epochBefore)) {
            Timers.cancel(member.revocation);
            member.revocation = timers.schedule(
                clock.nowMs() + member.rebalanceTimeoutMs, () -> remove(group, member));
        } else if (member.state != ConsumerMember.State.UNREVOKED) {
            member.revocation = null;
        }
    }

    void renew(final ConsumerGroup group, final ConsumerMember member) {
        member.deadlineMs = clock.nowMs()
            + (member.isClassic() ? member.classic.sessionTimeoutMs() : config.consumerSessionMs());
        if (member.session == null) {
            member.session = timers.schedule(() -> member.deadlineMs, () -> remove(group, member));
        }
    }

    private ConsumerGroupHeartbeat.Response leave(
        final ConsumerGroup group, final ConsumerGroupHeartbeat.Request request) {
        final ConsumerMember member = request.instanceId() == null
            ? group.members.get(request.memberId()) : group.byInstance.get(request.instanceId());
        if (member == null || member.isClassic()) {
            return unknown(request);
        }
        if (!member.id.equals(request.memberId())) {
            return refuse(FENCED_INSTANCE_ID, "Static member " + request.memberId() + " with instance id "
                + request.instanceId() + " was fenced by member " + member.id + ".");
        }
        if (request.memberEpoch() == ConsumerMember.AWAY_EPOCH) {
            group.disown(member);
            member.previousEpoch = member.epoch == ConsumerMember.AWAY_EPOCH ? member.previousEpoch : member.epoch;
            member.epoch = ConsumerMember.AWAY_EPOCH;
            member.pendingRevocation = new Assignment(); // its consumer is closed: it has nothing to give back any more
            member.state = ConsumerMember.State.STABLE;
            Timers.cancel(member.revocation);
            member.revocation = null;
            group.own(member);
            sink.append(GroupRecords.current(group.group.id, member));
            renew(group, member);
        } else {
            remove(group, member);
        }
        return new ConsumerGroupHeartbeat.Response(NONE, null, member.id, request.memberEpoch(), 0, null);
    }

    /** Takes a member out; the others get what it had, or their classic group back. */
    void remove(final ConsumerGroup group, final ConsumerMember member) {
        if (group.members.get(member.id) == member) {
            announce(group);
            forget(group, member);
            if (!migration.isToDowngrade(group) || !migration.downgrade(group)) {
                targets.update(group, true);
            }
        }
    }

    void forget(final ConsumerGroup group, final ConsumerMember member) {
        member.cancelTimers();
        group.disown(member);
        group.members.remove(member.id);
        if (member.instanceId != null) {
            group.byInstance.remove(member.instanceId, member);
        }
        GroupRecords.noneOf(group.group.id, member.id).forEach(sink::append);
    }

    /** Begins the sessions of a group that was read from the log. */
    void restart(final ConsumerGroup group) {
        dropUnfinished(group);
        for (final ConsumerMember member : new ArrayList<>(group.members.values())) {
            renew(group, member);
            if (member.state == ConsumerMember.State.UNREVOKED) {
                member.revocation = timers.schedule(
                    clock.nowMs() + member.rebalanceTimeoutMs, () -> remove(group, member));
            }
        }
    }

    /**
     * Forgets what was recorded in part only when a static member came back: the next one where it is no member yet,
     * or else the former one, which has handed over all it had.
     */
    private void dropUnfinished(final ConsumerGroup group) {
        boolean hasDropped = false;
        for (final ConsumerMember member : new ArrayList<>(group.members.values())) {
            if (member.client == null || member.instanceId != null
                && group.byInstance.get(member.instanceId) != member) {
                forget(group, member);
                hasDropped = true;
            }
        }
        if (hasDropped) {
            group.owners.clear(); // both said that they had the same
            group.members.values().forEach(group::own);
        }
    }

    static short checkCommit(final ConsumerGroup group, final String memberId, final int epoch) {
        if (epoch < 0 && group.members.isEmpty()) {
            return NONE;
        }
        final ConsumerMember member = group.members.get(memberId);
        if (member == null) {
            return UNKNOWN_MEMBER_ID;
        }
        return epoch == member.epoch ? NONE : member.isClassic() ? ILLEGAL_GENERATION : STALE_MEMBER_EPOCH;
    }
}
