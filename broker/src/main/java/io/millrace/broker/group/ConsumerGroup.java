package io.millrace.broker.group;

import io.millrace.transport.kafka.message.JoinGroup;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

/** The members of a group that speaks the consumer protocol (KIP-848). Owned by its coordinator. */
final class ConsumerGroup {
    /**
     * How far the regular expression has come that was too much for one time.
     *
     * @param regex   that it is
     * @param names   of all topics
     * @param matches so far
     */
    record Matching(String regex, List<String> names, TopicPattern.Matches matches) {
    }

    final Group group;
    /** Grows with each change that asks for another assignment. */
    int epoch;
    /** Of the target that was computed last. */
    int assignmentEpoch;
    final TreeMap<String, ConsumerMember> members = new TreeMap<>();
    final Map<String, ConsumerMember> byInstance = new HashMap<>();
    /** Ids that were given out to members of the classic protocol and have not come back. */
    final Map<String, Timers.Timer> pendingIds = new HashMap<>();
    /** Who holds a partition, or has not given it back yet. */
    final Map<UUID, Map<Integer, ConsumerMember>> owners = new HashMap<>();
    /** Of the topics and partition counts that the target was computed for. */
    int topicsHash;
    /** Of the topics when they were last looked at. */
    long topicsVersion = -1;
    /** Some member would have more than can be recorded: all keep what they have until members or topics change. */
    boolean isTooLong;
    /** The log of the broker says so. */
    boolean isWarned;
    /** Null when nothing was too much. */
    Matching matching;

    ConsumerGroup(final Group group) {
        this.group = group;
    }

    void add(final ConsumerMember member) {
        members.put(member.id, member);
        own(member);
        if (member.instanceId != null) {
            byInstance.put(member.instanceId, member);
        }
    }

    /** {@return whether somebody of the classic protocol with these protocols fits in} */
    boolean fits(final String type, final List<JoinGroup.Protocol> protocols) {
        if (!EmbeddedProtocol.TYPE.equals(type) || protocols.isEmpty()) {
            return false;
        }
        return protocols.stream().anyMatch(one -> members.values().stream().allMatch(member -> !member.isClassic()
            || member.classic.protocols().stream().anyMatch(other -> other.name().equals(one.name()))));
    }

    String stateName() {
        if (members.isEmpty()) {
            return "Empty";
        }
        if (epoch > assignmentEpoch) {
            return "Assigning";
        }
        for (final ConsumerMember member : members.values()) {
            if (member.state != ConsumerMember.State.STABLE || member.epoch != assignmentEpoch
                && member.epoch != ConsumerMember.AWAY_EPOCH) {
                return "Reconciling";
            }
        }
        return "Stable";
    }

    ConsumerMember owner(final UUID topicId, final int partition) {
        final Map<Integer, ConsumerMember> byPartition = owners.get(topicId);
        return byPartition == null ? null : byPartition.get(partition);
    }

    /** Notes that a member holds what it has and what it has not given back yet. */
    void own(final ConsumerMember member) {
        final Assignment.Visitor owning = (topicId, partition) ->
            owners.computeIfAbsent(topicId, id -> new HashMap<>()).put(partition, member);
        member.assigned.forEach(owning);
        member.pendingRevocation.forEach(owning);
    }

    void disown(final ConsumerMember member) {
        final Assignment.Visitor giving = (topicId, partition) -> {
            final Map<Integer, ConsumerMember> byPartition = owners.get(topicId);
            if (byPartition != null && byPartition.remove(partition, member) && byPartition.isEmpty()) {
                owners.remove(topicId);
            }
        };
        member.assigned.forEach(giving);
        member.pendingRevocation.forEach(giving);
    }

    int length() {
        return members.values().stream().mapToInt(ConsumerMember::length).sum();
    }

    /** {@return the assignor that most members ask for, the default where they do not care} */
    String assignor() {
        final Map<String, Integer> votes = new TreeMap<>();
        members.values().forEach(member -> {
            if (member.serverAssignor != null) {
                votes.merge(member.serverAssignor, 1, Integer::sum);
            }
        });
        String best = Assignors.UNIFORM;
        int most = 0;
        for (final Map.Entry<String, Integer> vote : votes.entrySet()) {
            if (vote.getValue() > most) {
                best = vote.getKey();
                most = vote.getValue();
            }
        }
        return best;
    }
}
