package io.millrace.broker.group;

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

    final String id;
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
    long deadlineMs;
    Timers.Timer session;
    Timers.Timer revocation;

    ConsumerMember(final String id) {
        this.id = id;
    }

    int length() {
        int length = 128 + 2 * id.length() + 20 * (assigned.count() + pendingRevocation.count() + target.count());
        for (final String name : topicNames) {
            length += 2 * name.length();
        }
        return length;
    }
}
