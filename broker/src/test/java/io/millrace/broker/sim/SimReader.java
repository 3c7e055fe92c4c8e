package io.millrace.broker.sim;

import io.millrace.engine.PartitionReader;
import io.millrace.engine.format.BatchDescriptor;
import io.millrace.engine.format.Checksums;
import io.millrace.engine.format.FrameDescriptor;
import io.millrace.engine.io.LogFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Reads on a leader what a consumer asks for. Whatever is handed over is what was committed, or a client sees by the
 * batch's own CRC that it is not.
 */
final class SimReader {
    /** A batch as a consumer sees it. */
    record Batch(long id, long baseOffset, long nextOffset) {
    }

    /** An answer. */
    record Result(long logStartOffset, long logEndOffset, boolean isOutOfRange, List<Batch> batches) {
    }

    private static final int READ_LENGTH = 30_000;

    private final Simulation simulation;
    private final Checksums checksums = new Checksums();

    SimReader(final Simulation simulation) {
        this.simulation = simulation;
    }

    Result read(final SimReplica replica, final int shardId, final int partitionId, final long position) {
        final PartitionReader reader = replica.log().newPartitionReader();
        final long start = Math.max(0, reader.logStartOffset(partitionId));
        final long logEnd = Math.max(0, reader.logEndOffset(partitionId));
        final long end = reader.highWatermark(partitionId);
        final long from = Math.max(start, position);
        final List<Batch> batches = new ArrayList<>();
        if (from < end) {
            final int read = reader.read(partitionId, from, READ_LENGTH,
                (file, fileOffset, length, baseOffset, nextOffset) -> {
                    final long batchId = check(file, fileOffset, length, baseOffset, partitionId, shardId);
                    if (batchId >= 0) {
                        batches.add(new Batch(batchId, baseOffset, nextOffset));
                    }
                    return batchId >= 0;
                });
            if (read == PartitionReader.DAMAGED) {
                simulation.counters().count("reads that met damage");
            }
        }
        reader.release();
        return new Result(start, logEnd, position > logEnd, batches);
    }

    private long check(final LogFile file, final long fileOffset, final int length, final long baseOffset,
        final int partitionId, final int shardId) {
        final UnsafeBuffer batch = new UnsafeBuffer(bytes(file, fileOffset, length));
        simulation.counters().count("batches read");
        simulation.check(BatchDescriptor.baseOffset(batch, 0) == baseOffset
            && BatchDescriptor.totalLength(batch, 0) == length,
            () -> "a batch is served as another one: offset=" + baseOffset);
        if (BatchDescriptor.crc(batch, 0) != checksums.batchCrc(batch, 0, length)) {
            simulation.counters().count("batches that a consumer refused");
            return -1;
        }
        final ShadowLog all = simulation.truth(shardId).log();
        final ShadowLog.Frame frame = all.batchAt(partitionId, baseOffset);
        simulation.check(frame != null && frame.batchId() == BatchDescriptor.baseTimestampMs(batch, 0),
            () -> "a batch is served that was not committed there: shard=" + shardId + " offset=" + baseOffset + " "
                + frame);
        for (int i = 0; i < length; i++) {
            if (batch.getByte(i) != all.byteAt(frame.position() + FrameDescriptor.HEADER_LENGTH + i)) {
                simulation.fail("a damaged batch is served: shard=" + shardId + " offset=" + baseOffset + " byte=" + i);
            }
        }
        return frame.batchId();
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
