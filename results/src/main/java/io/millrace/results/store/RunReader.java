package io.millrace.results.store;

import io.millrace.results.model.Measured;
import io.millrace.results.model.ResultsException;
import io.millrace.results.model.RunDocument;
import io.millrace.results.model.RunEvent;
import io.millrace.results.model.RunKind;
import io.millrace.results.model.RunStatus;
import io.millrace.results.model.TimelineRow;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.DataFormatException;

/** Reads a run directory, finished or not. A line cut off by a crash is left out and reported as a warning. */
public final class RunReader {
    private static final long MAX_FILE_LENGTH = 1L << 30;
    private static final double MS_PER_S = 1000.0;

    private final Path dir;
    private final List<String> warnings = new ArrayList<>();
    private final Map<String, Long> counts = new TreeMap<>();
    private long baseMs;

    private RunReader(final Path dir) {
        this.dir = dir;
    }

    /**
     * Tells a run directory by its {@code run.json}.
     *
     * @param dir any directory
     * @return true if it has one
     */
    public static boolean isRunDirectory(final Path dir) {
        return Files.isRegularFile(dir.resolve(RunFiles.RUN));
    }

    /**
     * Reads a run.
     *
     * @param dir run directory
     * @return the run, with warnings for what could not be read
     * @throws ResultsException if it is not a run directory, of another schema, or {@code run.json} is damaged
     */
    public static RunData read(final Path dir) {
        if (!Files.isDirectory(dir)) {
            throw new ResultsException(dir + (Files.exists(dir) ? " is a file" : " does not exist")
                + "; name the directory that millrace bench or millrace jmh wrote");
        }
        if (!isRunDirectory(dir)) {
            throw new ResultsException(dir + " is not a run directory: it has no " + RunFiles.RUN
                + "; name the directory that millrace bench or millrace jmh wrote");
        }
        return new RunReader(dir).read();
    }

    /** {@return the document of a run of any kind, without nulls where a collection belongs} */
    static RunDocument document(final Path dir) {
        final RunDocument read = Json.read(dir.resolve(RunFiles.RUN), RunDocument.class, RunDocument.SCHEMA);
        if (read.runId() == null || read.status() == null || read.started() == null) {
            throw new ResultsException(dir.resolve(RunFiles.RUN)
                + ": one of runId, status, started is missing; restore the file or leave this directory out");
        }
        final RunDocument document = withoutNulls(read);
        if (!document.kind().equals(RunKind.BENCH) && !document.kind().equals(RunKind.JMH)) {
            throw new ResultsException(dir.resolve(RunFiles.RUN) + ": kind=" + document.kind() + " but this version "
                + "reads " + RunKind.BENCH + " and " + RunKind.JMH + "; use the version of millrace that wrote it");
        }
        return document;
    }

    private RunData read() {
        final RunDocument document = document(dir);
        if (!document.kind().equals(RunKind.BENCH)) {
            throw new ResultsException(dir + " holds a run of kind=" + document.kind() + ", not of kind="
                + RunKind.BENCH + "; name a directory that millrace bench wrote");
        }
        if (document.status() == RunStatus.RUNNING) {
            warnings.add(RunFiles.RUN + " still says running: the process that wrote it died or is still at work");
        }
        baseMs = document.started().toEpochMilli();
        final Map<String, List<RunData.Interval>> intervals = new TreeMap<>();
        lines(RunFiles.LATENCY, line -> interval(line, intervals));
        final List<TimelineRow> timeline = new ArrayList<>();
        lines(RunFiles.TIMELINE, line -> row(line, timeline));
        final List<RunEvent> events = new ArrayList<>();
        lines(RunFiles.EVENTS, line -> events.add(Json.fromLine(line, RunEvent.class)));
        missingSamples(document);
        return new RunData(dir, document, intervals, timeline, events, List.copyOf(warnings));
    }

    private void interval(final String line, final Map<String, List<RunData.Interval>> intervals)
        throws IOException, DataFormatException {
        if (line.startsWith("#") || line.startsWith("\"")) {
            return;
        }
        final boolean hasTag = line.startsWith("Tag=");
        final int comma = line.indexOf(',');
        final String tag = hasTag && comma > 0 ? line.substring("Tag=".length(), comma) : "";
        final String[] fields = line.substring(hasTag ? comma + 1 : 0).split(",", 4);
        if (fields.length < 4) {
            throw new IOException("fields=" + fields.length);
        }
        double startS = Double.parseDouble(fields[0]);
        if (startS < baseMs / MS_PER_S / 2) {
            startS += baseMs / MS_PER_S; // other writers count from the start of the log
        }
        final long startMs = Math.round(startS * MS_PER_S);
        final long endMs = startMs + Math.round(Double.parseDouble(fields[1]) * MS_PER_S);
        final RunData.Interval interval =
            new RunData.Interval(startMs, endMs, Base64.getDecoder().decode(fields[3]));
        counts.merge(tag, interval.decode().getTotalCount(), Long::sum); // throws if it is damaged
        intervals.computeIfAbsent(tag, t -> new ArrayList<>()).add(interval);
    }

    /** A file that ends between two lines looks whole. */
    private void missingSamples(final RunDocument document) {
        if (document.measured() == null || document.status() == RunStatus.RUNNING) {
            return;
        }
        final List<String> missing = new ArrayList<>();
        new TreeMap<>(document.measured().latency()).forEach((tag, summary) -> {
            final long found = counts.getOrDefault(tag, 0L);
            if (summary != null && found < summary.count()) {
                missing.add(found + " of " + summary.count() + " samples of " + tag);
            }
        });
        if (!missing.isEmpty() && Files.exists(dir.resolve(RunFiles.LATENCY))) {
            warnings.add(RunFiles.LATENCY + " was cut: it has " + String.join(", ", missing)
                + "; figures are of what is left");
        }
    }

    private static void row(final String line, final List<TimelineRow> timeline) throws IOException {
        if (line.startsWith("start_ms")) {
            return;
        }
        final String[] f = line.split(",", -1);
        if (f.length < 9) {
            throw new IOException("fields=" + f.length);
        }
        timeline.add(new TimelineRow(Long.parseLong(f[0]), f[1], Long.parseLong(f[2]), Long.parseLong(f[3]),
            Long.parseLong(f[4]), Long.parseLong(f[5]), Long.parseLong(f[6]), Long.parseLong(f[7]),
            Long.parseLong(f[8])));
    }

    private void lines(final String name, final LineHandler handler) {
        final Path file = dir.resolve(name);
        if (!Files.isRegularFile(file)) {
            warnings.add(name + " is missing");
            return;
        }
        try {
            final long length = Files.size(file);
            if (length > MAX_FILE_LENGTH) {
                throw new ResultsException(file + ": length=" + length + " is more than " + MAX_FILE_LENGTH
                    + " bytes; leave this directory out");
            }
            int lineNumber = 0;
            int damagedCount = 0;
            int firstDamaged = 0;
            boolean isLastDamaged = false;
            try (BufferedReader reader = new BufferedReader(Channels.newReader(Files.newByteChannel(file),
                StandardCharsets.UTF_8.newDecoder().onMalformedInput(CodingErrorAction.REPLACE), -1))) {
                for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                    lineNumber++;
                    isLastDamaged = !line.isBlank() && !isHandled(handler, line);
                    if (isLastDamaged && damagedCount++ == 0) {
                        firstDamaged = lineNumber;
                    }
                }
            }
            if (damagedCount == 1 && isLastDamaged) {
                warnings.add(name + ": the last line (" + firstDamaged + ") is cut off and left out");
            } else if (damagedCount > 0) {
                warnings.add(name + ": " + damagedCount + " damaged lines left out, the first is line "
                    + firstDamaged);
            }
        } catch (final IOException ex) {
            throw new ResultsException("cannot read " + file + ": " + ex + "; check permissions", ex);
        }
    }

    private static boolean isHandled(final LineHandler handler, final String line) {
        try {
            handler.onLine(line);
            return true;
        } catch (final IOException | DataFormatException | RuntimeException ex) {
            // RuntimeException: a cut-off histogram fails in the decoder in many ways (index, buffer, base64).
            return false;
        }
    }

    private static RunDocument withoutNulls(final RunDocument d) {
        final Measured m = d.measured();
        final Measured measured = m == null ? null : new Measured(m.durationNs(), m.sent(), m.acked(), m.consumed(),
            m.errors() == null ? Map.of() : m.errors(), m.achievedPerS(), m.bytesPerS(),
            m.latency() == null ? Map.of() : m.latency(), m.cost(), m.unsent(), m.unreceived(), m.achieved());
        return new RunDocument(d.schema(), d.kind() == null ? RunKind.BENCH : d.kind(), d.runId(), d.experimentId(),
            d.leg(), d.legLabel(), d.pair(), d.started(), d.ended(),
            d.status(), d.invalidReasons() == null ? List.of() : d.invalidReasons(),
            d.notes() == null ? List.of() : d.notes(), d.command() == null ? List.of() : d.command(),
            d.git(), d.workloadSha256(), d.params() == null ? Map.of() : d.params(), measured, d.verify(),
            d.hiccup() == null ? Map.of() : d.hiccup(), d.env(), d.findings());
    }

    /** Takes one line, or throws if it is damaged. */
    private interface LineHandler {
        void onLine(String line) throws IOException, DataFormatException;
    }
}
