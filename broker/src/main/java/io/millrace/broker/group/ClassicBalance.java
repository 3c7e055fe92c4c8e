package io.millrace.broker.group;

import static io.millrace.broker.group.GroupErrors.FENCED_INSTANCE_ID;
import static io.millrace.broker.group.GroupErrors.NONE;
import static io.millrace.broker.group.GroupErrors.REBALANCE_IN_PROGRESS;
import static io.millrace.broker.group.GroupErrors.UNKNOWN_MEMBER_ID;

import io.millrace.transport.kafka.message.JoinGroup;
import io.millrace.transport.kafka.message.SyncGroup;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * How a classic group goes from one generation to the next, and its timers. Owned by its coordinator.
 *
 * <p>A generation is answered to its members only with an assignment that was recorded. What is recorded last is what
 * another coordinator goes on with: members that come back to it in time keep their generation.
 */
final class ClassicBalance {
    /** A new member cannot send heartbeats before its join is answered; it is waited for so long. */
    static final long NEW_MEMBER_MS = 300_000;
    /** Between two looks whether a static member is back, whatever the members ask for. */
    private static final int MIN_RETRY_MS = 1000;

    private final GroupConfiguration config;
    private final GroupClock clock;
    private final Timers timers;
    private final RecordSink sink;

    ClassicBalance(
        final GroupConfiguration config, final GroupClock clock, final Timers timers, final RecordSink sink) {
        this.config = config;
        this.clock = clock;
        this.timers = timers;
        this.sink = sink;
    }

    static JoinGroup.Response joinError(final short error, final String memberId) {
        return new JoinGroup.Response(error, -1, null, null, "", false, memberId, List.of());
    }

    static SyncGroup.Response syncError(final short error) {
        return new SyncGroup.Response(error, null, null, ClassicMember.NO_ASSIGNMENT);
    }

    static SyncGroup.Response synced(final ClassicGroup group, final ClassicMember member) {
        return new SyncGroup.Response(NONE, group.protocolType, group.protocolName, member.assignment);
    }

    static JoinGroup.Response joined(final ClassicGroup group, final ClassicMember member) {
        return new JoinGroup.Response(NONE, group.generation, group.protocolType, group.protocolName, group.leaderId,
            false, member.id, group.isLeader(member.id) ? group.membersForLeader() : List.of());
    }

    long nowMs() {
        return clock.nowMs();
    }

    void record(final ClassicGroup group) {
        group.recorded = GroupRecords.classic(group, group.generation);
        sink.append(group.recorded);
    }

    // members

    void add(final ClassicGroup group, final ClassicMember member) {
        group.members.put(member.id, member);
        if (member.isStatic()) {
            group.byInstance.put(member.instanceId, member);
        }
        if (group.leaderId == null) {
            group.leaderId = member.id;
        }
        group.hasNewMember = true;
    }

    /** A timer finds out by itself that its time has moved away, but not that it has come nearer. */
    private void watch(final ClassicGroup group, final ClassicMember member) {
        Timers.cancel(member.session);
        member.session = timers.schedule(() -> dueMs(member), () -> onSessionEnd(group, member));
    }

    /** Gives a static member another id; whoever waits under the old one is fenced. */
    void rename(final ClassicGroup group, final ClassicMember member, final String newId) {
        answerJoin(member, joinError(FENCED_INSTANCE_ID, member.id));
        answerSync(member, syncError(FENCED_INSTANCE_ID));
        group.members.remove(member.id);
        if (group.isLeader(member.id)) {
            group.leaderId = newId;
        }
        if (group.pendingSyncs.remove(member.id)) {
            group.pendingSyncs.add(newId);
        }
        member.id = newId;
        group.members.put(newId, member);
    }

    /** Takes a member out; the group's state stays for {@link #afterLeave}. */
    void remove(final ClassicGroup group, final ClassicMember member) {
        answerJoin(member, joinError(UNKNOWN_MEMBER_ID, member.id));
        answerSync(member, syncError(UNKNOWN_MEMBER_ID));
        Timers.cancel(member.session);
        group.members.remove(member.id);
        group.pendingSyncs.remove(member.id);
        if (member.isStatic()) {
            group.byInstance.remove(member.instanceId, member);
        }
        if (group.isLeader(member.id)) {
            group.leaderId = group.members.isEmpty() ? null : group.members.keySet().iterator().next();
        }
        group.hasNewMember = true;
    }

    /** Begins or goes on with a balance when members were removed. */
    void afterLeave(final ClassicGroup group) {
        if (group.hasNewMember && (group.state == ClassicState.STABLE || group.state == ClassicState.COMPLETING)) {
            prepare(group);
        } else if (group.state == ClassicState.PREPARING) {
            completeIfAllJoined(group);
        }
    }

    boolean forgetPending(final ClassicGroup group, final String memberId) {
        final Timers.Timer timer = group.pendingIds.remove(memberId);
        Timers.cancel(timer);
        return timer != null;
    }

    void addPending(final ClassicGroup group, final String memberId, final int sessionTimeoutMs) {
        group.pendingIds.put(memberId, timers.schedule(clock.nowMs() + sessionTimeoutMs, () -> {
            group.pendingIds.remove(memberId);
            afterPendingGone(group);
        }));
    }

    private void afterPendingGone(final ClassicGroup group) {
        if (group.state == ClassicState.PREPARING) {
            completeIfAllJoined(group);
        }
    }

    void renew(final ClassicMember member) {
        member.deadlineMs = clock.nowMs() + member.sessionTimeoutMs;
    }

    /** Who waits for us is alive, but for one that has never been answered. */
    private long dueMs(final ClassicMember member) {
        final boolean isWaiting = !member.isNew && member.joining != null || member.syncing != null;
        return isWaiting ? clock.nowMs() + member.sessionTimeoutMs : member.deadlineMs;
    }

    private void onSessionEnd(final ClassicGroup group, final ClassicMember member) {
        remove(group, member);
        afterLeave(group);
    }

    /** Begins the sessions of a group that was read from the log. */
    void restart(final ClassicGroup group) {
        for (final ClassicMember member : group.members.values()) {
            renew(member);
            watch(group, member);
        }
    }

    // balances

    /** Parks a join until the balance is done. */
    void park(
        final ClassicGroup group, final ClassicMember member, final Consumer<JoinGroup.Response> reply) {
        answerJoin(member, joinError(REBALANCE_IN_PROGRESS, member.id));
        member.joining = reply;
        if (member.isNew) {
            member.deadlineMs = clock.nowMs() + NEW_MEMBER_MS;
        } else {
            renew(member);
        }
        watch(group, member);
        if (group.state == ClassicState.PREPARING) {
            completeIfAllJoined(group);
        } else {
            prepare(group);
        }
    }

    void prepare(final ClassicGroup group) {
        if (group.state == ClassicState.COMPLETING) {
            group.members.values().forEach(member -> answerSync(member, syncError(REBALANCE_IN_PROGRESS)));
        }
        Timers.cancel(group.syncTimer);
        group.pendingSyncs.clear();
        final boolean isFirst = group.state == ClassicState.EMPTY;
        enter(group, ClassicState.PREPARING);
        group.hasNewMember = false;
        if (isFirst && config.initialRebalanceDelayMs() > 0) {
            delay(group, Math.max(0, group.rebalanceTimeoutMs() - config.initialRebalanceDelayMs()));
            return;
        }
        final long startMs = clock.nowMs();
        group.joinTimer = timers.schedule(
            () -> startMs + group.rebalanceTimeoutMs(), () -> complete(group));
        completeIfAllJoined(group);
    }

    /** Waits for more members, once more for as long as somebody came meanwhile. */
    private void delay(final ClassicGroup group, final int restMs) {
        group.isInitialDelay = true;
        group.hasNewMember = false;
        final int stepMs = Math.min(config.initialRebalanceDelayMs(), group.rebalanceTimeoutMs());
        group.joinTimer = timers.schedule(clock.nowMs() + stepMs, () -> {
            if (group.hasNewMember && restMs > 0) {
                delay(group, Math.max(0, restMs - stepMs));
            } else {
                complete(group);
            }
        });
    }

    private void completeIfAllJoined(final ClassicGroup group) {
        if (!group.isInitialDelay && group.haveAllJoined()) {
            complete(group);
        }
    }

    private void complete(final ClassicGroup group) {
        Timers.cancel(group.joinTimer);
        group.isInitialDelay = false;
        for (final ClassicMember member : List.copyOf(group.members.values())) {
            if (member.joining == null && !member.isStatic()) {
                remove(group, member);
            }
        }
        if (!group.members.isEmpty() && !electLeader(group)) {
            final long startMs = clock.nowMs();
            group.joinTimer = timers.schedule(
                () -> startMs + Math.max(MIN_RETRY_MS, group.rebalanceTimeoutMs()),
                () -> complete(group)); // only static ones, none is back
            return;
        }
        group.hasNewMember = false;
        group.generation = Math.max(group.generation, group.reservedGeneration) + 1;
        if (group.members.isEmpty()) {
            group.protocolName = null;
            group.leaderId = null;
            enter(group, ClassicState.EMPTY);
            record(group);
            return;
        }
        group.protocolName = group.selectProtocol();
        enter(group, ClassicState.COMPLETING);
        for (final ClassicMember member : group.members.values()) {
            group.pendingSyncs.add(member.id);
            member.isNew = false;
            if (member.joining != null) {
                renew(member); // one that is away has its session go on
                watch(group, member);
            }
        }
        final long startMs = clock.nowMs();
        group.syncTimer = timers.schedule(
            () -> startMs + group.rebalanceTimeoutMs(), () -> onSyncTimeout(group));
        group.members.values().forEach(member -> answerJoin(member, joined(group, member)));
    }

    /** {@return whether somebody who has joined leads} */
    private static boolean electLeader(final ClassicGroup group) {
        final ClassicMember leader = group.leaderId == null ? null : group.members.get(group.leaderId);
        if (leader != null && leader.joining != null) {
            return true;
        }
        for (final ClassicMember member : group.members.values()) {
            if (member.joining != null) {
                group.leaderId = member.id;
                return true;
            }
        }
        return false;
    }

    private void onSyncTimeout(final ClassicGroup group) {
        if (group.pendingSyncs.isEmpty()) {
            return;
        }
        for (final String memberId : List.copyOf(group.pendingSyncs)) {
            final ClassicMember member = group.members.get(memberId);
            if (member != null) {
                remove(group, member);
            }
        }
        afterLeave(group);
    }

    /** The leader's assignment: recorded, then told to everybody who waits for it. */
    void settle(final ClassicGroup group, final Map<String, byte[]> assignments) {
        for (final ClassicMember member : group.members.values()) {
            member.assignment = assignments.getOrDefault(member.id, ClassicMember.NO_ASSIGNMENT);
        }
        enter(group, ClassicState.STABLE);
        record(group);
        group.members.values().forEach(member -> {
            if (member.syncing != null) {
                renew(member);
                answerSync(member, synced(group, member));
            }
        });
    }

    private void enter(final ClassicGroup group, final ClassicState state) {
        group.state = state;
        group.stateSinceMs = clock.wallMs();
    }

    private static void answerJoin(final ClassicMember member, final JoinGroup.Response response) {
        final Consumer<JoinGroup.Response> reply = member.joining;
        if (reply != null) {
            member.joining = null;
            reply.accept(response);
        }
    }

    private static void answerSync(final ClassicMember member, final SyncGroup.Response response) {
        final Consumer<SyncGroup.Response> reply = member.syncing;
        if (reply != null) {
            member.syncing = null;
            reply.accept(response);
        }
    }

    /** Answers whoever waits, since this node is no longer the one to ask, or this is no longer the group. */
    static void refuseAll(final ClassicGroup group, final short error) {
        group.members.values().forEach(member -> {
            answerJoin(member, joinError(error, member.id));
            answerSync(member, syncError(error));
        });
    }

    /** The group is to be forgotten: answers whoever waits, and nothing happens any more. */
    static void end(final ClassicGroup group, final short error) {
        refuseAll(group, error);
        Timers.cancel(group.joinTimer);
        Timers.cancel(group.syncTimer);
        group.pendingIds.values().forEach(Timers::cancel);
        group.members.values().forEach(member -> Timers.cancel(member.session));
    }
}
