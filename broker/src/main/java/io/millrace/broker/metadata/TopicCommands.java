package io.millrace.broker.metadata;

import static io.millrace.broker.metadata.Decision.accept;
import static io.millrace.broker.metadata.Decision.refuse;
import static io.millrace.broker.metadata.MetadataErrors.INVALID_CONFIG;
import static io.millrace.broker.metadata.MetadataErrors.INVALID_PARTITIONS;
import static io.millrace.broker.metadata.MetadataErrors.INVALID_REPLICATION_FACTOR;
import static io.millrace.broker.metadata.MetadataErrors.INVALID_REQUEST;
import static io.millrace.broker.metadata.MetadataErrors.INVALID_TOPIC;
import static io.millrace.broker.metadata.MetadataErrors.POLICY_VIOLATION;
import static io.millrace.broker.metadata.MetadataErrors.TOPIC_ALREADY_EXISTS;
import static io.millrace.broker.metadata.MetadataErrors.UNKNOWN_TOPIC_ID;
import static io.millrace.broker.metadata.MetadataErrors.UNKNOWN_TOPIC_OR_PARTITION;

import java.util.Map;
import java.util.TreeMap;

/** Creates, deletes and changes topics. Owned by the state machine. */
final class TopicCommands {
    private static final int DEFAULT_REPLICATION_FACTOR = 3;
    private static final int MAX_SHARDS_PER_BROKER = 64;

    private final Decision decision;
    private final MetadataState state;

    TopicCommands(final Decision decision) {
        this.decision = decision;
        state = decision.state();
    }

    MetadataResult create(final MetadataCommand.CreateTopic command) {
        final String nameError = TopicRules.checkName(command.name());
        if (nameError != null) {
            return refuse(INVALID_TOPIC, nameError);
        }
        if (command.topicId() == null || command.shardsPerBroker() < 1
            || command.shardsPerBroker() > MAX_SHARDS_PER_BROKER) {
            return refuse(INVALID_REQUEST, "topicId=" + command.topicId() + " shardsPerBroker="
                + command.shardsPerBroker() + " limit=" + MAX_SHARDS_PER_BROKER);
        }
        final TopicInfo present = state.topic(command.name());
        if (present != null) {
            return present.id().equals(command.topicId()) && !command.validateOnly()
                ? accept(present.partitionCount())
                : refuse(TOPIC_ALREADY_EXISTS, "topic '" + command.name() + "' already exists");
        }
        if (state.topic(command.topicId()) != null) {
            return refuse(INVALID_REQUEST, "topic id is taken: " + command.topicId());
        }
        final TopicInfo colliding = command.rules() == TopicRules.FIRST ? null : findColliding(command.name());
        if (colliding != null) {
            return refuse(INVALID_TOPIC, "topic '" + command.name() + "' collides with existing topic '"
                + colliding.name() + "': names must differ in more than '.' and '_'");
        }
        return createNew(command);
    }

    /** The topic of groups is created whatever else is there: without it there are none. */
    private TopicInfo findColliding(final String name) {
        final boolean mayCollide = name.indexOf('.') >= 0 || name.indexOf('_') >= 0;
        if (mayCollide && !TopicInfo.OFFSETS_TOPIC.equals(name)) {
            for (final TopicInfo topic : state.topics()) {
                if (TopicRules.collide(topic.name(), name)) {
                    return topic;
                }
            }
        }
        return null;
    }

    private MetadataResult createNew(final MetadataCommand.CreateTopic command) {
        final int count = command.partitionCount() == -1 ? 1 : command.partitionCount();
        if (count < 1 || count > TopicRules.MAX_PARTITION_COUNT) {
            return refuse(INVALID_PARTITIONS, "partition count is out of range: " + count + " least=1 most="
                + TopicRules.MAX_PARTITION_COUNT + ", or -1 for the default");
        }
        if (TopicInfo.OFFSETS_TOPIC.equals(command.name()) && count > TopicRules.MAX_OFFSETS_PARTITION_COUNT) {
            return refuse(INVALID_PARTITIONS, "topic '" + command.name() + "' cannot have " + count
                + " partitions, limit=" + TopicRules.MAX_OFFSETS_PARTITION_COUNT + ": choose less");
        }
        if (state.partitionCount() + count > TopicRules.MAX_CLUSTER_PARTITION_COUNT) {
            return refuse(POLICY_VIOLATION, "the cluster would have " + (state.partitionCount() + count)
                + " partitions, limit=" + TopicRules.MAX_CLUSTER_PARTITION_COUNT + ": delete topics");
        }
        final int registered = state.brokers().size();
        final int factor = command.replicationFactor() == -1
            ? Math.min(DEFAULT_REPLICATION_FACTOR, registered) : command.replicationFactor();
        if (factor < 1 || factor > registered) {
            return refuse(INVALID_REPLICATION_FACTOR, "replication factor is out of range: " + factor
                + " least=1 most=" + registered + " (registered brokers), or -1 for the default");
        }
        final String configError = TopicRules.checkConfigs(command.configs(), factor, command.rules());
        if (configError != null) {
            return refuse(INVALID_CONFIG, configError);
        }
        final ShardClass shardClass =
            TopicRules.shardClass(command.name(), factor, command.profile(), command.configs());
        final TopicPlacement placement = new TopicPlacement(state, shardClass, command.shardsPerBroker());
        if (!placement.isPossible()) {
            return refuse(INVALID_REPLICATION_FACTOR, "replication factor " + factor + " needs as many live brokers, "
                + placement.liveBrokerCount() + " of " + registered + " are live: wait for the others, or choose less");
        }
        if (placement.isFull()) {
            return refuse(POLICY_VIOLATION, "topics of " + shardClass + " need a shard of their own and the cluster "
                + "has " + placement.shardCount() + " already, limit=" + TopicPlacement.MAX_LED_COUNT
                + " for each of its " + placement.liveBrokerCount()
                + " live brokers: use the replication factor, min.insync.replicas and "
                + "millrace.profile of another topic, or add brokers");
        }
        final int[] shardIds = new int[count];
        final int[] partitionIds = new int[count];
        placement.place(shardIds, partitionIds, 0);
        if (placement.fullestShardCount() > TopicRules.MAX_SHARD_PARTITION_COUNT) {
            return refuse(POLICY_VIOLATION, "one shard would have " + placement.fullestShardCount()
                + " partitions, limit=" + TopicRules.MAX_SHARD_PARTITION_COUNT + ": delete topics, or add brokers");
        }
        if (!command.validateOnly()) {
            placement.changedShards().forEach(decision::emit);
            decision.emit(new MetadataRecord.TopicChanged(new TopicInfo(
                command.name(), command.topicId(), shardClass, shardIds, partitionIds, command.configs())));
        }
        return accept(count);
    }

    MetadataResult delete(final MetadataCommand.DeleteTopic command) {
        if (command.name() == null && command.topicId() == null) {
            return refuse(INVALID_REQUEST, "neither name nor id of the topic is given");
        }
        final TopicInfo topic =
            command.topicId() != null ? state.topic(command.topicId()) : state.topic(command.name());
        if (topic == null) {
            return command.name() == null
                ? refuse(UNKNOWN_TOPIC_ID, "no topic has the id " + command.topicId())
                : refuse(UNKNOWN_TOPIC_OR_PARTITION, "topic '" + command.name() + "' does not exist");
        }
        if (topic.isInternal()) {
            return refuse(INVALID_REQUEST, "topic '" + topic.name() + "' holds what consumer groups have committed "
                + "and cannot be deleted: delete groups, or their offsets");
        }
        decision.emit(new MetadataRecord.TopicDeleted(topic.id()));
        return accept(0);
    }

    MetadataResult enlarge(final MetadataCommand.CreatePartitions command) {
        final TopicInfo topic = state.topic(command.name());
        if (topic == null) {
            return refuse(UNKNOWN_TOPIC_OR_PARTITION, "topic '" + command.name() + "' does not exist");
        }
        if (topic.isInternal()) {
            return refuse(INVALID_REQUEST, internal(topic, "its number of partitions"));
        }
        if (command.shardsPerBroker() < 1 || command.shardsPerBroker() > MAX_SHARDS_PER_BROKER) {
            return refuse(INVALID_REQUEST,
                "shardsPerBroker=" + command.shardsPerBroker() + " limit=" + MAX_SHARDS_PER_BROKER);
        }
        final int before = topic.partitionCount();
        final int count = command.partitionCount();
        if (count == before && command.seenCount() < before && !command.validateOnly()) {
            return accept(before);
        }
        if (count <= before || count > TopicRules.MAX_PARTITION_COUNT) {
            return refuse(INVALID_PARTITIONS, "topic '" + command.name() + "' has " + before + " partitions and cannot "
                + "get " + count + ": least=" + (before + 1) + " most=" + TopicRules.MAX_PARTITION_COUNT);
        }
        if (state.partitionCount() + count - before > TopicRules.MAX_CLUSTER_PARTITION_COUNT) {
            return refuse(POLICY_VIOLATION, "the cluster would have " + (state.partitionCount() + count - before)
                + " partitions, limit=" + TopicRules.MAX_CLUSTER_PARTITION_COUNT + ": delete topics");
        }
        final TopicPlacement placement =
            new TopicPlacement(state, topic.shardClass(), command.shardsPerBroker());
        if (!placement.isPossible()) {
            return refuse(INVALID_REPLICATION_FACTOR, "replication factor " + topic.shardClass().replicationFactor()
                + " needs as many live brokers, " + placement.liveBrokerCount() + " are live: wait for the others");
        }
        return enlarge(command, topic, placement);
    }

    private MetadataResult enlarge(
        final MetadataCommand.CreatePartitions command, final TopicInfo topic, final TopicPlacement placement) {
        final int before = topic.partitionCount();
        final int[] shardIds = new int[command.partitionCount()];
        final int[] partitionIds = new int[command.partitionCount()];
        for (int partition = 0; partition < before; partition++) {
            shardIds[partition] = topic.shardId(partition);
            partitionIds[partition] = topic.partitionId(partition);
        }
        placement.count(topic);
        placement.place(shardIds, partitionIds, before);
        if (placement.fullestShardCount() > TopicRules.MAX_SHARD_PARTITION_COUNT) {
            return refuse(POLICY_VIOLATION, "one shard would have " + placement.fullestShardCount()
                + " partitions, limit=" + TopicRules.MAX_SHARD_PARTITION_COUNT + ": delete topics, or add brokers");
        }
        if (!command.validateOnly()) {
            placement.changedShards().forEach(decision::emit);
            decision.emit(new MetadataRecord.TopicChanged(topic.withPartitions(shardIds, partitionIds)));
        }
        return accept(command.partitionCount());
    }

    MetadataResult alter(final MetadataCommand.AlterTopicConfig command) {
        final TopicInfo topic = state.topic(command.name());
        if (topic == null) {
            return refuse(UNKNOWN_TOPIC_OR_PARTITION, "topic '" + command.name() + "' does not exist");
        }
        if (topic.isInternal()) {
            return refuse(INVALID_REQUEST, internal(topic, "its configs"));
        }
        final Map<String, String> configs = command.replaces() ? new TreeMap<>() : new TreeMap<>(topic.configs());
        configs.keySet().removeAll(command.removes());
        configs.putAll(command.sets());
        String error =
            TopicRules.checkConfigs(command.sets(), topic.shardClass().replicationFactor(), command.rules());
        error = error == null ? TopicRules.checkChange(topic, configs) : error;
        if (error != null) {
            return refuse(INVALID_CONFIG, error);
        }
        if (!command.validateOnly() && !configs.equals(topic.configs())) {
            decision.emit(new MetadataRecord.TopicChanged(topic.withConfigs(configs)));
        }
        return accept(0);
    }

    private static String internal(final TopicInfo topic, final String what) {
        return "topic '" + topic.name() + "' holds what consumer groups have committed: " + what
            + " cannot be changed";
    }
}
