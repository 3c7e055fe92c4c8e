package io.millrace.broker.sim;

import io.millrace.engine.PartitionReader;
import io.millrace.engine.format.BatchDescriptor;
import io.millrace.engine.format.Checksums;
import io.millrace.engine.format.FrameDescriptor;
import io.millrace.engine.io.LogFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.random.RandomGenerator;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A consumer that reads here and there on a leader. Whatever it is handed over is what was committed, or a client sees
 * by the batch's own CRC that it is not.
 */
final class SimReader {
    private static final int READ_LENGTH = 30_000;

    private final Simulation simulation;
    private final RandomGenerator random;
    private final Checksums checksums = new Checksums();

    SimReader(final Simulation simulation, final RandomGenerator random) {
        this.simulation = simulation;
        this.random = random;
    }

    void read(final SimReplica replica, final int shardId) {
        final PartitionReader reader = replica.log().newPartitionReader();
        final int partitionId = random.nextInt(SimClient.PARTITION_COUNT);
        final long start = reader.logStartOffset(partitionId);
        final long end = reader.highWatermark(partitionId);
        if (start >= 0 && start < end) {
            final int read = reader.read(partitionId, random.nextLong(start, end), READ_LENGTH,
                (file, fileOffset, length, baseOffset, nextOffset) -> {
                    check(file, fileOffset, length, baseOffset, partitionId, shardId);
                    return true;
                });
            simulation.counters().readsRefused += read == PartitionReader.DAMAGED ? 1 : 0;
        }
        reader.release();
    }

    private void check(final LogFile file, final long fileOffset, final int length, final long baseOffset,
        final int partitionId, final int shardId) {
        final UnsafeBuffer batch = new UnsafeBuffer(bytes(file, fileOffset, length));
        simulation.counters().batchesRead++;
        simulation.check(BatchDescriptor.baseOffset(batch, 0) == baseOffset
            && BatchDescriptor.totalLength(batch, 0) == length,
            () -> "a batch is served as another one: offset=" + baseOffset);
        if (BatchDescriptor.crc(batch, 0) != checksums.batchCrc(batch, 0, length)) {
            simulation.counters().batchesClientRefused++;
            return;
        }
        final ShadowLog all = simulation.committed(shardId);
        final ShadowLog.Frame frame = all.frameOf(BatchDescriptor.baseTimestampMs(batch, 0));
        simulation.check(frame != null && frame.partitionId() == partitionId && frame.baseOffset() == baseOffset,
            () -> "a batch is served that was not committed there: shard=" + shardId + " offset=" + baseOffset + " "
                + frame);
        for (int i = 0; i < length; i++) {
            if (batch.getByte(i) != all.byteAt(frame.position() + FrameDescriptor.HEADER_LENGTH + i)) {
                simulation.fail("a damaged batch is served: shard=" + shardId + " offset=" + baseOffset + " byte=" + i);
            }
        }
    }

    private static byte[] bytes(final LogFile file, final long fileOffset, final int length) {
        final ByteBuffer bytes = ByteBuffer.allocate(length);
        try {
            while (bytes.hasRemaining()) {
                if (file.read(bytes, fileOffset + bytes.position()) < 0) {
                    throw new AssertionError("a batch runs past its file: " + file);
                }
            }
        } catch (final IOException ex) {
            throw new UncheckedIOException(ex);
        }
        return bytes.array();
    }
}
