package io.millrace.broker.group;

import io.millrace.transport.kafka.message.ConsumerGroupHeartbeat;
import io.millrace.transport.kafka.message.JoinGroup;
import io.millrace.transport.kafka.message.SyncGroup;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Counts roughly what the groups of one coordinator take in memory. Owned by its coordinator.
 *
 * <p>Offsets are counted as they come and go. A group's members are counted after each request that may add to them;
 * those who only fall silent are found to be gone when there seems to be no room any more.
 */
final class GroupAccount {
    private static final int GROUP_LENGTH = 512;
    private static final int MEMBER_LENGTH = 512;
    private static final int PENDING_LENGTH = 512;
    private static final int OFFSET_LENGTH = 256;
    private static final int NAME_LENGTH = 64;
    private static final int PARTITION_LENGTH = 64;
    private static final long RECOUNT_INTERVAL_MS = 1000;

    private final GroupMemory memory;
    private final GroupClock clock;
    private final Map<String, Group> groups;
    private long offsetsLength;
    private long membersLength;
    private long recountedMs;

    GroupAccount(final GroupMemory memory, final GroupClock clock, final Map<String, Group> groups) {
        this.memory = memory;
        this.clock = clock;
        this.groups = groups;
        recountedMs = clock.nowMs();
    }

    long length() {
        return offsetsLength + membersLength;
    }

    /** {@return whether there is room for more; who wants less than before is always welcome} */
    boolean hasRoom(final long more) {
        if (more <= 0 || memory.hasRoom(more)) {
            return true;
        }
        if (clock.nowMs() - recountedMs < RECOUNT_INTERVAL_MS) {
            return false;
        }
        recountAll();
        return memory.hasRoom(more);
    }

    void recountAll() {
        recountedMs = clock.nowMs();
        groups.values().forEach(this::recount);
    }

    /** Counts a group, which may be gone, anew. */
    void recount(final Group group) {
        final long length = groups.get(group.id) == group ? length(group) : 0;
        membersLength += length - group.countedLength;
        group.countedLength = length;
    }

    private static long length(final Group group) {
        long length = GROUP_LENGTH + group.id.length();
        if (group.consumer != null) {
            length += (long)PENDING_LENGTH * group.consumer.pendingIds.size();
            length += group.consumer.matching == null ? 0 : 8L * group.consumer.matching.matches().names().size();
            final Set<List<String>> matched = Collections.newSetFromMap(new IdentityHashMap<>());
            for (final ConsumerMember member : group.consumer.members.values()) {
                length += length(member);
                if (matched.add(member.matchedTopics)) {
                    length += 8L * member.matchedTopics.size(); // members with the same expression share it
                }
            }
        } else {
            length += (long)PENDING_LENGTH * group.classic.pendingIds.size()
                + (long)MEMBER_LENGTH * group.classic.members.size() + group.classic.length()
                + (group.classic.recorded == null ? 0 : group.classic.recorded.value().length);
        }
        return length;
    }

    private static long length(final ConsumerMember member) {
        return MEMBER_LENGTH + subscriptionLength(member.topicNames)
            + (member.topicRegex == null ? 0 : member.topicRegex.length())
            + (member.classic == null ? 0 : ClassicMember.lengthOf(member.classic.protocols()))
            + (long)PARTITION_LENGTH
            * (member.assigned.count() + member.pendingRevocation.count() + member.target.count());
    }

    static long subscriptionLength(final List<String> topicNames) {
        long length = 0;
        for (final String name : topicNames) {
            length += NAME_LENGTH + name.length();
        }
        return length;
    }

    /** {@return what a join adds} */
    static long growth(final Group group, final JoinGroup.Request request) {
        final long length = MEMBER_LENGTH + 2L * ClassicMember.lengthOf(request.protocols());
        if (group == null) {
            return GROUP_LENGTH + length;
        }
        final List<JoinGroup.Protocol> former;
        if (group.consumer != null) {
            final ConsumerMember member = group.consumer.members.get(request.memberId());
            former = member == null || member.classic == null ? null : member.classic.protocols();
        } else {
            final ClassicMember member = group.classic.members.get(request.memberId());
            former = member == null ? null : member.protocols;
        }
        return former == null ? length
            : 2L * (ClassicMember.lengthOf(request.protocols()) - ClassicMember.lengthOf(former));
    }

    /** {@return what the assignments of a group's leader add} */
    static long growth(final ClassicGroup group, final SyncGroup.Request request) {
        long length = 0;
        for (final Map.Entry<String, byte[]> assignment : request.assignments().entrySet()) {
            final ClassicMember member = group.members.get(assignment.getKey());
            length += member == null ? 0 : 2L * (assignment.getValue().length - member.assignment.length);
        }
        return length;
    }

    /** {@return what a heartbeat adds, but for partitions} */
    static long growth(final Group group, final ConsumerGroupHeartbeat.Request request) {
        final ConsumerMember member =
            group == null || group.consumer == null ? null : group.consumer.members.get(request.memberId());
        if (member != null && request.topicNames() == null) {
            return 0;
        }
        return (group == null ? GROUP_LENGTH : 0)
            + (request.topicNames() == null ? 0 : subscriptionLength(request.topicNames()))
            + (member == null ? MEMBER_LENGTH : -subscriptionLength(member.topicNames));
    }

    private static long length(final Offset offset) {
        return offset == null ? 0 : OFFSET_LENGTH + AnswerBudget.lengthOf(offset.metadata());
    }

    /** {@return what an offset adds to the one before it, which may be null} */
    static long growth(final Offset former, final Offset next) {
        return length(next) - length(former);
    }

    void replace(final Offset former, final Offset next) {
        offsetsLength += growth(former, next);
    }
}
