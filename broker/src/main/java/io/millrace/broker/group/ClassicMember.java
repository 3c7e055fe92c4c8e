package io.millrace.broker.group;

import io.millrace.transport.kafka.message.JoinGroup;
import io.millrace.transport.kafka.message.SyncGroup;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** One member of a classic group. Owned by its coordinator. */
final class ClassicMember {
    static final byte[] NO_ASSIGNMENT = {};
    /** Of a protocol without name and metadata. */
    private static final int PROTOCOL_LENGTH = 64;

    String id;
    final String instanceId;
    final GroupClient client;
    int sessionTimeoutMs;
    int rebalanceTimeoutMs;
    List<JoinGroup.Protocol> protocols;
    byte[] assignment = NO_ASSIGNMENT;
    /** Where its join waits for the balance, else null. */
    Consumer<JoinGroup.Response> joining;
    /** Where its sync waits for the leader's, else null. */
    Consumer<SyncGroup.Response> syncing;
    /** Until its first join is answered; it may wait so long and no longer, since it cannot send heartbeats. */
    boolean isNew;
    long deadlineMs;
    Timers.Timer session;

    ClassicMember(final String id, final String instanceId, final GroupClient client, final int sessionTimeoutMs,
        final int rebalanceTimeoutMs, final List<JoinGroup.Protocol> protocols) {
        this.id = id;
        this.instanceId = instanceId;
        this.client = client;
        this.sessionTimeoutMs = sessionTimeoutMs;
        this.rebalanceTimeoutMs = rebalanceTimeoutMs;
        this.protocols = protocols;
    }

    boolean isStatic() {
        return instanceId != null;
    }

    Set<String> protocolNames() {
        return protocols.stream().map(JoinGroup.Protocol::name).collect(Collectors.toSet());
    }

    /** {@return what it said of a protocol} */
    byte[] metadata(final String protocol) {
        for (final JoinGroup.Protocol one : protocols) {
            if (one.name().equals(protocol)) {
                return one.metadata();
            }
        }
        return NO_ASSIGNMENT;
    }

    boolean hasSame(final List<JoinGroup.Protocol> others) {
        return areSame(protocols, others);
    }

    static boolean areSame(final List<JoinGroup.Protocol> some, final List<JoinGroup.Protocol> others) {
        if (some.size() != others.size()) {
            return false;
        }
        for (int i = 0; i < others.size(); i++) {
            if (!some.get(i).name().equals(others.get(i).name())
                || !Arrays.equals(some.get(i).metadata(), others.get(i).metadata())) {
                return false;
            }
        }
        return true;
    }

    /** {@return bytes that it takes in memory, roughly} */
    int length() {
        return baseLength() + lengthOf(protocols);
    }

    /** {@return bytes that it takes in its group's record at most, roughly: that has the one protocol all use} */
    int recordLength() {
        return baseLength() + recordLengthOf(protocols);
    }

    private int baseLength() {
        return 64 + 2 * (id.length() + (instanceId == null ? 0 : instanceId.length()) + client.clientId().length()
            + client.host().length()) + assignment.length;
    }

    /** {@return bytes of the longest one, which may be the one that is used} */
    static int recordLengthOf(final List<JoinGroup.Protocol> protocols) {
        return protocols.stream().mapToInt(one -> one.metadata().length).max().orElse(0);
    }

    static int lengthOf(final List<JoinGroup.Protocol> protocols) {
        return protocols.stream().mapToInt(
            one -> PROTOCOL_LENGTH + 2 * one.name().length() + one.metadata().length).sum();
    }
}
