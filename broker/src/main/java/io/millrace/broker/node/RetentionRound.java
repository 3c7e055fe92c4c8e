package io.millrace.broker.node;

import io.millrace.broker.metadata.BrokerConfigRules;
import io.millrace.broker.metadata.MetadataImage;
import io.millrace.broker.metadata.TopicInfo;
import io.millrace.broker.shard.LocalShard;
import io.millrace.broker.shard.LocalShards;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.EpochClock;

/**
 * Goes round the partitions of topics with a limit of time or size, a few in each duty cycle, and moves their log
 * start; at the end of a round every leader tells in its log what moved. Every second each shard gives back what is
 * dead. Owned by the engine thread.
 *
 * <p>Sizes are looked at more often than ages: a fast producer fills its shard in a minute, while records that come
 * with old timestamps are to be there for a while, as in Kafka.
 *
 * <p>The leader decides, by its own clock, and its followers do as the log says. A follower whose disk is full decides
 * for itself: the frame that would free its room may lie behind what it has no room for.
 */
final class RetentionRound {
    static final String RETENTION_BYTES = "retention.bytes";
    static final String RETENTION_MS = "retention.ms";
    private static final long GIVE_BACK_INTERVAL_NS = TimeUnit.SECONDS.toNanos(1);
    private static final long MAX_LENGTH_INTERVAL_NS = TimeUnit.SECONDS.toNanos(5);
    private static final int PARTITIONS_PER_CYCLE = 16;
    private static final long NO_HORIZON = Long.MIN_VALUE;

    /**
     * What is kept, unless a topic says otherwise.
     *
     * @param nodeId     of this node, whose own value may be changed while it runs
     * @param length     bytes of a partition, -1 for no limit
     * @param ageMs      of a batch's newest record, -1 for no limit
     * @param intervalNs from the beginning of a round that looks at ages to that of the next
     */
    record Policy(int nodeId, long length, long ageMs, long intervalNs) {
    }

    /** One partition to look at. */
    private record Entry(int shardId, int partitionId, long retentionLength, long retentionMs) {
    }

    private final LocalShards localShards;
    private final Policy policy;
    private final EpochClock epochClock;
    private List<Entry> entries = List.of();
    private int next;
    private long nextRoundNs;
    private long nextAgeRoundNs;
    private boolean isAgeRound;
    private long nextGiveBackNs;
    private boolean inRound;

    RetentionRound(
        final LocalShards localShards, final Policy policy, final EpochClock epochClock, final long nowNs) {
        this.localShards = localShards;
        this.policy = policy;
        this.epochClock = epochClock;
        nextRoundNs = nowNs;
        nextAgeRoundNs = nowNs;
        nextGiveBackNs = nowNs;
    }

    void onImage(final MetadataImage image) {
        final List<Entry> limited = new ArrayList<>();
        final long unsetLength = told(image, BrokerConfigRules.RETENTION_BYTES, policy.length());
        final long unsetAgeMs = told(image, BrokerConfigRules.RETENTION_MS, policy.ageMs());
        for (final TopicInfo topic : image.topics()) {
            if (topic.isInternal()) {
                continue; // what is dead there only its coordinator knows
            }
            final long length = value(topic.configs(), RETENTION_BYTES, unsetLength);
            final long ageMs = value(topic.configs(), RETENTION_MS, unsetAgeMs);
            if (length >= 0 || ageMs >= 0) {
                for (int i = 0; i < topic.partitionCount(); i++) {
                    limited.add(new Entry(topic.shardId(i), topic.partitionId(i), length, ageMs));
                }
            }
        }
        entries = limited;
        next = 0;
    }

    private long told(final MetadataImage image, final String name, final long unset) {
        final String told = image.brokerConfig(policy.nodeId(), name);
        return told == null ? unset : Long.parseLong(told);
    }

    private static long value(final Map<String, String> configs, final String name, final long unset) {
        final String configured = configs.get(name);
        return configured == null ? unset : Long.parseLong(configured);
    }

    int doWork(final long nowNs) {
        if (!inRound && nowNs - nextRoundNs >= 0) {
            inRound = true;
            next = 0;
            nextRoundNs = nowNs + Math.min(policy.intervalNs(), MAX_LENGTH_INTERVAL_NS);
            isAgeRound = nowNs - nextAgeRoundNs >= 0;
            if (isAgeRound) {
                nextAgeRoundNs = nowNs + policy.intervalNs();
            }
        }
        if (inRound) {
            goOn();
        }
        if (nowNs - nextGiveBackNs >= 0) {
            nextGiveBackNs = nowNs + GIVE_BACK_INTERVAL_NS;
            for (final LocalShard shard : localShards.all()) {
                shard.log().giveBackSegments();
            }
        }
        return 0; // a round is no reason to stay awake
    }

    private void goOn() {
        final long nowMs = epochClock.time();
        for (int count = 0; count < PARTITIONS_PER_CYCLE && next < entries.size(); count++) {
            final Entry entry = entries.get(next++);
            final LocalShard shard = localShards.get(entry.shardId());
            if (shard != null && (shard.leadingEpoch() >= 0 || shard.log().isShort())) {
                shard.log().retain(entry.partitionId(), entry.retentionLength(),
                    isAgeRound || shard.log().isShort() ? horizonMs(nowMs, entry) : NO_HORIZON);
            }
        }
        if (next >= entries.size()) {
            inRound = false;
            for (final LocalShard shard : localShards.all()) {
                shard.log().tellLogStarts();
            }
        }
    }

    /** As in Kafka, what is older than the limit goes; retention.ms=0 keeps nothing that is not of this moment. */
    private static long horizonMs(final long nowMs, final Entry entry) {
        return entry.retentionMs() < 0 || entry.retentionMs() > nowMs ? NO_HORIZON : nowMs - entry.retentionMs();
    }
}
