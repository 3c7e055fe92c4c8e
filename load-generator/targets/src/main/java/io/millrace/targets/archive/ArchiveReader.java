package io.millrace.targets.archive;

import io.aeron.FragmentAssembler;
import io.aeron.Image;
import io.aeron.Subscription;
import io.aeron.archive.client.AeronArchive;
import io.aeron.logbuffer.FragmentHandler;
import io.millrace.load.driver.RecordSource;
import io.millrace.targets.wire.Wire;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.BackoffIdleStrategy;
import org.agrona.concurrent.IdleStrategy;

/** Replays recordings; owned by the thread that uses it. */
final class ArchiveReader {
    private static final int REPLAY_STREAM_ID = 900_000_000;
    private static final String CHANNEL = "aeron:ipc?term-length=1m";
    private static final int FRAGMENT_LIMIT = 64;
    private static final int MAX_RECORDINGS = 10_000;
    private static final long TIMEOUT_S = 15;

    private final ArchiveLink link;
    private int nextStreamId = REPLAY_STREAM_ID;

    ArchiveReader(final ArchiveLink link) {
        this.link = link;
    }

    /**
     * A recording of a partition: one for each sending thread.
     *
     * @param id       of the recording
     * @param position up to which it is recorded
     */
    record Recording(long id, long position) {
    }

    /** {@return all recordings of a stream, oldest first} */
    List<Recording> recordings(final int streamId) {
        final List<Long> ids = new ArrayList<>();
        final AeronArchive archive = link.archive();
        archive.listRecordings(0, MAX_RECORDINGS, (control, correlation, recordingId, startTimestamp, stopTimestamp,
            startPosition, stopPosition, termId, segmentLength, termLength, mtu, session, stream, stripped, original,
            source) -> {
            if (stream == streamId) {
                ids.add(recordingId);
            }
        });
        return ids.stream().map(id -> new Recording(id, end(archive, id))).toList();
    }

    private static long end(final AeronArchive archive, final long id) {
        final long recorded = archive.getRecordingPosition(id);
        return recorded == AeronArchive.NULL_POSITION ? archive.getStopPosition(id) : recorded;
    }

    /**
     * Replays a part of a recording.
     *
     * @param id      of the recording
     * @param from    a position where a record begins
     * @param to      a position where a record ends
     * @param handler takes each record's buffer, its index and length
     */
    void replay(final long id, final long from, final long to, final FragmentHandler handler) {
        if (to <= from) {
            return;
        }
        final FragmentAssembler assembler = new FragmentAssembler(handler);
        final IdleStrategy idle = new BackoffIdleStrategy();
        final long deadline = Wire.deadline(TIMEOUT_S);
        long deadlineNs = deadline;
        try (Subscription subscription = link.archive().replay(id, from, to - from, CHANNEL, nextStreamId++)) {
            while (subscription.imageCount() == 0) {
                check(deadlineNs);
                idle.idle();
            }
            final Image image = subscription.imageAtIndex(0);
            while (image.position() < to) {
                final int count = image.poll(assembler, FRAGMENT_LIMIT);
                if (count > 0) {
                    deadlineNs = Wire.deadline(TIMEOUT_S);
                } else {
                    check(deadlineNs);
                    if (image.isClosed()) {
                        throw new Wire.WireException("aeron archive: the replay ended at " + image.position() + " of "
                            + to, null);
                    }
                }
                idle.idle(count);
            }
        } catch (final RuntimeException ex) {
            throw ArchiveLink.lost(ex);
        }
    }

    /** A record as the load generator wants it: in a byte buffer of its own. */
    static void hand(
        final int partition,
        final org.agrona.DirectBuffer buffer,
        final int index,
        final int length,
        final Scratch scratch,
        final RecordSource.Handler handler) {
        final ByteBuffer copy = scratch.of(length);
        buffer.getBytes(index, copy, 0, length);
        handler.onRecord(partition, copy, 0, length);
    }

    private static void check(final long deadline) {
        if (System.nanoTime() - deadline > 0) {
            throw new Wire.WireException("aeron archive: nothing was replayed for " + TIMEOUT_S + " s", null);
        }
    }

    /** A buffer that grows with the records; owned as its reader. */
    static final class Scratch {
        private ByteBuffer buffer = ByteBuffer.allocate(1 << 12);

        ByteBuffer of(final int length) {
            if (buffer.capacity() < length) {
                buffer = ByteBuffer.allocate(length);
            }
            return buffer.clear();
        }
    }
}
