package io.millrace.broker.group;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;

/** Computes who is to have what in a group of the consumer protocol. Owned by its coordinator. */
final class ConsumerTargets {
    private final TopicCatalog topics;
    private final RecordSink sink;

    ConsumerTargets(final TopicCatalog topics, final RecordSink sink) {
        this.topics = topics;
        this.sink = sink;
    }

    /** Begins a new epoch of the group and gives everybody a new target, where members or topics have changed. */
    void update(final ConsumerGroup group, final boolean haveMembersChanged) {
        if (!haveMembersChanged && group.topicsVersion == topics.version() && group.epoch == group.assignmentEpoch) {
            return;
        }
        group.topicsVersion = topics.version();
        final Map<String, Set<UUID>> subscribed = new HashMap<>();
        final Map<UUID, Integer> counts = new TreeMap<>();
        for (final ConsumerMember member : group.members.values()) {
            final Set<UUID> ids = new HashSet<>();
            member.topicNames.forEach(name -> addTopic(name, ids, counts));
            if (member.topicRegex != null) {
                member.matchedTopics = TopicPattern.matches(member.topicRegex, topics.topicNames());
                member.matchedTopics.forEach(name -> addTopic(name, ids, counts));
            }
            subscribed.put(member.id, ids);
        }
        final int hash = counts.hashCode();
        if (!haveMembersChanged && hash == group.topicsHash && group.epoch == group.assignmentEpoch) {
            return;
        }
        group.topicsHash = hash;
        group.epoch++;
        sink.append(GroupRecords.consumer(group));
        final Map<String, Assignment> targets =
            Assignors.assign(group.assignor(), group.members.values(), subscribed, counts);
        for (final ConsumerMember member : group.members.values()) {
            final Assignment target = targets.get(member.id);
            if (!target.equals(member.target)) {
                member.target = target;
                sink.append(GroupRecords.target(group.group.id, member.id, target));
            }
        }
        group.assignmentEpoch = group.epoch;
        sink.append(GroupRecords.targetEpoch(group));
    }

    private void addTopic(final String name, final Set<UUID> ids, final Map<UUID, Integer> counts) {
        final UUID id = topics.topicId(name);
        if (id != null) {
            ids.add(id);
            counts.put(id, topics.partitionCount(id));
        }
    }
}
