package io.millrace.broker.api;

import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.group.GroupClock;
import io.millrace.broker.group.GroupConfiguration;
import io.millrace.broker.group.GroupCoordinator;
import io.millrace.broker.group.MigrationPolicy;
import io.millrace.broker.metadata.MetadataImage;
import io.millrace.broker.metadata.TopicInfo;
import io.millrace.broker.shard.LocalShard;
import io.millrace.broker.shard.RecordDeletion;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.agrona.collections.Long2ObjectHashMap;
import org.agrona.concurrent.EpochClock;
import org.agrona.concurrent.NanoClock;

/** The coordinators of this node: one for each partition of the offsets topic. Owned by the network thread. */
final class GroupService implements GroupShard.Parts, GroupLog.Numbers, GroupClock {
    private static final int RING_SHARE_OF_A_GROUP = 14;
    /** Of the heap, for all groups and offsets of this node. */
    private static final int HEAP_SHARE = 4;
    /** Of the heap, for their batches that are not committed. */
    private static final int WAITING_HEAP_SHARE = 8;
    private static final int MIN_WAITING_LENGTH = 1 << 20;
    private static final int MAX_WAITING_LENGTH = 16 << 20;
    private static final long DELETION_TIMEOUT_NS = TimeUnit.SECONDS.toNanos(30);

    private final TopicDirectory topics;
    private final GroupConfiguration limits;
    private final NanoClock clock;
    private final EpochClock epochClock;
    private final RandomGenerator random;
    private final Runnable engineWakeUp;
    private final Supplier<RecordDeletion> deletions;
    private final Consumer<String> warnings;
    private final Containment containment;
    private final GroupCatalog catalog = new GroupCatalog();
    private final Long2ObjectHashMap<GroupLog> inFlight = new Long2ObjectHashMap<>();
    private final List<GroupShard> shards = new ArrayList<>();
    private final long memoryLength = Runtime.getRuntime().maxMemory() / HEAP_SHARE;
    private TopicView topic;
    private long sentCount;
    private long requestCount;

    GroupService(final BrokerConfig config, final TopicDirectory topics, final NanoClock clock,
        final EpochClock epochClock, final RandomGenerator random, final Runnable engineWakeUp,
        final Supplier<RecordDeletion> deletions, final Consumer<String> warnings, final Containment containment) {
        this.containment = containment;
        this.topics = topics;
        this.clock = clock;
        this.epochClock = epochClock;
        this.random = random;
        this.engineWakeUp = engineWakeUp;
        this.deletions = deletions;
        this.warnings = warnings;
        final GroupConfiguration usual = GroupConfiguration.DEFAULTS;
        limits = new GroupConfiguration(config.groupMinSessionMs(), config.groupMaxSessionMs(),
            config.groupInitialDelayMs(), config.groupMaxSize(),
            TimeUnit.MINUTES.toMillis(config.offsetsRetentionMinutes()), config.offsetsCheckIntervalMs(),
            usual.maxMetadataLength(), usual.maxGroupCount(), usual.maxOffsetCount(),
            Math.min(usual.maxGroupLength(), config.ringCapacity() / RING_SHARE_OF_A_GROUP),
            config.consumerSessionMs(), config.consumerHeartbeatMs(),
            MigrationPolicy.valueOf(config.groupMigrationPolicy().toUpperCase(Locale.ROOT)));
    }

    /** {@return the place of a group, null before the offsets topic is known} */
    GroupShard shardOf(final String groupId) {
        if (topic == null) {
            return null;
        }
        final GroupShard shard = shards.get(CoordinatorFinder.partition(groupId, shards.size()));
        shard.askedBy = requestCount;
        return shard;
    }

    /** A request comes. */
    void onRequest() {
        requestCount++;
    }

    /** The request that came last has failed: whom it asked may have changed by half. */
    void distrustAsked() {
        for (final GroupShard shard : shards) {
            if (shard.askedBy == requestCount) {
                distrust(shard);
            }
        }
    }

    /** What is in the log is the truth, so that what a coordinator knows can be thrown away. */
    private void distrust(final GroupShard shard) {
        try {
            shard.distrust();
        } catch (final RuntimeException | StackOverflowError failure) {
            containment.onFailure("refusing the members of groups", failure);
        }
    }

    List<GroupShard> shards() {
        return shards;
    }

    void onImage(final MetadataImage image, final boolean haveTopicsGone) {
        catalog.onImage(image);
        final TopicView now = topics.find(TopicInfo.OFFSETS_TOPIC);
        if (now != topic && (topic == null || now == null || now.partitionCount() != topic.partitionCount())) {
            topic = now;
            shards.clear();
            for (int i = 0; now != null && i < now.partitionCount(); i++) {
                shards.add(new GroupShard(this, topics, now, i));
            }
        }
        if (haveTopicsGone) {
            for (final GroupShard shard : shards) {
                if (shard.isActive()) {
                    try {
                        shard.coordinator().onTopics();
                    } catch (final RuntimeException | StackOverflowError failure) {
                        containment.onFailure("forgetting offsets of topics that are gone", failure);
                        distrust(shard);
                    }
                }
            }
        }
    }

    int doWork() {
        int work = 0;
        for (int i = 0; i < shards.size(); i++) {
            final GroupShard shard = shards.get(i);
            try {
                work += shard.doWork();
            } catch (final RuntimeException | StackOverflowError failure) {
                containment.onFailure("coordinating groups", failure);
                distrust(shard);
            }
        }
        return work;
    }

    void onOutcome(final long replyId, final short error, final long baseOffset, final long logStartOffset) {
        final GroupLog log = inFlight.remove(replyId);
        if (log != null) {
            try {
                log.onOutcome(replyId, error, baseOffset);
            } catch (final RuntimeException | StackOverflowError failure) {
                containment.onFailure("answering members of groups", failure);
                log.distrust(); // and its coordinator with it
            }
        }
    }

    @Override
    public long next() {
        return inFlight.size() < OutcomeQueue.COORDINATOR_LIMIT ? -(sentCount + 1) : 0;
    }

    @Override
    public void onSent(final GroupLog log) {
        sentCount++;
        inFlight.put(-sentCount, log);
    }

    @Override
    public GroupLog log(final LocalShard shard, final int partitionId) {
        final long share = Runtime.getRuntime().maxMemory() / WAITING_HEAP_SHARE / shards.size();
        // one whose batches do not come back leaves the others theirs
        final int maxInFlightCount = Math.max(1, OutcomeQueue.COORDINATOR_LIMIT / shards.size());
        return new GroupLog(shard.ingress(), partitionId, this, engineWakeUp, epochClock,
            (int)Math.max(MIN_WAITING_LENGTH, Math.min(MAX_WAITING_LENGTH, share)), maxInFlightCount);
    }

    @Override
    public GroupCoordinator coordinator(final GroupLog log) {
        return new GroupCoordinator(limits, this, random, log, catalog, this::hasRoom, warnings);
    }

    private boolean hasRoom(final long more) {
        long length = more;
        for (final GroupShard shard : shards) {
            length += shard.usedLength();
        }
        return length <= memoryLength;
    }

    @Override
    public void onDead(final LocalShard shard, final int partitionId, final long offset) {
        final RecordDeletion deletion = deletions.get();
        if (deletion != null) { // else the next snapshot asks for more
            deletion.delete(shard.shardId(), partitionId, offset, DELETION_TIMEOUT_NS, (error, logStart) -> { });
        }
    }

    @Override
    public void warn(final String message) {
        warnings.accept(message);
    }

    @Override
    public long nowMs() {
        return TimeUnit.NANOSECONDS.toMillis(clock.nanoTime());
    }

    @Override
    public long wallMs() {
        return epochClock.time();
    }
}
