package io.millrace.load.run;

import io.millrace.load.record.SessionRecorder;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What all sending threads and consumers counted; of several processes the sum.
 *
 * @param due           measured ticks in all, sent or not; 0 without a schedule and while the phase lasts
 * @param unsent        measured ticks that were never sent
 * @param sent          measured records
 * @param acked         measured records
 * @param failed        measured records refused or given up
 * @param sentInAll     records of all phases
 * @param ackedInAll    records of all phases
 * @param failedInAll   records of all phases
 * @param consumedInAll records of all phases
 * @param consumed      measured records
 * @param negative      records that arrived before they were due
 * @param damaged       records and batches that consumers could not use
 * @param lastDueNs     when the last measured record that was sent was due, from the start of the measured phase
 * @param lastSendNs    when the last measured record was sent, from the start of the measured phase
 * @param lastAckNs     when the last measured record was acknowledged, likewise
 * @param errors        measured records refused or given up, by kind
 */
public record RunTotals(
    long due,
    long unsent,
    long sent,
    long acked,
    long failed,
    long sentInAll,
    long ackedInAll,
    long failedInAll,
    long consumedInAll,
    long consumed,
    long negative,
    long damaged,
    long lastDueNs,
    long lastSendNs,
    long lastAckNs,
    Map<String, Long> errors) {
    /** Of a process that has not begun. */
    public static final RunTotals NONE = new RunTotals(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, Map.of());

    /** Never null. */
    public RunTotals {
        errors = errors == null ? Map.of() : Map.copyOf(errors);
    }

    /**
     * {@return true if consumers have received whatever there can be to receive}
     *
     * <p>A record that failed may be in the log all the same, and who receives it cannot tell it from one that was
     * acknowledged: it must not stand in for one.
     */
    boolean isAllConsumed() {
        return consumedInAll >= ackedInAll + failedInAll;
    }

    /**
     * {@return both together}
     *
     * @param other of another process
     */
    public RunTotals plus(final RunTotals other) {
        final Map<String, Long> both = new TreeMap<>(errors);
        other.errors.forEach((name, count) -> both.merge(name, count, Long::sum));
        return new RunTotals(due + other.due, unsent + other.unsent, sent + other.sent, acked + other.acked,
            failed + other.failed, sentInAll + other.sentInAll, ackedInAll + other.ackedInAll,
            failedInAll + other.failedInAll, consumedInAll + other.consumedInAll, consumed + other.consumed,
            negative + other.negative, damaged + other.damaged, Math.max(lastDueNs, other.lastDueNs),
            Math.max(lastSendNs, other.lastSendNs), Math.max(lastAckNs, other.lastAckNs), both);
    }

    /**
     * Counts while threads work; what only their end tells is 0. Any thread.
     *
     * @param recorders of all sessions
     * @param consumers of the run
     * @return the counts
     */
    static RunTotals live(final List<SessionRecorder> recorders, final Consumers consumers) {
        // Answers before questions: what is answered meanwhile must not look like more than was asked.
        final long consumedInAll = consumers.consumedCount();
        final long consumed = consumers.measuredCount();
        final long acked = recorders.stream().mapToLong(r -> r.ackedCount(true)).sum();
        final long ackedInAll = acked + recorders.stream().mapToLong(r -> r.ackedCount(false)).sum();
        final long failed = recorders.stream().mapToLong(r -> r.failedCount(true)).sum();
        final long failedInAll = failed + recorders.stream().mapToLong(r -> r.failedCount(false)).sum();
        return new RunTotals(0, 0, recorders.stream().mapToLong(r -> r.sentCount(true)).sum(), acked, failed,
            recorders.stream().mapToLong(SessionRecorder::sentCount).sum(), ackedInAll, failedInAll, consumedInAll,
            consumed, consumers.negativeCount(), consumers.damagedCount(), 0, 0, 0, Map.of());
    }

    /**
     * Counts at the end.
     *
     * @param plan      of the run
     * @param recorders of all sessions
     * @param workers   all of them done
     * @param consumers of the run
     * @return the counts
     */
    static RunTotals of(
        final RunPlan plan,
        final List<SessionRecorder> recorders,
        final List<LoadWorker> workers,
        final Consumers consumers) {
        final RunTotals live = live(recorders, consumers);
        final Map<String, Long> errors = new TreeMap<>();
        recorders.forEach(r -> r.errors(true).forEach((name, count) -> errors.merge(name, count, Long::sum)));
        final long lastDueNs = workers.stream().mapToLong(LoadWorker::lastDueNs).map(ns -> ns - plan.measureStartNs())
            .max().orElse(0);
        final long lastSendNs = workers.stream().mapToLong(LoadWorker::lastSendNs).map(ns -> ns - plan.measureStartNs())
            .max().orElse(0);
        final long lastAckNs = recorders.stream().mapToLong(SessionRecorder::lastAckNs).max().orElse(0);
        return new RunTotals(workers.stream().mapToLong(LoadWorker::dueCount).sum(),
            workers.stream().mapToLong(LoadWorker::unsentCount).sum(), live.sent, live.acked, live.failed,
            live.sentInAll, live.ackedInAll, live.failedInAll, live.consumedInAll, live.consumed, live.negative,
            live.damaged, Math.max(0, lastDueNs), Math.max(0, lastSendNs), Math.max(0, lastAckNs), errors);
    }
}
