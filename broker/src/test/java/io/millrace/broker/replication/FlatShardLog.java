package io.millrace.broker.replication;

import io.millrace.engine.Admission;
import io.millrace.engine.LogMarks;
import io.millrace.engine.PartitionReader;
import io.millrace.engine.ShardIngress;
import io.millrace.engine.ShardLog;
import io.millrace.engine.format.FrameDescriptor;
import java.nio.ByteBuffer;
import java.util.function.IntPredicate;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** A shard log in one piece of memory that checks nothing and allocates nothing: one epoch, frames of zeros. */
final class FlatShardLog implements ShardLog {
    private static final int CAPACITY = 32 << 20;

    private final UnsafeBuffer bytes = new UnsafeBuffer(ByteBuffer.allocateDirect(CAPACITY));
    private final LogMarks marks = new LogMarks();
    private int epoch = -1;
    private int end;

    long produce(final int length) {
        FrameDescriptor.putLengthAndType(bytes, end, length, FrameDescriptor.TYPE_BATCH);
        return advance(FrameDescriptor.alignedLength(length));
    }

    private long advance(final int length) {
        end += length;
        marks.writtenRelease(end);
        return end;
    }

    @Override
    public LogMarks marks() {
        return marks;
    }

    @Override
    public long startPosition() {
        return 0;
    }

    @Override
    public long endPosition() {
        return end;
    }

    @Override
    public int lastEpoch() {
        return epoch;
    }

    @Override
    public int epochCount() {
        return epoch < 0 ? 0 : 1;
    }

    @Override
    public int epochAt(final int index) {
        return epoch;
    }

    @Override
    public long epochStartAt(final int index) {
        return 0;
    }

    @Override
    public long epochEnd(final int ofEpoch) {
        return end;
    }

    @Override
    public long startLeading(final int newEpoch) {
        epoch = newEpoch;
        return produce(FrameDescriptor.HEADER_LENGTH);
    }

    @Override
    public void stopLeading() {
    }

    @Override
    public void admission(final Admission admission) {
    }

    @Override
    public void refuseWaiting() {
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
        marks.committedRelease(position);
    }

    @Override
    public void admitAcksAll(final boolean admitted) {
    }

    @Override
    public long append(final DirectBuffer buffer, final int index, final int length) {
        bytes.putBytes(end, buffer, index, length);
        return advance(length);
    }

    @Override
    public void truncate(final long position) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void reset(final long basePosition) {
        throw new UnsupportedOperationException();
    }

    @Override
    public int read(final long position, final ByteBuffer target) {
        final int length = (int) Math.min(target.remaining(), end - position);
        bytes.getBytes((int) position, target, length);
        return length;
    }

    @Override
    public PartitionReader newPartitionReader() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void deletePartition(final int partitionId) {
    }

    @Override
    public void retain(final int partitionId, final long retentionLength, final long horizonMs) {
    }

    @Override
    public void deletePartitionsExcept(final IntPredicate isLive) {
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
    }

    @Override
    public boolean isOffline() {
        return false;
    }

    @Override
    public void close() {
    }
}
