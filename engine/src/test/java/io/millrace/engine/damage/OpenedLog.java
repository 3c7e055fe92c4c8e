package io.millrace.engine.damage;

import io.millrace.engine.DurabilityProfile;
import io.millrace.engine.PartitionReader;
import io.millrace.engine.format.BatchDescriptor;
import io.millrace.engine.format.Checksums;
import io.millrace.engine.io.LogFile;
import io.millrace.engine.io.LogStorage;
import io.millrace.engine.log.CorruptLogException;
import io.millrace.engine.log.LogConfiguration;
import io.millrace.engine.log.LogReader;
import io.millrace.engine.log.LogRecovery;
import io.millrace.engine.log.RecoveryReport;
import io.millrace.engine.log.SegmentPartitionReader;
import io.millrace.engine.log.SegmentedLog;
import io.millrace.engine.state.ShardState;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.agrona.concurrent.UnsafeBuffer;

/** A log that recovery opened, read as replicas and as clients read it. Owned by one thread. */
final class OpenedLog {
    /** What a client got of one partition. */
    static final class Received {
        /** Batches that were whole, checked as a client checks them. */
        int wholeCount;
        /** Batches that arrived and that the client's own checks refused. */
        int refusedByClientCount;
        /** Times that the log refused to hand over a batch. */
        int refusedByLogCount;

        int refusedCount() {
            return refusedByClientCount + refusedByLogCount;
        }
    }

    final SegmentedLog log;
    final RecoveryReport report;
    final List<Throwable> errors;
    private final Checksums checksums = new Checksums();

    private OpenedLog(final SegmentedLog log, final RecoveryReport report, final List<Throwable> errors) {
        this.log = log;
        this.report = report;
        this.errors = errors;
    }

    /**
     * Opens.
     *
     * @throws CorruptLogException when it is damaged and that is to be refused
     */
    static OpenedLog open(final LogStorage storage, final SampleLog.Shape shape, final boolean isDamageRefused)
        throws IOException {
        final List<Throwable> errors = new ArrayList<>();
        final LogConfiguration configuration = new LogConfiguration("damaged",
            DurabilityProfile.REPLICATED, shape.segmentLength(), 1L << 30, 0, isDamageRefused,
            LogConfiguration.DEFAULT_SYNC_LENGTH,
            LogConfiguration.DEFAULT_SYNC_INTERVAL_NS);
        final LogRecovery recovery =
            new LogRecovery(configuration, storage, new ShardState(), ShardState::new, errors::add, shape.salt());
        final SegmentedLog log = recovery.open();
        log.marks().committedRelease(log.marks().writtenAcquire());
        return new OpenedLog(log, recovery.report(), errors);
    }

    int start() {
        return (int) log.startPosition();
    }

    int end() {
        return (int) log.endPosition();
    }

    /** {@return all bytes from the start on} */
    byte[] bytes() {
        final LogReader reader = new LogReader(log);
        final ByteBuffer target = ByteBuffer.allocate(end() - start());
        while (target.hasRemaining()) {
            final int read = reader.read(start() + target.position(), target);
            Check.that(read > 0, "log cannot be read: position=" + (start() + target.position()) + " read=" + read);
        }
        return target.array();
    }

    /** Fails unless the log's bytes are these, from its start to its end. */
    void requireBytesOf(final byte[] expected) {
        final int difference = Arrays.mismatch(bytes(), Arrays.copyOfRange(expected, start(), end()));
        Check.that(difference < 0, "log differs from what was written: position=" + (start() + difference));
    }

    /**
     * Reads partitions from their start to the high watermark as a client does, going on behind whatever it does not
     * get. Fails when a client would take a batch that was not written, or hears of none where there is one.
     */
    Received readAll(final List<TreeMap<Long, SampleLog.Batch>> written) {
        final Received received = new Received();
        for (int partitionId = 0; partitionId < written.size(); partitionId++) {
            read(partitionId, written.get(partitionId), received);
        }
        return received;
    }

    private void read(
        final int partitionId, final TreeMap<Long, SampleLog.Batch> written, final Received received) {
        final SegmentPartitionReader reader = new SegmentPartitionReader(log);
        final long last = written.isEmpty() ? 0
            : written.values().stream().filter(batch -> batch.endPosition() <= end())
                .mapToLong(SampleLog.Batch::nextOffset).max().orElse(0);
        long offset = Math.max(reader.logStartOffset(partitionId), written.isEmpty() ? 0 : written.firstKey());
        while (offset < last) {
            final long from = offset;
            final long[] next = {from};
            final int read = reader.read(partitionId, from, 3_000, (file, fileOffset, length, base, nextOffset) -> {
                Check.that(base <= next[0] && nextOffset > next[0] && (next[0] == from || base == next[0]),
                    "not the batch asked for: partition=" + partitionId + " wanted=" + next[0] + " base=" + base);
                next[0] = take(file, fileOffset, length, written, base, received);
                return true;
            });
            reader.release();
            if (read == PartitionReader.DAMAGED) {
                received.refusedByLogCount++;
                next[0] = batchAt(written, from).nextOffset();
            }
            Check.that(next[0] > from, "nothing at partition=" + partitionId + " offset=" + from + " last=" + last);
            offset = next[0];
        }
        Check.that(offset == Math.max(last, offset) && reader.logEndOffset(partitionId) <= Math.max(last, offset),
            "more than was written: partition=" + partitionId + " offset=" + offset + " last=" + last);
    }

    private static SampleLog.Batch batchAt(final TreeMap<Long, SampleLog.Batch> written, final long offset) {
        final Map.Entry<Long, SampleLog.Batch> entry = written.floorEntry(offset);
        Check.that(entry != null && entry.getValue().nextOffset() > offset, "nothing was written at " + offset);
        return entry.getValue();
    }

    /** What a Kafka client does with a batch before it believes it; then what only the oracle can do. */
    private long take(
        final LogFile file,
        final long fileOffset,
        final int length,
        final TreeMap<Long, SampleLog.Batch> written,
        final long base,
        final Received received) {
        final byte[] bytes = new byte[length];
        final ByteBuffer target = ByteBuffer.wrap(bytes);
        try {
            while (target.hasRemaining() && file.read(target, fileOffset + target.position()) >= 0) {
                continue;
            }
        } catch (final IOException ex) {
            throw new UncheckedIOException(ex);
        }
        final SampleLog.Batch batch = batchAt(written, base);
        final UnsafeBuffer buffer = new UnsafeBuffer(bytes);
        if (!target.hasRemaining() && BatchDescriptor.totalLength(buffer, 0) == length
            && BatchDescriptor.magic(buffer, 0) == BatchDescriptor.MAGIC_V2
            && checksums.batchCrc(buffer, 0, length) == BatchDescriptor.crc(buffer, 0)) {
            Check.that(Arrays.equals(bytes, batch.bytes()),
                "WRONG BYTES SERVED: partition=" + batch.partitionId() + " base=" + base);
            received.wholeCount++;
        } else {
            received.refusedByClientCount++;
        }
        return batch.nextOffset();
    }
}
