package io.millrace.engine.shard;

import static java.nio.ByteOrder.BIG_ENDIAN;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.engine.DurabilityProfile;
import io.millrace.engine.ErrorCodes;
import io.millrace.engine.PartitionReader;
import io.millrace.engine.ShardIngress;
import io.millrace.engine.format.BatchDescriptor;
import io.millrace.engine.format.Checksums;
import io.millrace.engine.io.LogFile;
import io.millrace.engine.log.LogSyncer;
import io.millrace.engine.log.SegmentMaintenance;
import io.millrace.engine.sim.SimDisk;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * One shard on a simulated disk with everything run inline on virtual time, and idempotent producers that never give up
 * on a batch. Used by one thread.
 */
final class ShardRig {
    static final int PARTITION_COUNT = 3;

    /** A batch somebody wants in the log; the tag says which. */
    static final class Wanted {
        final int tag;
        final int partitionId;
        final long producerId;
        final int sequence;
        final int count;
        final int length;
        long offset = -1;

        Wanted(final int tag, final int partitionId, final long producerId, final int sequence, final Random random) {
            this.tag = tag;
            this.partitionId = partitionId;
            this.producerId = producerId;
            this.sequence = sequence;
            count = 1 + random.nextInt(3);
            length = 65 + random.nextInt(random.nextInt(8) == 0 ? 1_500 : 120);
        }
    }

    /** One batch read back. */
    record Found(int tag, long nextOffset) {
    }

    final SimDisk disk;
    final DurabilityProfile profile;
    final List<Throwable> errors = new ArrayList<>();
    final Map<Long, Wanted> asked = new HashMap<>();
    final Map<Integer, TreeMap<Long, Integer>> acked = new HashMap<>();
    final List<Short> refusals = new ArrayList<>();
    SegmentedShardLog log;
    long commitLimit = Long.MAX_VALUE;

    private final Random random;
    private final Checksums checksums = new Checksums();
    private LogSyncer syncer;
    private SegmentMaintenance maintenance;
    private long nowNs = 1_000_000_000;
    private long lastReplyId;

    ShardRig(final SimDisk disk, final DurabilityProfile profile, final long seed) {
        this.disk = disk;
        this.profile = profile;
        random = new Random(seed);
    }

    private long nowNs() {
        return nowNs;
    }

    /** Opens the log as a new process does: nobody waits for an answer from before. */
    void open() throws IOException {
        asked.clear();
        syncer = new LogSyncer(this::nowNs);
        maintenance = new SegmentMaintenance(this::nowNs);
        log = new ShardLogContext()
            .storage(disk)
            .profile(profile)
            .segmentLength(8 * 1024)
            .shardCapacity(64L * 1024 * 1024)
            .backgroundSync(12 * 1024, 5_000_000)
            .ringCapacity(16 * 1024)
            .outcomes(this::onOutcome)
            .random(new Random(7))
            .errorHandler(errors::add)
            .syncer(syncer)
            .maintenance(maintenance)
            .open();
    }

    boolean offer(final Wanted wanted, final int acks) {
        final long replyId = lastReplyId + 1;
        final int index = log.ingress().tryClaim(wanted.partitionId, wanted.length, replyId, acks);
        if (index == ShardIngress.FULL) {
            return false;
        }
        lastReplyId = replyId;
        put(log.ingress().buffer(), index, wanted);
        log.ingress().commit(index);
        asked.put(replyId, wanted);
        return true;
    }

    private void put(final MutableDirectBuffer buffer, final int index, final Wanted wanted) {
        buffer.setMemory(index, wanted.length, (byte) wanted.tag);
        buffer.putInt(index + BatchDescriptor.BATCH_LENGTH_FIELD_OFFSET,
            wanted.length - BatchDescriptor.LENGTH_OVERHEAD, BIG_ENDIAN);
        buffer.putByte(index + BatchDescriptor.MAGIC_FIELD_OFFSET, BatchDescriptor.MAGIC_V2);
        buffer.putShort(index + BatchDescriptor.ATTRIBUTES_FIELD_OFFSET, (short) 0, BIG_ENDIAN);
        buffer.putInt(index + BatchDescriptor.LAST_OFFSET_DELTA_FIELD_OFFSET, wanted.count - 1, BIG_ENDIAN);
        buffer.putLong(index + BatchDescriptor.MAX_TIMESTAMP_FIELD_OFFSET, wanted.tag, BIG_ENDIAN);
        buffer.putLong(index + BatchDescriptor.PRODUCER_ID_FIELD_OFFSET, wanted.producerId, BIG_ENDIAN);
        buffer.putShort(index + BatchDescriptor.PRODUCER_EPOCH_FIELD_OFFSET, (short) 0, BIG_ENDIAN);
        buffer.putInt(index + BatchDescriptor.BASE_SEQUENCE_FIELD_OFFSET, wanted.sequence, BIG_ENDIAN);
        buffer.putInt(index + BatchDescriptor.RECORDS_COUNT_FIELD_OFFSET, wanted.count, BIG_ENDIAN);
        buffer.putInt(index + BatchDescriptor.HEADER_LENGTH, wanted.tag, BIG_ENDIAN);
        BatchDescriptor.putCrc(buffer, index, checksums.batchCrc(buffer, index, wanted.length));
    }

    private void onOutcome(
        final long replyId, final short errorCode, final long baseOffset, final long logStartOffset) {
        final Wanted wanted = asked.remove(replyId);
        assertTrue(wanted != null, "answered twice or never asked: " + replyId);
        if (errorCode == ErrorCodes.NONE) {
            wanted.offset = baseOffset;
            final Integer before = acked(wanted.partitionId).put(baseOffset, wanted.tag);
            assertTrue(before == null || before == wanted.tag, "two batches at offset " + baseOffset);
        } else {
            refusals.add(errorCode);
        }
    }

    TreeMap<Long, Integer> acked(final int partitionId) {
        return acked.computeIfAbsent(partitionId, ignored -> new TreeMap<>());
    }

    /** What the engine, syncer and maintenance threads do, a random part of it. */
    void work() {
        nowNs += random.nextInt(2_000_000);
        log.drain();
        if (random.nextInt(3) == 0) {
            syncer.doWork();
        }
        if (random.nextInt(4) == 0) {
            maintenance.doWork();
        }
        if (random.nextInt(3) == 0) {
            commit();
        }
    }

    /** Commits what is here as the profile asks, and there when a follower sets a limit. */
    void commit() {
        final long here = profile == DurabilityProfile.DURABLE
            ? log.marks().syncedAcquire() : log.marks().writtenAcquire();
        log.commit(Math.max(log.marks().committedAcquire(), Math.min(here, commitLimit)));
    }

    /** Works until everybody has been answered. */
    void settle() {
        for (int i = 0; i < 1_000 && !asked.isEmpty(); i++) {
            nowNs += 10_000_000;
            log.drain();
            syncer.doWork();
            syncer.doWork();
            maintenance.doWork();
            commit();
        }
        assertTrue(asked.isEmpty(), "never answered: " + asked.size() + " errors=" + errors);
        log.drain();
    }

    /** Reads a partition through the front door; offsets must be dense, bytes whole. */
    TreeMap<Long, Found> read(final int partitionId) {
        final TreeMap<Long, Found> found = new TreeMap<>();
        final PartitionReader reader = log.newPartitionReader();
        long offset = Math.max(0, reader.logStartOffset(partitionId));
        final long highWatermark = reader.highWatermark(partitionId);
        while (offset < highWatermark) {
            final int read = reader.read(partitionId, offset, 4_000, (file, fileOffset, length, base, next) -> {
                final long expected = found.isEmpty() ? base : found.lastEntry().getValue().nextOffset;
                assertEquals(expected, base, "dense offsets");
                found.put(base, new Found(tag(file, fileOffset, length, base), next));
                return true;
            });
            assertTrue(read > 0, "nothing at " + offset + " below " + highWatermark);
            offset = found.lastEntry().getValue().nextOffset;
        }
        reader.release();
        assertEquals(Math.max(0, highWatermark), found.isEmpty() ? 0 : offset, "read up to the high watermark");
        return found;
    }

    private int tag(final LogFile file, final long fileOffset, final int length, final long baseOffset) {
        final ByteBuffer bytes = ByteBuffer.allocate(length);
        try {
            while (bytes.hasRemaining()) {
                assertTrue(file.read(bytes, fileOffset + bytes.position()) > 0);
            }
        } catch (final IOException ex) {
            throw new UncheckedIOException(ex);
        }
        final UnsafeBuffer batch = new UnsafeBuffer(bytes.array());
        assertEquals(baseOffset, BatchDescriptor.baseOffset(batch, 0));
        assertEquals(length, BatchDescriptor.totalLength(batch, 0));
        assertEquals(BatchDescriptor.crc(batch, 0), checksums.batchCrc(batch, 0, length));
        return batch.getInt(BatchDescriptor.HEADER_LENGTH, BIG_ENDIAN);
    }
}
