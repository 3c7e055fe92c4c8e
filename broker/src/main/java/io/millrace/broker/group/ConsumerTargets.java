package io.millrace.broker.group;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Computes who is to have what in a group of the consumer protocol. Owned by its coordinator. */
final class ConsumerTargets {
    /** What a member has on its way from one target to the next is recorded, too, each topic twice at most. */
    private static final long CURRENT_PER_TARGET = 2;

    private final TopicCatalog topics;
    private final RecordSink sink;

    ConsumerTargets(final TopicCatalog topics, final RecordSink sink) {
        this.topics = topics;
        this.sink = sink;
    }

    /**
     * Begins a new epoch of the group and gives everybody a new target, where members or topics have changed. All
     * stays as it is, and {@link ConsumerGroup#isTooLong} is set, where a member would have more than can be recorded.
     */
    void update(final ConsumerGroup group, final boolean haveMembersChanged) {
        if (!haveMembersChanged && group.topicsVersion == topics.version() && group.epoch == group.assignmentEpoch) {
            return;
        }
        final boolean isBehind = !match(group);
        group.topicsVersion = isBehind ? -1 : topics.version(); // the next one to ask goes on
        if (isBehind && !haveMembersChanged) {
            return;
        }
        final Subscriptions subscriptions = new Subscriptions(topics, group.members.values());
        // once all is known there is another target, also where somebody else reads the same topics
        final int hash = isBehind ? ~subscriptions.counts().hashCode() : subscriptions.counts().hashCode();
        if (!haveMembersChanged && hash == group.topicsHash && group.epoch == group.assignmentEpoch) {
            return;
        }
        final Map<String, Assignment> targets =
            Assignors.assign(group.assignor(), group.members.values(), subscriptions);
        final List<GroupRecord> records = new ArrayList<>();
        for (final ConsumerMember member : group.members.values()) {
            final Assignment target = targets.get(member.id);
            if (!target.equals(member.target)) {
                records.add(GroupRecords.target(group.group.id, member.id, target));
            }
        }
        group.isTooLong =
            records.stream().anyMatch(record -> CURRENT_PER_TARGET * record.length() > sink.maxLength(1));
        if (group.isTooLong) {
            group.topicsHash = hash + 1; // another coordinator has to find it out, too
            sink.append(GroupRecords.consumer(group));
            return;
        }
        group.topicsHash = hash;
        group.epoch++;
        sink.append(GroupRecords.consumer(group));
        group.members.values().forEach(member -> member.target = targets.get(member.id));
        records.forEach(sink::append);
        group.assignmentEpoch = group.epoch;
        sink.append(GroupRecords.targetEpoch(group));
    }

    /**
     * Finds out what the members' regular expressions mean, each of them once.
     * {@return false when it was too much for one time: the next one goes on, the others mean what they did until then}
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
            if (matched == null && isDone) {
                names = names == null ? topics.topicNames().stream().sorted().toList() : names;
                final ConsumerGroup.Matching former = group.matching;
                final TopicPattern.Matches matches = TopicPattern.match(member.topicRegex, names,
                    former != null && former.version() == version && former.regex().equals(member.topicRegex)
                        ? former.matches() : TopicPattern.Matches.NONE, TopicPattern.MAX_STEP_COUNT - stepCount);
                stepCount += matches.stepCount();
                if (matches.nextIndex() == names.size()) {
                    matched = matches.names();
                    known.put(member.topicRegex, matched);
                    group.matching = null;
                } else {
                    group.matching = new ConsumerGroup.Matching(member.topicRegex, version, matches);
                }
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
}
