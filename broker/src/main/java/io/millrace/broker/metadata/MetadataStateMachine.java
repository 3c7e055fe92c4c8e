package io.millrace.broker.metadata;

import static io.millrace.broker.metadata.MetadataErrors.BROKER_ID_NOT_REGISTERED;
import static io.millrace.broker.metadata.MetadataErrors.DUPLICATE_BROKER_REGISTRATION;
import static io.millrace.broker.metadata.MetadataErrors.FENCED_LEADER_EPOCH;
import static io.millrace.broker.metadata.MetadataErrors.INELIGIBLE_REPLICA;
import static io.millrace.broker.metadata.MetadataErrors.INVALID_CONFIG;
import static io.millrace.broker.metadata.MetadataErrors.INVALID_PARTITIONS;
import static io.millrace.broker.metadata.MetadataErrors.INVALID_REPLICATION_FACTOR;
import static io.millrace.broker.metadata.MetadataErrors.INVALID_REQUEST;
import static io.millrace.broker.metadata.MetadataErrors.INVALID_TOPIC;
import static io.millrace.broker.metadata.MetadataErrors.INVALID_UPDATE_VERSION;
import static io.millrace.broker.metadata.MetadataErrors.NONE;
import static io.millrace.broker.metadata.MetadataErrors.POLICY_VIOLATION;
import static io.millrace.broker.metadata.MetadataErrors.STALE_BROKER_EPOCH;
import static io.millrace.broker.metadata.MetadataErrors.TOPIC_ALREADY_EXISTS;
import static io.millrace.broker.metadata.MetadataErrors.UNKNOWN_TOPIC_ID;
import static io.millrace.broker.metadata.MetadataErrors.UNKNOWN_TOPIC_OR_PARTITION;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Decides commands. Deterministic: no clock, no random, no map without an order; two machines given the same commands
 * hold the same state. Owned by one thread.
 *
 * <p>There is no failover: the assigned leader of a shard stays assigned and stays in the ISR, also while it is fenced,
 * for nobody else could have advanced the log meanwhile.
 */
final class MetadataStateMachine {
    private static final int DEFAULT_REPLICATION_FACTOR = 3;
    private static final int MAX_BROKER_ID = 1_000_000;
    private static final int MAX_PORT = 65_535;
    private static final int MAX_HOST_LENGTH = 255;
    private static final int MAX_ENDPOINT_COUNT = 16;
    private static final int MAX_SHARDS_PER_BROKER = 64;
    private static final int MAX_PRODUCER_ID_COUNT = 1_000_000;

    private final MetadataState state = new MetadataState();
    private final List<MetadataRecord> records = new ArrayList<>();

    /**
     * What a command led to.
     *
     * @param result for whoever asked
     * @param delta  null when nothing changed
     */
    record Outcome(MetadataResult result, MetadataDelta delta) {
    }

    MetadataState state() {
        return state;
    }

    /** Decides a command that came in a session. */
    Outcome apply(final MetadataCommand command, final long sessionId) {
        records.clear();
        final MetadataResult result = decide(command, sessionId);
        final MetadataDelta delta = seal();
        return new Outcome(
            new MetadataResult(result.errorCode(), result.message(), result.value(), state.version()), delta);
    }

    /** Fences whoever registered in this session. {@return the delta, null when nothing changed} */
    MetadataDelta closeSession(final long sessionId) {
        records.clear();
        for (final BrokerInfo broker : List.copyOf(state.brokers())) {
            if (!broker.fenced() && broker.sessionId() == sessionId) {
                fence(broker);
            }
        }
        return seal();
    }

    private MetadataDelta seal() {
        if (records.isEmpty()) {
            return null;
        }
        final long from = state.version();
        state.advance();
        return new MetadataDelta(from, state.version(), List.copyOf(records));
    }

    private MetadataResult decide(final MetadataCommand command, final long sessionId) {
        if (command instanceof MetadataCommand.RegisterBroker register) {
            return register(register, sessionId);
        } else if (command instanceof MetadataCommand.CreateTopic create) {
            return create(create);
        } else if (command instanceof MetadataCommand.DeleteTopic delete) {
            return delete(delete);
        } else if (command instanceof MetadataCommand.ChangeIsr change) {
            return changeIsr(change, sessionId);
        } else if (command instanceof MetadataCommand.AllocateProducerIds allocate) {
            return allocate(allocate);
        } else if (command instanceof MetadataCommand.AlterTopicConfig alter) {
            return alter(alter);
        } else if (command instanceof MetadataCommand.CommitOffsets commit) {
            return commit(commit);
        }
        return refuse(INVALID_REQUEST, "command is not understood: " + command);
    }

    private MetadataResult register(final MetadataCommand.RegisterBroker command, final long sessionId) {
        final int id = command.brokerId();
        if (id < 0 || id > MAX_BROKER_ID || command.port() < 1 || command.port() > MAX_PORT
            || command.host().isEmpty() || command.host().length() > MAX_HOST_LENGTH
            || command.endpoints().size() > MAX_ENDPOINT_COUNT || command.incarnationId() == null
            || command.bootId() == null || command.proposedClusterId() == null) {
            return refuse(INVALID_REQUEST, "registration is not valid: " + command);
        }
        final BrokerInfo present = state.broker(id);
        if (present != null && !present.fenced()) {
            if (!present.incarnationId().equals(command.incarnationId())) {
                return refuse(DUPLICATE_BROKER_REGISTRATION, "another process is registered as broker " + id + " at "
                    + present.host() + ":" + present.port() + ": stop it, or wait until its session has timed out");
            }
            if (present.sessionId() == sessionId) {
                return accept(present.epoch());
            }
        }
        if (state.clusterId() == null) {
            emit(new MetadataRecord.ClusterCreated(command.proposedClusterId()));
        }
        final long epoch = state.version() + 1;
        emit(new MetadataRecord.BrokerChanged(new BrokerInfo(
            id, command.host(), command.port(), command.endpoints(), epoch, false, command.incarnationId(),
            command.bootId(), command.clean(), sessionId)));
        for (final ShardInfo shard : List.copyOf(state.shards())) {
            if (shard.leader() == id) {
                emit(new MetadataRecord.ShardChanged(shard.withLeaderEpoch(shard.leaderEpoch() + 1)));
            }
        }
        return accept(epoch);
    }

    private void fence(final BrokerInfo broker) {
        emit(new MetadataRecord.BrokerChanged(broker.fence()));
        for (final ShardInfo shard : List.copyOf(state.shards())) {
            if (shard.leader() != broker.id() && shard.isr().contains(broker.id())) {
                final List<Integer> isr = new ArrayList<>(shard.isr());
                isr.remove(Integer.valueOf(broker.id()));
                emit(new MetadataRecord.ShardChanged(shard.withIsr(isr)));
            }
        }
    }

    private MetadataResult create(final MetadataCommand.CreateTopic command) {
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
        return createNew(command);
    }

    private MetadataResult createNew(final MetadataCommand.CreateTopic command) {
        final int count = command.partitionCount() == -1 ? 1 : command.partitionCount();
        if (count < 1 || count > TopicRules.MAX_PARTITION_COUNT) {
            return refuse(INVALID_PARTITIONS, "partition count is out of range: " + count + " least=1 most="
                + TopicRules.MAX_PARTITION_COUNT + ", or -1 for the default");
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
        final String configError = TopicRules.checkConfigs(command.configs(), factor);
        if (configError != null) {
            return refuse(INVALID_CONFIG, configError);
        }
        final ShardClass shardClass = TopicRules.shardClass(factor, command.profile(), command.configs());
        final TopicPlacement placement = new TopicPlacement(state, shardClass, command.shardsPerBroker());
        if (!placement.isPossible()) {
            return refuse(INVALID_REPLICATION_FACTOR, "replication factor " + factor + " needs as many live brokers, "
                + placement.liveBrokerCount() + " of " + registered + " are live: wait for the others, or choose less");
        }
        final int[] shardIds = new int[count];
        final int[] partitionIds = new int[count];
        placement.place(shardIds, partitionIds);
        if (placement.fullestShardCount() > TopicRules.MAX_SHARD_PARTITION_COUNT) {
            return refuse(POLICY_VIOLATION, "one shard would have " + placement.fullestShardCount()
                + " partitions, limit=" + TopicRules.MAX_SHARD_PARTITION_COUNT + ": delete topics, or add brokers");
        }
        if (!command.validateOnly()) {
            placement.changedShards().forEach(shard -> emit(new MetadataRecord.ShardChanged(shard)));
            emit(new MetadataRecord.TopicChanged(new TopicInfo(
                command.name(), command.topicId(), shardClass, shardIds, partitionIds, command.configs())));
        }
        return accept(count);
    }

    private MetadataResult delete(final MetadataCommand.DeleteTopic command) {
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
        emit(new MetadataRecord.TopicDeleted(topic.id()));
        return accept(0);
    }

    private MetadataResult changeIsr(final MetadataCommand.ChangeIsr command, final long sessionId) {
        final ShardInfo shard = state.shard(command.shardId());
        final BrokerInfo sender = state.broker(command.leaderId());
        if (shard == null) {
            return refuse(UNKNOWN_TOPIC_OR_PARTITION, "no shard has the id " + command.shardId());
        }
        if (sender == null) {
            return refuse(BROKER_ID_NOT_REGISTERED, "broker is not registered: " + command.leaderId());
        }
        if (sender.fenced() || sender.sessionId() != sessionId) {
            return refuse(STALE_BROKER_EPOCH, "broker " + sender.id() + " is fenced: it has to register again");
        }
        if (shard.leader() != command.leaderId() || shard.leaderEpoch() != command.leaderEpoch()) {
            return refuse(FENCED_LEADER_EPOCH, "shard " + shard.id() + " is led by broker " + shard.leader()
                + " in epoch " + shard.leaderEpoch() + ", not by " + command.leaderId() + " in "
                + command.leaderEpoch());
        }
        final List<Integer> isr = new ArrayList<>(command.isr());
        isr.sort(null);
        if (isr.equals(shard.isr()) && command.isrVersion() != shard.isrVersion()) {
            return accept(shard.isrVersion()); // decided before: the answer got lost
        }
        if (shard.isrVersion() != command.isrVersion()) {
            return refuse(INVALID_UPDATE_VERSION, "the ISR of shard " + shard.id() + " is at version "
                + shard.isrVersion() + ", not " + command.isrVersion());
        }
        if (!isr.contains(shard.leader()) || new HashSet<>(isr).size() != isr.size()
            || !shard.replicas().containsAll(isr)) {
            return refuse(INVALID_REQUEST, "ISR " + isr + " has to hold the leader " + shard.leader()
                + " and only replicas " + shard.replicas());
        }
        for (final int member : isr) {
            if (!shard.isr().contains(member) && !state.isLive(member)) {
                return refuse(INELIGIBLE_REPLICA, "broker is fenced and cannot join the ISR: " + member);
            }
        }
        emit(new MetadataRecord.ShardChanged(shard.withIsr(isr)));
        return accept(shard.isrVersion() + 1);
    }

    private MetadataResult allocate(final MetadataCommand.AllocateProducerIds command) {
        if (command.count() < 1 || command.count() > MAX_PRODUCER_ID_COUNT) {
            return refuse(INVALID_REQUEST, "count of producer ids is out of range: " + command.count() + " most="
                + MAX_PRODUCER_ID_COUNT);
        }
        final long first = state.nextProducerId();
        emit(new MetadataRecord.ProducerIdsAllocated(first + command.count()));
        return accept(first);
    }

    private MetadataResult alter(final MetadataCommand.AlterTopicConfig command) {
        final TopicInfo topic = state.topic(command.name());
        if (topic == null) {
            return refuse(UNKNOWN_TOPIC_OR_PARTITION, "topic '" + command.name() + "' does not exist");
        }
        final Map<String, String> configs = new TreeMap<>(topic.configs());
        configs.keySet().removeAll(command.removes());
        configs.putAll(command.sets());
        String error = TopicRules.checkConfigs(command.sets(), topic.shardClass().replicationFactor());
        error = error == null ? TopicRules.checkChange(topic, configs) : error;
        if (error != null) {
            return refuse(INVALID_CONFIG, error);
        }
        if (!configs.equals(topic.configs())) {
            emit(new MetadataRecord.TopicChanged(topic.withConfigs(configs)));
        }
        return accept(0);
    }

    private MetadataResult commit(final MetadataCommand.CommitOffsets command) {
        final String error = OffsetRules.check(command);
        if (error != null) {
            return refuse(INVALID_REQUEST, error);
        }
        final OffsetTable table = state.offsets();
        final TreeMap<CommittedOffset.Key, CommittedOffset> offsets = new TreeMap<>();
        for (final CommittedOffset offset : command.offsets()) {
            final TopicInfo topic = state.topic(offset.topicId());
            if (topic != null && offset.partition() >= 0 && offset.partition() < topic.partitionCount()) {
                offsets.put(offset.key(), offset);
            }
        }
        final int accepted = offsets.size();
        int count = table.count();
        int metadataLength = table.metadataLength();
        for (final CommittedOffset offset : List.copyOf(offsets.values())) {
            final CommittedOffset present = table.find(command.group(), offset.key());
            if (offset.equals(present)) {
                offsets.remove(offset.key());
            }
            count += present == null ? 1 : 0;
            metadataLength += OffsetRules.utf8Length(offset.metadata())
                - (present == null ? 0 : OffsetRules.utf8Length(present.metadata()));
        }
        if (offsets.isEmpty()) {
            return accept(accepted);
        }
        if (!table.hasGroup(command.group()) && table.groupCount() == OffsetRules.MAX_GROUP_COUNT
            || count > OffsetRules.MAX_OFFSET_COUNT || metadataLength > OffsetRules.MAX_TOTAL_METADATA_LENGTH) {
            return refuse(POLICY_VIOLATION, "no room for offsets of group '" + command.group() + "': groups="
                + table.groupCount() + " limit=" + OffsetRules.MAX_GROUP_COUNT + ", offsets=" + count + " limit="
                + OffsetRules.MAX_OFFSET_COUNT + ", bytes of metadata=" + metadataLength + " limit="
                + OffsetRules.MAX_TOTAL_METADATA_LENGTH + ": commit under a group that is there, or delete topics");
        }
        emit(new MetadataRecord.OffsetsCommitted(command.group(), List.copyOf(offsets.values())));
        return accept(accepted);
    }

    private void emit(final MetadataRecord record) {
        state.apply(record);
        records.add(record);
    }

    private static MetadataResult accept(final long value) {
        return new MetadataResult(NONE, null, value, 0);
    }

    private static MetadataResult refuse(final short errorCode, final String message) {
        return new MetadataResult(errorCode, message, 0, 0);
    }
}
