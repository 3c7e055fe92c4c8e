package io.millrace.engine.shard;

import static java.nio.ByteOrder.BIG_ENDIAN;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.engine.DurabilityProfile;
import io.millrace.engine.PartitionReader;
import io.millrace.engine.format.BatchDescriptor;
import io.millrace.engine.format.Checksums;
import io.millrace.engine.format.FrameDescriptor;
import io.millrace.engine.io.LogStorage;
import io.millrace.engine.log.LogSyncer;
import io.millrace.engine.log.SegmentMaintenance;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** One shard on one storage, with every role called from the test's own thread on a clock that the test moves. */
final class TestShard {
    static final int SEGMENT_LENGTH = 8 * 1024;

    private static final ThreadLocal<Checksums> CHECKSUMS = ThreadLocal.withInitial(Checksums::new);

    final LogStorage storage;
    final LogSyncer syncer = new LogSyncer(this::nowNs);
    final SegmentMaintenance maintenance = new SegmentMaintenance(this::nowNs);
    final List<Throwable> errors = new ArrayList<>();
    /** Error code per reply id, in the order of the answers. */
    final List<long[]> outcomes = new ArrayList<>();
    DurabilityProfile profile = DurabilityProfile.REPLICATED;
    int segmentLength = SEGMENT_LENGTH;
    long spareLength = 2 * SEGMENT_LENGTH;
    long capacity = 1024L * SEGMENT_LENGTH;
    boolean isDamageRefused;
    SegmentedShardLog log;
    private volatile long nowNs;
    private long nextReplyId = 1;

    TestShard(final LogStorage storage) {
        this.storage = storage;
    }

    long nowNs() {
        return nowNs;
    }

    void advance(final long ns) {
        nowNs = nowNs + ns;
    }

    TestShard open() throws IOException {
        log = context().open();
        return this;
    }

    ShardLogContext context() {
        return new ShardLogContext()
            .storage(storage)
            .shardName("test")
            .profile(profile)
            .segmentLength(segmentLength)
            .shardCapacity(capacity)
            .spareLength(spareLength)
            .refuseDamage(isDamageRefused)
            .ringCapacity(64 * 1024)
            .outcomes((replyId, error, baseOffset, start) -> outcomes.add(new long[] {replyId, error, baseOffset}))
            .random(new SplittableRandom(7))
            .errorHandler(errors::add)
            .syncer(syncer)
            .maintenance(maintenance);
    }

    TestShard lead(final int epoch) {
        assertTrue(log.startLeading(epoch) > 0);
        return this;
    }

    /** Claims, fills and commits one batch; drains it. Returns the answer's error code for acks=1. */
    int produce(final int partitionId, final int recordCount, final int recordsLength) {
        final int count = outcomes.size();
        put(partitionId, recordCount, recordsLength);
        drain();
        return outcomes.size() == count ? -1 : (int) outcomes.get(outcomes.size() - 1)[1];
    }

    /** Claims, fills and commits one batch. */
    void put(final int partitionId, final int recordCount, final int recordsLength) {
        final int length = BatchDescriptor.HEADER_LENGTH + recordsLength;
        final int index = log.ingress().tryClaim(partitionId, length, nextReplyId, 1);
        assertTrue(index >= 0, "claim=" + index);
        putBatch(log.ingress().buffer(), index, recordCount, recordsLength, nextReplyId++);
        log.ingress().commit(index);
    }

    void drain() {
        int idleCount = 0;
        while (idleCount < 3) {
            idleCount = log.drain() > 0 ? 0 : idleCount + 1;
        }
    }

    void sync() {
        nowNs += 2_000_000_000L;
        syncer.doWork();
        nowNs += 2_000_000_000L;
        syncer.doWork();
    }

    void maintain() {
        nowNs += 10_000_000_000L;
        int guard = 0;
        while (maintenance.doWork() > 0) {
            assertTrue(guard++ < 10_000, "maintenance does not come to an end");
        }
    }

    void commitAll() {
        log.commit(log.endPosition());
    }

    byte[] bytes() {
        return bytes(log.startPosition());
    }

    /** All bytes of the log from a position on. */
    byte[] bytes(final long from) {
        final ByteBuffer target = ByteBuffer.allocate((int) (log.endPosition() - from));
        while (target.hasRemaining()) {
            final int length = log.read(from + target.position(), target);
            assertTrue(length > 0, "read=" + length);
        }
        return target.array();
    }

    /** Copies whole frames from a leader, in pieces of a few frames. */
    void follow(final TestShard leader) {
        if (log.endPosition() < leader.log.startPosition()) {
            log.reset(leader.log.startPosition());
        }
        final long from = log.endPosition();
        final byte[] bytes = leader.bytes(from);
        assertEquals(leader.log.endPosition(), log.append(new UnsafeBuffer(bytes), 0, bytes.length));
    }

    /** Base offsets that a reader hands over from an offset on. */
    List<Long> readOffsets(final int partitionId, final long offset) {
        final List<Long> offsets = new ArrayList<>();
        final PartitionReader reader = log.newPartitionReader();
        long next = offset;
        while (true) {
            final long[] last = {next};
            reader.read(partitionId, next, 1000, (file, fileOffset, length, baseOffset, nextOffset) -> {
                offsets.add(baseOffset);
                last[0] = nextOffset;
                checkBatch(file, fileOffset, length, baseOffset);
                return true;
            });
            reader.release();
            if (last[0] == next) {
                return offsets;
            }
            next = last[0];
        }
    }

    static void checkBatch(
        final io.millrace.engine.io.LogFile file, final long fileOffset, final int length, final long baseOffset) {
        final ByteBuffer batch = ByteBuffer.allocate(length);
        try {
            while (batch.hasRemaining()) {
                assertTrue(file.read(batch, fileOffset + batch.position()) > 0);
            }
        } catch (final IOException ex) {
            throw new AssertionError(ex);
        }
        final UnsafeBuffer buffer = new UnsafeBuffer(batch.array());
        assertEquals(baseOffset, BatchDescriptor.baseOffset(buffer, 0));
        assertEquals(BatchDescriptor.crc(buffer, 0), CHECKSUMS.get().batchCrc(buffer, 0, length));
    }

    /** Where each frame of some log bytes begins, and the end. */
    static List<Integer> frameIndexes(final byte[] bytes) {
        final UnsafeBuffer buffer = new UnsafeBuffer(bytes);
        final List<Integer> indexes = new ArrayList<>();
        int at = 0;
        while (at < bytes.length) {
            indexes.add(at);
            at += FrameDescriptor.alignedLength(FrameDescriptor.length(buffer, at));
        }
        indexes.add(at);
        return indexes;
    }

    static boolean isPrefix(final byte[] prefix, final byte[] whole) {
        return prefix.length <= whole.length && Arrays.equals(prefix, 0, prefix.length, whole, 0, prefix.length);
    }

    static void putBatch(
        final MutableDirectBuffer buffer,
        final int index,
        final int recordCount,
        final int recordsLength,
        final long tag) {
        final int length = BatchDescriptor.HEADER_LENGTH + recordsLength;
        buffer.setMemory(index, length, (byte) tag);
        buffer.putLong(index, 0, BIG_ENDIAN);
        buffer.putInt(index + BatchDescriptor.BATCH_LENGTH_FIELD_OFFSET,
            length - BatchDescriptor.LENGTH_OVERHEAD, BIG_ENDIAN);
        buffer.putByte(index + BatchDescriptor.MAGIC_FIELD_OFFSET, BatchDescriptor.MAGIC_V2);
        buffer.putShort(index + BatchDescriptor.ATTRIBUTES_FIELD_OFFSET, (short) 0, BIG_ENDIAN);
        buffer.putInt(index + BatchDescriptor.LAST_OFFSET_DELTA_FIELD_OFFSET, recordCount - 1, BIG_ENDIAN);
        buffer.putLong(index + BatchDescriptor.BASE_TIMESTAMP_FIELD_OFFSET, 1000 * tag, BIG_ENDIAN);
        buffer.putLong(index + BatchDescriptor.MAX_TIMESTAMP_FIELD_OFFSET, 1000 * tag, BIG_ENDIAN);
        buffer.putLong(index + BatchDescriptor.PRODUCER_ID_FIELD_OFFSET, -1, BIG_ENDIAN);
        buffer.putShort(index + BatchDescriptor.PRODUCER_EPOCH_FIELD_OFFSET, (short) -1, BIG_ENDIAN);
        buffer.putInt(index + BatchDescriptor.BASE_SEQUENCE_FIELD_OFFSET, -1, BIG_ENDIAN);
        buffer.putInt(index + BatchDescriptor.RECORDS_COUNT_FIELD_OFFSET, recordCount, BIG_ENDIAN);
        BatchDescriptor.putCrc(buffer, index, CHECKSUMS.get().batchCrc(buffer, index, length));
    }
}
