package io.millrace.broker.group;

import static io.millrace.broker.group.GroupErrors.FENCED_INSTANCE_ID;
import static io.millrace.broker.group.GroupErrors.GROUP_MAX_SIZE_REACHED;
import static io.millrace.broker.group.GroupErrors.INCONSISTENT_GROUP_PROTOCOL;
import static io.millrace.broker.group.GroupErrors.MEMBER_ID_REQUIRED;
import static io.millrace.broker.group.GroupErrors.NONE;
import static io.millrace.broker.group.GroupErrors.UNKNOWN_MEMBER_ID;

import io.millrace.transport.kafka.message.JoinGroup;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/** JoinGroup, for a group that speaks the classic protocol. Owned by its coordinator. */
final class ClassicJoin {
    private final GroupConfiguration config;
    private final ClassicBalance balance;
    private final RandomGenerator random;

    ClassicJoin(final GroupConfiguration config, final ClassicBalance balance, final RandomGenerator random) {
        this.config = config;
        this.balance = balance;
        this.random = random;
    }

    void join(final ClassicGroup group, final JoinGroup.Request request, final GroupClient client,
        final Consumer<JoinGroup.Response> reply) {
        if (!group.fits(request.protocolType(), request.protocols())) {
            refuse(reply, INCONSISTENT_GROUP_PROTOCOL, request.memberId());
        } else if (request.memberId().isEmpty()) {
            joinNew(group, request, client, reply);
        } else {
            joinKnown(group, request, client, reply);
        }
    }

    private static void refuse(final Consumer<JoinGroup.Response> reply, final short error, final String memberId) {
        reply.accept(ClassicBalance.joinError(error, memberId));
    }

    private String newId(final String prefix) {
        return prefix + "-" + new UUID(random.nextLong(), random.nextLong());
    }

    private void joinNew(final ClassicGroup group, final JoinGroup.Request request, final GroupClient client,
        final Consumer<JoinGroup.Response> reply) {
        final ClassicMember owner =
            request.groupInstanceId() == null ? null : group.byInstance.get(request.groupInstanceId());
        if (owner != null) {
            takeOver(group, owner, request, reply);
        } else if (isFull(group, request)) {
            refuse(reply, GROUP_MAX_SIZE_REACHED, request.memberId());
        } else if (request.groupInstanceId() != null) {
            add(group, newId(request.groupInstanceId()), request, client, reply);
        } else if (request.isMemberIdRequired()) {
            final String memberId = newId(client.clientId());
            balance.addPending(group, memberId, request.sessionTimeoutMs());
            refuse(reply, MEMBER_ID_REQUIRED, memberId);
        } else {
            add(group, newId(client.clientId()), request, client, reply);
        }
    }

    private boolean isFull(final ClassicGroup group, final JoinGroup.Request request) {
        return group.size() >= config.maxGroupSize()
            || isTooLong(group, request);
    }

    private boolean isTooLong(final ClassicGroup group, final JoinGroup.Request request) {
        return group.recordLength() + ClassicMember.recordLengthOf(request.protocols()) > config.maxGroupLength();
    }

    private boolean isTooLong(
        final ClassicGroup group, final ClassicMember member, final JoinGroup.Request request) {
        return group.recordLength() - ClassicMember.recordLengthOf(member.protocols)
            + ClassicMember.recordLengthOf(request.protocols()) > config.maxGroupLength();
    }

    private void add(final ClassicGroup group, final String memberId, final JoinGroup.Request request,
        final GroupClient client, final Consumer<JoinGroup.Response> reply) {
        final ClassicMember member = new ClassicMember(memberId, request.groupInstanceId(), client,
            request.sessionTimeoutMs(), request.rebalanceTimeoutMs(), request.protocols());
        member.isNew = true;
        group.protocolType = request.protocolType();
        balance.add(group, member);
        balance.park(group, member, reply);
    }

    /** A static member that comes back without its id is given a new one; whoever still has the old one is fenced. */
    private void takeOver(final ClassicGroup group, final ClassicMember owner, final JoinGroup.Request request,
        final Consumer<JoinGroup.Response> reply) {
        if (isTooLong(group, owner, request)) {
            refuse(reply, GROUP_MAX_SIZE_REACHED, request.memberId());
            return;
        }
        final String formerLeaderId = group.leaderId;
        final ClassicState state = group.state;
        balance.rename(group, owner, newId(request.groupInstanceId()));
        update(owner, request);
        if (state != ClassicState.STABLE || !group.protocolName.equals(group.selectProtocol())) {
            balance.park(group, owner, reply);
            return;
        }
        balance.renew(owner);
        balance.record(group);
        final boolean isLeader = group.isLeader(owner.id);
        // an old client would assign partitions anew if it were told that it leads
        final boolean isSkipping = request.isSkipAssignmentKnown();
        reply.accept(new JoinGroup.Response(NONE, group.generation, group.protocolType, group.protocolName,
            isSkipping ? group.leaderId : formerLeaderId, isSkipping && isLeader, owner.id,
            isSkipping && isLeader ? group.membersForLeader() : List.of()));
    }

    private void joinKnown(final ClassicGroup group, final JoinGroup.Request request, final GroupClient client,
        final Consumer<JoinGroup.Response> reply) {
        final String memberId = request.memberId();
        if (balance.forgetPending(group, memberId)) {
            if (request.groupInstanceId() != null) {
                refuse(reply, UNKNOWN_MEMBER_ID, memberId); // a static member is never asked to come back
            } else if (isTooLong(group, request)) {
                refuse(reply, GROUP_MAX_SIZE_REACHED, memberId);
            } else {
                add(group, memberId, request, client, reply);
            }
            return;
        }
        final ClassicMember owner =
            request.groupInstanceId() == null ? null : group.byInstance.get(request.groupInstanceId());
        if (owner != null && !owner.id.equals(memberId)) {
            refuse(reply, FENCED_INSTANCE_ID, memberId);
            return;
        }
        final ClassicMember member = group.members.get(memberId);
        if (member == null || request.groupInstanceId() != null && owner == null
            || group.state == ClassicState.EMPTY) {
            refuse(reply, UNKNOWN_MEMBER_ID, memberId);
            return;
        }
        if (isTooLong(group, member, request)) {
            refuse(reply, GROUP_MAX_SIZE_REACHED, memberId);
            return;
        }
        final boolean isSame = member.hasSame(request.protocols());
        final boolean isReplayed = isSame && (group.state == ClassicState.COMPLETING
            || group.state == ClassicState.STABLE && !group.isLeader(memberId));
        if (isReplayed) {
            balance.renew(member);
            reply.accept(ClassicBalance.joined(group, member));
        } else {
            update(member, request);
            balance.park(group, member, reply);
        }
    }

    private static void update(final ClassicMember member, final JoinGroup.Request request) {
        member.protocols = request.protocols();
        member.sessionTimeoutMs = request.sessionTimeoutMs();
        member.rebalanceTimeoutMs = request.rebalanceTimeoutMs();
    }
}
