package io.millrace.broker.metadata;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

/**
 * The tables of the state machine, changed by records only, so that live, replayed and restored state are the same.
 * Owned by whoever owns the state machine. Sorted, so that every walk over them gives the same order everywhere.
 */
final class MetadataState {
    private final TreeMap<Integer, BrokerInfo> brokers = new TreeMap<>();
    private final TreeMap<Integer, ShardInfo> shards = new TreeMap<>();
    private final TreeMap<Integer, TreeMap<Integer, ShardReport>> reportsByBroker = new TreeMap<>();
    private final TreeMap<UUID, TopicInfo> topicsById = new TreeMap<>();
    private final Map<String, TopicInfo> topicsByName = new HashMap<>();
    private final Map<Integer, Integer> partitionCountByShard = new HashMap<>();
    private final TreeMap<Integer, Map<String, String>> brokerConfigs = new TreeMap<>();
    private int partitionCount;
    private long version;
    private long nextProducerId;
    private UUID clusterId;

    long version() {
        return version;
    }

    UUID clusterId() {
        return clusterId;
    }

    long nextProducerId() {
        return nextProducerId;
    }

    Collection<BrokerInfo> brokers() {
        return brokers.values();
    }

    BrokerInfo broker(final int brokerId) {
        return brokers.get(brokerId);
    }

    boolean isLive(final int brokerId) {
        final BrokerInfo broker = brokers.get(brokerId);
        return broker != null && !broker.fenced();
    }

    boolean isAssignable(final int brokerId) {
        final BrokerInfo broker = brokers.get(brokerId);
        return broker != null && broker.isAssignable();
    }

    /** {@return what a broker reported of its log of a shard since it was started, null when nothing} */
    ShardReport report(final int brokerId, final int shardId) {
        final TreeMap<Integer, ShardReport> reports = reportsByBroker.get(brokerId);
        return reports == null ? null : reports.get(shardId);
    }

    Collection<ShardInfo> shards() {
        return shards.values();
    }

    ShardInfo shard(final int shardId) {
        return shards.get(shardId);
    }

    int nextShardId() {
        return shards.isEmpty() ? 0 : shards.lastKey() + 1;
    }

    /** {@return all topics, in the order of their ids} */
    Collection<TopicInfo> topics() {
        return topicsById.values();
    }

    TopicInfo topic(final String name) {
        return topicsByName.get(name);
    }

    TopicInfo topic(final UUID topicId) {
        return topicsById.get(topicId);
    }

    /** {@return what a broker, or all of them, were told while they ran; empty without anything} */
    Map<String, String> brokerConfigs(final int brokerId) {
        return brokerConfigs.getOrDefault(brokerId, Map.of());
    }

    /** {@return partitions of all topics} */
    int partitionCount() {
        return partitionCount;
    }

    /** {@return partitions that live in a shard now} */
    int partitionCount(final int shardId) {
        return partitionCountByShard.getOrDefault(shardId, 0);
    }

    void apply(final MetadataDelta delta) {
        if (delta.fromVersion() != version) {
            throw new MetadataFormatException(
                "delta does not continue: have version " + version + ", delta starts at " + delta.fromVersion());
        }
        delta.records().forEach(this::apply);
        version = delta.toVersion();
    }

    void apply(final MetadataRecord record) {
        if (record instanceof MetadataRecord.BrokerChanged changed) {
            final BrokerInfo before = brokers.put(changed.broker().id(), changed.broker());
            if (before != null && !before.incarnationId().equals(changed.broker().incarnationId())) {
                reportsByBroker.remove(before.id());
            }
        } else if (record instanceof MetadataRecord.ShardChanged changed) {
            shards.put(changed.shard().id(), changed.shard());
        } else if (record instanceof MetadataRecord.ShardMoving moving) {
            shards.computeIfPresent(moving.shardId(), (id, shard) -> shard.withMovingTo(moving.brokerId()));
        } else if (record instanceof MetadataRecord.ShardsReported reported) {
            final TreeMap<Integer, ShardReport> reports =
                reportsByBroker.computeIfAbsent(reported.brokerId(), id -> new TreeMap<>());
            reported.shards().forEach(report -> reports.put(report.shardId(), report));
        } else if (record instanceof MetadataRecord.TopicChanged changed) {
            removeTopic(changed.topic().id());
            topicsById.put(changed.topic().id(), changed.topic());
            topicsByName.put(changed.topic().name(), changed.topic());
            count(changed.topic(), 1);
        } else if (record instanceof MetadataRecord.TopicDeleted deleted) {
            removeTopic(deleted.id());
        } else if (record instanceof MetadataRecord.BrokerConfigChanged changed) {
            if (changed.configs().isEmpty()) {
                brokerConfigs.remove(changed.brokerId());
            } else {
                brokerConfigs.put(changed.brokerId(), changed.configs());
            }
        } else if (record instanceof MetadataRecord.ProducerIdsAllocated allocated) {
            nextProducerId = allocated.nextProducerId();
        } else if (record instanceof MetadataRecord.ClusterCreated created) {
            clusterId = created.clusterId();
        }
    }

    void advance() {
        version++;
    }

    /** {@return everything, as a delta from nothing} */
    MetadataDelta snapshot() {
        final List<MetadataRecord> records = new ArrayList<>();
        if (clusterId != null) {
            records.add(new MetadataRecord.ClusterCreated(clusterId));
        }
        brokers.values().forEach(broker -> records.add(new MetadataRecord.BrokerChanged(broker)));
        reportsByBroker.forEach((id, reports) ->
            records.add(new MetadataRecord.ShardsReported(id, List.copyOf(reports.values()))));
        shards.values().forEach(shard -> records.add(new MetadataRecord.ShardChanged(shard)));
        shards.values().stream().filter(shard -> shard.movingTo() != MetadataImage.NO_LEADER)
            .forEach(shard -> records.add(new MetadataRecord.ShardMoving(shard.id(), shard.movingTo())));
        topicsById.values().forEach(topic -> records.add(new MetadataRecord.TopicChanged(topic)));
        brokerConfigs.forEach((id, configs) -> records.add(new MetadataRecord.BrokerConfigChanged(id, configs)));
        records.add(new MetadataRecord.ProducerIdsAllocated(nextProducerId));
        return new MetadataDelta(MetadataDelta.FROM_NOTHING, version, records);
    }

    private void removeTopic(final UUID topicId) {
        final TopicInfo topic = topicsById.remove(topicId);
        if (topic != null) {
            topicsByName.remove(topic.name());
            count(topic, -1);
        }
    }

    private void count(final TopicInfo topic, final int step) {
        for (int partition = 0; partition < topic.partitionCount(); partition++) {
            partitionCountByShard.merge(topic.shardId(partition), step, Integer::sum);
        }
        partitionCount += step * topic.partitionCount();
    }
}
