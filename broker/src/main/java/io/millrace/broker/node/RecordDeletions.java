package io.millrace.broker.node;

import io.millrace.broker.shard.LocalShard;
import io.millrace.broker.shard.LocalShards;
import io.millrace.broker.shard.RecordDeletion;
import io.millrace.engine.ErrorCodes;
import io.millrace.engine.PartitionReader;
import io.millrace.engine.ShardLog;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.ManyToOneConcurrentArrayQueue;

/**
 * The deletions of records that clients ask for, and that wait until they are committed. Owned by the engine thread but
 * for the queue in which they come.
 *
 * <p>Each costs a frame, so a duty cycle takes a few of them and the others wait their turn.
 */
final class RecordDeletions {
    private static final short OFFSET_OUT_OF_RANGE = 1;
    private static final short REQUEST_TIMED_OUT = 7;
    private static final int ASKED_CAPACITY = 16 * 1024;
    private static final int MAX_PER_CYCLE = 64;

    /** One as it was asked for. */
    private record Asked(
        int shardId, int partitionId, long offset, long deadlineNs, RecordDeletion.Handler handler) {
    }

    /** One that is in the log. */
    private record Waiting(
        LocalShard shard, int epoch, long position, long logStartOffset, long deadlineNs,
        RecordDeletion.Handler handler) {
    }

    private final LocalShards shards;
    private final ManyToOneConcurrentArrayQueue<Asked> asked = new ManyToOneConcurrentArrayQueue<>(ASKED_CAPACITY);
    private final List<Waiting> waiting = new ArrayList<>();

    RecordDeletions(final LocalShards shards) {
        this.shards = shards;
    }

    /** Any thread; false when too many wait. */
    boolean ask(final int shardId, final int partitionId, final long offset, final long deadlineNs,
        final RecordDeletion.Handler handler) {
        return asked.offer(new Asked(shardId, partitionId, offset, deadlineNs, handler));
    }

    private void begin(final Asked one) {
        final LocalShard shard = shards.get(one.shardId());
        if (shard == null || !shard.hasCommittedInEpoch()) { // what was committed before is not known again yet
            one.handler().onResult(ErrorCodes.NOT_LEADER_OR_FOLLOWER, -1);
            return;
        }
        final PartitionReader reader = shard.log().newPartitionReader();
        try {
            begin(one, shard, reader);
        } catch (final UncheckedIOException ex) { // an index that cannot be read: scrub and retention see to it
            one.handler().onResult(ErrorCodes.KAFKA_STORAGE_ERROR, -1);
        } finally {
            reader.release();
        }
    }

    private void begin(final Asked one, final LocalShard shard, final PartitionReader reader) {
        final long highWatermark = Math.max(0, reader.highWatermark(one.partitionId()));
        final long wanted = one.offset() == RecordDeletion.HIGH_WATERMARK ? highWatermark : one.offset();
        if (wanted < 0 || wanted > highWatermark) {
            one.handler().onResult(OFFSET_OUT_OF_RANGE, -1);
            return;
        }
        final long position = shard.log().deleteRecords(one.partitionId(), wanted);
        final long logStartOffset = Math.max(0, reader.logStartOffset(one.partitionId()));
        if (position < 0) {
            one.handler().onResult(position == ShardLog.NOT_CONTINUING
                ? ErrorCodes.NOT_LEADER_OR_FOLLOWER : ErrorCodes.KAFKA_STORAGE_ERROR, -1);
        } else {
            waiting.add(new Waiting(
                shard, shard.leadingEpoch(), position, logStartOffset, one.deadlineNs(), one.handler()));
        }
    }

    int doWork(final long nowNs) {
        int work = 0;
        for (Asked one = asked.poll(); one != null; one = work < MAX_PER_CYCLE ? asked.poll() : null) {
            begin(one);
            work++;
        }
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
