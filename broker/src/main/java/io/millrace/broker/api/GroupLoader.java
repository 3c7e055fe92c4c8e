package io.millrace.broker.api;

import io.millrace.broker.group.GroupCoordinator;
import io.millrace.broker.group.GroupFormatException;
import io.millrace.broker.shard.LocalShard;
import io.millrace.engine.PartitionReader;
import io.millrace.engine.io.LogFile;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Reads one partition of the offsets topic into a new coordinator, a bounded step at a time. Owned by the network
 * thread.
 *
 * <p>It begins when nothing is under way into the partition and the leader's own epoch has begun to commit: then all
 * that is in the log is committed, and nothing is added meanwhile.
 */
final class GroupLoader {
    private static final int STEP_LENGTH = 256 * 1024;

    private final LocalShard shard;
    private final int partitionId;
    private final GroupCoordinator coordinator;
    private long nextOffset;
    private long endOffset;
    private long readLength;
    private boolean isOpen;
    private boolean isOutrun;
    private String problem;

    GroupLoader(final LocalShard shard, final int partitionId, final GroupCoordinator coordinator) {
        this.shard = shard;
        this.partitionId = partitionId;
        this.coordinator = coordinator;
    }

    /** {@return bytes of batches that were read} */
    long readLength() {
        return readLength;
    }

    /** {@return why it cannot go on, null while it can} */
    String problem() {
        return problem;
    }

    /**
     * {@return whether records were deleted that it had still to read}
     *
     * <p>They may have taken back what it has read before: it is of no use any more.
     */
    boolean isOutrun() {
        return isOutrun;
    }

    /** {@return whether everything is in} */
    boolean step() {
        final PartitionReader reader = shard.takeReader();
        try {
            if (!isOpen) {
                nextOffset = reader.logStartOffset(partitionId);
                endOffset = reader.logEndOffset(partitionId);
                isOpen = true;
            }
            if (nextOffset < 0 || nextOffset >= endOffset) {
                return true;
            }
            final long firstOffset = nextOffset;
            final int length = reader.read(partitionId, firstOffset, STEP_LENGTH, this::onBatch);
            if (reader.logStartOffset(partitionId) > firstOffset) {
                isOutrun = true;
                return false;
            }
            if (length == PartitionReader.DAMAGED) {
                problem = "offset " + nextOffset + " of the offsets topic cannot be read; it is asked for again";
            }
            return problem == null && nextOffset >= endOffset;
        } finally {
            shard.giveBack(reader);
        }
    }

    private boolean onBatch(final LogFile file, final long fileOffset, final int length, final long baseOffset,
        final long batchEndOffset) {
        final ByteBuffer bytes = ByteBuffer.allocate(length);
        try {
            while (bytes.hasRemaining()) {
                if (file.read(bytes, fileOffset + bytes.position()) <= 0) {
                    throw new IOException("the file ends early");
                }
            }
            GroupBatch.decode(bytes.array(), coordinator::replay);
            nextOffset = batchEndOffset;
            readLength += length;
            return true;
        } catch (final IOException | GroupFormatException | IndexOutOfBoundsException ex) {
            problem = "offset " + baseOffset + " of the offsets topic: " + ex.getMessage();
            return false;
        }
    }
}
