package io.millrace.broker.group;

import static io.millrace.broker.group.GroupErrors.FENCED_INSTANCE_ID;
import static io.millrace.broker.group.GroupErrors.GROUP_MAX_SIZE_REACHED;
import static io.millrace.broker.group.GroupErrors.ILLEGAL_GENERATION;
import static io.millrace.broker.group.GroupErrors.INCONSISTENT_GROUP_PROTOCOL;
import static io.millrace.broker.group.GroupErrors.MEMBER_ID_REQUIRED;
import static io.millrace.broker.group.GroupErrors.NONE;
import static io.millrace.broker.group.GroupErrors.REBALANCE_IN_PROGRESS;
import static io.millrace.broker.group.GroupErrors.UNKNOWN_MEMBER_ID;

import io.millrace.transport.kafka.message.Heartbeat;
import io.millrace.transport.kafka.message.JoinGroup;
import io.millrace.transport.kafka.message.LeaveGroup;
import io.millrace.transport.kafka.message.SyncGroup;
import java.util.List;
import java.util.function.Consumer;

/**
 * Members that speak the classic protocol in a group of the consumer protocol: each join and sync brings its member a
 * step nearer to its target, and it is told to join again when there is another step to be made. Nobody waits for
 * others, and nobody leads. Owned by its coordinator.
 */
final class MixedRules {
    private final GroupConfiguration config;
    private final GroupClock clock;
    private final Timers timers;
    private final ConsumerRules rules;
    private final Migration migration;
    private final TopicCatalog topics;

    MixedRules(final GroupConfiguration config, final GroupClock clock, final Timers timers,
        final ConsumerRules rules, final Migration migration, final TopicCatalog topics) {
        this.config = config;
        this.clock = clock;
        this.timers = timers;
        this.rules = rules;
        this.migration = migration;
        this.topics = topics;
    }

    /** {@return whether the one that joins takes the place of the last member that speaks the consumer protocol} */
    boolean isReplacingLast(final ConsumerGroup group, final JoinGroup.Request request) {
        final ConsumerMember owner =
            request.groupInstanceId() == null ? null : group.byInstance.get(request.groupInstanceId());
        return owner != null && !owner.isClassic() && request.memberId().isEmpty()
            && config.migration().isDowngrading() && group.fits(request.protocolType(), request.protocols())
            && group.members.values().stream().allMatch(member -> member == owner || member.isClassic());
    }

    void join(final ConsumerGroup group, final JoinGroup.Request request, final GroupClient client,
        final Consumer<JoinGroup.Response> reply) {
        final EmbeddedProtocol.Subscription subscription = group.fits(request.protocolType(), request.protocols())
            ? read(request.protocols().get(0).metadata()) : null;
        if (subscription == null) {
            refuse(reply, INCONSISTENT_GROUP_PROTOCOL, request.memberId());
            return;
        }
        final boolean isDynamic = request.groupInstanceId() == null;
        if (isDynamic && request.memberId().isEmpty() && request.isMemberIdRequired()) {
            if (isFull(group, request)) {
                refuse(reply, GROUP_MAX_SIZE_REACHED, "");
                return;
            }
            final String memberId = rules.newId(client.clientId() + "-");
            migration.addPending(group, memberId, request.sessionTimeoutMs());
            refuse(reply, MEMBER_ID_REQUIRED, memberId);
            return;
        }
        final Timers.Timer pending = isDynamic ? group.pendingIds.remove(request.memberId()) : null;
        Timers.cancel(pending);
        final ConsumerMember owner = isDynamic ? null : group.byInstance.get(request.groupInstanceId());
        final boolean isNew = pending != null || request.memberId().isEmpty();
        if (!isNew) {
            final short error = check(group, request.memberId(), request.groupInstanceId());
            if (error != NONE) {
                refuse(reply, error, request.memberId());
                return;
            }
            if (isTooLong(group, group.members.get(request.memberId()), request)) {
                refuse(reply, GROUP_MAX_SIZE_REACHED, request.memberId());
                return;
            }
        } else if (owner == null && isFull(group, request)) {
            refuse(reply, GROUP_MAX_SIZE_REACHED, request.memberId());
            return;
        }
        final String memberId = !request.memberId().isEmpty() ? request.memberId()
            : rules.newId((isDynamic ? client.clientId() : request.groupInstanceId()) + "-");
        final ConsumerMember member =
            isNew ? rules.admit(group, memberId, request.groupInstanceId()) : group.members.get(memberId);
        reply.accept(advance(group, member, request, subscription, client));
    }

    private JoinGroup.Response advance(final ConsumerGroup group, final ConsumerMember member,
        final JoinGroup.Request request, final EmbeddedProtocol.Subscription subscription, final GroupClient client) {
        final boolean isNew = member.client == null; // not the next process of a static one
        final Object before = ConsumerRules.subscription(member);
        final boolean isSame = member.isClassic() && client.equals(member.client)
            && member.rebalanceTimeoutMs == request.rebalanceTimeoutMs()
            && member.classic.isSame(request.sessionTimeoutMs(), request.protocols());
        member.client = client;
        member.topicNames = subscription.topics();
        member.topicRegex = null;
        member.serverAssignor = null;
        member.rackId = subscription.rackId();
        member.rebalanceTimeoutMs = request.rebalanceTimeoutMs();
        member.classic = new ConsumerMember.Classic(request.sessionTimeoutMs(), request.protocols());
        final boolean isChanged = isNew || !before.equals(ConsumerRules.subscription(member));
        if (!isSame) {
            rules.record(group, member, isChanged);
        }
        if (!rules.advance(group, member, isChanged, subscription.owned())) {
            return ClassicBalance.joinError(GROUP_MAX_SIZE_REACHED, member.id);
        }
        Timers.cancel(member.joinTimer);
        member.joinTimer = null;
        Timers.cancel(member.syncTimer);
        member.syncTimer = timers.schedule(
            clock.nowMs() + member.rebalanceTimeoutMs, () -> rules.remove(group, member));
        return new JoinGroup.Response(NONE, member.epoch, EmbeddedProtocol.TYPE, member.classic.protocolName(), "",
            false, member.id, List.of());
    }

    private EmbeddedProtocol.Subscription read(final byte[] metadata) {
        try {
            return EmbeddedProtocol.subscription(metadata, topics);
        } catch (final GroupFormatException ex) {
            return null;
        }
    }

    private boolean isFull(final ConsumerGroup group, final JoinGroup.Request request) {
        return group.members.size() + group.pendingIds.size() >= config.maxGroupSize()
            || group.length() + 2 * ClassicMember.lengthOf(request.protocols()) > config.maxGroupLength();
    }

    private boolean isTooLong(
        final ConsumerGroup group, final ConsumerMember member, final JoinGroup.Request request) {
        final long growth = 2L * (ClassicMember.lengthOf(request.protocols())
            - ClassicMember.lengthOf(member.classic.protocols()));
        return growth > 0 && group.length() + growth > config.maxGroupLength();
    }

    private static void refuse(final Consumer<JoinGroup.Response> reply, final short error, final String memberId) {
        reply.accept(ClassicBalance.joinError(error, memberId));
    }

    private static short check(final ConsumerGroup group, final String memberId, final String instanceId) {
        if (instanceId != null) {
            final ConsumerMember owner = group.byInstance.get(instanceId);
            if (owner != null && !owner.id.equals(memberId)) {
                return FENCED_INSTANCE_ID;
            }
        }
        final ConsumerMember member = group.members.get(memberId);
        return member == null || !member.isClassic() || instanceId != null && !instanceId.equals(member.instanceId)
            ? UNKNOWN_MEMBER_ID : NONE;
    }

    void sync(final ConsumerGroup group, final SyncGroup.Request request, final Consumer<SyncGroup.Response> reply) {
        final short error = check(group, request.memberId(), request.groupInstanceId());
        reply.accept(error == NONE ? sync(group, group.members.get(request.memberId()), request)
            : ClassicBalance.syncError(error));
    }

    private SyncGroup.Response sync(
        final ConsumerGroup group, final ConsumerMember member, final SyncGroup.Request request) {
        if (request.generationId() != member.epoch) {
            return ClassicBalance.syncError(ILLEGAL_GENERATION);
        }
        final String protocol = member.classic.protocolName();
        if (request.protocolType() != null && !request.protocolType().equals(EmbeddedProtocol.TYPE)
            || request.protocolName() != null && !request.protocolName().equals(protocol)) {
            return ClassicBalance.syncError(INCONSISTENT_GROUP_PROTOCOL);
        }
        // one that has to give back something must be told that first
        if (group.epoch > member.epoch && member.state != ConsumerMember.State.UNREVOKED) {
            return ClassicBalance.syncError(askToJoin(group, member));
        }
        Timers.cancel(member.syncTimer);
        member.syncTimer = null;
        rules.renew(group, member);
        final int version = EmbeddedProtocol.subscription(member.classic.metadata(), topics).version();
        return new SyncGroup.Response(
            NONE, EmbeddedProtocol.TYPE, protocol, EmbeddedProtocol.encode(version, member.assigned, topics));
    }

    short heartbeat(final ConsumerGroup group, final Heartbeat.Request request) {
        final short error = check(group, request.memberId(), request.groupInstanceId());
        if (error != NONE) {
            return error;
        }
        final ConsumerMember member = group.members.get(request.memberId());
        if (request.generationId() != member.epoch) {
            return ILLEGAL_GENERATION;
        }
        rules.renew(group, member);
        rules.follow(group);
        final boolean hasStep = member.epoch < group.epoch || member.state == ConsumerMember.State.UNREVOKED
            || member.state == ConsumerMember.State.UNRELEASED && Reconciliation.isReleased(group, member);
        return hasStep ? askToJoin(group, member) : NONE;
    }

    /** Who does not join again in time has to go. */
    private short askToJoin(final ConsumerGroup group, final ConsumerMember member) {
        if (member.joinTimer == null) {
            member.joinTimer = timers.schedule(
                clock.nowMs() + member.rebalanceTimeoutMs, () -> rules.remove(group, member));
        }
        return REBALANCE_IN_PROGRESS;
    }

    short leave(final ConsumerGroup group, final LeaveGroup.Member leaving) {
        final ConsumerMember owner =
            leaving.groupInstanceId() == null ? null : group.byInstance.get(leaving.groupInstanceId());
        final String memberId = leaving.memberId().isEmpty() && owner != null ? owner.id : leaving.memberId();
        final Timers.Timer pending = group.pendingIds.remove(memberId);
        if (pending != null) {
            pending.cancel();
            return NONE;
        }
        final short error = check(group, memberId, leaving.groupInstanceId());
        if (error == NONE) {
            rules.remove(group, group.members.get(memberId));
        }
        return error;
    }
}
