package io.millrace.broker.group;

import io.millrace.transport.kafka.message.JoinGroup;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** Brings groups back from their records, and makes the records that a snapshot needs. Stateless. */
final class GroupReplay {
    private static final int TOPIC_ID_TAG = 0;
    private static final int MIN_MEMBER_LENGTH = 24;
    private static final int MIN_TOPIC_LENGTH = 18;
    private static final int MIN_PROTOCOL_LENGTH = 3;

    private GroupReplay() {
    }

    static void replay(final GroupCoordinator coordinator, final byte[] key, final byte[] value) {
        final RecordReader in = new RecordReader(key);
        final short type = in.i16();
        final String groupId = in.text();
        if (value == null && !coordinator.groups.containsKey(groupId)) {
            return;
        }
        final Group group = coordinator.groups.computeIfAbsent(groupId, Group::new);
        final RecordReader out = value == null ? null : new RecordReader(value);
        final short version = out == null ? 0 : out.i16();
        switch (type) {
            case GroupRecords.OFFSET:
                offset(coordinator, group, new OffsetKey(in.text(), in.i32()), out, version);
                break;
            case GroupRecords.CLASSIC_GROUP:
                classic(group, out, version);
                group.classic.recorded = out == null ? null : new GroupRecord(key, value);
                break;
            case GroupRecords.CONSUMER_GROUP:
                requireVersion(type, version, 0);
                if (out == null) {
                    group.consumer = null;
                } else {
                    consumer(group).epoch = out.i32();
                    final RecordReader hash = out.tag(GroupRecords.TOPICS_HASH_TAG);
                    group.consumer.topicsHash = hash == null ? 0 : (int)hash.i64();
                }
                break;
            case GroupRecords.TARGET_ASSIGNMENT:
                if (out != null) {
                    consumer(group).assignmentEpoch = out.i32();
                }
                break;
            case GroupRecords.CONSUMER_MEMBER:
            case GroupRecords.TARGET_MEMBER:
            case GroupRecords.CURRENT_MEMBER:
                requireVersion(type, version, 0);
                member(group, type, in.text(), out);
                break;
            default:
                throw new GroupFormatException("record type " + type + " of group '" + groupId
                    + "' is not understood: a newer version wrote it");
        }
        if (group.offsets.isEmpty() && group.consumer == null && group.classic.protocolType == null) {
            coordinator.groups.remove(groupId);
        }
    }

    private static void requireVersion(final short type, final short version, final int known) {
        if (version > known) {
            throw new GroupFormatException("version " + version + " of record type " + type
                + " is not understood, only up to " + known);
        }
    }

    private static void offset(final GroupCoordinator coordinator, final Group group, final OffsetKey key,
        final RecordReader in, final short version) {
        if (in == null) {
            coordinator.offsets.take(group, key);
            return;
        }
        if (version != GroupRecords.OFFSET_VALUE_VERSION) {
            throw new GroupFormatException("version " + version + " of a committed offset is not understood, only "
                + GroupRecords.OFFSET_VALUE_VERSION);
        }
        final long offset = in.i64();
        final int leaderEpoch = in.i32();
        final String metadata = in.compactString();
        final long committedMs = in.i64();
        final RecordReader topicId = in.tag(TOPIC_ID_TAG);
        final UUID id = topicId == null ? new UUID(0, 0) : topicId.uuid();
        final String name = coordinator.topics.topicName(id); // one text for all offsets of a topic
        coordinator.offsets.put(group, key.topic().equals(name) ? new OffsetKey(name, key.partition()) : key,
            new Offset(id, offset, leaderEpoch, metadata, committedMs));
    }

    private static void classic(final Group group, final RecordReader in, final short version) {
        group.classic = new ClassicGroup(group);
        if (in == null) {
            return;
        }
        if (version != GroupRecords.CLASSIC_VALUE_VERSION) {
            throw new GroupFormatException("version " + version + " of a group is not understood, only "
                + GroupRecords.CLASSIC_VALUE_VERSION);
        }
        final ClassicGroup classic = group.classic;
        classic.protocolType = in.text();
        classic.generation = in.i32();
        classic.protocolName = in.string();
        classic.leaderId = in.string();
        classic.stateSinceMs = in.i64();
        for (int i = in.count(in.i32(), MIN_MEMBER_LENGTH); i > 0; i--) {
            final String id = in.text();
            final String instanceId = in.string();
            final GroupClient client = new GroupClient(in.text(), in.text());
            final int rebalanceTimeoutMs = in.i32();
            final int sessionTimeoutMs = in.i32();
            final ClassicMember member = new ClassicMember(id, instanceId, client, sessionTimeoutMs,
                rebalanceTimeoutMs, List.of(new JoinGroup.Protocol(
                    classic.protocolName == null ? "" : classic.protocolName, in.bytes())));
            member.assignment = in.bytes();
            classic.members.put(id, member);
            if (instanceId != null) {
                classic.byInstance.put(instanceId, member);
            }
        }
        classic.state = classic.members.isEmpty() ? ClassicState.EMPTY : ClassicState.STABLE;
    }

    private static ConsumerGroup consumer(final Group group) {
        if (group.consumer == null) {
            group.consumer = new ConsumerGroup(group);
            group.classic = new ClassicGroup(group);
        }
        return group.consumer;
    }

    private static void member(final Group group, final short type, final String memberId, final RecordReader in) {
        if (in == null) {
            forgetMember(group, type, memberId);
            return;
        }
        final ConsumerGroup consumer = consumer(group);
        final ConsumerMember member = consumer.members.computeIfAbsent(memberId, ConsumerMember::new);
        if (type == GroupRecords.CONSUMER_MEMBER) {
            member.instanceId = in.compactString();
            member.rackId = in.compactString();
            member.client = new GroupClient(in.compactString(), in.compactString());
            member.topicNames = List.copyOf(in.compactStrings());
            member.topicRegex = in.compactString();
            member.rebalanceTimeoutMs = in.i32();
            member.serverAssignor = in.compactString();
            member.classic = classicMember(in.tag(GroupRecords.CLASSIC_MEMBER_TAG));
            if (member.instanceId != null) {
                consumer.byInstance.put(member.instanceId, member);
            }
        } else if (type == GroupRecords.TARGET_MEMBER) {
            member.target = assignment(in);
        } else {
            consumer.disown(member);
            member.epoch = in.i32();
            member.previousEpoch = in.i32();
            final int state = in.i8();
            if (state < 0 || state >= ConsumerMember.State.values().length) {
                throw new GroupFormatException("state of a member is not understood: " + state);
            }
            member.state = ConsumerMember.State.values()[state];
            member.assigned = assignment(in);
            member.pendingRevocation = assignment(in);
            consumer.own(member);
        }
    }

    private static ConsumerMember.Classic classicMember(final RecordReader in) {
        if (in == null || in.i8() < 0) {
            return null;
        }
        final int sessionTimeoutMs = in.i32();
        final List<JoinGroup.Protocol> protocols = new ArrayList<>();
        for (int i = in.count(in.varint() - 1, MIN_PROTOCOL_LENGTH); i > 0; i--) {
            protocols.add(new JoinGroup.Protocol(in.compactString(), in.compactBytes()));
            in.tag(-1);
        }
        return new ConsumerMember.Classic(sessionTimeoutMs, protocols);
    }

    private static void forgetMember(final Group group, final short type, final String memberId) {
        final ConsumerMember member = group.consumer == null ? null : group.consumer.members.get(memberId);
        if (member != null && type == GroupRecords.CONSUMER_MEMBER) {
            group.consumer.disown(member);
            group.consumer.members.remove(memberId);
            if (member.instanceId != null) {
                group.consumer.byInstance.remove(member.instanceId, member);
            }
        }
    }

    private static Assignment assignment(final RecordReader in) {
        final Assignment result = new Assignment();
        for (int i = in.count(in.varint() - 1, MIN_TOPIC_LENGTH); i > 0; i--) {
            final UUID topicId = in.uuid();
            for (int j = in.count(in.varint() - 1, Integer.BYTES); j > 0; j--) {
                result.add(topicId, in.i32());
            }
            in.tag(-1);
        }
        return result;
    }

    /** {@return every record that brings the members of a group of the consumer protocol back} */
    static List<GroupRecord> memberRecords(final ConsumerGroup group) {
        final List<GroupRecord> records = new ArrayList<>();
        records.add(GroupRecords.consumer(group));
        records.add(GroupRecords.targetEpoch(group));
        for (final ConsumerMember member : group.members.values()) {
            records.add(GroupRecords.member(group.group.id, member));
            records.add(GroupRecords.target(group.group.id, member.id, member.target));
            records.add(GroupRecords.current(group.group.id, member));
        }
        return records;
    }

    /** {@return every record that brings a group back} */
    static List<GroupRecord> records(final Group group) {
        final List<GroupRecord> records = new ArrayList<>();
        if (group.consumer != null) {
            records.addAll(memberRecords(group.consumer));
        } else if (group.classic.recorded != null) {
            records.add(group.classic.recorded);
        }
        for (final Map.Entry<OffsetKey, Offset> offset : group.offsets.entrySet()) {
            records.add(GroupRecords.offset(group.id, offset.getKey(), offset.getValue()));
        }
        return records;
    }
}
