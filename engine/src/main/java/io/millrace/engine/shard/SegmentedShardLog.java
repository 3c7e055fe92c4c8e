package io.millrace.engine.shard;

import io.millrace.engine.Admission;
import io.millrace.engine.LogMarks;
import io.millrace.engine.LogPin;
import io.millrace.engine.PartitionNews;
import io.millrace.engine.PartitionReader;
import io.millrace.engine.ShardIngress;
import io.millrace.engine.ShardLog;
import io.millrace.engine.ingress.RingIngress;
import io.millrace.engine.log.FollowerAppender;
import io.millrace.engine.log.LogCutter;
import io.millrace.engine.log.LogPins;
import io.millrace.engine.log.LogReader;
import io.millrace.engine.log.LogRetention;
import io.millrace.engine.log.LogScrub;
import io.millrace.engine.log.LogSyncer;
import io.millrace.engine.log.RecoveryReport;
import io.millrace.engine.log.SegmentMaintenance;
import io.millrace.engine.log.SegmentPartitionReader;
import io.millrace.engine.log.SegmentedLog;
import io.millrace.engine.state.ShardState;
import io.millrace.engine.writer.ShardWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.IntPredicate;
import org.agrona.DirectBuffer;
import org.agrona.collections.IntArrayList;

/**
 * One shard's log in segment files. Owned by the engine thread; writing while leading and appending while following
 * exclude each other.
 */
public final class SegmentedShardLog implements ShardLog {
    private final SegmentedLog log;
    private final ShardState state;
    private final LogMarks marks;
    private final RingIngress ingress;
    private final ShardWriter writer;
    private final FollowerAppender appender;
    private final LogCutter cutter;
    private final LogRetention retention;
    private final LogReader reader;
    private final LogSyncer syncer;
    private final SegmentMaintenance maintenance;
    private final RecoveryReport recoveryReport;
    private boolean isClosed;

    SegmentedShardLog(
        final ShardLogContext context, final SegmentedLog log, final ShardState state, final RecoveryReport report) {
        this.log = log;
        this.state = state;
        marks = log.marks();
        ingress = new RingIngress(context.rings(), log.maxFrameLength());
        writer = new ShardWriter(ingress, log, state, marks, context.outcomes(), context.profile());
        appender = new FollowerAppender(log);
        cutter = new LogCutter(log);
        retention = new LogRetention(log);
        reader = new LogReader(log);
        recoveryReport = report;
        syncer = context.syncer();
        maintenance = context.maintenance();
        syncer.add(log);
        maintenance.add(log);
    }

    /** {@return what opening the log found; any thread} */
    public RecoveryReport recoveryReport() {
        return recoveryReport;
    }

    @Override
    public LogMarks marks() {
        return marks;
    }

    @Override
    public long startPosition() {
        return log.startPosition();
    }

    @Override
    public long endPosition() {
        return log.endPosition();
    }

    @Override
    public int lastEpoch() {
        return state.lastEpoch();
    }

    @Override
    public int epochCount() {
        return state.epochCount();
    }

    @Override
    public int epochAt(final int index) {
        return state.epochAt(index);
    }

    @Override
    public long epochStartAt(final int index) {
        return state.epochStartAt(index);
    }

    @Override
    public long epochEnd(final int epoch) {
        int i = state.epochCount() - 1;
        while (i >= 0 && state.epochAt(i) > epoch) {
            i--;
        }
        if (i < 0) {
            return -1;
        }
        final long end = i + 1 < state.epochCount() ? state.epochStartAt(i + 1) : log.endPosition();
        return end < log.startPosition() ? -1 : end;
    }

    @Override
    public long startLeading(final int epoch) {
        return writer.startLeading(epoch);
    }

    @Override
    public void stopLeading() {
        writer.stopLeading();
    }

    @Override
    public void admission(final Admission admission) {
        writer.admission(admission);
    }

    @Override
    public void refuseWaiting() {
        writer.refuseWaiting();
    }

    @Override
    public ShardIngress ingress() {
        return ingress;
    }

    @Override
    public int drain() {
        return writer.drain();
    }

    @Override
    public void commit(final long position) {
        final long committed = marks.committedAcquire();
        if (position < committed || position > log.endPosition()) {
            throw new IllegalArgumentException("committed mark out of order: position=" + position + " committed="
                + committed + " written=" + log.endPosition());
        }
        if (position > committed) {
            marks.committedRelease(position);
            writer.onCommitted(position);
        }
    }

    @Override
    public void admitAcksAll(final boolean admitted) {
        writer.admitAcksAll(admitted);
    }

    @Override
    public long append(final DirectBuffer buffer, final int index, final int length) {
        checkFollowing("append");
        return appender.append(buffer, index, length);
    }

    @Override
    public void truncate(final long position) {
        checkFollowing("truncate");
        if (position != log.endPosition()) {
            try {
                cutter.truncate(position);
            } catch (final IOException ex) {
                checkOffline(ex);
            }
        }
    }

    @Override
    public long cutPosition(final long position) {
        return cutter.cutPosition(position);
    }

    @Override
    public void reset(final long basePosition) {
        checkFollowing("reset");
        try {
            cutter.reset(basePosition);
            retention.clear();
        } catch (final IOException ex) {
            checkOffline(ex);
        }
    }

    @Override
    public int read(final long position, final ByteBuffer target) {
        return reader.read(position, target);
    }

    @Override
    public PartitionReader newPartitionReader() {
        return new SegmentPartitionReader(log);
    }

    @Override
    public PartitionNews news() {
        return log.news();
    }

    @Override
    public void deletePartition(final int partitionId) {
        log.deletePartition(partitionId);
    }

    @Override
    public void deletePartitionsExcept(final IntPredicate isLive) {
        final IntArrayList dead = new IntArrayList();
        state.forEachPartition((partitionId, logStartOffset, nextOffset) -> {
            if (!isLive.test(partitionId)) {
                dead.addInt(partitionId);
            }
        });
        dead.forEachInt(log::deletePartition);
    }

    @Override
    public void retain(final int partitionId, final long retentionLength, final long horizonMs) {
        retention.retain(partitionId, retentionLength, horizonMs);
    }

    @Override
    public boolean tellLogStarts() {
        return !writer.isLeading() || retention.untold().isEmpty() || writer.writeLogStarts(retention.untold());
    }

    @Override
    public long deleteRecords(final int partitionId, final long offset) {
        if (!writer.isLeading()) {
            return NOT_CONTINUING;
        }
        retention.move(partitionId, offset);
        retention.tellAgain(partitionId); // what was told before may have been cut off since
        return tellLogStarts() ? log.endPosition() : STORAGE_ERROR;
    }

    @Override
    public boolean isShort() {
        return log.shortage() != null;
    }

    @Override
    public List<LogPin> pins(final int maxCount) {
        return LogPins.of(log, maxCount);
    }

    @Override
    public void giveBackSegments() {
        log.freeDeadSegments();
    }

    @Override
    public void suspect(final long position) {
        log.suspect(position);
    }

    /**
     * {@return the scrub of this log, for maintenance; at most one}
     *
     * @param listener hears of what it finds and does
     * @throws IOException when the disk fails
     */
    public LogScrub newScrub(final LogScrub.Listener listener) throws IOException {
        return new LogScrub(log, ShardState::new, listener);
    }

    @Override
    public boolean isOffline() {
        return log.isOffline();
    }

    @Override
    public boolean isSyncDue() {
        return log.isSyncDue();
    }

    /** {@return why the last write was refused for want of room, null when it was not; any thread} */
    public String shortage() {
        return log.shortage();
    }

    @Override
    public void close() {
        if (!isClosed) {
            isClosed = true;
            if (writer.isLeading()) {
                writer.stopLeading();
            }
            syncer.remove(log);
            maintenance.remove(log);
            log.close();
        }
    }

    private void checkFollowing(final String what) {
        if (writer.isLeading()) {
            throw new IllegalStateException("cannot " + what + " while leading; stop leading first");
        }
    }

    /** The error handler has heard of it, and {@link #isOffline()} tells. */
    private void checkOffline(final IOException ex) {
        if (!log.isOffline()) {
            throw new IllegalStateException("a cut failed but the log is not offline", ex);
        }
    }
}
