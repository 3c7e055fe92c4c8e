package io.millrace.broker.node;

import io.millrace.broker.metadata.MetadataImage;
import io.millrace.broker.metadata.TopicInfo;
import io.millrace.broker.shard.LocalShard;
import io.millrace.broker.shard.LocalShards;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Goes round the partitions that have a retention.bytes, a few in each duty cycle, and moves their log start; at the
 * end of a round every shard gives back what is dead. Owned by the engine thread.
 */
final class RetentionRound {
    private static final String RETENTION_BYTES = "retention.bytes";
    private static final long INTERVAL_NS = TimeUnit.SECONDS.toNanos(1);
    private static final int PARTITIONS_PER_CYCLE = 16;

    /** One partition to look at. */
    private record Entry(int shardId, int partitionId, long retentionLength) {
    }

    private final LocalShards localShards;
    private final long defaultRetentionLength;
    private List<Entry> entries = List.of();
    private int next;
    private long nextRoundNs;
    private boolean inRound;

    RetentionRound(final LocalShards localShards, final long defaultRetentionLength) {
        this.localShards = localShards;
        this.defaultRetentionLength = defaultRetentionLength;
    }

    void onImage(final MetadataImage image) {
        final List<Entry> limited = new ArrayList<>();
        for (final TopicInfo topic : image.topics()) {
            final String configured = topic.configs().get(RETENTION_BYTES);
            final long length = configured == null ? defaultRetentionLength : Long.parseLong(configured);
            if (length >= 0) {
                for (int i = 0; i < topic.partitionCount(); i++) {
                    limited.add(new Entry(topic.shardId(i), topic.partitionId(i), length));
                }
            }
        }
        entries = limited;
        next = 0;
    }

    int doWork(final long nowNs) {
        if (!inRound) {
            if (nowNs - nextRoundNs < 0) {
                return 0;
            }
            inRound = true;
            next = 0;
        }
        int work = 0;
        while (work < PARTITIONS_PER_CYCLE && next < entries.size()) {
            final Entry entry = entries.get(next++);
            final LocalShard shard = localShards.get(entry.shardId());
            if (shard != null) {
                shard.log().retain(entry.partitionId(), entry.retentionLength());
            }
            work++;
        }
        if (next >= entries.size()) {
            for (final LocalShard shard : localShards.all()) {
                shard.log().giveBackSegments();
            }
            inRound = false;
            nextRoundNs = nowNs + INTERVAL_NS;
        }
        return 0; // a round is no reason to stay awake
    }
}
