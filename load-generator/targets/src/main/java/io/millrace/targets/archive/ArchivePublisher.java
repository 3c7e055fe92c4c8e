package io.millrace.targets.archive;

import io.aeron.ExclusivePublication;
import io.aeron.Publication;
import io.aeron.archive.status.RecordingPos;
import io.millrace.targets.wire.PublishProtocol;
import io.millrace.targets.wire.Wire;
import java.nio.ByteBuffer;
import java.util.concurrent.locks.LockSupport;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.status.CountersReader;

/**
 * An exclusive publication a partition, each recorded; a record is acknowledged when the archive's recorded position
 * has passed it. Owned by the sending thread.
 */
final class ArchivePublisher implements PublishProtocol {
    private static final long CONNECT_S = 10;
    private static final long OFFER_TIMEOUT_S = 5;
    private static final long ANSWER_PARK_NS = 50_000L;
    private static final int QUEUE_LENGTH = 1 << 14;

    private final ArchiveLink link;
    private final ExclusivePublication[] publications;
    private final int[] counterIds;
    private final CountersReader counters;
    private final Lane[] lanes;
    private final UnsafeBuffer view = new UnsafeBuffer(0, 0);
    private int fullLaneCount;
    private int pendingCount;

    ArchivePublisher(final ArchiveLink link, final String channel, final int[] streamIds) {
        this.link = link;
        publications = new ExclusivePublication[streamIds.length];
        counterIds = new int[streamIds.length];
        lanes = new Lane[streamIds.length];
        counters = link.aeron().countersReader();
        try {
            for (int i = 0; i < streamIds.length; i++) {
                publications[i] = link.archive().addRecordedExclusivePublication(channel, streamIds[i]);
                lanes[i] = new Lane();
            }
            final long deadline = Wire.deadline(CONNECT_S);
            for (int i = 0; i < streamIds.length; i++) {
                counterIds[i] = awaitRecording(publications[i], deadline);
            }
        } catch (final RuntimeException ex) {
            link.close();
            throw ArchiveLink.lost(ex);
        }
    }

    @Override
    public boolean hasRoom() {
        return fullLaneCount == 0;
    }

    @Override
    public void publish(final int lane, final int slot, final ByteBuffer record, final int length) {
        view.wrap(record, 0, length);
        final ExclusivePublication publication = publications[lane];
        long position = publication.offer(view, 0, length);
        if (position < 0) {
            position = offerAgain(publication, length);
        }
        lanes[lane].add(slot, position);
        pendingCount++;
        fullLaneCount += lanes[lane].isFull() ? 1 : 0;
    }

    @Override
    public int poll(final Answers answers) {
        if (pendingCount == 0) {
            return 0;
        }
        int count = 0;
        for (int i = 0; i < lanes.length; i++) {
            final Lane lane = lanes[i];
            if (lane.size > 0) {
                final long recorded = counters.getCounterValue(counterIds[i]);
                final boolean wasFull = lane.isFull();
                while (lane.size > 0 && lane.positions[lane.head] <= recorded) {
                    answers.onAcked(lane.take());
                    count++;
                }
                fullLaneCount -= wasFull && !lane.isFull() ? 1 : 0;
                if (count == 0 && publications[i].isClosed()) {
                    throw new Wire.WireException("aeron archive: publication closed", null);
                }
            }
        }
        pendingCount -= count;
        return count;
    }

    @Override
    public void await(final long maxNs) {
        LockSupport.parkNanos(pendingCount > 0 ? Math.min(maxNs, ANSWER_PARK_NS) : maxNs);
    }

    @Override
    public void close() {
        link.close();
    }

    /** The archive is behind by a whole window: wait for it here, which shows as lag of what is due meanwhile. */
    private long offerAgain(final ExclusivePublication publication, final int length) {
        final long deadline = Wire.deadline(OFFER_TIMEOUT_S);
        while (true) {
            final long position = publication.offer(view, 0, length);
            if (position > 0) {
                return position;
            }
            if (position != Publication.BACK_PRESSURED && position != Publication.ADMIN_ACTION
                || System.nanoTime() - deadline > 0) {
                throw new Wire.WireException("aeron archive: " + Publication.errorString(position), null);
            }
            Thread.yield();
        }
    }

    private int awaitRecording(final ExclusivePublication publication, final long deadline) {
        while (true) {
            final int id = RecordingPos.findCounterIdBySession(
                counters, publication.sessionId(), link.archive().archiveId());
            if (id != CountersReader.NULL_COUNTER_ID && publication.isConnected()) {
                return id;
            }
            if (System.nanoTime() - deadline > 0) {
                throw new Wire.WireException("aeron archive does not record within " + CONNECT_S + " s", null);
            }
            Thread.yield();
        }
    }

    /** Records of one partition in their order, each with the position after it; a ring. */
    private static final class Lane {
        private final int[] slots = new int[QUEUE_LENGTH];
        private final long[] positions = new long[QUEUE_LENGTH];
        private int head;
        private int size;

        boolean isFull() {
            return size == QUEUE_LENGTH;
        }

        void add(final int slot, final long position) {
            final int place = head + size & QUEUE_LENGTH - 1;
            slots[place] = slot;
            positions[place] = position;
            size++;
        }

        int take() {
            final int slot = slots[head];
            head = head + 1 & QUEUE_LENGTH - 1;
            size--;
            return slot;
        }
    }
}
