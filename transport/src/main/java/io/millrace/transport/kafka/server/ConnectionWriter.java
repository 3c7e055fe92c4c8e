package io.millrace.transport.kafka.server;

import io.millrace.engine.io.LogFile;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/**
 * Sends the finished replies at the head of a connection's queue. Owned by the network thread.
 *
 * <p>Bytes and short file regions of as many replies as fit are gathered in the thread's staging memory and leave in
 * one write; long file regions go from file to socket by transferTo. What the socket does not take of a gathered write
 * is kept in a chunk of its own until it does.
 */
final class ConnectionWriter {
    private static final long MAX_LENGTH_PER_FLUSH = 4L * 1024 * 1024;
    /** Longest stretch of other bytes between two batches that is read along rather than with another system call. */
    private static final int MAX_GAP_LENGTH = 4096;

    private final SocketChannel channel;
    private final ServerShared shared;
    private final SlotQueue queue;
    private BufferPool.Chunk pending;
    private boolean blocked;
    private boolean more;

    ConnectionWriter(final SocketChannel channel, final ServerShared shared, final SlotQueue queue) {
        this.channel = channel;
        this.shared = shared;
        this.queue = queue;
    }

    /** {@return whether the socket takes no more now} */
    boolean isBlocked() {
        return blocked;
    }

    void unblock() {
        blocked = false;
    }

    /** {@return bytes of reply memory that what the socket did not take holds} */
    int heldLength() {
        return pending == null ? 0 : pending.capacity();
    }

    /** {@return whether the last flush stopped only to let others have their turn} */
    boolean hasMore() {
        return more;
    }

    /** Sends until the socket is full, nothing is finished, or others should have their turn. */
    int flush() throws IOException {
        more = false;
        if (blocked || pending == null && !isFinished(queue.peek())) {
            return 0;
        }
        long sent = 0;
        while (!blocked) {
            if (sent >= MAX_LENGTH_PER_FLUSH) {
                more = true;
                break;
            }
            if (pending != null) {
                sent += writePending();
                continue;
            }
            final ByteBuffer staging = shared.staging().clear();
            stage(staging);
            if (staging.position() > 0) {
                sent += writeStaged(staging.flip());
            } else if (isFinished(queue.peek())) {
                sent += transfer(queue.peek());
            } else {
                break;
            }
        }
        shared.counters().add(ServerCounter.BYTES_OUT, sent);
        return sent > 0 ? 1 : 0;
    }

    void close() {
        if (pending != null) {
            shared.replyPool().release(pending);
            pending = null;
        }
    }

    private static boolean isFinished(final PooledSlot slot) {
        return slot != null && slot.isAnswered();
    }

    private int writePending() throws IOException {
        final int written = channel.write(pending.memory());
        if (pending.memory().hasRemaining()) {
            blocked = true;
        } else {
            shared.replyPool().release(pending);
            pending = null;
        }
        return written;
    }

    private int writeStaged(final ByteBuffer staging) throws IOException {
        final int written = channel.write(staging);
        if (staging.hasRemaining()) {
            blocked = true;
            pending = shared.replyPool().acquire(staging.remaining());
            pending.memory().clear();
            pending.memory().put(staging).flip();
        }
        return written;
    }

    /** Gathers from the head of the queue until staging is full, a long region comes or nothing is finished. */
    private void stage(final ByteBuffer staging) throws IOException {
        PooledSlot slot = queue.peek();
        while (isFinished(slot)) {
            if (slot.state() == PooledSlot.State.READY) {
                if (!stage(slot, staging)) {
                    return;
                }
                shared.counters().increment(ServerCounter.REPLIES);
            }
            queue.poll().recycle();
            slot = queue.peek();
        }
    }

    /** {@return whether the whole reply is handed over} */
    private boolean stage(final PooledSlot slot, final ByteBuffer staging) throws IOException {
        while (true) {
            final int region = slot.sentRegionCount;
            final boolean isLast = region == slot.regionCount();
            final int until = isLast ? slot.length() : slot.regionIndex(region);
            final int length = Math.min(until - slot.sentIndex, staging.remaining());
            slot.replyChunk().buffer().getBytes(slot.sentIndex, staging, staging.position(), length);
            staging.position(staging.position() + length);
            slot.sentIndex += length;
            if (slot.sentIndex < until) {
                return false;
            }
            if (isLast) {
                return true;
            }
            final int regionLength = slot.regionLength(region);
            if (isLong(slot, region) || regionLength > staging.remaining()) {
                return false;
            }
            stageRun(slot, staging);
        }
    }

    private boolean isLong(final PooledSlot slot, final int region) {
        return slot.sentOfRegion > 0 || slot.regionLength(region) >= shared.context().transferThresholdLength();
    }

    /** Reads a run of short regions that lie close together in one file, with one read, and leaves the gaps out. */
    private void stageRun(final PooledSlot slot, final ByteBuffer staging) throws IOException {
        final int first = slot.sentRegionCount;
        final LogFile file = slot.regionFile(first);
        final long from = slot.regionFileOffset(first);
        final ByteBuffer scratch = shared.scratch().clear();
        int last = first;
        int length = slot.regionLength(first);
        long end = from + length;
        while (last + 1 < slot.regionCount()) {
            final int next = last + 1;
            final long nextFrom = slot.regionFileOffset(next);
            final int nextLength = slot.regionLength(next);
            if (slot.regionFile(next) != file || slot.regionIndex(next) != slot.regionIndex(first) ||
                nextFrom < end || nextFrom - end > MAX_GAP_LENGTH || isLong(slot, next) ||
                nextFrom + nextLength - from > scratch.capacity() || length + nextLength > staging.remaining()) {
                break;
            }
            last = next;
            length += nextLength;
            end = nextFrom + nextLength;
        }
        if (last == first) {
            // one region: no gaps to leave out, so straight into staging
            final int limit = staging.limit();
            readFully(file, from, staging.limit(staging.position() + length));
            staging.limit(limit);
        } else {
            readFully(file, from, scratch.limit((int) (end - from)));
            for (int i = first; i <= last; i++) {
                final int at = (int) (slot.regionFileOffset(i) - from);
                staging.put(staging.position(), scratch, at, slot.regionLength(i));
                staging.position(staging.position() + slot.regionLength(i));
            }
        }
        slot.sentRegionCount = last + 1;
        shared.counters().add(ServerCounter.BYTES_OUT_COPIED, length);
    }

    private static void readFully(final LogFile file, final long fileOffset, final ByteBuffer target)
        throws IOException {
        long at = fileOffset;
        while (target.hasRemaining()) {
            final int read = file.read(target, at);
            if (read <= 0) {
                throw new EOFException("log file ends inside a batch that was to be sent: fileOffset=" + at);
            }
            at += read;
        }
    }

    private long transfer(final PooledSlot slot) throws IOException {
        final int region = slot.sentRegionCount;
        final LogFile file = slot.regionFile(region);
        final long at = slot.regionFileOffset(region) + slot.sentOfRegion;
        final int left = slot.regionLength(region) - slot.sentOfRegion;
        final long sent = file.transferTo(at, left, channel);
        if (sent == 0) {
            if (file.length() < at + left) {
                throw new EOFException("log file ends inside a batch that was to be sent: fileOffset=" + at);
            }
            blocked = true;
        } else if (sent == left) {
            slot.sentRegionCount++;
            slot.sentOfRegion = 0;
        } else {
            slot.sentOfRegion += (int) sent;
        }
        shared.counters().add(ServerCounter.BYTES_OUT_TRANSFERRED, sent);
        return sent;
    }
}
