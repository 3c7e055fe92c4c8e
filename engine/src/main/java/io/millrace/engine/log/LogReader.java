package io.millrace.engine.log;

import io.millrace.engine.ShardLog;
import io.millrace.engine.segment.Segment;
import io.millrace.engine.segment.SegmentList;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Reads a log by position: live replication, catch-up, tools. Any thread. */
public final class LogReader {
    private final SegmentedLog log;

    /**
     * A reader of one log.
     *
     * @param log to read
     */
    public LogReader(final SegmentedLog log) {
        this.log = log;
    }

    /**
     * Reads log bytes up to the written mark; may end inside a frame, never crosses a segment's end.
     *
     * @param position from where
     * @param target   filled from its position on, at most to its limit
     * @return bytes read, 0 at the end, {@link ShardLog#NOT_CONTINUING} when the position is not kept,
     *     {@link ShardLog#STORAGE_ERROR} when the disk fails
     */
    public int read(final long position, final ByteBuffer target) {
        final long written = log.marks().writtenAcquire();
        final Segment[] segments = log.segments().snapshot();
        final int i = SegmentList.indexOf(segments, position);
        if (position >= written) {
            return 0;
        }
        if (i >= 0 && segments[i].isQuarantined()) {
            return (int) ShardLog.STORAGE_ERROR; // no news: whoever put it there has said so
        }
        if (i < 0 || !segments[i].tryPin()) {
            return (int) ShardLog.NOT_CONTINUING;
        }
        try {
            final long end = i + 1 < segments.length ? segments[i + 1].basePosition() : written;
            return read(segments[i], position, (int) Math.min(target.remaining(), end - position), target);
        } catch (final IOException ex) {
            log.health().report(new IOException("reading shard log failed: log=" + log.health().name() + " position="
                + position + " cause=" + ex, ex));
            return (int) ShardLog.STORAGE_ERROR;
        } finally {
            segments[i].unpin();
        }
    }

    private static int read(final Segment segment, final long position, final int length, final ByteBuffer target)
        throws IOException {
        final int limit = target.limit();
        final int start = target.position();
        target.limit(start + length);
        try {
            while (target.hasRemaining()) {
                if (segment.file().read(target, position - segment.basePosition() + target.position() - start) < 0) {
                    throw new IOException("file is shorter than the log: file=" + segment.file());
                }
            }
        } catch (final IOException ex) {
            target.position(start);
            throw ex;
        } finally {
            target.limit(limit);
        }
        return length;
    }
}
