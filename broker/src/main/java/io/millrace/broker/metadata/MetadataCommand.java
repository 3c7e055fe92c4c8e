package io.millrace.broker.metadata;

import io.millrace.engine.DurabilityProfile;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** What the quorum is asked to do. Random values (ids) come with the command, so every replica computes the same. */
public sealed interface MetadataCommand {
    /**
     * A broker starts, or returns after its session was closed. Bumps the epoch of every shard it leads. The same
     * process may register again; another process with the same id is refused while the session of the first is open.
     *
     * @param brokerId          node id, not negative
     * @param host              where clients reach it
     * @param port              where clients reach it
     * @param endpoints         replication endpoints, in the order the replication link asks for
     * @param incarnationId     random, of this process
     * @param bootId            of the machine
     * @param clean             whether its logs were closed cleanly or its page cache survived (same boot id)
     * @param proposedClusterId random; becomes the cluster's id if it has none
     */
    record RegisterBroker(
        int brokerId, String host, int port, List<String> endpoints, UUID incarnationId, UUID bootId, boolean clean,
        UUID proposedClusterId) implements MetadataCommand {

        /** Takes its own copy of the list. */
        public RegisterBroker {
            endpoints = List.copyOf(endpoints);
        }
    }

    /**
     * Creates a topic. Sending it again with the same topic id is harmless.
     *
     * @param topicId           random
     * @param name              by Kafka's rules
     * @param partitionCount    -1 for 1
     * @param replicationFactor -1 for min(3, registered brokers)
     * @param profile           null to let the config {@code millrace.profile} or the default decide
     * @param configs           topic configs
     * @param shardsPerBroker   how many shards of a class a broker leads at most
     * @param validateOnly      whether only to check
     */
    record CreateTopic(
        UUID topicId, String name, int partitionCount, int replicationFactor, DurabilityProfile profile,
        Map<String, String> configs, int shardsPerBroker, boolean validateOnly) implements MetadataCommand {

        /** Takes its own copy of the map. */
        public CreateTopic {
            configs = Map.copyOf(configs);
        }
    }

    /**
     * Deletes a topic, named by name or by id.
     *
     * @param name    or null
     * @param topicId or null
     */
    record DeleteTopic(String name, UUID topicId) implements MetadataCommand {
    }

    /**
     * The leader of a shard proposes a new ISR. Answered with {@link MetadataErrors#INVALID_UPDATE_VERSION} when the
     * ISR changed meanwhile, {@link MetadataErrors#FENCED_LEADER_EPOCH} when the sender does not lead in this epoch,
     * {@link MetadataErrors#INELIGIBLE_REPLICA} when a member to add is fenced.
     *
     * @param shardId     the shard
     * @param leaderId    the sender
     * @param leaderEpoch under which it leads
     * @param isrVersion  on which the proposal is based
     * @param isr         proposed; holds the leader
     */
    record ChangeIsr(int shardId, int leaderId, int leaderEpoch, long isrVersion, List<Integer> isr)
        implements MetadataCommand {

        /** Takes its own copy of the list. */
        public ChangeIsr {
            isr = List.copyOf(isr);
        }
    }

    /**
     * Reserves a range of producer ids, never given out again.
     *
     * @param count how many
     */
    record AllocateProducerIds(int count) implements MetadataCommand {
    }

    /**
     * Sets or removes configs of a topic.
     *
     * @param name    of the topic
     * @param sets    new values
     * @param removes names of configs that go back to their default
     */
    record AlterTopicConfig(String name, Map<String, String> sets, List<String> removes) implements MetadataCommand {
        /** Takes its own copies. */
        public AlterTopicConfig {
            sets = Map.copyOf(sets);
            removes = List.copyOf(removes);
        }
    }

    /**
     * Commits offsets of a group, all or none; offsets of topics and partitions that do not exist are left out. Without
     * offsets it changes nothing, and its answer says that the image holds whatever was committed before.
     *
     * @param group   name, see {@link OffsetRules}
     * @param offsets of one partition the last one counts
     */
    record CommitOffsets(String group, List<CommittedOffset> offsets) implements MetadataCommand {
        /** Takes its own copy of the list. */
        public CommitOffsets {
            offsets = List.copyOf(offsets);
        }

        /** An older commit that comes again after a newer one would take the group back. */
        @Override
        public boolean isRepeatable() {
            return false;
        }
    }

    /** {@return whether it may be sent again when its answer does not come} */
    default boolean isRepeatable() {
        return true;
    }
}
