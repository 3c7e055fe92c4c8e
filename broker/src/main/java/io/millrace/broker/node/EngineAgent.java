package io.millrace.broker.node;

import io.millrace.broker.api.OutcomeQueue;
import io.millrace.broker.metadata.BrokerInfo;
import io.millrace.broker.metadata.MetadataChanges;
import io.millrace.broker.metadata.MetadataCommand;
import io.millrace.broker.metadata.MetadataImage;
import io.millrace.broker.metadata.MetadataProxy;
import io.millrace.broker.metadata.ShardInfo;
import io.millrace.broker.metadata.ShardReport;
import io.millrace.broker.metadata.TopicInfo;
import io.millrace.broker.replication.ReplicationAgent;
import io.millrace.broker.replication.ShardAssignment;
import io.millrace.broker.replication.ShardGauges;
import io.millrace.broker.shard.CommitInterest;
import io.millrace.broker.shard.LeaderLease;
import io.millrace.broker.shard.LocalShard;
import io.millrace.broker.shard.LocalShards;
import io.millrace.broker.shard.RecordDeletion;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import org.agrona.collections.Int2ObjectHashMap;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.ManyToOneConcurrentArrayQueue;
import org.agrona.concurrent.NanoClock;

/**
 * The engine thread of a node: drains the rings, replicates, commits, and follows the metadata. Owned by the engine
 * thread; {@link #post}, {@link #lastBeatNs} and {@link #gauges} are for any thread.
 */
final class EngineAgent implements Agent {
    private static final int COMMAND_CAPACITY = 4096;
    private static final int DELETIONS_PER_CYCLE = 16;

    /** What the agent asks of the maintenance thread. */
    interface ShardOpener {
        /**
         * Opens and recovers a shard's log, later handed to {@link EngineAgent#onOpened}. Must not block.
         *
         * @param shard as the quorum knows it now
         */
        void open(ShardInfo shard);

        /**
         * A log that lacked something has been brought up to date by a leader. Must not block.
         *
         * @param shardId of that log
         */
        void whole(int shardId);
    }

    /** What the maintenance thread tells of a log that it was asked to open. */
    enum OpenResult {
        /** It holds what it ever held. */
        WHOLE,
        /** It lacks what it once held. */
        DAMAGED
    }

    private final int nodeId;
    private final NanoClock clock;
    private final LocalShards localShards;
    private final Supplier<MetadataImage> registeredImages;
    private final ReplicationAgent replication;
    private final LeaderLease lease;
    private final BrokerReadiness readiness;
    private final OutcomeQueue outcomes;
    private final CommitInterest commitInterest;
    private final ShardOpener opener;
    private final Runnable networkWakeUp;
    private final Runnable syncerWakeUp;
    private final Runnable onTraffic;
    private final LongConsumer onCycle;
    private final Consumer<String> warnings;
    private final RetentionRound retention;
    private final RecordDeletions deletions;
    private final Supplier<List<ShardReport>> logReports = this::reports; // not a new one for each duty cycle
    private final ManyToOneConcurrentArrayQueue<Runnable> commands =
        new ManyToOneConcurrentArrayQueue<>(COMMAND_CAPACITY);
    private final Set<Integer> opening = new HashSet<>();
    private final Set<Integer> delayed = new HashSet<>();
    private final Int2ObjectHashMap<ShardGauges> gauges = new Int2ObjectHashMap<>();
    private final List<ShardGauges> allGauges = new CopyOnWriteArrayList<>();
    private final ArrayDeque<TopicInfo> deletedTopics = new ArrayDeque<>();
    private int nextDeletedPartition;
    private MetadataImage image = MetadataImage.EMPTY;
    private long seenWrittenSum;
    private long seenCommittedSum;
    private volatile long lastBeatNs;

    EngineAgent(
        final int nodeId,
        final NanoClock clock,
        final LocalShards localShards,
        final Supplier<MetadataImage> registeredImages,
        final ReplicationAgent replication,
        final LeaderLease lease,
        final BrokerReadiness readiness,
        final OutcomeQueue outcomes,
        final CommitInterest commitInterest,
        final ShardOpener opener,
        final Runnable networkWakeUp,
        final Runnable syncerWakeUp,
        final Runnable onTraffic,
        final LongConsumer onCycle,
        final Consumer<String> warnings,
        final RetentionRound retention) {
        this.nodeId = nodeId;
        this.clock = clock;
        this.localShards = localShards;
        this.registeredImages = registeredImages;
        this.replication = replication;
        this.lease = lease;
        this.readiness = readiness;
        this.outcomes = outcomes;
        this.commitInterest = commitInterest;
        this.opener = opener;
        this.networkWakeUp = networkWakeUp;
        this.syncerWakeUp = syncerWakeUp;
        this.onTraffic = onTraffic;
        this.onCycle = onCycle;
        this.warnings = warnings;
        this.retention = retention;
        this.deletions = new RecordDeletions(localShards);
        this.lastBeatNs = clock.nanoTime();
    }

    /** Proposes an ISR to the quorum; what it decides comes with the metadata. */
    boolean propose(final MetadataProxy proxy, final int shardId, final int leaderEpoch, final int[] isr,
        final long[] isrEpochs, final int[] lost, final long isrVersion) {
        final List<Integer> present = image.shard(shardId).isr();
        for (int i = 0; i < isr.length; i++) {
            final BrokerInfo member = image.broker(isr[i]);
            if (!present.contains(isr[i]) && (!member.isAssignable() || member.epoch() != isrEpochs[i])) {
                return false; // it would be refused: that replica is not ready yet, about to stop, or another start
            }
        }
        return proxy.offer(new MetadataCommand.ChangeIsr(shardId, nodeId, leaderEpoch, isrVersion,
            Arrays.stream(isr).boxed().toList(), Arrays.stream(isrEpochs).boxed().toList(),
            Arrays.stream(lost).boxed().toList()), (result) -> { });
    }

    @Override
    public String roleName() {
        return "engine";
    }

    /** {@return whether the command was taken; any thread} The caller wakes the engine thread. */
    boolean post(final Runnable command) {
        return commands.offer(command);
    }

    /** {@return when the duty cycle last began; any thread} */
    long lastBeatNs() {
        return lastBeatNs;
    }

    /** {@return the gauges of every open shard; any thread} */
    List<ShardGauges> gauges() {
        return allGauges;
    }

    @Override
    public int doWork() {
        final long nowNs = clock.nanoTime();
        lastBeatNs = nowNs;
        replication.checkLease(nowNs); // before anything is taken or answered: this may be the end of a long pause
        int work = runCommands();
        final MetadataImage newest = registeredImages.get();
        if (newest != image) {
            onImage(newest, nowNs);
            work++;
        }
        for (final LocalShard shard : localShards.all()) {
            work += shard.log().drain();
            if (shard.log().isOffline()) {
                throw new IllegalStateException("the log of shard " + shard.shardId()
                    + " went offline after a failed write or sync; check the disk, then start this node again");
            }
        }
        publishOutcomes();
        work += replication.doWork(nowNs);
        outcomes.publish(); // of commits: every log that may be elected holds them, whoever leads by now
        work += readiness.doWork(nowNs, opening.size() == delayed.size(), logReports);
        work += retention.doWork(nowNs);
        work += deletions.doWork(nowNs);
        work += deletePartitions();
        work += publish();
        onCycle.accept(nowNs);
        return work;
    }

    /** The process may have been stopped since the lease was looked at; what was written then is not acknowledged. */
    private void publishOutcomes() {
        if (outcomes.isStaged()) {
            if (lease.isHeld(clock.nanoTime())) {
                outcomes.publish();
            } else {
                outcomes.publishRefused();
            }
        }
    }

    private int runCommands() {
        int work = 0;
        for (Runnable command = commands.poll(); command != null; command = commands.poll()) {
            command.run();
            work++;
        }
        return work;
    }

    /** Notes who leads what, and wakes the threads that wait for marks or outcomes. */
    private int publish() {
        boolean leadershipChanged = false;
        long writtenSum = 0;
        long committedSum = 0; // of what is led here: nobody reads from a follower
        boolean isSyncDue = false;
        for (final LocalShard shard : localShards.all()) {
            leadershipChanged |= noteLeadership(shard);
            writtenSum += shard.marks().writtenAcquire();
            committedSum += shard.leadingEpoch() >= 0 ? shard.marks().committedAcquire() : 0;
            isSyncDue |= shard.log().isSyncDue();
        }
        final boolean wrote = writtenSum != seenWrittenSum;
        final boolean committed = committedSum != seenCommittedSum;
        seenWrittenSum = writtenSum;
        seenCommittedSum = committedSum;
        if (outcomes.takePublished() | leadershipChanged || committed && commitInterest.isWanted()) {
            networkWakeUp.run();
        }
        if (wrote | committed) {
            onTraffic.run();
        }
        if (wrote && isSyncDue) {
            syncerWakeUp.run();
        }
        return wrote | committed ? 1 : 0;
    }

    private boolean noteLeadership(final LocalShard shard) {
        final ShardGauges shardGauges = gauges.get(shard.shardId());
        final boolean leads = shardGauges.get(ShardGauges.ROLE) == ShardGauges.ROLE_LEADER;
        final int epoch = leads ? (int)shardGauges.get(ShardGauges.LEADER_EPOCH) : -1;
        if (epoch == shard.leadingEpoch()) {
            return false;
        }
        shard.leading(epoch, shard.log().endPosition());
        return true;
    }

    private void onImage(final MetadataImage newest, final long nowNs) {
        final MetadataChanges changes = MetadataChanges.between(image, newest);
        final boolean haveConfigsChanged = !newest.hasBrokerConfigsOf(image);
        image = newest;
        deletedTopics.addAll(changes.deletedTopics());
        onTraffic.run(); // somebody may wait until all brokers have heard of it
        if (newest.broker(nodeId) != null) {
            replication.brokerEpoch(newest.broker(nodeId).epoch(), nowNs);
        }
        for (final ShardInfo shard : changes.shards()) {
            if (shard.replicas().contains(nodeId)) {
                if (localShards.get(shard.id()) != null) {
                    assign(shard, nowNs);
                } else if (opening.add(shard.id())) {
                    opener.open(shard);
                }
            }
        }
        for (final ShardInfo shard : changes.riskyElections()) {
            warnings.accept("shard " + shard.id() + ": broker " + shard.leader() + " leads in epoch "
                + shard.leaderEpoch() + " and may lack committed records; elections of this kind so far: by command="
                + shard.elections().unclean() + " after power cuts=" + shard.elections().powerCut());
        }
        if (!changes.topics().isEmpty() || !changes.deletedTopics().isEmpty() || haveConfigsChanged) {
            retention.onImage(newest); // not for each offset commit: its round would never come to its end
        }
        readiness.onImage(newest, nowNs, opener::whole);
        for (final ShardInfo shard : changes.shards()) {
            final LocalShard local = localShards.get(shard.id());
            if (!shard.hasLeader() && local != null && shard.replicas().contains(nodeId)) {
                readiness.askedAnew(report(local)); // nobody leads, so the log stays as it is
            }
        }
    }

    private List<ShardReport> reports() {
        final List<ShardReport> reports = new ArrayList<>();
        for (final LocalShard shard : localShards.all()) {
            reports.add(report(shard));
        }
        for (final int shardId : delayed) {
            if (image.shard(shardId).replicas().size() > 1) { // else nobody could lead it in its place
                reports.add(new ShardReport(shardId, -1, 0, true));
            }
        }
        return reports;
    }

    private ShardReport report(final LocalShard shard) {
        return new ShardReport(shard.shardId(), shard.log().lastEpoch(), shard.log().endPosition(),
            readiness.isDamaged(shard.shardId()));
    }

    /** Deletes the oldest records of a partition; any thread. */
    boolean deleteRecords(final int shardId, final int partitionId, final long offset, final long timeoutNs,
        final RecordDeletion.Handler handler) {
        return deletions.ask(shardId, partitionId, offset, clock.nanoTime() + timeoutNs, handler);
    }

    /** Lets producers wait outside, or no longer. */
    void holdBack(final boolean isHeldBack) {
        replication.holdBack(isHeldBack);
    }

    /** A shard's log cannot be opened for now, for want of room; posted by the maintenance thread. */
    void onDelayed(final int shardId) {
        if (opening.contains(shardId)) {
            delayed.add(shardId);
        }
    }

    /** A few partitions in each duty cycle: a topic may have thousands, and each looks through its shard's tables. */
    private int deletePartitions() {
        final TopicInfo topic = deletedTopics.peek();
        if (topic == null) {
            return 0;
        }
        final int end = Math.min(topic.partitionCount(), nextDeletedPartition + DELETIONS_PER_CYCLE);
        for (; nextDeletedPartition < end; nextDeletedPartition++) {
            // a shard that opens later forgets what the image no longer has
            final LocalShard shard = localShards.get(topic.shardId(nextDeletedPartition));
            if (shard != null) {
                shard.log().deletePartition(topic.partitionId(nextDeletedPartition));
            }
        }
        if (end == topic.partitionCount()) {
            deletedTopics.poll();
            nextDeletedPartition = 0;
        }
        return 1;
    }

    /** A shard's log is open; posted by the maintenance thread. */
    void onOpened(final LocalShard shard, final OpenResult result) {
        opening.remove(shard.shardId());
        if (result == OpenResult.DAMAGED) {
            readiness.damaged(shard.shardId());
        }
        final ShardInfo info = image.shard(shard.shardId());
        deleteForgottenPartitions(shard, info);
        final ShardGauges shardGauges =
            replication.addShard(shard.shardId(), shard.log(), info.shardClass().profile());
        gauges.put(shard.shardId(), shardGauges);
        allGauges.add(shardGauges);
        localShards.add(shard);
        assign(info, clock.nanoTime());
        noteLeadership(shard);
        if (delayed.remove(shard.shardId())) {
            readiness.openedLate(report(shard));
        }
        networkWakeUp.run();
    }

    /** Partitions may have been deleted while this node was away. */
    private void deleteForgottenPartitions(final LocalShard shard, final ShardInfo info) {
        final BitSet live = new BitSet(info.nextPartitionId());
        for (final TopicInfo topic : image.topics()) {
            for (int i = 0; i < topic.partitionCount(); i++) {
                if (topic.shardId(i) == info.id()) {
                    live.set(topic.partitionId(i));
                }
            }
        }
        shard.log().deletePartitionsExcept(live::get);
    }

    private void assign(final ShardInfo shard, final long nowNs) {
        replication.applyAssignment(new ShardAssignment(shard.id(), shard.leader(), shard.leaderEpoch(),
            shard.replicas().stream().mapToInt(Integer::intValue).toArray(),
            shard.isr().stream().mapToInt(Integer::intValue).toArray(),
            shard.isrVersion(), shard.shardClass().minInsyncReplicas(), shard.movingTo()), nowNs);
    }

    @Override
    public void onClose() {
        replication.stop();
    }
}
