package io.millrace.results.store;

import io.millrace.results.model.ResultsException;
import io.millrace.results.model.RunDocument;
import io.millrace.results.model.RunEvent;
import io.millrace.results.model.RunStatus;
import io.millrace.results.model.Tags;
import io.millrace.results.model.TimelineRow;
import org.HdrHistogram.Histogram;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.DataFormatException;

/**
 * One run as read from its directory; belongs to the thread that read it.
 *
 * <p>Intervals stay compressed until they are asked for: decoded, an hour of seconds would fill gigabytes.
 */
public final class RunData {
    private static final long MS_PER_S = 1000;

    private final Path dir;
    private final RunDocument document;
    private final Map<String, List<Interval>> intervals;
    private final List<TimelineRow> timeline;
    private final List<RunEvent> events;
    private final List<String> warnings;
    private final Map<String, Histogram> mergedByTag = new HashMap<>();
    private final Map<Long, Long> durationMsByStart = new HashMap<>();

    /**
     * @param dir       where it was read
     * @param document  its {@code run.json}
     * @param intervals by tag, in the order recorded; warm-up tags included
     * @param timeline  by second
     * @param events    in the order written
     * @param warnings  sentences on what could not be read or does not add up
     */
    public RunData(
        final Path dir,
        final RunDocument document,
        final Map<String, List<Interval>> intervals,
        final List<TimelineRow> timeline,
        final List<RunEvent> events,
        final List<String> warnings) {
        this.dir = dir;
        this.document = document;
        this.intervals = intervals;
        this.timeline = timeline;
        this.events = events;
        this.warnings = warnings;
    }

    /** The samples of one interval, compressed. */
    public static final class Interval {
        private final long startMs;
        private final long endMs;
        private final byte[] encoded;

        Interval(final long startMs, final long endMs, final byte[] encoded) {
            this.startMs = startMs;
            this.endMs = endMs;
            this.encoded = encoded;
        }

        /**
         * An interval of known samples.
         *
         * @param startMs   wall-clock start
         * @param endMs     wall-clock end
         * @param histogram nanoseconds; not kept
         * @return the interval
         */
        public static Interval of(final long startMs, final long endMs, final Histogram histogram) {
            final ByteBuffer buffer = ByteBuffer.allocate(histogram.getNeededByteBufferCapacity());
            final int length = histogram.encodeIntoCompressedByteBuffer(buffer);
            return new Interval(startMs, endMs, Arrays.copyOf(buffer.array(), length));
        }

        /** {@return wall-clock start} */
        public long startMs() {
            return startMs;
        }

        /** {@return wall-clock end} */
        public long endMs() {
            return endMs;
        }

        /** {@return the samples in nanoseconds, decoded anew at each call} */
        public Histogram histogram() {
            try {
                return decode();
            } catch (final DataFormatException | RuntimeException ex) {
                throw new ResultsException("a histogram that could be read a moment ago is damaged; is the file "
                    + "being written to?", ex);
            }
        }

        Histogram decode() throws DataFormatException {
            return Histogram.decodeFromCompressedByteBuffer(ByteBuffer.wrap(encoded), 0);
        }
    }

    /** {@return where it was read} */
    public Path dir() {
        return dir;
    }

    /** {@return its run.json} */
    public RunDocument document() {
        return document;
    }

    /** {@return by second, warm-up included} */
    public List<TimelineRow> timeline() {
        return timeline;
    }

    /** {@return in the order written} */
    public List<RunEvent> events() {
        return events;
    }

    /** {@return sentences on what could not be read or does not add up} */
    public List<String> warnings() {
        return warnings;
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
     * @return the merged histogram, empty if there are no samples; kept, so not to be changed
     */
    public Histogram merged(final String tag) {
        return mergedByTag.computeIfAbsent(tag, t -> {
            final Histogram total = new Histogram(3);
            total.setAutoResize(true);
            intervals(tag).forEach(interval -> total.add(interval.histogram()));
            return total;
        });
    }

    /**
     * All samples of the tags that begin in the same way, such as those of all brokers.
     *
     * @param prefix of them, see {@link Tags}
     * @return the merged histogram, empty if there are no samples; kept, so not to be changed
     */
    public Histogram mergedOf(final String prefix) {
        return mergedByTag.computeIfAbsent(prefix + "*", p -> {
            final Histogram total = new Histogram(3);
            total.setAutoResize(true);
            intervals.keySet().stream().filter(tag -> tag.startsWith(prefix)).forEach(tag ->
                intervals(tag).forEach(interval -> total.add(interval.histogram())));
            return total;
        });
    }

    /** {@return acknowledged records per second of the measured phase, 0 if unknown} */
    public double achievedPerS() {
        if (document.measured() != null) {
            return document.measured().achievedPerS();
        }
        return perSecond(measuredSeconds().stream().mapToLong(TimelineRow::acked).sum());
    }

    /**
     * How much of the load was acknowledged in time.
     *
     * @param targetPerS rate that was asked for
     * @return of what was due, where the result tells: of a random arrival that is not just the rate; else of the rate
     */
    public double achievedPart(final double targetPerS) {
        return document.measured() != null && document.measured().achieved() != null ? document.measured().achieved()
            : achievedPerS() / targetPerS;
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

    /**
     * The same run under another header.
     *
     * @param other the header
     * @return a copy that shares the samples
     */
    RunData withDocument(final RunDocument other) {
        return new RunData(dir, other, intervals, timeline, events, warnings);
    }

    /**
     * How long a row of the timeline really was: the last one of a phase may be cut short.
     *
     * @param row of this run
     * @return milliseconds, at least 1
     */
    public long durationMs(final TimelineRow row) {
        if (durationMsByStart.isEmpty()) {
            for (int i = 0; i + 1 < timeline.size(); i++) {
                durationMsByStart.put(timeline.get(i).startMs(), timeline.get(i + 1).startMs()
                    - timeline.get(i).startMs());
            }
            intervals(Tags.ACK_RT).forEach(interval ->
                durationMsByStart.put(interval.startMs(), interval.endMs() - interval.startMs()));
        }
        return Math.max(1, durationMsByStart.getOrDefault(row.startMs(), MS_PER_S));
    }

    private double perSecond(final long total) {
        final long durationMs = measuredSeconds().stream().mapToLong(this::durationMs).sum();
        return durationMs == 0 ? 0 : (double) total * MS_PER_S / durationMs;
    }
}
