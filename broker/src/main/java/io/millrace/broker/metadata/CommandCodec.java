package io.millrace.broker.metadata;

import io.millrace.engine.DurabilityProfile;
import org.agrona.DirectBuffer;

/** Bytes of a {@link MetadataCommand}: format, type, then its fields in the order of declaration. */
final class CommandCodec {
    static final byte FORMAT = 3;
    /** Longest encoded command; it has to fit one message of the quorum's log. */
    static final int MAX_LENGTH = 8 * 1024;

    private static final int REGISTER_BROKER = 1;
    private static final int CREATE_TOPIC = 2;
    private static final int DELETE_TOPIC = 3;
    private static final int CHANGE_ISR = 4;
    private static final int ALLOCATE_PRODUCER_IDS = 5;
    private static final int ALTER_TOPIC_CONFIG = 6;
    private static final int REPORT_SHARDS = 8;
    private static final int BROKER_READY = 9;
    private static final int CONTROLLED_SHUTDOWN = 10;
    private static final int ELECT_LEADER = 11;
    private static final int RESIGN_LEADER = 12;
    private static final int CREATE_PARTITIONS = 13;
    private static final int ALTER_BROKER_CONFIG = 14;
    private static final int CHANGE_ISR_WITH_LOST = 15;
    private static final int FINISH_MOVE = 16;
    // 2 and 6 are decided by the rules of their time for ever: what a log led to must not change when it is read again
    private static final int CREATE_TOPIC_BY_RULES_2 = 17;
    private static final int ALTER_TOPIC_CONFIG_BY_RULES_2 = 18;
    private static final int NO_PROFILE = -1;

    private CommandCodec() {
    }

    static MetadataResult tooLong(final int length) {
        return new MetadataResult(
            MetadataErrors.INVALID_REQUEST, "command is too long: length=" + length + " limit=" + MAX_LENGTH
                + ": set fewer or shorter configs", 0, 0);
    }

    static void encode(final WireWriter writer, final MetadataCommand command) {
        writer.writeByte(FORMAT);
        if (command instanceof MetadataCommand.RegisterBroker register) {
            writer.writeByte(REGISTER_BROKER).writeInt(register.brokerId()).writeString(register.host())
                .writeInt(register.port()).writeStrings(register.endpoints()).writeUuid(register.incarnationId())
                .writeUuid(register.bootId()).writeBoolean(register.clean()).writeUuid(register.proposedClusterId());
        } else if (command instanceof MetadataCommand.CreateTopic create) {
            writer.writeByte(create.rules() == TopicRules.FIRST ? CREATE_TOPIC : CREATE_TOPIC_BY_RULES_2)
                .writeUuid(create.topicId()).writeString(create.name())
                .writeInt(create.partitionCount()).writeInt(create.replicationFactor())
                .writeByte(create.profile() == null ? NO_PROFILE : create.profile().ordinal())
                .writeStringMap(create.configs()).writeInt(create.shardsPerBroker())
                .writeBoolean(create.validateOnly());
        } else if (command instanceof MetadataCommand.DeleteTopic delete) {
            writer.writeByte(DELETE_TOPIC).writeString(delete.name()).writeUuid(delete.topicId());
        } else if (command instanceof MetadataCommand.ChangeIsr change) {
            writer.writeByte(change.lost().isEmpty() ? CHANGE_ISR : CHANGE_ISR_WITH_LOST).writeInt(change.shardId())
                .writeInt(change.leaderId()).writeInt(change.leaderEpoch()).writeLong(change.isrVersion())
                .writeInts(change.isr()).writeLongs(change.isrEpochs());
            if (!change.lost().isEmpty()) {
                writer.writeInts(change.lost());
            }
        } else if (command instanceof MetadataCommand.AllocateProducerIds allocate) {
            writer.writeByte(ALLOCATE_PRODUCER_IDS).writeInt(allocate.count());
        } else if (command instanceof MetadataCommand.AlterTopicConfig alter) {
            writer.writeByte(alter.rules() == TopicRules.FIRST ? ALTER_TOPIC_CONFIG : ALTER_TOPIC_CONFIG_BY_RULES_2)
                .writeString(alter.name()).writeStringMap(alter.sets())
                .writeStrings(alter.removes()).writeBoolean(alter.replaces()).writeBoolean(alter.validateOnly());
        } else if (command instanceof MetadataCommand.CreatePartitions enlarge) {
            writer.writeByte(CREATE_PARTITIONS).writeString(enlarge.name()).writeInt(enlarge.partitionCount())
                .writeInt(enlarge.seenCount()).writeInt(enlarge.shardsPerBroker())
                .writeBoolean(enlarge.validateOnly());
        } else {
            encodeBrokerCommand(writer, command);
        }
    }

    private static void encodeBrokerCommand(final WireWriter writer, final MetadataCommand command) {
        if (command instanceof MetadataCommand.AlterBrokerConfig alter) {
            writer.writeByte(ALTER_BROKER_CONFIG).writeInt(alter.brokerId()).writeStringMap(alter.sets())
                .writeStrings(alter.removes()).writeBoolean(alter.replaces()).writeBoolean(alter.validateOnly());
        } else if (command instanceof MetadataCommand.ReportShards report) {
            writer.writeByte(REPORT_SHARDS).writeInt(report.brokerId()).writeLong(report.brokerEpoch());
            RecordCodec.writeReports(writer, report.shards());
        } else if (command instanceof MetadataCommand.BrokerReady ready) {
            writer.writeByte(BROKER_READY).writeInt(ready.brokerId()).writeLong(ready.brokerEpoch());
        } else if (command instanceof MetadataCommand.ControlledShutdown shutdown) {
            writer.writeByte(CONTROLLED_SHUTDOWN).writeInt(shutdown.brokerId()).writeLong(shutdown.brokerEpoch());
        } else if (command instanceof MetadataCommand.ElectLeader elect) {
            writer.writeByte(ELECT_LEADER).writeInt(elect.shardId()).writeInt(elect.brokerId())
                .writeByte(elect.kind().ordinal());
        } else if (command instanceof MetadataCommand.ResignLeader resign) {
            writer.writeByte(RESIGN_LEADER).writeInt(resign.shardId()).writeInt(resign.leaderId())
                .writeInt(resign.leaderEpoch());
        } else if (command instanceof MetadataCommand.FinishMove move) {
            writer.writeByte(FINISH_MOVE).writeInt(move.shardId()).writeInt(move.leaderId())
                .writeInt(move.leaderEpoch()).writeInt(move.brokerId());
        } else {
            throw new IllegalArgumentException("command without a format: " + command);
        }
    }

    static MetadataCommand decode(final DirectBuffer buffer, final int index, final int length) {
        final WireReader reader = new WireReader(buffer, index, length);
        final byte format = reader.readByte();
        if (format != FORMAT) {
            throw new MetadataFormatException("command format " + format + " is not understood, only " + FORMAT);
        }
        final MetadataCommand command = read(reader);
        if (reader.remaining() != 0) {
            throw new MetadataFormatException("bytes left after the command: " + reader.remaining());
        }
        return command;
    }

    private static MetadataCommand read(final WireReader reader) {
        final byte type = reader.readByte();
        return switch (type) {
            case REGISTER_BROKER -> new MetadataCommand.RegisterBroker(
                reader.readInt(), reader.readText(), reader.readInt(), reader.readStrings(), reader.readUuid(),
                reader.readUuid(), reader.readBoolean(), reader.readUuid());
            case CREATE_TOPIC -> createTopic(reader, TopicRules.FIRST);
            case CREATE_TOPIC_BY_RULES_2 -> createTopic(reader, TopicRules.CURRENT);
            case DELETE_TOPIC -> new MetadataCommand.DeleteTopic(reader.readString(), reader.readUuid());
            case CHANGE_ISR -> new MetadataCommand.ChangeIsr(
                reader.readInt(), reader.readInt(), reader.readInt(), reader.readLong(), reader.readInts(),
                reader.readLongs());
            case CHANGE_ISR_WITH_LOST -> new MetadataCommand.ChangeIsr(
                reader.readInt(), reader.readInt(), reader.readInt(), reader.readLong(), reader.readInts(),
                reader.readLongs(), reader.readInts());
            case ALLOCATE_PRODUCER_IDS -> new MetadataCommand.AllocateProducerIds(reader.readInt());
            case ALTER_TOPIC_CONFIG -> alterTopicConfig(reader, TopicRules.FIRST);
            case ALTER_TOPIC_CONFIG_BY_RULES_2 -> alterTopicConfig(reader, TopicRules.CURRENT);
            case CREATE_PARTITIONS -> new MetadataCommand.CreatePartitions(
                reader.readText(), reader.readInt(), reader.readInt(), reader.readInt(), reader.readBoolean());
            case ALTER_BROKER_CONFIG -> new MetadataCommand.AlterBrokerConfig(
                reader.readInt(), reader.readStringMap(), reader.readStrings(), reader.readBoolean(),
                reader.readBoolean());
            case REPORT_SHARDS -> new MetadataCommand.ReportShards(
                reader.readInt(), reader.readLong(), RecordCodec.readReports(reader));
            case BROKER_READY -> new MetadataCommand.BrokerReady(reader.readInt(), reader.readLong());
            case CONTROLLED_SHUTDOWN -> new MetadataCommand.ControlledShutdown(reader.readInt(), reader.readLong());
            case ELECT_LEADER -> new MetadataCommand.ElectLeader(
                reader.readInt(), reader.readInt(), electionKind(reader.readByte()));
            case RESIGN_LEADER -> new MetadataCommand.ResignLeader(
                reader.readInt(), reader.readInt(), reader.readInt());
            case FINISH_MOVE -> new MetadataCommand.FinishMove(
                reader.readInt(), reader.readInt(), reader.readInt(), reader.readInt());
            default -> throw new MetadataFormatException("command type is not understood: " + type);
        };
    }

    private static MetadataCommand createTopic(final WireReader reader, final int rules) {
        return new MetadataCommand.CreateTopic(
            reader.readUuid(), reader.readText(), reader.readInt(), reader.readInt(),
            profileOrNull(reader.readByte()), reader.readStringMap(), reader.readInt(), reader.readBoolean(), rules);
    }

    private static MetadataCommand alterTopicConfig(final WireReader reader, final int rules) {
        return new MetadataCommand.AlterTopicConfig(
            reader.readText(), reader.readStringMap(), reader.readStrings(), reader.readBoolean(),
            reader.readBoolean(), rules);
    }

    private static MetadataCommand.ElectionKind electionKind(final byte ordinal) {
        final MetadataCommand.ElectionKind[] kinds = MetadataCommand.ElectionKind.values();
        if (ordinal < 0 || ordinal >= kinds.length) {
            throw new MetadataFormatException("kind of election is not understood: " + ordinal);
        }
        return kinds[ordinal];
    }

    private static DurabilityProfile profileOrNull(final byte ordinal) {
        return ordinal == NO_PROFILE ? null : RecordCodec.profile(ordinal);
    }
}
