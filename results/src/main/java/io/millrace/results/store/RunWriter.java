package io.millrace.results.store;

import io.millrace.results.model.Environment;
import io.millrace.results.model.LatencySummary;
import io.millrace.results.model.Measured;
import io.millrace.results.model.ResultsException;
import io.millrace.results.model.RunDocument;
import io.millrace.results.model.RunEvent;
import io.millrace.results.model.RunHeader;
import io.millrace.results.model.RunOutcome;
import io.millrace.results.model.RunStatus;
import io.millrace.results.model.Tags;
import io.millrace.results.model.TimelineRow;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramLogWriter;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Writes one run directory as the run goes; may be shared by threads, calls are serialised.
 *
 * <p>Each call is on disk (in the page cache) when it returns. A writer that is closed without {@link #finish} leaves
 * a run marked interrupted; a process that dies leaves one marked running, which readers take for interrupted.
 */
public final class RunWriter implements AutoCloseable {
    private static final double NS_PER_MS = 1_000_000.0;

    private final Path dir;
    private final RunDocument document;
    private final PrintStream latencyStream;
    private final HistogramLogWriter latencyLog;
    private final BufferedWriter timeline;
    private final BufferedWriter events;
    private final Map<String, Histogram> totals = new TreeMap<>();
    private boolean isEnded;

    private RunWriter(
        final Path dir,
        final RunDocument document,
        final PrintStream latencyStream,
        final BufferedWriter timeline,
        final BufferedWriter events) {
        this.dir = dir;
        this.document = document;
        this.latencyStream = latencyStream;
        this.latencyLog = new HistogramLogWriter(latencyStream);
        this.timeline = timeline;
        this.events = events;
    }

    /**
     * Begins a run in a new or empty directory; nothing is ever overwritten.
     *
     * @param dir    run directory, created with its parents if absent
     * @param header what is known of the run
     * @return the writer, to be finished and closed
     */
    public static RunWriter create(final Path dir, final RunHeader header) {
        try {
            RunDirectories.createEmpty(dir);
            Files.createDirectories(dir.resolve(RunFiles.LOGS));
            Files.createDirectories(dir.resolve(RunFiles.ENV));
            final RunDocument document = RunDocument.running(header);
            Json.replace(dir.resolve(RunFiles.RUN), document);
            final PrintStream latency = new PrintStream(
                Files.newOutputStream(dir.resolve(RunFiles.LATENCY), StandardOpenOption.CREATE_NEW),
                false,
                StandardCharsets.UTF_8);
            final RunWriter writer = new RunWriter(
                dir,
                document,
                latency,
                Files.newBufferedWriter(dir.resolve(RunFiles.TIMELINE), StandardOpenOption.CREATE_NEW),
                Files.newBufferedWriter(dir.resolve(RunFiles.EVENTS), StandardOpenOption.CREATE_NEW));
            writer.begin(header);
            return writer;
        } catch (final IOException ex) {
            throw new ResultsException("cannot create run directory " + dir + ": " + ex
                + "; check free space and permissions", ex);
        }
    }

    /** {@return the run directory} */
    public Path directory() {
        return dir;
    }

    /** {@return the directory for logs of the processes that take part} */
    public Path logsDirectory() {
        return dir.resolve(RunFiles.LOGS);
    }

    /**
     * Stores the workload with every default spelled out.
     *
     * @param resolvedYaml the text
     */
    public synchronized void workload(final String resolvedYaml) {
        try {
            Files.writeString(dir.resolve(RunFiles.WORKLOAD), resolvedYaml);
        } catch (final IOException ex) {
            throw broken(RunFiles.WORKLOAD, ex);
        }
    }

    /**
     * Stores a machine that takes part beside the one in the header.
     *
     * @param host        its name; becomes a file name
     * @param environment what it is
     */
    public synchronized void environment(final String host, final Environment environment) {
        final String name = host.replaceAll("[^A-Za-z0-9._-]", "_");
        Json.replace(dir.resolve(RunFiles.ENV).resolve(name + ".json"), environment);
    }

    /**
     * Appends the samples of one interval, a second by custom. Also merged into the totals that {@link #finish} sums
     * up, unless the tag begins with {@link Tags#WARMUP_PREFIX}.
     *
     * @param tag       see {@link Tags}; no comma, space or line break
     * @param histogram nanoseconds; not kept, its stamps and tag are set and then restored
     * @param startMs   wall-clock start
     * @param endMs     wall-clock end
     */
    public synchronized void interval(
        final String tag, final Histogram histogram, final long startMs, final long endMs) {
        checkOpen();
        if (tag.isEmpty() || tag.chars().anyMatch(c -> c == ',' || c <= ' ')) {
            throw new ResultsException("histogram tag=\"" + tag + "\" must not be empty or contain comma or space");
        }
        final String tagBefore = histogram.getTag();
        histogram.setTag(tag);
        latencyLog.outputIntervalHistogram(startMs / 1000.0, endMs / 1000.0, histogram, NS_PER_MS);
        histogram.setTag(tagBefore);
        latencyStream.flush();
        if (latencyStream.checkError()) {
            throw broken(RunFiles.LATENCY, new IOException("write failed"));
        }
        if (!tag.startsWith(Tags.WARMUP_PREFIX)) {
            totals.computeIfAbsent(tag, t -> autoResizing(histogram)).add(histogram);
        }
    }

    /**
     * Appends a second to the timeline.
     *
     * @param row the second
     */
    public synchronized void timeline(final TimelineRow row) {
        checkOpen();
        try {
            timeline.write(row.startMs() + "," + row.phase() + "," + row.sent() + "," + row.acked() + ","
                + row.errors() + "," + row.bytes() + "," + row.p50Ns() + "," + row.p99Ns() + "," + row.maxNs());
            timeline.write('\n');
            timeline.flush();
        } catch (final IOException ex) {
            throw broken(RunFiles.TIMELINE, ex);
        }
    }

    /**
     * Appends an event.
     *
     * @param event what happened
     */
    public synchronized void event(final RunEvent event) {
        checkOpen();
        try {
            events.write(Json.line(event));
            events.write('\n');
            events.flush();
        } catch (final IOException ex) {
            throw broken(RunFiles.EVENTS, ex);
        }
    }

    /** {@return latencies summed up from the intervals given so far, by tag} */
    public synchronized Map<String, LatencySummary> summaries() {
        final Map<String, LatencySummary> latency = new TreeMap<>();
        totals.forEach((tag, histogram) -> latency.put(tag, LatencySummary.of(histogram)));
        return latency;
    }

    /**
     * Ends the run: writes what reading back showed and the final {@code run.json}, latencies summed up from the
     * intervals given so far.
     *
     * @param outcome how it ended
     * @return the document as written
     */
    public synchronized RunDocument finish(final RunOutcome outcome) {
        checkOpen();
        if (outcome.status() == RunStatus.RUNNING) {
            throw new ResultsException("a finished run cannot have status=running; give ok, invalid, failed or "
                + "interrupted");
        }
        isEnded = true;
        if (outcome.verification() != null) {
            Json.replace(dir.resolve(RunFiles.VERIFY), outcome.verification());
        }
        final Map<String, LatencySummary> latency = new TreeMap<>();
        final Map<String, Long> hiccupMaxNs = new TreeMap<>();
        totals.forEach((tag, histogram) -> {
            latency.put(tag, LatencySummary.of(histogram));
            if (tag.startsWith(Tags.HICCUP_PREFIX)) {
                hiccupMaxNs.put(tag.substring(Tags.HICCUP_PREFIX.length()), histogram.getMaxValue());
            }
        });
        final Measured measured = outcome.measured() == null ? null : outcome.measured().withLatency(latency);
        final RunDocument ended = document.ended(
            new RunOutcome(
                outcome.status(),
                outcome.invalidReasons() == null ? List.of() : outcome.invalidReasons(),
                outcome.notes() == null ? List.of() : outcome.notes(),
                measured,
                outcome.verification(),
                outcome.findings()),
            Instant.now(),
            hiccupMaxNs);
        Json.replace(dir.resolve(RunFiles.RUN), ended);
        return ended;
    }

    /** Closes the files; a run that was not finished is marked interrupted. Idempotent. */
    @Override
    public synchronized void close() {
        if (!isEnded) {
            finish(new RunOutcome(RunStatus.INTERRUPTED, List.of(),
                List.of("The run was closed before its end; what had been recorded until then is kept."), null, null));
        }
        latencyStream.close();
        try {
            timeline.close();
            events.close();
        } catch (final IOException ex) {
            throw broken(RunFiles.TIMELINE, ex);
        }
    }

    private void begin(final RunHeader header) throws IOException {
        latencyLog.outputComment("[Millrace run " + header.runId() + "]");
        latencyLog.outputComment("[Unit: every recorded value is in nanoseconds; the column Interval_Max below is in "
            + "milliseconds]");
        latencyLog.outputLogFormatVersion();
        latencyLog.outputStartTime(header.started().toEpochMilli());
        latencyLog.outputLegend();
        latencyStream.flush();
        timeline.write(RunFiles.TIMELINE_HEADER);
        timeline.write('\n');
        timeline.flush();
        if (header.env() != null) {
            environment(header.env().host() == null ? "localhost" : header.env().host(), header.env());
        }
    }

    private void checkOpen() {
        if (isEnded) {
            throw new ResultsException("the run in " + dir + " has already ended; begin another");
        }
    }

    private ResultsException broken(final String name, final IOException ex) {
        return new ResultsException("cannot write " + dir.resolve(name) + ": " + ex + "; check free space", ex);
    }

    private static Histogram autoResizing(final Histogram like) {
        final Histogram total = new Histogram(like.getNumberOfSignificantValueDigits());
        total.setAutoResize(true);
        return total;
    }
}
