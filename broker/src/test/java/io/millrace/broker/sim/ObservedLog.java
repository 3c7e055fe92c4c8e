package io.millrace.broker.sim;

import io.millrace.engine.Admission;
import io.millrace.engine.LogMarks;
import io.millrace.engine.PartitionNews;
import io.millrace.engine.PartitionReader;
import io.millrace.engine.ShardIngress;
import io.millrace.engine.ShardLog;
import java.nio.ByteBuffer;
import java.util.function.IntPredicate;
import org.agrona.DirectBuffer;

/** A shard log that tells an observer what is done to it. */
final class ObservedLog implements ShardLog {
    /** Hears of it. */
    interface Observer {
        void onStartLeading(int epoch);

        void beforeCommit(long position);

        void onTruncate(long position);

        void onReset(long basePosition);

        /** A truncation or reset is done, or has taken the log offline. */
        void onCutDone();
    }

    private final ShardLog log;
    private final Observer observer;

    ObservedLog(final ShardLog log, final Observer observer) {
        this.log = log;
        this.observer = observer;
    }

    @Override
    public LogMarks marks() {
        return log.marks();
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
        return log.lastEpoch();
    }

    @Override
    public int epochCount() {
        return log.epochCount();
    }

    @Override
    public int epochAt(final int index) {
        return log.epochAt(index);
    }

    @Override
    public long epochStartAt(final int index) {
        return log.epochStartAt(index);
    }

    @Override
    public long epochEnd(final int epoch) {
        return log.epochEnd(epoch);
    }

    @Override
    public long startLeading(final int epoch) {
        observer.onStartLeading(epoch);
        return log.startLeading(epoch);
    }

    @Override
    public void stopLeading() {
        log.stopLeading();
    }

    @Override
    public ShardIngress ingress() {
        return log.ingress();
    }

    @Override
    public void admission(final Admission admission) {
        log.admission(admission);
    }

    @Override
    public void refuseWaiting() {
        log.refuseWaiting();
    }

    @Override
    public int drain() {
        return log.drain();
    }

    @Override
    public void commit(final long position) {
        observer.beforeCommit(position);
        log.commit(position);
    }

    @Override
    public void admitAcksAll(final boolean admitted) {
        log.admitAcksAll(admitted);
    }

    @Override
    public long append(final DirectBuffer buffer, final int index, final int length) {
        return log.append(buffer, index, length);
    }

    @Override
    public void truncate(final long position) {
        observer.onTruncate(position);
        log.truncate(position);
        observer.onCutDone();
    }

    @Override
    public long cutPosition(final long position) {
        return log.cutPosition(position);
    }

    @Override
    public void suspect(final long position) {
        log.suspect(position);
    }

    @Override
    public void reset(final long basePosition) {
        observer.onReset(basePosition);
        log.reset(basePosition);
        observer.onCutDone();
    }

    @Override
    public int read(final long position, final ByteBuffer target) {
        return log.read(position, target);
    }

    @Override
    public PartitionReader newPartitionReader() {
        return log.newPartitionReader();
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
        log.deletePartitionsExcept(isLive);
    }

    @Override
    public void retain(final int partitionId, final long retentionLength, final long horizonMs) {
        log.retain(partitionId, retentionLength, horizonMs);
    }

    @Override
    public boolean tellLogStarts() {
        return log.tellLogStarts();
    }

    @Override
    public long deleteRecords(final int partitionId, final long offset) {
        return log.deleteRecords(partitionId, offset);
    }

    @Override
    public void giveBackSegments() {
        log.giveBackSegments();
    }

    @Override
    public boolean isOffline() {
        return log.isOffline();
    }

    @Override
    public void close() {
        log.close();
    }
}
