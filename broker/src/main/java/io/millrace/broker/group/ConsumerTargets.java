package io.millrace.broker.group;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Computes who is to have what in a group of the consumer protocol. Owned by its coordinator. */
final class ConsumerTargets {
    /** What a member has on its way from one target to the next is recorded, too, each topic twice at most. */
    private static final long CURRENT_PER_TARGET = 2;

    private final TopicCatalog topics;
    private final RecordSink sink;
    private final Consumer<String> warnings;
    /** Of all topics, sorted: the same object for as long as no topic comes or goes. */
    private List<String> names = List.of();
    private long namesVersion = -1;

    ConsumerTargets(final TopicCatalog topics, final RecordSink sink, final Consumer<String> warnings) {
        this.topics = topics;
        this.sink = sink;
        this.warnings = warnings;
    }

    /**
     * Begins a new epoch of the group and gives everybody a new target, where members or topics have changed. All
     * stays as it is, and {@link ConsumerGroup#isTooLong} is set, where a member would have more than can be recorded.
     */
    void update(final ConsumerGroup group, final boolean haveMembersChanged) {
        share(group, haveMembersChanged);
        if (!group.isTooLong) {
            group.isWarned = false;
        } else if (!haveMembersChanged && !group.isWarned) { // who has changed something is refused, and told why
            group.isWarned = true;
            warnings.accept("members of consumer group '" + group.group.id + "' keep the partitions they have: one of "
                + "them would have more than fit one record of " + sink.maxLength(1) + " bytes twice: add members, "
                + "have each of them subscribe to fewer topics, or give the brokers a larger millrace.ring.bytes");
        }
    }

    private void share(final ConsumerGroup group, final boolean haveMembersChanged) {
        if (!haveMembersChanged && group.topicsVersion == topics.version() && group.epoch == group.assignmentEpoch) {
            return;
        }
        final boolean isBehind = !match(group);
        group.topicsVersion = isBehind ? -1 : topics.version(); // the next one to ask goes on
        final Subscriptions subscriptions = new Subscriptions(topics, group.members.values());
        // once all is known there is another target, also where somebody else reads the same topics
        final int known = subscriptions.counts().hashCode();
        final int hash = isBehind ? ~known : known;
        if (!haveMembersChanged && (group.topicsHash == hash || isBehind && group.topicsHash == known)
            && group.epoch == group.assignmentEpoch) {
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
            keep(group, hash + 1); // another coordinator has to find it out, too
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

    /** Leaves everybody the target that it has. */
    private void keep(final ConsumerGroup group, final int topicsHash) {
        group.topicsHash = topicsHash;
        sink.append(GroupRecords.consumer(group));
        if (group.epoch != group.assignmentEpoch) {
            group.assignmentEpoch = group.epoch; // nobody is to wait for what does not come
            sink.append(GroupRecords.targetEpoch(group));
        }
    }

    /** {@return the names of all topics, sorted} */
    private List<String> names() {
        if (namesVersion != topics.version()) {
            namesVersion = topics.version();
            final List<String> now = topics.topicNames().stream().sorted().toList();
            names = now.equals(names) ? names : now; // most changes are of topics that stay
        }
        return names;
    }

    /**
     * Finds out what the members' regular expressions mean, each of them once.
     * {@return false when it was too much for one time: the next one goes on, the others mean what they did until then}
     */
    private boolean match(final ConsumerGroup group) {
        final Map<String, List<String>> known = new HashMap<>();
        boolean isWanted = false;
        for (final ConsumerMember member : group.members.values()) {
            if (member.topicRegex == null) {
                member.matchedTopics = List.of();
                member.matchedRegex = null;
                member.matchedNames = null;
            } else if (isMatched(member)) {
                known.put(member.topicRegex, member.matchedTopics);
            } else {
                isWanted |= group.matching != null && group.matching.regex().equals(member.topicRegex);
            }
        }
        group.matching = isWanted ? group.matching : null;
        long stepCount = 0;
        boolean isDone = true;
        for (final ConsumerMember member : group.members.values()) {
            if (member.topicRegex == null || isMatched(member)) {
                continue;
            }
            List<String> matched = known.get(member.topicRegex);
            if (matched == null && isDone) {
                final ConsumerGroup.Matching former = group.matching;
                final TopicPattern.Matches matches = TopicPattern.match(member.topicRegex, names(),
                    former != null && former.names() == names() && former.regex().equals(member.topicRegex)
                        ? former.matches() : TopicPattern.Matches.NONE, TopicPattern.MAX_STEP_COUNT - stepCount);
                stepCount += matches.stepCount();
                if (matches.nextIndex() == names().size()) {
                    matched = matches.names();
                    known.put(member.topicRegex, matched);
                    group.matching = null;
                } else {
                    group.matching = new ConsumerGroup.Matching(member.topicRegex, names(), matches);
                }
            }
            if (matched == null) {
                isDone = false;
            } else {
                member.matchedTopics = matched;
                member.matchedRegex = member.topicRegex;
                member.matchedNames = names();
            }
        }
        return isDone;
    }

    private boolean isMatched(final ConsumerMember member) {
        return member.topicRegex.equals(member.matchedRegex) && member.matchedNames == names();
    }
}
