package io.millrace.engine.damage;

import static java.nio.ByteOrder.BIG_ENDIAN;

import io.millrace.engine.DurabilityProfile;
import io.millrace.engine.ErrorCodes;
import io.millrace.engine.ShardIngress;
import io.millrace.engine.format.BatchDescriptor;
import io.millrace.engine.format.Checksums;
import io.millrace.engine.io.LogStorage;
import io.millrace.engine.log.LogSyncer;
import io.millrace.engine.log.SegmentMaintenance;
import io.millrace.engine.shard.SegmentedShardLog;
import io.millrace.engine.shard.ShardLogContext;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.agrona.MutableDirectBuffer;

/** One led shard with every role called inline on virtual time. Owned by one thread. */
final class SampleWriter {
    private static final int RING_CAPACITY = 16 * 1024;
    private static final long CHECKPOINT_NS = 10_000_000_000L;
    private static final int WORK_LIMIT = 1_000;

    final SegmentedShardLog log;
    final List<Throwable> errors = new ArrayList<>();
    private final Checksums checksums = new Checksums();
    private final LogSyncer syncer = new LogSyncer(this::nowNs);
    private final SegmentMaintenance maintenance = new SegmentMaintenance(this::nowNs);
    private long nowNs;
    private long replyCount;
    private long lastAcked;
    private short lastError;
    private boolean isClosed;

    SampleWriter(
        final LogStorage storage, final DurabilityProfile profile, final int segmentLength, final int salt)
        throws IOException {
        log = new ShardLogContext()
            .storage(storage)
            .shardName("sample")
            .profile(profile)
            .segmentLength(segmentLength)
            .shardCapacity(1L << 30)
            .refuseDamage(true)
            .ringCapacity(RING_CAPACITY)
            .outcomes((replyId, error, baseOffset, start) -> {
                lastError = error;
                lastAcked = error == ErrorCodes.NONE ? Math.max(lastAcked, replyId) : lastAcked;
            })
            .random(new FixedInt(salt))
            .errorHandler(errors::add)
            .syncer(syncer)
            .maintenance(maintenance)
            .open();
    }

    /** Gives one salt. */
    private static final class FixedInt implements java.util.random.RandomGenerator {
        private final int value;

        FixedInt(final int value) {
            this.value = value;
        }

        @Override
        public int nextInt() {
            return value;
        }

        @Override
        public long nextLong() {
            return value;
        }
    }

    private long nowNs() {
        return nowNs;
    }

    void lead(final int epoch) throws IOException {
        if (log.startLeading(epoch) < 0) {
            throw new IOException("cannot lead: epoch=" + epoch + " errors=" + errors);
        }
    }

    /** Puts one batch into the ring; the tag decides its bytes. */
    void offer(final int partitionId, final int recordCount, final int recordsLength, final long tag)
        throws IOException {
        final int length = BatchDescriptor.HEADER_LENGTH + recordsLength;
        final int index = log.ingress().tryClaim(partitionId, length, ++replyCount, 1);
        if (index == ShardIngress.FULL || index == ShardIngress.NOT_LEADING) {
            throw new IOException("no room in the ring: claim=" + index);
        }
        put(log.ingress().buffer(), index, recordCount, recordsLength, tag);
        log.ingress().commit(index);
    }

    private void put(
        final MutableDirectBuffer buffer,
        final int index,
        final int recordCount,
        final int recordsLength,
        final long tag) {
        final int length = BatchDescriptor.HEADER_LENGTH + recordsLength;
        buffer.setMemory(index, BatchDescriptor.HEADER_LENGTH, (byte) 0);
        buffer.putInt(index + BatchDescriptor.BATCH_LENGTH_FIELD_OFFSET,
            length - BatchDescriptor.LENGTH_OVERHEAD, BIG_ENDIAN);
        buffer.putByte(index + BatchDescriptor.MAGIC_FIELD_OFFSET, BatchDescriptor.MAGIC_V2);
        buffer.putInt(index + BatchDescriptor.LAST_OFFSET_DELTA_FIELD_OFFSET, recordCount - 1, BIG_ENDIAN);
        buffer.putLong(index + BatchDescriptor.BASE_TIMESTAMP_FIELD_OFFSET, tag, BIG_ENDIAN);
        buffer.putLong(index + BatchDescriptor.MAX_TIMESTAMP_FIELD_OFFSET, tag, BIG_ENDIAN);
        buffer.putLong(index + BatchDescriptor.PRODUCER_ID_FIELD_OFFSET, -1, BIG_ENDIAN);
        buffer.putShort(index + BatchDescriptor.PRODUCER_EPOCH_FIELD_OFFSET, (short) -1, BIG_ENDIAN);
        buffer.putInt(index + BatchDescriptor.BASE_SEQUENCE_FIELD_OFFSET, -1, BIG_ENDIAN);
        buffer.putInt(index + BatchDescriptor.RECORDS_COUNT_FIELD_OFFSET, recordCount, BIG_ENDIAN);
        final SplittableRandom bytes = new SplittableRandom(tag);
        for (int i = BatchDescriptor.HEADER_LENGTH; i < length; i++) {
            // some batches end in zeros, which look like padding and like space that was never used
            buffer.putByte(index + i, tag % 5 == 0 && i > length - 24 ? 0 : (byte) bytes.nextInt());
        }
        BatchDescriptor.putCrc(buffer, index, checksums.batchCrc(buffer, index, length));
    }

    /** Writes what is in the ring; false when a batch was refused. */
    boolean drain() {
        lastError = ErrorCodes.NONE;
        int idleCount = 0;
        while (idleCount < 2) {
            idleCount = log.drain() > 0 ? 0 : idleCount + 1;
        }
        return lastError == ErrorCodes.NONE;
    }

    /** {@return how many batches were offered, which is the number of the last one} */
    long offeredCount() {
        return replyCount;
    }

    /** {@return number of the last batch that was acknowledged} */
    long lastAcked() {
        return lastAcked;
    }

    boolean isClosed() {
        return isClosed;
    }

    void close() {
        isClosed = true;
        log.close();
    }

    void sync() {
        for (int i = 0; i < 2; i++) {
            nowNs += 2_000_000_000L;
            syncer.doWork();
        }
    }

    /** One piece of maintenance at most; the clock stands still, so a checkpoint is written only when it must be. */
    int maintainOnce() {
        return maintenance.doWork();
    }

    void maintain() throws IOException {
        for (int i = 0; i < WORK_LIMIT; i++) {
            if (maintenance.doWork() == 0) {
                return;
            }
        }
        throw new IOException("maintenance does not come to an end: errors=" + errors);
    }

    /** Lets the checkpoint be due and writes it. */
    void checkpoint() throws IOException {
        nowNs += CHECKPOINT_NS;
        maintain();
        nowNs += CHECKPOINT_NS;
        maintain();
    }

    void commitAll() {
        log.commit(log.endPosition());
    }

    /** {@return the log's bytes from its start on} */
    byte[] bytes() throws IOException {
        final long start = log.startPosition();
        final ByteBuffer target = ByteBuffer.allocate((int) (log.endPosition() - start));
        while (target.hasRemaining()) {
            if (log.read(start + target.position(), target) <= 0) {
                throw new IOException("cannot read the sample: position=" + (start + target.position()));
            }
        }
        return target.array();
    }
}
