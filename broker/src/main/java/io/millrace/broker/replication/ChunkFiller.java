package io.millrace.broker.replication;

import io.millrace.engine.ShardLog;
import io.millrace.transport.replication.ReplicaLink;
import java.nio.ByteBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * Fills a claimed chunk: the log reads straight into the link's own memory. Owned by the engine thread, one per broker.
 *
 * <p>The log takes a {@link ByteBuffer}, so each memory region of the link gets one view, made when it is first seen;
 * the regions (terms of a publication) are few and live long.
 */
final class ChunkFiller implements ReplicaLink.MessageFiller {
    private static final int VIEW_COUNT = 64;
    private static final int KEPT_COUNT = 8;

    private final Object[] regions = new Object[VIEW_COUNT];
    private final ByteBuffer[] views = new ByteBuffer[VIEW_COUNT];
    private int nextView;

    private ShardLog log;
    private int shardId;
    private int epoch;
    private long nonce;
    private long position;
    private long committed;
    private int readLength;

    // what this round of the leader has read already, and where it lies
    private final long[] keptPositions = new long[KEPT_COUNT];
    private final int[] keptLengths = new int[KEPT_COUNT];
    private final ByteBuffer[] keptViews = new ByteBuffer[KEPT_COUNT];
    private final int[] keptIndexes = new int[KEPT_COUNT];
    private int keptCount;

    /** Begins a round over the followers of one shard: what one of them is sent is not read again for the next. */
    void beginRound() {
        keptCount = 0;
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
        final ByteBuffer target = view(buffer);
        final int from = buffer.wrapAdjustment() + index;
        target.limit(from + length).position(from + ChunkMessage.BYTES_FIELD_OFFSET);
        final int kept = kept(length - ChunkMessage.BYTES_FIELD_OFFSET);
        final int read;
        if (kept >= 0) {
            read = length - ChunkMessage.BYTES_FIELD_OFFSET;
            target.put(target.position(), keptViews[kept], keptIndexes[kept], read);
        } else {
            read = log.read(position, target);
            if (read <= 0) {
                return false;
            }
            keep(target, from + ChunkMessage.BYTES_FIELD_OFFSET, read);
        }
        readLength = read;
        ChunkMessage.encode(buffer, index, shardId, epoch, read, nonce, position, committed);
        return true;
    }

    /** {@return which kept bytes begin at the position and reach for so many, -1 for none} */
    private int kept(final int wantedLength) {
        for (int i = 0; i < keptCount; i++) {
            if (keptPositions[i] == position && keptLengths[i] >= wantedLength) {
                return i;
            }
        }
        return -1;
    }

    private void keep(final ByteBuffer target, final int index, final int read) {
        if (keptCount < KEPT_COUNT) {
            keptPositions[keptCount] = position;
            keptLengths[keptCount] = read;
            keptViews[keptCount] = target;
            keptIndexes[keptCount] = index;
            keptCount++;
        }
    }

    private ByteBuffer view(final MutableDirectBuffer buffer) {
        final ByteBuffer direct = buffer.byteBuffer();
        final Object region = direct != null ? direct : buffer.byteArray();
        for (int i = 0; i < VIEW_COUNT; i++) {
            if (regions[i] == region) {
                return views[i].clear();
            }
        }
        if (region == null) {
            throw new IllegalStateException("the link's memory is neither a ByteBuffer nor an array: " + buffer);
        }
        final ByteBuffer view = direct != null ? direct.duplicate() : ByteBuffer.wrap(buffer.byteArray());
        regions[nextView] = region;
        views[nextView] = view;
        nextView = (nextView + 1) % VIEW_COUNT;
        return view.clear();
    }
}
