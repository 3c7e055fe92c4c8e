package io.millrace.broker.metadata;

import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;

/**
 * The whole metadata at one version. Immutable; any thread. A new image shares every table that did not change with the
 * one before.
 */
public final class MetadataImage {
    /** No shard leader. */
    public static final int NO_LEADER = -1;
    /** Before anything was heard of a quorum. */
    public static final MetadataImage EMPTY =
        new MetadataImage(0, null, Map.of(), Map.of(), Map.of(), Map.of(), Map.of());

    private final long version;
    private final UUID clusterId;
    private final Map<Integer, BrokerInfo> brokers;
    private final Map<Integer, ShardInfo> shards;
    private final Map<UUID, TopicInfo> topicsById;
    private final Map<String, TopicInfo> topicsByName;
    private final Map<Integer, Map<String, String>> brokerConfigs;

    private MetadataImage(
        final long version,
        final UUID clusterId,
        final Map<Integer, BrokerInfo> brokers,
        final Map<Integer, ShardInfo> shards,
        final Map<UUID, TopicInfo> topicsById,
        final Map<String, TopicInfo> topicsByName,
        final Map<Integer, Map<String, String>> brokerConfigs) {
        this.version = version;
        this.clusterId = clusterId;
        this.brokers = brokers;
        this.shards = shards;
        this.topicsById = topicsById;
        this.topicsByName = topicsByName;
        this.brokerConfigs = brokerConfigs;
    }

    /** {@return the version; grows by one with each command that changed something} */
    public long version() {
        return version;
    }

    /** {@return the cluster's id, null before the first broker registered} */
    public UUID clusterId() {
        return clusterId;
    }

    /** {@return all brokers ever registered, fenced ones included} */
    public Collection<BrokerInfo> brokers() {
        return Collections.unmodifiableCollection(brokers.values());
    }

    /**
     * {@return a broker, null when unknown}
     *
     * @param brokerId node id
     */
    public BrokerInfo broker(final int brokerId) {
        return brokers.get(brokerId);
    }

    /**
     * {@return whether a broker is registered and not fenced}
     *
     * @param brokerId node id
     */
    public boolean isLive(final int brokerId) {
        final BrokerInfo broker = brokers.get(brokerId);
        return broker != null && !broker.fenced();
    }

    /** {@return all shards} */
    public Collection<ShardInfo> shards() {
        return Collections.unmodifiableCollection(shards.values());
    }

    /**
     * {@return a shard, null when unknown}
     *
     * @param shardId its id
     */
    public ShardInfo shard(final int shardId) {
        return shards.get(shardId);
    }

    /**
     * {@return whether a process is registered as this broker, fenced or not: the image knows of its present start}
     *
     * @param brokerId      node id
     * @param incarnationId of the process
     */
    public boolean isRegistered(final int brokerId, final UUID incarnationId) {
        final BrokerInfo broker = brokers.get(brokerId);
        return broker != null && broker.isRegistered() && broker.incarnationId().equals(incarnationId);
    }

    /** {@return unclean elections by an operator's command, over all shards and for all time} */
    public long uncleanElectionCount() {
        return shards.values().stream().mapToLong(shard -> shard.elections().unclean()).sum();
    }

    /** {@return elections by the longest log after a power cut, over all shards and for all time} */
    public long powerCutElectionCount() {
        return shards.values().stream().mapToLong(shard -> shard.elections().powerCut()).sum();
    }

    /**
     * {@return the shard's leader as clients may see it, {@link #NO_LEADER} while nobody leads or it is fenced}
     *
     * @param shard a shard of this image
     */
    public int leaderOf(final ShardInfo shard) {
        return isLive(shard.leader()) ? shard.leader() : NO_LEADER;
    }

    /**
     * {@return whether no command between the two changed a topic; false at times though none did}
     *
     * @param other another image of the same metadata
     */
    public boolean hasSameTopics(final MetadataImage other) {
        return topicsById == other.topicsById;
    }

    /** {@return all topics} */
    public Collection<TopicInfo> topics() {
        return Collections.unmodifiableCollection(topicsById.values());
    }

    /**
     * {@return a topic, null when unknown}
     *
     * @param name of the topic
     */
    public TopicInfo topic(final String name) {
        return topicsByName.get(name);
    }

    /**
     * {@return a topic, null when unknown}
     *
     * @param topicId its id
     */
    public TopicInfo topic(final UUID topicId) {
        return topicsById.get(topicId);
    }

    /**
     * {@return what a broker, or all of them, were told while they ran; unmodifiable, empty without anything}
     *
     * @param brokerId node id, {@link MetadataCommand.AlterBrokerConfig#ALL_BROKERS} for all
     */
    public Map<String, String> brokerConfigs(final int brokerId) {
        return brokerConfigs.getOrDefault(brokerId, Map.of());
    }

    /**
     * {@return whether all that brokers were told while they ran is the same}
     *
     * @param other image
     */
    public boolean hasBrokerConfigsOf(final MetadataImage other) {
        return brokerConfigs.equals(other.brokerConfigs);
    }

    /**
     * {@return the value a broker was told while it ran, by itself or with all others; null when the file's counts}
     *
     * @param brokerId node id
     * @param name     of the config
     */
    public String brokerConfig(final int brokerId, final String name) {
        final String own = brokerConfigs(brokerId).get(name);
        return own != null ? own : brokerConfigs(MetadataCommand.AlterBrokerConfig.ALL_BROKERS).get(name);
    }

    /** {@return the image after these deltas; a snapshot starts from nothing} */
    MetadataImage follow(final List<MetadataDelta> deltas) {
        Update update = new Update(this);
        long reached = version;
        for (final MetadataDelta delta : deltas) {
            if (delta.fromVersion() == MetadataDelta.FROM_NOTHING) {
                update = new Update(EMPTY);
            } else if (delta.fromVersion() != reached) {
                throw new MetadataFormatException(
                    "delta does not continue: have version " + reached + ", delta starts at " + delta.fromVersion());
            }
            delta.records().forEach(update::apply);
            reached = delta.toVersion();
        }
        return update.build(reached);
    }

    @Override
    public boolean equals(final Object other) {
        return this == other || other instanceof MetadataImage image
            && version == image.version
            && Objects.equals(clusterId, image.clusterId)
            && brokers.equals(image.brokers)
            && shards.equals(image.shards)
            && topicsById.equals(image.topicsById)
            && brokerConfigs.equals(image.brokerConfigs);
    }

    @Override
    public int hashCode() {
        return Long.hashCode(version);
    }

    @Override
    public String toString() {
        return "MetadataImage{version=" + version + ", clusterId=" + clusterId + ", brokers=" + brokers.values()
            + ", shards=" + shards.values() + ", topics=" + topicsByName.values()
            + "}";
    }

    /** Copies each table at most once, however many records there are. */
    private static final class Update {
        private final MetadataImage base;
        private UUID clusterId;
        private Map<Integer, BrokerInfo> brokers;
        private Map<Integer, ShardInfo> shards;
        private Map<UUID, TopicInfo> topicsById;
        private Map<String, TopicInfo> topicsByName;
        private Map<Integer, Map<String, String>> brokerConfigs;

        Update(final MetadataImage base) {
            this.base = base;
            clusterId = base.clusterId;
            brokers = base.brokers;
            shards = base.shards;
            topicsById = base.topicsById;
            topicsByName = base.topicsByName;
            brokerConfigs = base.brokerConfigs;
        }

        void apply(final MetadataRecord record) {
            if (record instanceof MetadataRecord.BrokerChanged changed) {
                brokers = brokers == base.brokers ? new HashMap<>(brokers) : brokers;
                brokers.put(changed.broker().id(), changed.broker());
            } else if (record instanceof MetadataRecord.ShardChanged changed) {
                shards = shards == base.shards ? new HashMap<>(shards) : shards;
                shards.put(changed.shard().id(), changed.shard());
            } else if (record instanceof MetadataRecord.ShardMoving moving) {
                shards = shards == base.shards ? new HashMap<>(shards) : shards;
                shards.computeIfPresent(moving.shardId(), (id, shard) -> shard.withMovingTo(moving.brokerId()));
            } else if (record instanceof MetadataRecord.TopicChanged changed) {
                copyTopics();
                topicsById.put(changed.topic().id(), changed.topic());
                topicsByName.put(changed.topic().name(), changed.topic());
            } else if (record instanceof MetadataRecord.TopicDeleted deleted) {
                copyTopics();
                final TopicInfo topic = topicsById.remove(deleted.id());
                if (topic != null) {
                    topicsByName.remove(topic.name());
                }
            } else if (record instanceof MetadataRecord.BrokerConfigChanged changed) {
                brokerConfigs = brokerConfigs == base.brokerConfigs ? new HashMap<>(brokerConfigs) : brokerConfigs;
                if (changed.configs().isEmpty()) {
                    brokerConfigs.remove(changed.brokerId());
                } else {
                    brokerConfigs.put(changed.brokerId(), changed.configs());
                }
            } else if (record instanceof MetadataRecord.ClusterCreated created) {
                clusterId = created.clusterId();
            }
        }

        MetadataImage build(final long version) {
            return new MetadataImage(
                version, clusterId, brokers, shards, topicsById, topicsByName, brokerConfigs);
        }

        private void copyTopics() {
            if (topicsById == base.topicsById) {
                topicsById = new HashMap<>(topicsById);
                topicsByName = new HashMap<>(topicsByName);
            }
        }
    }

    Map<Integer, BrokerInfo> brokerTable() {
        return brokers;
    }

    Map<Integer, ShardInfo> shardTable() {
        return shards;
    }

    Map<UUID, TopicInfo> topicTable() {
        return topicsById;
    }
}
