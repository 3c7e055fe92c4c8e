package io.millrace.broker.group;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
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
        final boolean isBehind = !match(group);
        group.topicsVersion = isBehind ? -1 : topics.version(); // the next one to ask goes on
        if (isBehind && !haveMembersChanged) {
            return;
        }
        final Map<String, Set<UUID>> subscribed = new HashMap<>();
        final Map<UUID, Integer> counts = new TreeMap<>();
        for (final ConsumerMember member : group.members.values()) {
            final Set<UUID> ids = new HashSet<>();
            member.topicNames.forEach(name -> addTopic(name, ids, counts));
            member.matchedTopics.forEach(name -> addTopic(name, ids, counts));
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

    /**
     * Finds out what the members' regular expressions mean, each of them once.
     * {@return false when it was too much for one time; the others mean what they did}
     */
    private boolean match(final ConsumerGroup group) {
        final long version = topics.version();
        final Map<String, List<String>> known = new HashMap<>();
        for (final ConsumerMember member : group.members.values()) {
            if (member.topicRegex == null) {
                member.matchedTopics = List.of();
                member.matchedRegex = null;
            } else if (isMatched(member, version)) {
                known.put(member.topicRegex, member.matchedTopics);
            }
        }
        List<String> names = null;
        long stepCount = 0;
        boolean isDone = true;
        for (final ConsumerMember member : group.members.values()) {
            if (member.topicRegex == null || isMatched(member, version)) {
                continue;
            }
            List<String> matched = known.get(member.topicRegex);
            if (matched == null && stepCount < TopicPattern.MAX_STEP_COUNT) {
                names = names == null ? topics.topicNames().stream().sorted().toList() : names;
                final TopicPattern.Matches matches = TopicPattern.match(member.topicRegex, names);
                stepCount += matches.stepCount();
                matched = matches.names();
                known.put(member.topicRegex, matched);
            }
            if (matched == null) {
                isDone = false;
            } else {
                member.matchedTopics = matched;
                member.matchedRegex = member.topicRegex;
                member.matchedVersion = version;
            }
        }
        return isDone;
    }

    private static boolean isMatched(final ConsumerMember member, final long version) {
        return member.topicRegex.equals(member.matchedRegex) && member.matchedVersion == version;
    }

    private void addTopic(final String name, final Set<UUID> ids, final Map<UUID, Integer> counts) {
        final UUID id = topics.topicId(name);
        if (id != null) {
            ids.add(id);
            counts.put(id, topics.partitionCount(id));
        }
    }
}
