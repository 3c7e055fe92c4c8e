package io.millrace.broker.api;

import io.millrace.engine.ErrorCodes;
import io.millrace.engine.PartitionReader;
import io.millrace.engine.format.BatchDescriptor;
import io.millrace.engine.io.LogFile;
import io.millrace.transport.kafka.codec.RecordSearch;
import io.millrace.transport.kafka.message.ListOffsets;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Finds the record that a timestamp asks for, inside compressed batches too. Owned by the thread that looks records up;
 * it may take seconds where a batch was made to be hard to read.
 */
final class TimestampLookup {
    /** Batches whose header promises what none of their records holds, before the search takes the header's word. */
    private static final int MAX_SEARCHED_COUNT = 64;

    private final RecordSearch search = new RecordSearch();
    private ByteBuffer batch = ByteBuffer.allocate(0);
    private long baseOffset;
    private long nextOffset;

    /** {@return the answer for one partition} */
    ListOffsets.ResponsePartition find(
        final PartitionReader reader, final int idInShard, final int partitionId, final long askedMs) {
        try {
            final long timestampMs =
                askedMs == ListOffsets.MAX_TIMESTAMP ? reader.maxTimestampMs(idInShard) : askedMs;
            return timestampMs < 0 ? none(partitionId) : search(reader, idInShard, partitionId, timestampMs);
        } catch (final UncheckedIOException ex) {
            return new ListOffsets.ResponsePartition(partitionId, ErrorCodes.KAFKA_STORAGE_ERROR, -1, -1, -1);
        }
    }

    private ListOffsets.ResponsePartition search(
        final PartitionReader reader, final int idInShard, final int partitionId, final long timestampMs) {
        long fromOffset = 0;
        for (int i = 1;; i++) {
            final boolean found = reader.findByTimestamp(idInShard, timestampMs, fromOffset, this::take);
            reader.release();
            if (!found) {
                return none(partitionId);
            }
            final long minOffset = Math.max(reader.logStartOffset(idInShard), fromOffset);
            final int epoch = BatchDescriptor.partitionLeaderEpoch(new UnsafeBuffer(batch), 0);
            boolean isSearched = i < MAX_SEARCHED_COUNT;
            try {
                if (search.find(batch, timestampMs, minOffset)) {
                    return answer(partitionId, search.timestampMs(), search.offset(), epoch);
                }
            } catch (final IOException ex) {
                isSearched = false; // nobody can read it, but no record must be passed over
            }
            if (!isSearched) {
                return answer(partitionId, timestampMs, Math.max(minOffset, baseOffset), epoch);
            }
            fromOffset = nextOffset;
        }
    }

    private boolean take(
        final LogFile file, final long fileOffset, final int length, final long base, final long next) {
        baseOffset = base;
        nextOffset = next;
        if (batch.capacity() < length) {
            batch = ByteBuffer.allocate(length);
        }
        batch.clear().limit(length);
        try {
            while (batch.hasRemaining()) {
                if (file.read(batch, fileOffset + batch.position()) <= 0) {
                    throw new EOFException("log file ends inside a batch: fileOffset=" + fileOffset);
                }
            }
        } catch (final IOException ex) {
            throw new UncheckedIOException(ex);
        }
        batch.flip();
        return false;
    }

    private static ListOffsets.ResponsePartition answer(
        final int partitionId, final long timestampMs, final long offset, final int epoch) {
        return new ListOffsets.ResponsePartition(partitionId, ErrorCodes.NONE, timestampMs, offset, epoch);
    }

    private static ListOffsets.ResponsePartition none(final int partitionId) {
        return answer(partitionId, -1, -1, -1);
    }
}
