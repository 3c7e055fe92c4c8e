package io.millrace.results.report;

import io.millrace.results.model.Phases;
import io.millrace.results.model.RunEvent;
import io.millrace.results.model.RunFindings;
import io.millrace.results.model.Tags;
import io.millrace.results.model.TimelineRow;
import io.millrace.results.store.RunData;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How many records waited for the consumers of a run: those acknowledged so far less those received so far. Times are
 * seconds since the consumers stood still.
 *
 * @param leg        number of the side
 * @param name       of side and run
 * @param points     by time; the first one lies shortly before the consumers stood still
 * @param goOnS      when they went on; not a number if the run ended before
 * @param endS       when they had caught up, or their time was over; not a number if the run ended before
 * @param isCaughtUp true if they had caught up
 */
record BacklogTrack(int leg, String name, List<Point> points, double goOnS, double endS, boolean isCaughtUp) {
    private static final List<String> RECEIVED = List.of(
        Tags.E2E_RT, Tags.WARMUP_PREFIX + Tags.E2E_RT, Tags.WARMUP_PREFIX + "after." + Tags.E2E_RT);
    /** Tags that have an interval in every second, which tells how long the second was. */
    private static final List<String> STEADY = List.of(Tags.HICCUP_CLIENT, Tags.WARMUP_PREFIX + Tags.HICCUP_CLIENT);
    private static final double MS_PER_S = 1000;
    /** Two files that tell of one second may round it differently. */
    private static final long ROUNDING_MS = 5;
    private static final double BEFORE_S = 5;
    private static final double AFTER_S = 3;
    /** A shorter part of a second is not worth a point of its own. */
    private static final double LEAST_S = 0.02;
    /** A run that is further off its own figure, by more than a second's records, has receipts without a time. */
    private static final double MAX_OFF = 0.2;

    /**
     * The end of a second.
     *
     * @param atS          since the consumers stood still
     * @param waiting      records
     * @param writtenPerS  acknowledged in the second that ends here
     * @param receivedPerS by the consumers
     */
    record Point(double atS, double waiting, double writtenPerS, double receivedPerS) {
    }

    /** A stretch in which so many records were received. */
    private record Receipt(long endMs, long count) {
    }

    /** {@return null if the run built up no backlog, or its files do not add up} */
    static BacklogTrack of(final RunData run, final int leg, final String name) {
        final Long pauseMs = at(run, Phases.CONSUMERS_PAUSE);
        if (pauseMs == null) {
            return null;
        }
        final Long goOnMs = at(run, Phases.CONSUMERS_GO_ON);
        final Long drainedMs = at(run, Phases.BACKLOG_DRAINED);
        final Long endMs = drainedMs != null ? drainedMs : at(run, Phases.BACKLOG_GIVEN_UP);
        final double goOnS = goOnMs == null ? Double.NaN : (goOnMs - pauseMs) / MS_PER_S;
        final double endS = endMs == null ? Double.NaN : (endMs - pauseMs) / MS_PER_S;
        final List<Point> points = points(run, pauseMs);
        points.removeIf(point -> point.atS < -BEFORE_S || point.atS > endS + AFTER_S);
        final RunFindings.BacklogResult result = run.document().findings() == null ? null
            : run.document().findings().backlog();
        final boolean isOff = result != null && goOnMs != null
            && Math.abs(builtAt(points, goOnS) - result.builtRecords()) > MAX_OFF * result.builtRecords()
            + points.stream().mapToDouble(Point::writtenPerS).max().orElse(0);
        if (points.size() < 2 || isOff) {
            return null;
        }
        if (result != null && goOnMs != null) {
            turn(points, goOnS, result.builtRecords());
        }
        return new BacklogTrack(leg, name, points, goOnS, endS, drainedMs != null);
    }

    /** What had been built when they went on, who had received nothing in that second before. */
    private static double builtAt(final List<Point> points, final double goOnS) {
        for (int i = 1; i < points.size(); i++) {
            final Point before = points.get(i - 1);
            if (before.atS <= goOnS && points.get(i).atS > goOnS) {
                return before.waiting + points.get(i).writtenPerS * (goOnS - before.atS);
            }
        }
        return waitingAt(points, goOnS);
    }

    /** Within the second in which they went on, when the run itself knows how many waited: the peak of the backlog. */
    private static void turn(final List<Point> points, final double goOnS, final long builtRecords) {
        for (int i = 1; i < points.size(); i++) {
            final Point before = points.get(i - 1);
            final Point after = points.get(i);
            if (goOnS - before.atS > LEAST_S && after.atS - goOnS > LEAST_S) {
                final double receivedCount = after.receivedPerS * (after.atS - before.atS);
                points.set(i, new Point(after.atS, after.waiting, after.writtenPerS,
                    receivedCount / (after.atS - goOnS)));
                points.add(i, new Point(goOnS, builtRecords, after.writtenPerS, 0));
                return;
            }
        }
    }

    private static Long at(final RunData run, final String phase) {
        return run.events().stream().filter(event -> "phase".equals(event.type()) && phase.equals(event.name()))
            .map(RunEvent::atMs).findFirst().orElse(null);
    }

    private static List<Point> points(final RunData run, final long zeroMs) {
        final List<Receipt> receipts = new ArrayList<>();
        final Map<Long, Long> endByStart = new HashMap<>();
        RECEIVED.forEach(tag -> run.intervals(tag).forEach(interval -> {
            receipts.add(new Receipt(interval.endMs(), interval.histogram().getTotalCount()));
            endByStart.put(interval.startMs(), interval.endMs());
        }));
        STEADY.forEach(tag -> run.intervals(tag).forEach(interval ->
            endByStart.put(interval.startMs(), interval.endMs())));
        receipts.sort(Comparator.comparingLong(Receipt::endMs));
        final List<Point> points = new ArrayList<>();
        long written = 0;
        long received = 0;
        int next = 0;
        for (final TimelineRow row : run.timeline()) {
            final long endMs = endByStart.getOrDefault(row.startMs(), row.startMs() + run.durationMs(row));
            final double lengthS = Math.max(1, endMs - row.startMs()) / MS_PER_S;
            long now = 0;
            for (; next < receipts.size() && receipts.get(next).endMs <= endMs + ROUNDING_MS; next++) {
                now += receipts.get(next).count;
            }
            written += row.acked();
            received += now;
            points.add(new Point((endMs - zeroMs) / MS_PER_S, Math.max(0, written - received), row.acked() / lengthS,
                now / lengthS));
        }
        return points;
    }

    /** {@return records that waited at a moment, between the seconds on a straight line} */
    double waitingAt(final double atS) {
        return waitingAt(points, atS);
    }

    private static double waitingAt(final List<Point> points, final double atS) {
        Point before = null;
        for (final Point point : points) {
            if (point.atS >= atS) {
                return before == null || point.atS == before.atS ? point.waiting
                    : before.waiting + (point.waiting - before.waiting) * (atS - before.atS)
                    / (point.atS - before.atS);
            }
            before = point;
        }
        return before == null ? 0 : before.waiting;
    }
}
