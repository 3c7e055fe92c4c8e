package io.millrace.broker.metadata;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

/** One change of the metadata: what a delta is made of, and a snapshot too. Each says the new state of one thing. */
sealed interface MetadataRecord {
    /**
     * The cluster got its id.
     *
     * @param clusterId created once
     */
    record ClusterCreated(UUID clusterId) implements MetadataRecord {
    }

    /**
     * A broker's new state.
     *
     * @param broker all of it
     */
    record BrokerChanged(BrokerInfo broker) implements MetadataRecord {
    }

    /**
     * A shard's new state.
     *
     * @param shard all of it
     */
    record ShardChanged(ShardInfo shard) implements MetadataRecord {
    }

    /**
     * A shard's leader is asked to hand over, or no longer; the next {@link ShardChanged} of the shard ends that too.
     *
     * @param shardId  the shard
     * @param brokerId who is to lead, {@link MetadataImage#NO_LEADER} when the move is off
     */
    record ShardMoving(int shardId, int brokerId) implements MetadataRecord {
    }

    /**
     * A topic's new state.
     *
     * @param topic all of it
     */
    record TopicChanged(TopicInfo topic) implements MetadataRecord {
    }

    /**
     * A topic is gone.
     *
     * @param id of the topic
     */
    record TopicDeleted(UUID id) implements MetadataRecord {
    }

    /**
     * A broker reported some of its logs; what another process of this broker reported before goes with the record of
     * that broker's registration. Brokers have no use for it.
     *
     * @param brokerId of the reporter
     * @param shards   one report a shard
     */
    record ShardsReported(int brokerId, List<ShardReport> shards) implements MetadataRecord {
    }

    /**
     * What a broker, or all of them, were told while they ran.
     *
     * @param brokerId node id, {@link MetadataCommand.AlterBrokerConfig#ALL_BROKERS} for all
     * @param configs  all of it; empty when nothing is left
     */
    record BrokerConfigChanged(int brokerId, Map<String, String> configs) implements MetadataRecord {
        /** Takes its own copy. */
        public BrokerConfigChanged {
            configs = Collections.unmodifiableMap(new TreeMap<>(configs));
        }
    }

    /**
     * Producer ids were given out.
     *
     * @param nextProducerId first that was not
     */
    record ProducerIdsAllocated(long nextProducerId) implements MetadataRecord {
    }
}
