package io.millrace.broker.group;

import io.millrace.transport.kafka.message.JoinGroup;
import java.util.List;

/** One member of a group that speaks the consumer protocol. Owned by its coordinator. */
final class ConsumerMember {
    /** Epoch of a static member that is away for a while. */
    static final int AWAY_EPOCH = -2;
    /** Epoch with which a member leaves. */
    static final int LEAVE_EPOCH = -1;

    /** How far it is on the way to its target; in the order of the record's numbers. */
    enum State {
        STABLE,
        /** It has not given back yet what others are to get. */
        UNREVOKED,
        /** Others have not given back yet what it is to get. */
        UNRELEASED
    }

    /** What only members of the classic protocol have: their own session, and what they said when they joined. */
    record Classic(int sessionTimeoutMs, List<JoinGroup.Protocol> protocols) {
        /** {@return the one of its protocols that it is told to use} */
        String protocolName() {
            return protocols.get(0).name();
        }

        /** {@return what it said; all its protocols say the same of topics and partitions} */
        byte[] metadata() {
            return protocols.get(0).metadata();
        }

        boolean isSame(final int otherTimeoutMs, final List<JoinGroup.Protocol> others) {
            return sessionTimeoutMs == otherTimeoutMs && ClassicMember.areSame(protocols, others);
        }
    }

    final String id;
    /** Null when it speaks the consumer protocol. */
    Classic classic;
    String instanceId;
    String rackId;
    GroupClient client;
    int rebalanceTimeoutMs;
    List<String> topicNames = List.of();
    String topicRegex;
    String serverAssignor;
    int epoch;
    int previousEpoch;
    State state = State.STABLE;
    Assignment assigned = new Assignment();
    Assignment pendingRevocation = new Assignment();
    Assignment target = new Assignment();
    /** What the regular expression means now. */
    List<String> matchedTopics = List.of();
    /** The expression that this was found out for, null for none. */
    String matchedRegex;
    /** The names that it was looked for in, null for none. */
    List<String> matchedNames;
    long deadlineMs;
    Timers.Timer session;
    Timers.Timer revocation;
    /** When one that speaks the classic protocol must have joined again, null when it need not. */
    Timers.Timer joinTimer;
    /** When such a one must have asked for what it has, null when it has. */
    Timers.Timer syncTimer;

    ConsumerMember(final String id) {
        this.id = id;
    }

    boolean isClassic() {
        return classic != null;
    }

    void cancelTimers() {
        Timers.cancel(session);
        Timers.cancel(revocation);
        Timers.cancel(joinTimer);
        Timers.cancel(syncTimer);
    }

    int length() {
        int length = 128 + 2 * id.length() + 20 * (assigned.count() + pendingRevocation.count() + target.count());
        for (final String name : topicNames) {
            length += 2 * name.length();
        }
        return length + (classic == null ? 0 : ClassicMember.lengthOf(classic.protocols));
    }
}
