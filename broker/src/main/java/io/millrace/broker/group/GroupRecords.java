package io.millrace.broker.group;

import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.UUID;

/** Makes the records of the offsets topic, in Kafka's own format. Stateless. */
final class GroupRecords {
    static final short OFFSET = 1;
    static final short CLASSIC_GROUP = 2;
    static final short CONSUMER_GROUP = 3;
    static final short CONSUMER_MEMBER = 5;
    static final short TARGET_ASSIGNMENT = 6;
    static final short TARGET_MEMBER = 7;
    static final short CURRENT_MEMBER = 8;

    static final short OFFSET_VALUE_VERSION = 4;
    static final short CLASSIC_VALUE_VERSION = 3;
    static final int CLASSIC_MEMBER_TAG = 0;
    static final int TOPICS_HASH_TAG = 0;
    private static final int UUID_LENGTH = 16;

    private GroupRecords() {
    }

    private static byte[] offsetKey(final String group, final OffsetKey key) {
        return new RecordWriter().i16(OFFSET).string(group).string(key.topic()).i32(key.partition()).toByteArray();
    }

    private static byte[] key(final short type, final String group) {
        return new RecordWriter().i16(type).string(group).toByteArray();
    }

    private static byte[] key(final short type, final String group, final String member) {
        return new RecordWriter().i16(type).string(group).string(member).toByteArray();
    }

    static GroupRecord offset(final String group, final OffsetKey key, final Offset offset) {
        final RecordWriter value = new RecordWriter().i16(OFFSET_VALUE_VERSION).i64(offset.offset())
            .i32(offset.leaderEpoch()).compactString(offset.metadata()).i64(offset.committedMs())
            .varint(1).varint(0).varint(UUID_LENGTH).uuid(offset.topicId());
        return new GroupRecord(offsetKey(group, key), value.toByteArray());
    }

    static GroupRecord noOffset(final String group, final OffsetKey key) {
        return new GroupRecord(offsetKey(group, key), null);
    }

    static GroupRecord classic(final ClassicGroup group, final int generation) {
        final RecordWriter value = new RecordWriter().i16(CLASSIC_VALUE_VERSION)
            .string(group.protocolType == null ? "" : group.protocolType).i32(generation)
            .string(group.protocolName).string(group.leaderId).i64(group.stateSinceMs).i32(group.members.size());
        for (final ClassicMember member : group.members.values()) {
            value.string(member.id).string(member.instanceId).string(member.client.clientId())
                .string(member.client.host()).i32(member.rebalanceTimeoutMs).i32(member.sessionTimeoutMs)
                .bytes(group.protocolName == null ? ClassicMember.NO_ASSIGNMENT : member.metadata(group.protocolName))
                .bytes(member.assignment);
        }
        return new GroupRecord(key(CLASSIC_GROUP, group.group.id), value.toByteArray());
    }

    static GroupRecord noClassic(final String group) {
        return new GroupRecord(key(CLASSIC_GROUP, group), null);
    }

    static GroupRecord consumer(final ConsumerGroup group) {
        return consumer(group, group.epoch);
    }

    static GroupRecord consumer(final ConsumerGroup group, final int epoch) {
        return new GroupRecord(key(CONSUMER_GROUP, group.group.id),
            new RecordWriter().i16(0).i32(epoch).varint(1).varint(TOPICS_HASH_TAG).varint(Long.BYTES)
                .i64(group.topicsHash).toByteArray());
    }

    static GroupRecord noConsumer(final String group) {
        return new GroupRecord(key(CONSUMER_GROUP, group), null);
    }

    static GroupRecord targetEpoch(final ConsumerGroup group) {
        return new GroupRecord(key(TARGET_ASSIGNMENT, group.group.id),
            new RecordWriter().i16(0).i32(group.assignmentEpoch).noTags().toByteArray());
    }

    static GroupRecord noTargetEpoch(final String group) {
        return new GroupRecord(key(TARGET_ASSIGNMENT, group), null);
    }

    static GroupRecord member(final String group, final ConsumerMember member) {
        final RecordWriter value = new RecordWriter().i16(0).compactString(member.instanceId)
            .compactString(member.rackId).compactString(member.client.clientId()).compactString(member.client.host())
            .compactStrings(member.topicNames).compactString(member.topicRegex).i32(member.rebalanceTimeoutMs)
            .compactString(member.serverAssignor);
        if (member.classic == null) {
            value.noTags();
        } else {
            final byte[] classic = classic(member.classic);
            value.varint(1).varint(CLASSIC_MEMBER_TAG).varint(classic.length).raw(classic);
        }
        return new GroupRecord(key(CONSUMER_MEMBER, group, member.id), value.toByteArray());
    }

    private static byte[] classic(final ConsumerMember.Classic classic) {
        final RecordWriter out =
            new RecordWriter().i8(1).i32(classic.sessionTimeoutMs()).varint(classic.protocols().size() + 1);
        classic.protocols().forEach(protocol ->
            out.compactString(protocol.name()).compactBytes(protocol.metadata()).noTags());
        return out.noTags().toByteArray();
    }

    /** {@return what takes a member back} */
    static List<GroupRecord> noneOf(final String group, final String member) {
        return List.of(noCurrent(group, member), noTarget(group, member), noMember(group, member));
    }

    static GroupRecord noMember(final String group, final String member) {
        return new GroupRecord(key(CONSUMER_MEMBER, group, member), null);
    }

    static GroupRecord target(final String group, final String member, final Assignment target) {
        return new GroupRecord(key(TARGET_MEMBER, group, member),
            assignment(new RecordWriter().i16(0), target).noTags().toByteArray());
    }

    static GroupRecord noTarget(final String group, final String member) {
        return new GroupRecord(key(TARGET_MEMBER, group, member), null);
    }

    static GroupRecord current(final String group, final ConsumerMember member) {
        final RecordWriter value = new RecordWriter().i16(0).i32(member.epoch).i32(member.previousEpoch)
            .i8(member.state.ordinal());
        assignment(value, member.assigned);
        assignment(value, member.pendingRevocation).noTags();
        return new GroupRecord(key(CURRENT_MEMBER, group, member.id), value.toByteArray());
    }

    static GroupRecord noCurrent(final String group, final String member) {
        return new GroupRecord(key(CURRENT_MEMBER, group, member), null);
    }

    private static RecordWriter assignment(final RecordWriter out, final Assignment assignment) {
        out.varint(assignment.byTopic().size() + 1);
        for (final Map.Entry<UUID, TreeSet<Integer>> topic : assignment.byTopic().entrySet()) {
            out.uuid(topic.getKey()).varint(topic.getValue().size() + 1);
            topic.getValue().forEach(out::i32);
            out.noTags();
        }
        return out;
    }
}
