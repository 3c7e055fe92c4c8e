package io.millrace.broker.metadata;

import java.util.Arrays;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

/** One topic as the quorum knows it: where each partition lives, and the configs that were set. Immutable. */
public final class TopicInfo {
    /** Holds what consumer groups commit; a topic of this name lives in shards of its own. */
    public static final String OFFSETS_TOPIC = "__consumer_offsets";

    private final String name;
    private final UUID id;
    private final ShardClass shardClass;
    private final int[] shardIds;
    private final int[] partitionIds;
    private final Map<String, String> configs;

    /**
     * Takes its own copies.
     *
     * @param name         of the topic
     * @param id           unique for all time, also when the name is used again
     * @param shardClass   class of every shard it lives in
     * @param shardIds     shard of each partition
     * @param partitionIds id within that shard of each partition
     * @param configs      what was set explicitly
     */
    TopicInfo(
        final String name,
        final UUID id,
        final ShardClass shardClass,
        final int[] shardIds,
        final int[] partitionIds,
        final Map<String, String> configs) {
        this.name = name;
        this.id = id;
        this.shardClass = shardClass;
        this.shardIds = shardIds.clone();
        this.partitionIds = partitionIds.clone();
        this.configs = Collections.unmodifiableMap(new TreeMap<>(configs));
    }

    /** {@return the name} */
    public String name() {
        return name;
    }

    /** {@return the id, unique for all time} */
    public UUID id() {
        return id;
    }

    /** {@return the class of its shards} */
    public ShardClass shardClass() {
        return shardClass;
    }

    /** {@return whether it is the cluster's own: clients may read it, but not write, change or delete it} */
    public boolean isInternal() {
        return shardClass.internal();
    }

    /** {@return how many partitions} */
    public int partitionCount() {
        return shardIds.length;
    }

    /**
     * {@return the shard a partition lives in}
     *
     * @param partition number within the topic
     */
    public int shardId(final int partition) {
        return shardIds[partition];
    }

    /**
     * {@return a partition's id within its shard}
     *
     * @param partition number within the topic
     */
    public int partitionId(final int partition) {
        return partitionIds[partition];
    }

    /** {@return the configs that were set, without defaults; sorted, unmodifiable} */
    public Map<String, String> configs() {
        return configs;
    }

    /** {@return fewest in-sync replicas with which acks=all is admitted: the class's, or more when it was raised} */
    public int minInsyncReplicas() {
        final String configured = configs.get(TopicRules.MIN_INSYNC_REPLICAS);
        return configured == null
            ? shardClass.minInsyncReplicas() : Math.max(shardClass.minInsyncReplicas(), Integer.parseInt(configured));
    }

    TopicInfo withPartitions(final int[] newShardIds, final int[] newPartitionIds) {
        return new TopicInfo(name, id, shardClass, newShardIds, newPartitionIds, configs);
    }

    TopicInfo withConfigs(final Map<String, String> newConfigs) {
        return new TopicInfo(name, id, shardClass, shardIds, partitionIds, newConfigs);
    }

    @Override
    public boolean equals(final Object other) {
        return this == other || other instanceof TopicInfo topic
            && id.equals(topic.id)
            && name.equals(topic.name)
            && shardClass.equals(topic.shardClass)
            && Arrays.equals(shardIds, topic.shardIds)
            && Arrays.equals(partitionIds, topic.partitionIds)
            && configs.equals(topic.configs);
    }

    @Override
    public int hashCode() {
        return id.hashCode();
    }

    @Override
    public String toString() {
        return name + "{" + id + ", shards=" + Arrays.toString(shardIds) + ", ids=" + Arrays.toString(partitionIds)
            + ", " + configs + "}";
    }
}
