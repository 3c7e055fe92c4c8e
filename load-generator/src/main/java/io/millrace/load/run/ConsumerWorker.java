package io.millrace.load.run;

import io.millrace.load.driver.ConsumerSession;
import io.millrace.load.driver.RecordSource;
import io.millrace.load.record.Counter;
import io.millrace.load.record.ReceivedRecords;
import io.millrace.load.workload.RecordHeader;
import java.nio.ByteBuffer;
import java.util.concurrent.locks.LockSupport;
import java.util.zip.CRC32C;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.SingleWriterRecorder;
import org.agrona.concurrent.NanoClock;

/**
 * One consumer on a thread of its own: how long each record took from its intended send time to here, on one clock:
 * this process's, to which the clocks of other processes that send are brought. A record that comes again is left out.
 * So is one that is damaged: that is looked for where a record is out of its sequence or took longer than any before,
 * which costs nothing as long as all is well; damage that does neither is found when everything is read back. The run's
 * thread takes the intervals.
 */
final class ConsumerWorker implements Runnable, RecordSource.Handler {
    private static final long MAX_WAIT_NS = 20_000_000;
    private static final int SIGNIFICANT_DIGITS = 3;

    private final ConsumerSession session;
    private final RunPlan plan;
    private final long runId;
    private final ShareLink share;
    private final NanoClock clock;
    private final SingleWriterRecorder measured = new SingleWriterRecorder(SIGNIFICANT_DIGITS);
    private final SingleWriterRecorder outside = new SingleWriterRecorder(SIGNIFICANT_DIGITS);
    private final ReceivedRecords received = new ReceivedRecords();
    private final Counter consumed = new Counter();
    private final Counter measuredCount = new Counter();
    private final Counter negative = new Counter();
    private final Counter damaged = new Counter();
    private final CRC32C crc = new CRC32C();
    private long longestNs;
    private Histogram lastMeasured;
    private Histogram lastOutside;
    private volatile boolean isPaused;
    private volatile boolean isRunning = true;
    private volatile boolean isDone;
    private volatile Throwable failure;

    /**
     * @param session of the driver
     * @param plan    of the run
     * @param runId   of its records
     * @param share   whose records it counts, and by which clocks; null if this process sends all of them
     * @param clock   of the schedule
     */
    ConsumerWorker(
        final ConsumerSession session,
        final RunPlan plan,
        final long runId,
        final ShareLink share,
        final NanoClock clock) {
        this.session = session;
        this.plan = plan;
        this.runId = runId;
        this.share = share;
        this.clock = clock;
    }

    @Override
    public void run() {
        try {
            while (isRunning) {
                if (isPaused) {
                    LockSupport.parkNanos(MAX_WAIT_NS);
                } else {
                    session.poll(MAX_WAIT_NS, this);
                }
            }
        } catch (final Throwable ex) {
            failure = ex;
        } finally {
            close();
            isDone = true;
        }
    }

    @Override
    public void onRecord(final int partition, final ByteBuffer buffer, final int index, final int length) {
        if (length < RecordHeader.LENGTH || RecordHeader.runId(buffer, index) != runId) {
            return; // another run's; what is damaged is found when everything is read back
        }
        final int producerId = RecordHeader.producerId(buffer, index);
        final int sequence = RecordHeader.sequence(buffer, index);
        final boolean isPossible = producerId < plan.allProducers() && sequence >= 0;
        if (isPossible && share != null && !share.isMine(producerId)) {
            return; // the process that sent it reads it, too
        }
        final long dueNs = RecordHeader.dueNs(buffer, index)
            + (isPossible && share != null ? share.clockOffsetNs(producerId) : 0);
        final long tookNs = clock.nanoTime() - dueNs;
        if (!isPossible || tookNs < 0 || tookNs > longestNs || !received.isNext(producerId, partition, sequence)) {
            if (!RecordHeader.isIntact(buffer, index, length, crc)) {
                damaged.incrementOrdered();
                return;
            }
            if (!isPossible) {
                return; // whoever made that, it is found when everything is read back
            }
            longestNs = Math.max(longestNs, tookNs);
        }
        if (!received.isFirst(producerId, partition, sequence)) {
            return; // else it would hide another one that never comes
        }
        consumed.incrementOrdered();
        if (tookNs < 0) {
            negative.incrementOrdered();
            return;
        }
        if (dueNs - plan.measureStartNs() >= 0 && !(plan.hasLoadAfter() && dueNs - plan.measureEndNs() >= 0)) {
            measuredCount.incrementOrdered();
            measured.recordValue(tookNs);
        } else {
            outside.recordValue(tookNs);
        }
    }

    @Override
    public void onDamagedBatch(final int partition, final long offset, final String reason) {
        damaged.incrementOrdered(); // and it goes on
    }

    @Override
    public boolean isStopped() {
        return !isRunning;
    }

    void pause(final boolean pausing) {
        isPaused = pausing;
    }

    void stop() {
        isRunning = false;
    }

    boolean isDone() {
        return isDone;
    }

    Throwable failure() {
        return failure;
    }

    long consumedCount() {
        return consumed.getAcquire();
    }

    long measuredCount() {
        return measuredCount.getAcquire();
    }

    long negativeCount() {
        return negative.getAcquire();
    }

    long damagedCount() {
        return damaged.getAcquire();
    }

    Histogram takeMeasured() {
        lastMeasured = measured.getIntervalHistogram(lastMeasured);
        return lastMeasured;
    }

    Histogram takeOutside() {
        lastOutside = outside.getIntervalHistogram(lastOutside);
        return lastOutside;
    }

    private void close() {
        try {
            session.close();
        } catch (final RuntimeException ex) {
            if (failure == null) {
                failure = ex;
            }
        }
    }
}
