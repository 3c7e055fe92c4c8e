package io.millrace.load.run;

import io.millrace.load.driver.ConsumerSession;
import io.millrace.load.driver.LoadDriver;
import io.millrace.load.workload.Workload;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.HdrHistogram.Histogram;
import org.agrona.concurrent.NanoClock;

/** All consumers of a run, maybe none; owned by the run's thread. */
final class Consumers implements AutoCloseable {
    private static final long CLOSE_NS = 5_000_000_000L;
    private static final long POLL_NS = 2_000_000L;

    private final List<ConsumerWorker> workers = new ArrayList<>();

    /**
     * Opens them and lets them read from where the topics stood at the start of the run.
     *
     * @param workload     says how many
     * @param driver       opens them
     * @param startOffsets of all partitions of all topics
     * @param plan         of the run
     * @param runId        of its records
     * @param share        which of all consumers are this process's; null for all
     * @param clock        of the schedule
     */
    static Consumers open(
        final Workload workload,
        final LoadDriver driver,
        final long[] startOffsets,
        final RunPlan plan,
        final long runId,
        final ShareLink share,
        final NanoClock clock) {
        final Consumers consumers = new Consumers();
        final int count = share == null ? workload.consumers() : share.assignment().consumerCount();
        final int[] places =
            share == null ? IntStream.range(0, count).toArray() : share.assignment().consumerPlaces();
        try {
            for (final int place : places) {
                final int[] lanes =
                    IntStream.range(0, workload.laneCount()).filter(lane -> lane % count == place).toArray();
                final long[] offsets = IntStream.of(lanes).mapToLong(lane -> startOffsets[lane]).toArray();
                final ConsumerSession session = driver.openConsumer(lanes, offsets);
                final ConsumerWorker worker = new ConsumerWorker(session, plan, runId, share, clock);
                consumers.workers.add(worker);
                final Thread thread = new Thread(worker, "load-consumer-" + place);
                thread.setDaemon(true);
                thread.start();
            }
        } catch (final RuntimeException ex) {
            consumers.close();
            throw ex;
        }
        return consumers;
    }

    boolean isEmpty() {
        return workers.isEmpty();
    }

    void pause(final boolean pausing) {
        workers.forEach(worker -> worker.pause(pausing));
    }

    long consumedCount() {
        return workers.stream().mapToLong(ConsumerWorker::consumedCount).sum();
    }

    long measuredCount() {
        return workers.stream().mapToLong(ConsumerWorker::measuredCount).sum();
    }

    long negativeCount() {
        return workers.stream().mapToLong(ConsumerWorker::negativeCount).sum();
    }

    long damagedCount() {
        return workers.stream().mapToLong(ConsumerWorker::damagedCount).sum();
    }

    Throwable failure() {
        return workers.stream().map(ConsumerWorker::failure).filter(java.util.Objects::nonNull).findFirst()
            .orElse(null);
    }

    /** Adds what was recorded since the last call. */
    void drainInto(final boolean isMeasured, final Histogram into) {
        for (final ConsumerWorker worker : workers) {
            into.add(isMeasured ? worker.takeMeasured() : worker.takeOutside());
        }
    }

    @Override
    public void close() {
        workers.forEach(ConsumerWorker::stop);
        final long deadlineNs = System.nanoTime() + CLOSE_NS;
        while (!workers.stream().allMatch(ConsumerWorker::isDone) && System.nanoTime() - deadlineNs < 0) {
            LockSupport.parkNanos(POLL_NS);
        }
    }
}
