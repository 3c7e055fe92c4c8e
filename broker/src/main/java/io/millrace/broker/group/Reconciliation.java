package io.millrace.broker.group;

import java.util.UUID;

/**
 * Brings one member of the consumer protocol nearer to its target, a step for each heartbeat: first it gives back what
 * it is not to have, then it gets what others have given back. Stateless.
 */
final class Reconciliation {
    private Reconciliation() {
    }

    /**
     * {@return whether anything about the member changed}
     *
     * @param group  of the member
     * @param member in the group
     * @param owned  what it says it has, null when it does not say
     */
    static boolean next(final ConsumerGroup group, final ConsumerMember member, final Assignment owned) {
        switch (member.state) {
            case STABLE:
                return member.epoch != group.assignmentEpoch && advance(group, member, owned);
            case UNREVOKED:
                return owned != null && !owned.hasAnyOf(member.pendingRevocation) && advance(group, member, owned);
            default:
                return advance(group, member, owned);
        }
    }

    private static boolean advance(final ConsumerGroup group, final ConsumerMember member, final Assignment owned) {
        final Assignment kept = new Assignment();
        final Assignment revoked = new Assignment();
        member.assigned.forEach((topicId, partition) ->
            (member.target.has(topicId, partition) ? kept : revoked).add(topicId, partition));
        final boolean mustRevoke = !revoked.isEmpty() && (owned == null || owned.hasAnyOf(revoked));
        final Assignment assigned = kept;
        final boolean[] isUnreleased = {false};
        if (!mustRevoke) {
            member.target.forEach((topicId, partition) -> {
                if (isFree(group, member, topicId, partition)) {
                    assigned.add(topicId, partition);
                } else {
                    isUnreleased[0] = true;
                }
            });
        }
        final ConsumerMember.State state = mustRevoke ? ConsumerMember.State.UNREVOKED
            : isUnreleased[0] ? ConsumerMember.State.UNRELEASED : ConsumerMember.State.STABLE;
        final Assignment pending = mustRevoke ? revoked : new Assignment();
        final int epoch = mustRevoke ? member.epoch : group.assignmentEpoch;
        if (state == member.state && epoch == member.epoch && assigned.equals(member.assigned)
            && pending.equals(member.pendingRevocation)) {
            return false;
        }
        group.disown(member);
        if (epoch != member.epoch) {
            member.previousEpoch = member.epoch;
        }
        member.epoch = epoch;
        member.state = state;
        member.assigned = assigned;
        member.pendingRevocation = pending;
        group.own(member);
        return true;
    }

    /** {@return whether others have given back everything that a member is to get} */
    static boolean isReleased(final ConsumerGroup group, final ConsumerMember member) {
        final boolean[] isReleased = {true};
        member.target.forEach(
            (topicId, partition) -> isReleased[0] &= isFree(group, member, topicId, partition));
        return isReleased[0];
    }

    private static boolean isFree(
        final ConsumerGroup group, final ConsumerMember member, final UUID topicId, final int partition) {
        final ConsumerMember owner = group.owner(topicId, partition);
        return owner == null || owner == member;
    }
}
