package io.millrace.results.store;

import io.millrace.results.model.RunDocument;
import io.millrace.results.model.RunEvent;
import io.millrace.results.model.RunStatus;
import io.millrace.results.model.Tags;
import io.millrace.results.model.TimelineRow;
import org.HdrHistogram.Histogram;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * One run as read from its directory.
 *
 * @param dir       where it was read
 * @param document  its {@code run.json}
 * @param intervals by tag, in the order recorded; warm-up tags included
 * @param timeline  by second
 * @param events    in the order written
 * @param warnings  sentences on what could not be read or does not add up
 */
public record RunData(
    Path dir,
    RunDocument document,
    Map<String, List<Interval>> intervals,
    List<TimelineRow> timeline,
    List<RunEvent> events,
    List<String> warnings) {
    /**
     * The samples of one interval.
     *
     * @param startMs   wall-clock start
     * @param endMs     wall-clock end
     * @param histogram nanoseconds
     */
    public record Interval(long startMs, long endMs, Histogram histogram) {
    }

    /** {@return how the run stands; one that never ended counts as interrupted} */
    public RunStatus status() {
        return document.status() == RunStatus.RUNNING ? RunStatus.INTERRUPTED : document.status();
    }

    /** {@return true if conclusions may be drawn from it} */
    public boolean isValid() {
        return status() == RunStatus.OK;
    }

    /**
     * The intervals of a tag.
     *
     * @param tag see {@link Tags}
     * @return in the order recorded, empty if there are none
     */
    public List<Interval> intervals(final String tag) {
        return intervals.getOrDefault(tag, List.of());
    }

    /**
     * All samples of a tag in one histogram.
     *
     * @param tag see {@link Tags}
     * @return the merged histogram, empty if there are no samples
     */
    public Histogram merged(final String tag) {
        final Histogram total = new Histogram(3);
        total.setAutoResize(true);
        intervals(tag).forEach(interval -> total.add(interval.histogram()));
        return total;
    }

    /** {@return acknowledged records per second of the measured phase, 0 if unknown} */
    public double achievedPerS() {
        if (document.measured() != null) {
            return document.measured().achievedPerS();
        }
        return perSecond(measuredSeconds().stream().mapToLong(TimelineRow::acked).sum());
    }

    /** {@return acknowledged payload bytes per second of the measured phase, 0 if unknown} */
    public double bytesPerS() {
        if (document.measured() != null) {
            return document.measured().bytesPerS();
        }
        return perSecond(measuredSeconds().stream().mapToLong(TimelineRow::bytes).sum());
    }

    /** {@return the rows of the timeline that lie in the measured phase} */
    public List<TimelineRow> measuredSeconds() {
        return timeline.stream().filter(row -> "measure".equals(row.phase())).toList();
    }

    private double perSecond(final long total) {
        final List<TimelineRow> rows = measuredSeconds();
        return rows.isEmpty() ? 0 : (double) total / rows.size();
    }
}
