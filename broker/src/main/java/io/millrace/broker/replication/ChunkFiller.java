package io.millrace.broker.replication;

import io.millrace.engine.ShardLog;
import io.millrace.transport.replication.ReplicaLink;
import java.nio.ByteBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Fills claimed chunks with log bytes. Owned by the engine thread, one per broker.
 *
 * <p>The log is read once a round for all followers of a shard, which mostly want the same bytes: a copy of what is in
 * the processor's cache costs a fraction of a second read of the file.
 */
final class ChunkFiller implements ReplicaLink.MessageFiller {
    /** As much as one follower is sent in a round. */
    private static final int CAPACITY = 256 << 10;

    private final ByteBuffer target = ByteBuffer.allocateDirect(CAPACITY);
    private final UnsafeBuffer bytes = new UnsafeBuffer(target);
    private long bytesPosition;
    private int bytesLength;

    private ShardLog log;
    private int shardId;
    private int epoch;
    private long nonce;
    private long position;
    private long committed;
    private int readLength;

    /** Begins a round over the followers of one shard; the log is not cut within it. */
    void beginRound() {
        bytesLength = 0;
    }

    void prepare(
        final ShardLog newLog, final int newShardId, final int newEpoch, final long newNonce, final long newPosition,
        final long newCommitted) {
        log = newLog;
        shardId = newShardId;
        epoch = newEpoch;
        nonce = newNonce;
        position = newPosition;
        committed = newCommitted;
        readLength = 0;
    }

    /** {@return log bytes put into the last claim, 0 when it was given back} */
    int readLength() {
        return readLength;
    }

    @Override
    public boolean fill(final MutableDirectBuffer buffer, final int index, final int length) {
        final int wanted = length - ChunkMessage.BYTES_FIELD_OFFSET;
        int held = held();
        if (held <= 0 || held < wanted && bytesPosition + bytesLength < log.endPosition()) {
            read();
            held = bytesLength;
        }
        final int filled = Math.min(held, wanted);
        if (filled <= 0) {
            return false;
        }
        buffer.putBytes(index + ChunkMessage.BYTES_FIELD_OFFSET, bytes, (int) (position - bytesPosition), filled);
        readLength = filled;
        ChunkMessage.encode(buffer, index, shardId, epoch, filled, nonce, position, committed);
        return true;
    }

    /** {@return how many bytes from the position on are here} */
    private int held() {
        final long skipped = position - bytesPosition;
        return bytesLength == 0 || skipped < 0 ? 0 : (int) Math.max(0, bytesLength - skipped);
    }

    private void read() {
        bytesPosition = position;
        bytesLength = Math.max(0, log.read(position, target.clear()));
    }
}
