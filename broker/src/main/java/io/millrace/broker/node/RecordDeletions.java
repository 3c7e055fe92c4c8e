package io.millrace.broker.node;

import io.millrace.broker.shard.LocalShard;
import io.millrace.broker.shard.LocalShards;
import io.millrace.broker.shard.RecordDeletion;
import io.millrace.engine.ErrorCodes;
import io.millrace.engine.PartitionReader;
import io.millrace.engine.ShardLog;
import java.util.ArrayList;
import java.util.List;

/**
 * The deletions of records that wait until they are committed. Owned by the engine thread.
 *
 * <p>Several of one shard in the same duty cycle cost one frame each; that is for callers to bound.
 */
final class RecordDeletions {
    private static final short OFFSET_OUT_OF_RANGE = 1;
    private static final short REQUEST_TIMED_OUT = 7;

    /** One that is in the log. */
    private record Waiting(
        LocalShard shard, int epoch, long position, long logStartOffset, long deadlineNs,
        RecordDeletion.Handler handler) {
    }

    private final LocalShards shards;
    private final List<Waiting> waiting = new ArrayList<>();

    RecordDeletions(final LocalShards shards) {
        this.shards = shards;
    }

    void delete(final int shardId, final int partitionId, final long offset, final long deadlineNs,
        final RecordDeletion.Handler handler) {
        final LocalShard shard = shards.get(shardId);
        if (shard == null || !shard.hasCommittedInEpoch()) { // what was committed before is not known again yet
            handler.onResult(ErrorCodes.NOT_LEADER_OR_FOLLOWER, -1);
            return;
        }
        final PartitionReader reader = shard.log().newPartitionReader();
        final long highWatermark = Math.max(0, reader.highWatermark(partitionId));
        final long wanted = offset == RecordDeletion.HIGH_WATERMARK ? highWatermark : offset;
        if (wanted < 0 || wanted > highWatermark) {
            reader.release();
            handler.onResult(OFFSET_OUT_OF_RANGE, -1);
            return;
        }
        final long position = shard.log().deleteRecords(partitionId, wanted);
        final long logStartOffset = Math.max(0, reader.logStartOffset(partitionId));
        reader.release();
        if (position < 0) {
            handler.onResult(position == ShardLog.NOT_CONTINUING
                ? ErrorCodes.NOT_LEADER_OR_FOLLOWER : ErrorCodes.KAFKA_STORAGE_ERROR, -1);
        } else {
            waiting.add(new Waiting(shard, shard.leadingEpoch(), position, logStartOffset, deadlineNs, handler));
        }
    }

    int doWork(final long nowNs) {
        int work = 0;
        for (int i = waiting.size() - 1; i >= 0; i--) {
            final Waiting one = waiting.get(i);
            final boolean isDeposed = one.shard().leadingEpoch() != one.epoch();
            final boolean isDone = one.shard().marks().committedAcquire() >= one.position();
            if (isDone || isDeposed || nowNs - one.deadlineNs() >= 0) {
                waiting.remove(i);
                final short error = isDeposed ? ErrorCodes.NOT_LEADER_OR_FOLLOWER
                    : isDone ? ErrorCodes.NONE : REQUEST_TIMED_OUT;
                one.handler().onResult(error, error == ErrorCodes.NONE ? one.logStartOffset() : -1);
                work++;
            }
        }
        return work;
    }

    /** {@return how many wait} */
    int waitingCount() {
        return waiting.size();
    }
}
