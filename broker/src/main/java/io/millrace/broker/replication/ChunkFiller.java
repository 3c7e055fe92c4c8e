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
        final int read = log.read(position, target);
        if (read <= 0) {
            return false;
        }
        readLength = read;
        ChunkMessage.encode(buffer, index, shardId, epoch, read, nonce, position, committed);
        return true;
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
