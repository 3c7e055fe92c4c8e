package io.millrace.load.profile;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.ParseException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import jdk.jfr.Configuration;
import jdk.jfr.Recording;

/**
 * What is recorded beside runs: flight recordings of this process and of the brokers, and flame graphs made from them.
 * What cannot be recorded is said, and spoils nothing. Owned by the session's thread.
 *
 * <p>Recording begins when a JVM does, as far as this tool starts it: to begin in the middle of a run means to rewrite
 * classes there, which would be measured.
 */
public final class Profiling implements AutoCloseable {
    /** What files of the process that sends begin with. */
    public static final String CLIENT = "client";
    /** Name of the recordings in brokers. */
    static final String RECORDING = "millrace-bench";

    private static final String SETTINGS = "profile";
    private static final long MAX_LENGTH = 256L << 20;
    private static final long MAX_BASE_LENGTH = 1 << 20;

    private final ProfileKind kind;
    private final AsyncProfiler asyncProfiler;
    private Recording base;

    /**
     * @param kind of the flame graphs, null for recordings alone
     */
    public Profiling(final ProfileKind kind) {
        this.kind = kind;
        asyncProfiler = kind == null ? null : AsyncProfiler.find();
    }

    /**
     * {@return what another process is to record}
     *
     * @param word see {@link #word()}
     */
    public static Profiling of(final String word) {
        return new Profiling(word.isEmpty() ? null : ProfileKind.of(word));
    }

    /** {@return what is recorded, for another process: the kind of the flame graphs, empty for recordings alone} */
    public String word() {
        return kind == null ? "" : kind.word();
    }

    /** {@return what a JVM is started with, so that it records from its start} */
    public List<String> jvmOptions() {
        final List<String> parts = new ArrayList<>(List.of("name=" + RECORDING, "settings=" + SETTINGS,
            "maxsize=" + (MAX_LENGTH >> 20) + "m"));
        if (kind != null) {
            parts.addAll(kind.settings());
        }
        return List.of("-XX:FlightRecorderOptions=stackdepth=128", "-Xlog:jfr+startup=off",
            "-XX:StartFlightRecording=" + String.join(",", parts));
    }

    /** Begins to record this process, so that nothing has to be prepared later on; only the first call does. */
    public void open() {
        if (base == null) {
            try {
                base = recording();
                base.setMaxSize(MAX_BASE_LENGTH); // what a run records is its own
                base.start();
            } catch (final IOException | ParseException | RuntimeException ex) {
                base = null; // the run's own recording says why
            }
        }
    }

    /**
     * Begins with one run, before its load does.
     *
     * @param directory     of the result
     * @param brokers       their processes, by the names the run has for them
     * @param isStartedHere true if their JVMs were started with {@link #jvmOptions()}
     * @return what is running, to be finished
     */
    public Running start(final Path directory, final Map<String, Long> brokers, final boolean isStartedHere) {
        return new Running(this, directory, brokers, isStartedHere);
    }

    @Override
    public void close() {
        if (base != null) {
            base.close();
            base = null;
        }
    }

    private String[] startWords() {
        final List<String> words = new ArrayList<>(List.of("JFR.start", "name=" + RECORDING, "settings=" + SETTINGS,
            "maxsize=" + (MAX_LENGTH >> 20) + "m"));
        if (kind != null) {
            words.addAll(kind.settings());
        }
        return words.toArray(String[]::new);
    }

    private Recording recording() throws IOException, ParseException {
        final Map<String, String> settings =
            new LinkedHashMap<>(Configuration.getConfiguration(SETTINGS).getSettings());
        if (kind != null) {
            for (final String setting : kind.settings()) {
                settings.put(setting.substring(0, setting.indexOf('=')), setting.substring(setting.indexOf('=') + 1));
            }
        }
        final Recording recording = new Recording();
        recording.setSettings(settings);
        recording.setToDisk(true);
        return recording;
    }

    /** The recordings of one run, which end with it in any case; owned by the run's thread. */
    public static final class Running implements AutoCloseable {
        private final Profiling profiling;
        private final Path directory;
        private final boolean isStartedHere;
        private final Instant start = Instant.now();
        private final Map<String, Long> brokers = new LinkedHashMap<>();
        private final Map<String, Long> sampled = new LinkedHashMap<>();
        private final List<String> files = new ArrayList<>();
        private final List<String> problems = new ArrayList<>();
        private Recording recording;
        private boolean isEnded;
        private Instant measuredFrom = start;
        private Instant measuredTo;

        private Running(final Profiling profiling, final Path directory, final Map<String, Long> brokers,
            final boolean isStartedHere) {
            this.profiling = profiling;
            this.directory = directory;
            this.isStartedHere = isStartedHere;
            try {
                recording = profiling.recording();
                recording.setMaxSize(MAX_LENGTH);
                recording.start();
            } catch (final IOException | ParseException | RuntimeException ex) {
                problems.add("No flight recording of this process: " + ex + ".");
                recording = null;
            }
            brokers.forEach(this::begin);
            if (profiling.asyncProfiler != null) {
                sampled.put(CLIENT, ProcessHandle.current().pid());
                sampled.putAll(this.brokers);
                sampled.entrySet().removeIf(jvm -> hasProblem(jvm.getKey(),
                    profiling.asyncProfiler.start(jvm.getValue(), profiling.kind)));
            }
        }

        /** Marks the beginning of the measured phase. */
        public void measure() {
            measuredFrom = Instant.now();
        }

        /** Marks its end; only the first call counts. */
        public void endMeasure() {
            if (measuredTo == null) {
                measuredTo = Instant.now();
            }
        }

        /** Ends everything and writes the files. */
        public void finish() {
            endMeasure();
            final Path folder = folder("jfr");
            if (folder == null) {
                close();
                return;
            }
            isEnded = true;
            sampled.forEach(this::endSampling);
            final Map<String, Path> recordings = new LinkedHashMap<>();
            if (recording != null) {
                dump(folder.resolve(CLIENT + ".jfr"), recordings);
            }
            brokers.forEach((name, pid) -> fetch(name, pid, folder.resolve(name + ".jfr"), recordings));
            recordings.values().forEach(file -> files.add("jfr/" + file.getFileName()));
            if (profiling.kind != null && !recordings.isEmpty()) {
                final Path flames = folder("flame");
                if (flames != null) {
                    recordings.forEach((name, file) -> draw(name, file, flames));
                }
            }
        }

        /** Ends what goes on, in processes that may be the user's own; what was recorded is kept only by finish. */
        @Override
        public void close() {
            if (isEnded) {
                return;
            }
            isEnded = true;
            if (recording != null) {
                recording.close();
            }
            sampled.values().forEach(pid -> profiling.asyncProfiler.discard(pid));
            if (!isStartedHere) {
                brokers.values().forEach(pid -> Jcmd.run(pid, "JFR.stop", "name=" + RECORDING));
            }
        }

        /** {@return what was written, relative to the directory of the result} */
        public List<String> files() {
            return files;
        }

        /** {@return what could not be recorded, in sentences} */
        public List<String> problems() {
            return problems;
        }

        private void begin(final String name, final long pid) {
            if (!ProcessHandle.of(pid).flatMap(process -> process.info().command())
                .filter(command -> command.endsWith("java")).isPresent()) {
                problems.add("No flight recording of " + name + " (process " + pid + "): it is no JVM.");
            } else if (isStartedHere || jcmd(name, pid, profiling.startWords())) {
                brokers.put(name, pid);
            }
        }

        private void dump(final Path file, final Map<String, Path> recordings) {
            try {
                recording.stop();
                recording.dump(file);
                recordings.put(CLIENT, file);
            } catch (final IOException | RuntimeException ex) {
                problems.add("No flight recording of this process: " + ex + ".");
            } finally {
                recording.close();
            }
        }

        private void fetch(
            final String name, final long pid, final Path file, final Map<String, Path> recordings) {
            final boolean isWritten = isStartedHere
                ? jcmd(name, pid, "JFR.dump", "name=" + RECORDING, "begin=" + start,
                    "filename=" + file.toAbsolutePath())
                : jcmd(name, pid, "JFR.stop", "name=" + RECORDING, "filename=" + file.toAbsolutePath());
            if (isWritten && Files.exists(file)) {
                recordings.put(name, file);
            } else if (isWritten) {
                problems.add("No flight recording of " + name + " (process " + pid + "): it wrote none.");
            }
        }

        private void endSampling(final String name, final long pid) {
            final Path folder = folder("flame");
            if (folder != null) {
                final Path page = folder.resolve(name + "-" + profiling.kind.word() + "-async.html");
                if (!hasProblem(name, profiling.asyncProfiler.stop(pid, page))) {
                    files.add("flame/" + page.getFileName());
                }
            }
        }

        private boolean hasProblem(final String name, final String problem) {
            if (problem != null) {
                problems.add("No flame graph of " + name + " by async-profiler: " + problem + ".");
            }
            return problem != null;
        }

        private void draw(final String name, final Path file, final Path folder) {
            final Path page = folder.resolve(name + "-" + profiling.kind.word() + ".html");
            try {
                final RecordedStacks stacks =
                    RecordedStacks.read(file, profiling.kind, measuredFrom, measuredTo);
                Files.writeString(page, FlamePage.html(stacks.tree(), profiling.kind, name,
                    stacks.detail(measuredFrom, measuredTo)));
                files.add("flame/" + page.getFileName());
            } catch (final IOException | RuntimeException ex) {
                problems.add("No flame graph of " + name + ": " + ex + ".");
            }
        }

        private Path folder(final String name) {
            try {
                return Files.createDirectories(directory.resolve(name));
            } catch (final IOException ex) {
                problems.add("Cannot create " + directory.resolve(name) + ": " + ex + ".");
                return null;
            }
        }

        private boolean jcmd(final String name, final long pid, final String... words) {
            final String problem = Jcmd.run(pid, words);
            if (problem != null) {
                problems.add("No flight recording of " + name + " (process " + pid + "): " + problem + ".");
            }
            return problem == null;
        }
    }
}
