package io.millrace.broker.group;

import static io.millrace.broker.group.GroupErrors.FENCED_INSTANCE_ID;
import static io.millrace.broker.group.GroupErrors.ILLEGAL_GENERATION;
import static io.millrace.broker.group.GroupErrors.INCONSISTENT_GROUP_PROTOCOL;
import static io.millrace.broker.group.GroupErrors.NONE;
import static io.millrace.broker.group.GroupErrors.REBALANCE_IN_PROGRESS;
import static io.millrace.broker.group.GroupErrors.UNKNOWN_MEMBER_ID;
import static io.millrace.broker.group.GroupErrors.UNKNOWN_SERVER_ERROR;

import io.millrace.transport.kafka.message.Heartbeat;
import io.millrace.transport.kafka.message.LeaveGroup;
import io.millrace.transport.kafka.message.SyncGroup;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Sync, heartbeat and leave of classic members, and whether one of them may commit offsets. Owned by its coordinator.
 */
final class ClassicRules {
    private final GroupConfiguration config;
    private final ClassicBalance balance;

    ClassicRules(final GroupConfiguration config, final ClassicBalance balance) {
        this.config = config;
        this.balance = balance;
    }

    /** {@return the error of a member that asks, before what it asks is looked at} */
    private static short checkMember(final ClassicGroup group, final String memberId, final String instanceId) {
        if (instanceId != null) {
            final ClassicMember owner = group.byInstance.get(instanceId);
            if (owner == null) {
                return UNKNOWN_MEMBER_ID;
            }
            return owner.id.equals(memberId) ? NONE : FENCED_INSTANCE_ID;
        }
        return group.members.containsKey(memberId) ? NONE : UNKNOWN_MEMBER_ID;
    }

    private static short check(
        final ClassicGroup group, final String memberId, final String instanceId, final int generation) {
        final short error = checkMember(group, memberId, instanceId);
        if (error != NONE) {
            return error;
        }
        return generation == group.generation ? NONE : ILLEGAL_GENERATION;
    }

    void sync(final ClassicGroup group, final SyncGroup.Request request, final Consumer<SyncGroup.Response> reply) {
        short error = check(group, request.memberId(), request.groupInstanceId(), request.generationId());
        if (error == NONE && (isOther(request.protocolType(), group.protocolType)
            || isOther(request.protocolName(), group.protocolName))) {
            error = INCONSISTENT_GROUP_PROTOCOL;
        }
        if (error == NONE && group.state == ClassicState.EMPTY) {
            error = UNKNOWN_MEMBER_ID;
        } else if (error == NONE && group.state == ClassicState.PREPARING) {
            error = REBALANCE_IN_PROGRESS;
        }
        if (error != NONE) {
            reply.accept(ClassicBalance.syncError(error));
            return;
        }
        final ClassicMember member = group.members.get(request.memberId());
        group.pendingSyncs.remove(member.id);
        balance.renew(member);
        if (group.state == ClassicState.STABLE) {
            reply.accept(ClassicBalance.synced(group, member));
            return;
        }
        if (group.isLeader(member.id) && isTooLong(group, request.assignments())) {
            group.pendingSyncs.add(member.id);
            reply.accept(ClassicBalance.syncError(UNKNOWN_SERVER_ERROR));
            return;
        }
        if (member.syncing != null) {
            member.syncing.accept(ClassicBalance.syncError(REBALANCE_IN_PROGRESS));
        }
        member.syncing = reply;
        if (group.isLeader(member.id)) {
            balance.settle(group, request.assignments());
        }
    }

    private static boolean isOther(final String asked, final String present) {
        return asked != null && !asked.equals(present);
    }

    private boolean isTooLong(final ClassicGroup group, final Map<String, byte[]> assignments) {
        long length = group.recordLength();
        for (final Map.Entry<String, byte[]> assignment : assignments.entrySet()) {
            final ClassicMember member = group.members.get(assignment.getKey());
            length += member == null ? 0 : assignment.getValue().length - member.assignment.length;
        }
        return length > config.maxGroupLength();
    }

    short heartbeat(final ClassicGroup group, final Heartbeat.Request request) {
        final short error = check(group, request.memberId(), request.groupInstanceId(), request.generationId());
        if (error != NONE) {
            return error;
        }
        if (group.state == ClassicState.EMPTY) {
            return UNKNOWN_MEMBER_ID;
        }
        balance.renew(group.members.get(request.memberId()));
        return group.state == ClassicState.PREPARING ? REBALANCE_IN_PROGRESS : NONE;
    }

    List<LeaveGroup.MemberResponse> leave(final ClassicGroup group, final List<LeaveGroup.Member> leaving) {
        final List<LeaveGroup.MemberResponse> answers = new ArrayList<>();
        for (final LeaveGroup.Member one : leaving) {
            answers.add(new LeaveGroup.MemberResponse(
                one.memberId(), one.groupInstanceId(), leave(group, one)));
        }
        balance.afterLeave(group);
        return answers;
    }

    private short leave(final ClassicGroup group, final LeaveGroup.Member one) {
        final String memberId;
        if (one.groupInstanceId() != null) {
            final ClassicMember owner = group.byInstance.get(one.groupInstanceId());
            if (owner == null) {
                return UNKNOWN_MEMBER_ID;
            }
            if (!one.memberId().isEmpty() && !one.memberId().equals(owner.id)) {
                return FENCED_INSTANCE_ID;
            }
            memberId = owner.id;
        } else {
            memberId = one.memberId();
        }
        if (balance.forgetPending(group, memberId)) {
            return NONE;
        }
        final ClassicMember member = group.members.get(memberId);
        if (member == null) {
            return UNKNOWN_MEMBER_ID;
        }
        balance.remove(group, member);
        return NONE;
    }

    /** {@return the error of a commit; renews the session of a member} */
    short checkCommit(
        final ClassicGroup group, final String memberId, final String instanceId, final int generation) {
        if (generation < 0 && group.state == ClassicState.EMPTY) {
            return NONE; // as Kafka: of somebody who does not take part in balances, whatever it calls itself
        }
        if (generation < 0 && memberId.isEmpty() && instanceId == null) {
            return UNKNOWN_MEMBER_ID;
        }
        final short error = check(group, memberId, instanceId, generation);
        if (error != NONE) {
            return error;
        }
        if (group.state == ClassicState.EMPTY) {
            return UNKNOWN_MEMBER_ID;
        }
        if (group.state == ClassicState.COMPLETING) {
            return REBALANCE_IN_PROGRESS;
        }
        balance.renew(group.members.get(memberId));
        return NONE;
    }
}
