package io.millrace.broker.replication;

import io.millrace.engine.Admission;
import io.millrace.engine.LogMarks;
import io.millrace.engine.PartitionReader;
import io.millrace.engine.ShardIngress;
import io.millrace.engine.ShardLog;
import io.millrace.engine.format.Checksums;
import io.millrace.engine.format.FrameDescriptor;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;
import org.agrona.DirectBuffer;
import org.agrona.ExpandableArrayBuffer;

/** A shard log in memory, with real frames of type batch that hold no batch. For unit tests; one thread. */
final class FakeShardLog implements ShardLog {
    /** Bytes that were read of it. */
    long readLength;

    private record Epoch(int epoch, long start) {
    }

    final LogMarks marks = new LogMarks();
    final List<Long> truncations = new ArrayList<>();
    final List<Long> resets = new ArrayList<>();
    boolean admitted = true;
    boolean leading;
    Admission admission = Admission.OPEN;
    int refusals;
    boolean offline;
    boolean syncsAtOnce = true;
    int appendCalls;
    long nextAppendResult;
    /** Reads do not cross multiples of this. */
    long segmentLength = Long.MAX_VALUE;

    private final ExpandableArrayBuffer bytes = new ExpandableArrayBuffer(1 << 12);
    private final Checksums checksums = new Checksums();
    private final List<Epoch> epochs = new ArrayList<>();
    private final List<Long> frameEnds = new ArrayList<>();
    private long start;
    private long end;
    private int lastCrc;
    private int epoch = -1;

    /** Appends one frame as a leader would. */
    long produce(final int payloadLength) {
        return write(FrameDescriptor.TYPE_BATCH, payloadLength);
    }

    private long write(final int type, final int payloadLength) {
        final int index = (int) end;
        final int length = FrameDescriptor.HEADER_LENGTH + Math.max(payloadLength, 64);
        FrameDescriptor.putLengthAndType(bytes, index, length, type);
        FrameDescriptor.putPosition(bytes, index, end);
        FrameDescriptor.putLeaderEpoch(bytes, index, epoch);
        FrameDescriptor.putPartitionId(bytes, index, 0);
        FrameDescriptor.putPreviousCrc(bytes, index, lastCrc);
        for (int i = FrameDescriptor.HEADER_LENGTH; i < length; i++) {
            bytes.putByte(index + i, (byte) (end + i + epoch));
        }
        FrameDescriptor.zeroPadding(bytes, index, length);
        FrameDescriptor.putHeaderCrc(bytes, index, checksums.frameCrc(bytes, index));
        noteFrame(index);
        publish();
        return end;
    }

    private void noteFrame(final int index) {
        final int frameEpoch = FrameDescriptor.leaderEpoch(bytes, index);
        if (frameEpoch > lastEpoch()) {
            epochs.add(new Epoch(frameEpoch, index));
        }
        lastCrc = FrameDescriptor.headerCrc(bytes, index);
        end = index + FrameDescriptor.alignedLength(FrameDescriptor.length(bytes, index));
        frameEnds.add(end);
    }

    private void publish() {
        marks.writtenRelease(end);
        if (syncsAtOnce) {
            marks.syncedRelease(end);
        }
    }

    /** Drops the front, as retention does. */
    void startAt(final long position) {
        start = position;
    }

    void synced(final long position) {
        marks.syncedRelease(position);
    }

    boolean isFrameEnd(final long position) {
        return position == start || frameEnds.contains(position);
    }

    byte[] content() {
        final byte[] copy = new byte[(int) (end - start)];
        bytes.getBytes((int) start, copy);
        return copy;
    }

    @Override
    public LogMarks marks() {
        return marks;
    }

    @Override
    public long startPosition() {
        return start;
    }

    @Override
    public long endPosition() {
        return end;
    }

    @Override
    public int lastEpoch() {
        return epochs.isEmpty() ? -1 : epochs.get(epochs.size() - 1).epoch;
    }

    @Override
    public int epochCount() {
        return epochs.size();
    }

    @Override
    public int epochAt(final int index) {
        return epochs.get(index).epoch;
    }

    @Override
    public long epochStartAt(final int index) {
        return epochs.get(index).start;
    }

    @Override
    public long epochEnd(final int wanted) {
        for (final Epoch known : epochs) {
            if (known.epoch > wanted) {
                return known == epochs.get(0) ? -1 : known.start;
            }
        }
        return epochs.isEmpty() ? -1 : end;
    }

    @Override
    public long startLeading(final int newEpoch) {
        if (newEpoch <= lastEpoch()) {
            throw new IllegalArgumentException("epoch=" + newEpoch + " lastEpoch=" + lastEpoch());
        }
        epoch = newEpoch;
        leading = true;
        admission = Admission.OPEN;
        return write(FrameDescriptor.TYPE_EPOCH_START, 0);
    }

    @Override
    public void stopLeading() {
        leading = false;
    }

    @Override
    public void admission(final Admission newAdmission) {
        admission = newAdmission;
    }

    @Override
    public void refuseWaiting() {
        refusals++;
    }

    @Override
    public ShardIngress ingress() {
        throw new UnsupportedOperationException();
    }

    @Override
    public int drain() {
        return 0;
    }

    @Override
    public void commit(final long position) {
        if (position < marks.committedAcquire() || position > end || !isFrameEnd(position)) {
            throw new IllegalArgumentException("commit=" + position + " committed=" + marks.committedAcquire()
                + " end=" + end);
        }
        marks.committedRelease(position);
    }

    @Override
    public void admitAcksAll(final boolean newAdmitted) {
        admitted = newAdmitted;
    }

    @Override
    public long append(final DirectBuffer buffer, final int index, final int length) {
        appendCalls++;
        if (nextAppendResult != 0) {
            final long result = nextAppendResult;
            nextAppendResult = 0;
            return result;
        }
        int at = 0;
        long position = end;
        int crc = lastCrc;
        while (at < length) {
            final int frame = index + at;
            if (FrameDescriptor.headerCrc(buffer, frame) != checksums.frameCrc(buffer, frame)) {
                return CORRUPT;
            }
            if (FrameDescriptor.position(buffer, frame) != position
                || FrameDescriptor.previousCrc(buffer, frame) != crc && position != start) {
                return NOT_CONTINUING;
            }
            crc = FrameDescriptor.headerCrc(buffer, frame);
            final int aligned = FrameDescriptor.alignedLength(FrameDescriptor.length(buffer, frame));
            at += aligned;
            position += aligned;
        }
        if (at != length) {
            throw new IllegalArgumentException("not whole frames: length=" + length + " frames=" + at);
        }
        bytes.putBytes((int) end, buffer, index, length);
        while (end < position) {
            noteFrame((int) end);
        }
        publish();
        return end;
    }

    @Override
    public void truncate(final long position) {
        if (!isFrameEnd(position)) {
            throw new IllegalArgumentException("truncate=" + position + " is no frame end");
        }
        truncations.add(position);
        cut(position);
    }

    private void cut(final long position) {
        end = position;
        frameEnds.removeIf(frameEnd -> frameEnd > position);
        epochs.removeIf(known -> known.start >= position);
        lastCrc = 0;
        for (int at = (int) start; at < end;) {
            lastCrc = FrameDescriptor.headerCrc(bytes, at);
            at += FrameDescriptor.alignedLength(FrameDescriptor.length(bytes, at));
        }
        marks.committedRelease(Math.min(marks.committedAcquire(), end));
        marks.syncedRelease(Math.min(marks.syncedAcquire(), end));
        marks.writtenRelease(end);
    }

    @Override
    public void reset(final long basePosition) {
        resets.add(basePosition);
        start = basePosition;
        end = basePosition;
        frameEnds.clear();
        epochs.clear();
        lastCrc = 0;
        marks.committedRelease(basePosition);
        marks.syncedRelease(basePosition);
        marks.writtenRelease(basePosition);
    }

    @Override
    public int read(final long position, final ByteBuffer target) {
        final long segmentEnd = segmentLength == Long.MAX_VALUE ? end : (position / segmentLength + 1) * segmentLength;
        final int length = (int) Math.min(target.remaining(), Math.min(end, segmentEnd) - position);
        bytes.getBytes((int) position, target, length);
        readLength += length;
        return length;
    }

    @Override
    public PartitionReader newPartitionReader() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void deletePartition(final int partitionId) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void deletePartitionsExcept(final IntPredicate isLive) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void retain(final int partitionId, final long retentionLength, final long horizonMs) {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean tellLogStarts() {
        throw new UnsupportedOperationException();
    }

    @Override
    public long deleteRecords(final int partitionId, final long offset) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void giveBackSegments() {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean isOffline() {
        return offline;
    }

    @Override
    public void close() {
        leading = false;
    }
}
