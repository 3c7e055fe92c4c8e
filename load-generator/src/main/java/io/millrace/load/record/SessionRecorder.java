package io.millrace.load.record;

import io.millrace.load.driver.DeliveryListener;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.Histogram;

/**
 * Records what one driver session reports: {@link #onSent} by the sending thread, the answers by one thread at a time,
 * interval histograms taken by the sampling thread.
 *
 * <p>Every answer is recorded once, whole and unclamped. A record belongs to the phase it was due in, whenever it is
 * answered. A lag or latency is never negative: a record is not sent before it is due. A record that failed counts
 * among the response times with the time until it did, the least it would have taken: else a target would look the
 * faster the more it drops. Service times are those of acknowledged records alone.
 */
public final class SessionRecorder implements DeliveryListener {
    /** Between two samples; a broker that is gone is reported often enough. */
    private static final int MAX_EVENTS = 100;

    private final PhaseStats outside = new PhaseStats();
    private final PhaseStats measure = new PhaseStats();
    private final Ledger ledger;
    private final boolean isPromise;
    private final Queue<Event> events = new ArrayBlockingQueue<>(MAX_EVENTS);
    private AckGaps gaps;
    private volatile long measureStartNs = Long.MAX_VALUE;
    private volatile long measureEndNs = Long.MAX_VALUE;

    /**
     * @param ledger    to keep for verification, or null
     * @param isPromise false if an acknowledgement promises nothing (acks=none): a record lost then is a record lost
     *                  unacknowledged
     */
    public SessionRecorder(final Ledger ledger, final boolean isPromise) {
        this.ledger = ledger;
        this.isPromise = isPromise;
    }

    /**
     * Says when the measured phase begins; call before the sending thread starts, or a while before it begins.
     *
     * @param startNs records due from then on belong to it
     */
    public void measureFrom(final long startNs) {
        measureStartNs = startNs;
    }

    /**
     * Says when the measured phase ends for records, if others follow.
     *
     * @param endNs records due from then on do not belong to it
     */
    public void measureUntil(final long endNs) {
        measureEndNs = endNs;
    }

    /**
     * Keeps the times without acknowledgement; call before the sending thread starts.
     *
     * @param keeper of them
     */
    public void keepGaps(final AckGaps keeper) {
        gaps = keeper;
    }

    /** {@return the keeper of times without acknowledgement, or null; to be read when the session is closed} */
    public AckGaps gaps() {
        return gaps;
    }

    @Override
    public void onSent(
        final int producerId, final int partition, final int sequence, final long dueNs, final long sentNs) {
        if (ledger != null) {
            ledger.onSent(producerId, partition, sequence);
        }
        final PhaseStats stats = statsOf(dueNs);
        stats.lag.recordValue(sentNs - dueNs);
        stats.sent.incrementOrdered();
    }

    @Override
    public void onAcked(
        final int producerId,
        final int partition,
        final int sequence,
        final long dueNs,
        final long sentNs,
        final long ackedNs) {
        if (ledger != null && isPromise) {
            ledger.onAcked(producerId, partition, sequence);
        }
        if (gaps != null) {
            gaps.onAcked(partition, ackedNs);
        }
        final PhaseStats stats = statsOf(dueNs);
        stats.responseTime.recordValue(ackedNs - dueNs);
        stats.serviceTime.recordValue(ackedNs - sentNs);
        stats.lastAckNs = ackedNs;
        stats.acked.incrementOrdered();
    }

    @Override
    public void onFailed(
        final int producerId,
        final int partition,
        final int sequence,
        final long dueNs,
        final long failedNs,
        final String error) {
        final PhaseStats stats = statsOf(dueNs);
        stats.responseTime.recordValue(Math.max(0, failedNs - dueNs));
        stats.errors.computeIfAbsent(error, name -> new LongAdder()).increment();
        stats.failed.incrementOrdered();
    }

    @Override
    public void onEvent(final String name, final String detail) {
        events.offer(new Event(System.currentTimeMillis(), name, detail));
    }

    /** {@return the oldest event not yet taken, null if there is none; sampling thread} */
    public Event takeEvent() {
        return events.poll();
    }

    /** {@return records sent so far, all phases} */
    public long sentCount() {
        return sentCount(false) + sentCount(true);
    }

    /** {@return records acknowledged so far, all phases} */
    public long ackedCount() {
        return ackedCount(false) + ackedCount(true);
    }

    /** {@return records refused or given up so far, all phases} */
    public long failedCount() {
        return failedCount(false) + failedCount(true);
    }

    /**
     * Adds what was recorded since the last call to the given histograms. Sampling thread.
     *
     * @param measured the phase wanted
     * @param into     takes the samples
     */
    public void drainInto(final boolean measured, final LatencyTriple into) {
        final PhaseStats stats = measured ? measure : outside;
        into.take(stats);
    }

    /**
     * {@return records sent in a phase}
     *
     * @param measured the phase wanted
     */
    public long sentCount(final boolean measured) {
        return (measured ? measure : outside).sent.getAcquire();
    }

    /**
     * {@return records acknowledged that were due in a phase}
     *
     * @param measured the phase wanted
     */
    public long ackedCount(final boolean measured) {
        return (measured ? measure : outside).acked.getAcquire();
    }

    /** {@return when the last measured record was acknowledged, from the start of the measured phase; 0 if none was} */
    public long lastAckNs() {
        return measure.acked.getAcquire() == 0 ? 0 : measure.lastAckNs - measureStartNs;
    }

    /**
     * {@return records refused or given up that were due in a phase}
     *
     * @param measured the phase wanted
     */
    public long failedCount(final boolean measured) {
        return (measured ? measure : outside).failed.getAcquire();
    }

    /**
     * {@return records refused or given up that were due in a phase, by error}
     *
     * @param measured the phase wanted
     */
    public Map<String, Long> errors(final boolean measured) {
        final Map<String, Long> copy = new TreeMap<>();
        (measured ? measure : outside).errors.forEach((name, count) -> copy.put(name, count.sum()));
        return copy;
    }

    private PhaseStats statsOf(final long dueNs) {
        // What follows the measured phase counts with what was before it: outside.
        final long endNs = measureEndNs;
        return dueNs - measureStartNs < 0 || endNs != Long.MAX_VALUE && dueNs - endNs >= 0 ? outside : measure;
    }

    /**
     * Something that happened.
     *
     * @param atMs   wall-clock time
     * @param name   short
     * @param detail for the reader
     */
    public record Event(long atMs, String name, String detail) {
    }

    /** Response time, service time and schedule lag of one interval; owned by the sampling thread. */
    public static final class LatencyTriple {
        private final Histogram responseTime = new Histogram(3);
        private final Histogram serviceTime = new Histogram(3);
        private final Histogram lag = new Histogram(3);

        /** {@return acknowledgement, or giving up, minus intended send time} */
        public Histogram responseTime() {
            return responseTime;
        }

        /** {@return acknowledgement minus actual send time} */
        public Histogram serviceTime() {
            return serviceTime;
        }

        /** {@return actual minus intended send time} */
        public Histogram lag() {
            return lag;
        }

        /** Empties all three for the next interval. */
        public void reset() {
            responseTime.reset();
            serviceTime.reset();
            lag.reset();
        }

        private void take(final PhaseStats stats) {
            responseTime.add(stats.takeResponseTime());
            serviceTime.add(stats.takeServiceTime());
            lag.add(stats.takeLag());
        }
    }
}
