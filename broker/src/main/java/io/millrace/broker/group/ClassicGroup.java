package io.millrace.broker.group;

import io.millrace.transport.kafka.message.JoinGroup;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The members of a group that speaks the classic protocol. Owned by its coordinator. */
final class ClassicGroup {
    final Group group;
    ClassicState state = ClassicState.EMPTY;
    int generation;
    /** Null before anybody joined. */
    String protocolType;
    String protocolName;
    String leaderId;
    /** When it came to its state, milliseconds since the epoch. */
    long stateSinceMs = -1;
    /** What was recorded last, null before anything was: what another coordinator goes on with. */
    GroupRecord recorded;
    /** No generation is to have this number or one below it but the present one. */
    int reservedGeneration;
    final Map<String, ClassicMember> members = new LinkedHashMap<>();
    final Map<String, ClassicMember> byInstance = new HashMap<>();
    /** Ids that were given out and have not come back. */
    final Map<String, Timers.Timer> pendingIds = new HashMap<>();
    final Set<String> pendingSyncs = new HashSet<>();
    Timers.Timer joinTimer;
    Timers.Timer syncTimer;
    /** An empty group's first balance waits for more members. */
    boolean isInitialDelay;
    boolean hasNewMember;

    ClassicGroup(final Group group) {
        this.group = group;
    }

    boolean isLeader(final String memberId) {
        return memberId.equals(leaderId);
    }

    int size() {
        return members.size() + pendingIds.size();
    }

    int length() {
        return members.values().stream().mapToInt(ClassicMember::length).sum();
    }

    /** {@return bytes of its record at most, whichever protocol is chosen} */
    int recordLength() {
        return members.values().stream().mapToInt(ClassicMember::recordLength).sum();
    }

    int rebalanceTimeoutMs() {
        return members.values().stream().mapToInt(member -> member.rebalanceTimeoutMs).max().orElse(0);
    }

    boolean haveAllJoined() {
        return pendingIds.isEmpty() && members.values().stream().allMatch(member -> member.joining != null);
    }

    /** {@return whether somebody with these protocols fits in} */
    boolean fits(final String type, final List<JoinGroup.Protocol> protocols) {
        if (type.isEmpty() || protocols.isEmpty()) {
            return false;
        }
        if (members.isEmpty()) {
            return true; // also while somebody is waited for who was only given an id, or for more members
        }
        final Set<String> common = candidates();
        return type.equals(protocolType) && protocols.stream().anyMatch(one -> common.contains(one.name()));
    }

    /** {@return the protocols that all members speak, in the first one's order} */
    private Set<String> candidates() {
        final Set<String> common = new LinkedHashSet<>();
        for (final ClassicMember member : members.values()) {
            if (common.isEmpty()) {
                member.protocols.forEach(one -> common.add(one.name()));
            }
        }
        members.values().forEach(member -> common.retainAll(member.protocolNames()));
        return common;
    }

    /** {@return the protocol with most votes: each member votes for the first of its own that all speak} */
    String selectProtocol() {
        final Map<String, Integer> votes = new LinkedHashMap<>();
        candidates().forEach(name -> votes.put(name, 0));
        for (final ClassicMember member : members.values()) {
            for (final JoinGroup.Protocol one : member.protocols) {
                if (votes.computeIfPresent(one.name(), (name, count) -> count + 1) != null) {
                    break;
                }
            }
        }
        String best = null;
        for (final Map.Entry<String, Integer> vote : votes.entrySet()) {
            if (best == null || vote.getValue() > votes.get(best)) {
                best = vote.getKey();
            }
        }
        return best;
    }

    List<JoinGroup.Member> membersForLeader() {
        final List<JoinGroup.Member> result = new ArrayList<>(members.size());
        members.values().forEach(member -> result.add(
            new JoinGroup.Member(member.id, member.instanceId, member.metadata(protocolName))));
        return result;
    }
}
