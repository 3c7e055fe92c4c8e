package io.millrace.broker.metadata;

import io.millrace.engine.DurabilityProfile;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** What the quorum is asked to do. Random values (ids) come with the command, so every replica computes the same. */
public sealed interface MetadataCommand {
    /**
     * A broker starts, or returns after its session was closed. It is fenced until {@link BrokerReady}, unless the same
     * process only moves to another session before the first was closed: then nothing about its shards changes. Another
     * process with the same id is refused while the session of the first is open.
     *
     * <p>Another process than the one before that comes with {@code clean=false} has lost its page cache: in shards of
     * the profile {@code replicated} it leaves ISR and eligible replicas, until a leader has brought it up to date.
     *
     * @param brokerId          node id, not negative
     * @param host              where clients reach it
     * @param port              where clients reach it
     * @param endpoints         replication endpoints, in the order the replication link asks for
     * @param incarnationId     random, of this process
     * @param bootId            of the machine
     * @param clean             whether its logs were closed cleanly or its page cache survived (same boot id). A later
     *                          start may say so again only once a registration that said otherwise was accepted
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
     * What a broker found in its logs, sent after each registration and before {@link BrokerReady}; in several commands
     * when one would be too long, see {@link #MAX_REPORT_COUNT}. A log reported as damaged costs the broker its place
     * in the ISR and among the eligible replicas of that shard, unless it leads it. May also be sent later, for a log
     * that could not be opened before.
     *
     * @param brokerId    the sender
     * @param brokerEpoch of its registration, else {@link MetadataErrors#STALE_BROKER_EPOCH}
     * @param shards      a later report of a shard replaces an earlier one
     */
    record ReportShards(int brokerId, long brokerEpoch, List<ShardReport> shards) implements MetadataCommand {
        /** Most reports in one command. */
        public static final int MAX_REPORT_COUNT = 256;

        /** Takes its own copy of the list. */
        public ReportShards {
            shards = List.copyOf(shards);
        }
    }

    /**
     * The broker's logs are open and reported, and it has applied the metadata: it is unfenced, and shards that nobody
     * leads may get it as their leader. A shard that it did not report counts as an empty log.
     *
     * @param brokerId    the sender
     * @param brokerEpoch of its registration, else {@link MetadataErrors#STALE_BROKER_EPOCH}
     */
    record BrokerReady(int brokerId, long brokerEpoch) implements MetadataCommand {
    }

    /**
     * The broker is about to stop: what it leads goes to live members of the ISR, it leaves every ISR in which others
     * stay, and nothing is given to it any more. Sent again until the answer's value, the number of shards that it
     * still leads, is 0 or patience ends. It goes on leading those.
     *
     * @param brokerId    the sender
     * @param brokerEpoch of its registration, else {@link MetadataErrors#STALE_BROKER_EPOCH}
     */
    record ControlledShutdown(int brokerId, long brokerEpoch) implements MetadataCommand {
    }

    /**
     * An operator asks for an election; any broker may pass it on.
     *
     * @param shardId  the shard
     * @param brokerId who is to lead, -1 for the best: with PREFERRED the first replica, with UNCLEAN the live one with
     *                 the longest log by the reports
     * @param kind     of election
     */
    record ElectLeader(int shardId, int brokerId, ElectionKind kind) implements MetadataCommand {
        /** Leaves the choice to the quorum. */
        public static final int ANY_BROKER = -1;

        /** A copy that comes late must not give up records once more than the operator asked for. */
        @Override
        public boolean isRepeatable() {
            return kind != ElectionKind.UNCLEAN;
        }
    }

    /**
     * An assigned leader cannot lead: its disk takes no frame, or it has no memory for another shard. Another live
     * member of the ISR gets the shard; the sender stays in the ISR. Refused with
     * {@link MetadataErrors#FENCED_LEADER_EPOCH} when it does not lead in this epoch (any more), with
     * {@link MetadataErrors#ELIGIBLE_LEADERS_NOT_AVAILABLE} when there is nobody else: it goes on trying then.
     *
     * @param shardId     the shard
     * @param leaderId    the sender
     * @param leaderEpoch which it was to lead in
     */
    record ResignLeader(int shardId, int leaderId, int leaderEpoch) implements MetadataCommand {
    }

    /**
     * A leader that was asked to hand over ({@link ShardInfo#movingTo}) has seen to it that the other one has all that
     * was acknowledged, or gives up. Refused with {@link MetadataErrors#FENCED_LEADER_EPOCH} when it does not lead in
     * this epoch (any more), {@link MetadataErrors#PREFERRED_LEADER_NOT_AVAILABLE} when the other one is not (any more)
     * who is meant, live and in sync.
     *
     * @param shardId     the shard
     * @param leaderId    the sender
     * @param leaderEpoch under which it leads
     * @param brokerId    who leads from now on, {@link MetadataImage#NO_LEADER} when the move is off
     */
    record FinishMove(int shardId, int leaderId, int leaderEpoch, int brokerId) implements MetadataCommand {
    }

    /** What an operator may ask for. */
    enum ElectionKind {
        /**
         * Moves the leadership within the ISR. A live leader is asked to hand over: it holds its producers back until
         * the other one has everything and then says so with {@link FinishMove}. Errors:
         * {@link MetadataErrors#ELECTION_NOT_NEEDED} when it leads already,
         * {@link MetadataErrors#PREFERRED_LEADER_NOT_AVAILABLE} when it is not live or not in the ISR.
         */
        PREFERRED,
        /**
         * Gives a shard that nobody leads to a replica outside of ISR and eligible replicas: committed records may be
         * lost. Errors: {@link MetadataErrors#ELECTION_NOT_NEEDED} when somebody leads,
         * {@link MetadataErrors#ELIGIBLE_LEADERS_NOT_AVAILABLE} when no replica, or not this one, is live.
         */
        UNCLEAN
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
     * @param rules             {@link TopicRules#CURRENT}, or what was current when the command was written
     */
    record CreateTopic(
        UUID topicId, String name, int partitionCount, int replicationFactor, DurabilityProfile profile,
        Map<String, String> configs, int shardsPerBroker, boolean validateOnly, int rules)
        implements MetadataCommand {

        /** Takes its own copy of the map. */
        public CreateTopic {
            configs = Map.copyOf(configs);
        }

        /** By today's rules. */
        public CreateTopic(
            final UUID topicId, final String name, final int partitionCount, final int replicationFactor,
            final DurabilityProfile profile, final Map<String, String> configs, final int shardsPerBroker,
            final boolean validateOnly) {
            this(topicId, name, partitionCount, replicationFactor, profile, configs, shardsPerBroker, validateOnly,
                TopicRules.CURRENT);
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
     * The leader of a shard proposes a new ISR. The quorum decides once on each ISR version: every answer but
     * {@link MetadataErrors#REQUEST_TIMED_OUT} and {@link MetadataErrors#STALE_BROKER_EPOCH} is the last word, also for
     * copies of the command that are still under way (see {@link MetadataResult#isUndecided}). After those two the
     * proposal may yet be accepted: until the ISR version moves on, the leader has to count both ISRs.
     *
     * <p>Refused with {@link MetadataErrors#FENCED_LEADER_EPOCH} when the sender does not lead in this epoch,
     * {@link MetadataErrors#INVALID_UPDATE_VERSION} when the ISR changed meanwhile,
     * {@link MetadataErrors#INELIGIBLE_REPLICA} when a member to add is fenced, shutting down, or not the process that
     * the leader means; that refusal moves the ISR version on.
     *
     * @param shardId     the shard
     * @param leaderId    the sender
     * @param leaderEpoch under which it leads
     * @param isrVersion  on which the proposal is based
     * @param isr         proposed; holds the leader
     * @param isrEpochs   for each of them the epoch of the broker whose acks the leader counted
     *                    ({@link BrokerInfo#epoch} when its replication session began), so that a member that restarted
     *                    since, and may have lost its page cache, is not taken for the one before; empty leaves that
     *                    unchecked
     * @param lost        replicas outside the proposed ISR of which the leader knows that they lack committed records:
     *                    they are no eligible replicas
     */
    record ChangeIsr(
        int shardId, int leaderId, int leaderEpoch, long isrVersion, List<Integer> isr, List<Long> isrEpochs,
        List<Integer> lost) implements MetadataCommand {

        /** Takes its own copies of the lists. */
        public ChangeIsr {
            isr = List.copyOf(isr);
            isrEpochs = List.copyOf(isrEpochs);
            lost = List.copyOf(lost);
        }

        /** Nobody is known to have lost anything. */
        public ChangeIsr(
            final int shardId, final int leaderId, final int leaderEpoch, final long isrVersion,
            final List<Integer> isr, final List<Long> isrEpochs) {
            this(shardId, leaderId, leaderEpoch, isrVersion, isr, isrEpochs, List.of());
        }

        /** Without epochs of the members. */
        public ChangeIsr(
            final int shardId, final int leaderId, final int leaderEpoch, final long isrVersion,
            final List<Integer> isr) {
            this(shardId, leaderId, leaderEpoch, isrVersion, isr, List.of());
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
     * Gives a topic more partitions; those it has stay where they are. Sending it again is harmless.
     *
     * @param name           of the topic
     * @param partitionCount it is to have in all
     * @param seenCount      it had when this was asked for: when it has the wanted ones already and had less then, this
     *                       is a copy of a command that was accepted
     * @param shardsPerBroker how many shards of a class a broker leads at most
     * @param validateOnly   whether only to check
     */
    record CreatePartitions(
        String name, int partitionCount, int seenCount, int shardsPerBroker, boolean validateOnly)
        implements MetadataCommand {
    }

    /**
     * Sets or removes configs of a topic.
     *
     * @param name         of the topic
     * @param sets         new values
     * @param removes      names of configs that go back to their default
     * @param replaces     whether all others go back to their default too
     * @param validateOnly whether only to check
     * @param rules        {@link TopicRules#CURRENT}, or what was current when the command was written
     */
    record AlterTopicConfig(
        String name, Map<String, String> sets, List<String> removes, boolean replaces, boolean validateOnly, int rules)
        implements MetadataCommand {

        /** Takes its own copies. */
        public AlterTopicConfig {
            sets = Map.copyOf(sets);
            removes = List.copyOf(removes);
        }

        /** By today's rules. */
        public AlterTopicConfig(
            final String name, final Map<String, String> sets, final List<String> removes, final boolean replaces,
            final boolean validateOnly) {
            this(name, sets, removes, replaces, validateOnly, TopicRules.CURRENT);
        }

        /** Leaves all others as they are. */
        public AlterTopicConfig(final String name, final Map<String, String> sets, final List<String> removes) {
            this(name, sets, removes, false, false);
        }
    }

    /**
     * Sets or removes configs of a broker, or of all of them, while they run; see {@link BrokerConfigRules}.
     *
     * @param brokerId     node id of a known broker, {@link #ALL_BROKERS} for all that have no value of their own
     * @param sets         new values
     * @param removes      names of configs that go back to what the file says
     * @param replaces     whether all others go back too
     * @param validateOnly whether only to check
     */
    record AlterBrokerConfig(
        int brokerId, Map<String, String> sets, List<String> removes, boolean replaces, boolean validateOnly)
        implements MetadataCommand {

        /** Every broker. */
        public static final int ALL_BROKERS = -1;

        /** Takes its own copies. */
        public AlterBrokerConfig {
            sets = Map.copyOf(sets);
            removes = List.copyOf(removes);
        }
    }

    /** {@return whether it may be sent again when its answer does not come} */
    default boolean isRepeatable() {
        return true;
    }
}
