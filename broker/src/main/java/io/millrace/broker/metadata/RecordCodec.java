package io.millrace.broker.metadata;

import io.millrace.engine.DurabilityProfile;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** Bytes of a {@link MetadataRecord}: a type, then its fields in the order of declaration. */
final class RecordCodec {
    private static final int CLUSTER_CREATED = 1;
    private static final int BROKER_CHANGED = 2;
    private static final int SHARD_CHANGED = 3;
    private static final int TOPIC_CHANGED = 4;
    private static final int TOPIC_DELETED = 5;
    private static final int PRODUCER_IDS_ALLOCATED = 6;

    private static final int SHARDS_REPORTED = 8;
    private static final int BROKER_CONFIG_CHANGED = 9;
    private static final int SHARD_MOVING = 10;

    private static final int REPORT_LENGTH = 2 * Integer.BYTES + Long.BYTES + 1;
    /** Of a committed offset: a flag and an id, partition, offset, epoch, length of the metadata. */

    private RecordCodec() {
    }

    static void write(final WireWriter writer, final MetadataRecord record) {
        if (record instanceof MetadataRecord.ClusterCreated created) {
            writer.writeByte(CLUSTER_CREATED).writeUuid(created.clusterId());
        } else if (record instanceof MetadataRecord.BrokerChanged changed) {
            writeBroker(writer.writeByte(BROKER_CHANGED), changed.broker());
        } else if (record instanceof MetadataRecord.ShardChanged changed) {
            writeShard(writer.writeByte(SHARD_CHANGED), changed.shard());
        } else if (record instanceof MetadataRecord.TopicChanged changed) {
            writeTopic(writer.writeByte(TOPIC_CHANGED), changed.topic());
        } else if (record instanceof MetadataRecord.TopicDeleted deleted) {
            writer.writeByte(TOPIC_DELETED).writeUuid(deleted.id());
        } else if (record instanceof MetadataRecord.ProducerIdsAllocated allocated) {
            writer.writeByte(PRODUCER_IDS_ALLOCATED).writeLong(allocated.nextProducerId());
        } else if (record instanceof MetadataRecord.ShardsReported reported) {
            writeReports(writer.writeByte(SHARDS_REPORTED).writeInt(reported.brokerId()), reported.shards());
        } else if (record instanceof MetadataRecord.BrokerConfigChanged changed) {
            writer.writeByte(BROKER_CONFIG_CHANGED).writeInt(changed.brokerId()).writeStringMap(changed.configs());
        } else if (record instanceof MetadataRecord.ShardMoving moving) {
            writer.writeByte(SHARD_MOVING).writeInt(moving.shardId()).writeInt(moving.brokerId());
        } else {
            throw new IllegalArgumentException("record without a format: " + record);
        }
    }

    static MetadataRecord read(final WireReader reader) {
        final byte type = reader.readByte();
        return switch (type) {
            case CLUSTER_CREATED -> new MetadataRecord.ClusterCreated(readUuid(reader));
            case BROKER_CHANGED -> new MetadataRecord.BrokerChanged(readBroker(reader));
            case SHARD_CHANGED -> new MetadataRecord.ShardChanged(readShard(reader));
            case TOPIC_CHANGED -> new MetadataRecord.TopicChanged(readTopic(reader));
            case TOPIC_DELETED -> new MetadataRecord.TopicDeleted(readUuid(reader));
            case PRODUCER_IDS_ALLOCATED -> new MetadataRecord.ProducerIdsAllocated(reader.readLong());
            case SHARDS_REPORTED -> new MetadataRecord.ShardsReported(reader.readInt(), readReports(reader));
            case BROKER_CONFIG_CHANGED ->
                new MetadataRecord.BrokerConfigChanged(reader.readInt(), reader.readStringMap());
            case SHARD_MOVING -> new MetadataRecord.ShardMoving(reader.readInt(), reader.readInt());
            default -> throw new MetadataFormatException("record type is not understood: " + type);
        };
    }

    private static void writeBroker(final WireWriter writer, final BrokerInfo broker) {
        writer.writeInt(broker.id()).writeString(broker.host()).writeInt(broker.port())
            .writeStrings(broker.endpoints()).writeLong(broker.epoch()).writeBoolean(broker.fenced())
            .writeBoolean(broker.shuttingDown()).writeUuid(broker.incarnationId()).writeUuid(broker.bootId())
            .writeBoolean(broker.clean()).writeLong(broker.sessionId()).writeLong(broker.sessionEndMs());
    }

    private static BrokerInfo readBroker(final WireReader reader) {
        return new BrokerInfo(
            reader.readInt(), reader.readText(), reader.readInt(), reader.readStrings(), reader.readLong(),
            reader.readBoolean(), reader.readBoolean(), readUuid(reader), readUuid(reader), reader.readBoolean(),
            reader.readLong(), reader.readLong());
    }

    private static void writeShard(final WireWriter writer, final ShardInfo shard) {
        writer.writeInt(shard.id());
        writeClass(writer, shard.shardClass());
        writer.writeInts(shard.replicas()).writeInt(shard.leader()).writeInt(shard.leaderEpoch())
            .writeInts(shard.isr()).writeLong(shard.isrVersion()).writeInts(shard.eligible())
            .writeInts(shard.lastIsr()).writeBoolean(shard.waiting()).writeInt(shard.nextPartitionId())
            .writeInt(shard.elections().unclean()).writeInt(shard.elections().powerCut());
    }

    private static ShardInfo readShard(final WireReader reader) {
        return new ShardInfo(
            reader.readInt(), readClass(reader), reader.readInts(), reader.readInt(), reader.readInt(),
            reader.readInts(), reader.readLong(), reader.readInts(), reader.readInts(), reader.readBoolean(),
            reader.readInt(), new ShardInfo.RiskyElections(reader.readInt(), reader.readInt()),
            MetadataImage.NO_LEADER);
    }

    private static void writeClass(final WireWriter writer, final ShardClass shardClass) {
        writer.writeInt(shardClass.replicationFactor()).writeByte(shardClass.profile().ordinal())
            .writeInt(shardClass.minInsyncReplicas()).writeBoolean(shardClass.internal());
    }

    private static ShardClass readClass(final WireReader reader) {
        return new ShardClass(
            reader.readInt(), profile(reader.readByte()), reader.readInt(), reader.readBoolean());
    }

    static DurabilityProfile profile(final int ordinal) {
        final DurabilityProfile[] profiles = DurabilityProfile.values();
        if (ordinal < 0 || ordinal >= profiles.length) {
            throw new MetadataFormatException("profile is not understood: " + ordinal);
        }
        return profiles[ordinal];
    }

    private static void writeTopic(final WireWriter writer, final TopicInfo topic) {
        writer.writeString(topic.name()).writeUuid(topic.id());
        writeClass(writer, topic.shardClass());
        writer.writeInt(topic.partitionCount());
        for (int partition = 0; partition < topic.partitionCount(); partition++) {
            writer.writeInt(topic.shardId(partition)).writeInt(topic.partitionId(partition));
        }
        writer.writeStringMap(topic.configs());
    }

    private static TopicInfo readTopic(final WireReader reader) {
        final String name = reader.readText();
        final UUID id = readUuid(reader);
        final ShardClass shardClass = readClass(reader);
        final int count = reader.readCount(2 * Integer.BYTES);
        final int[] shardIds = new int[count];
        final int[] partitionIds = new int[count];
        for (int partition = 0; partition < count; partition++) {
            shardIds[partition] = reader.readInt();
            partitionIds[partition] = reader.readInt();
        }
        return new TopicInfo(name, id, shardClass, shardIds, partitionIds, reader.readStringMap());
    }

    static void writeReports(final WireWriter writer, final List<ShardReport> reports) {
        writer.writeInt(reports.size());
        for (final ShardReport report : reports) {
            writer.writeInt(report.shardId()).writeInt(report.lastEpoch()).writeLong(report.endPosition())
                .writeBoolean(report.damaged());
        }
    }

    static List<ShardReport> readReports(final WireReader reader) {
        final int count = reader.readCount(REPORT_LENGTH);
        final List<ShardReport> reports = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            reports.add(new ShardReport(
                reader.readInt(), reader.readInt(), reader.readLong(), reader.readBoolean()));
        }
        return reports;
    }

    private static UUID readUuid(final WireReader reader) {
        final UUID id = reader.readUuid();
        if (id == null) {
            throw new MetadataFormatException("id is missing at index " + reader.index());
        }
        return id;
    }
}
