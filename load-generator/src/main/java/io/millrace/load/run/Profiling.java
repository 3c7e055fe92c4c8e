package io.millrace.load.run;

import io.millrace.load.workload.WorkloadException;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * What is recorded beside a run: a flight recording of this process and of the brokers, a flame graph of this process.
 * Each only over the measured phase; what cannot be recorded is said, and spoils nothing.
 *
 * @param isJfr true for flight recordings
 * @param event of async-profiler: cpu, alloc, lock or wall; null for no flame graph
 */
public record Profiling(boolean isJfr, String event) {
    private static final String PROFILER = "one.profiler.AsyncProfiler";
    private static final long COMMAND_TIMEOUT_S = 30;
    private static final String RECORDING = "millrace-bench";

    /** Refuses a profile that cannot be made here, before anything is started. */
    public Profiling {
        if (event != null && !List.of("cpu", "alloc", "lock", "wall").contains(event)) {
            throw new WorkloadException("profile: value=" + event + " is none of cpu, alloc, lock, wall");
        }
        if (event != null && profiler() == null) {
            throw new WorkloadException("profile: value=" + event + " needs async-profiler, which is not on the class "
                + "path; put its jar (Maven: tools.profiler:async-profiler, 4.0 or newer) into the application's lib "
                + "directory, or record with --jfr instead");
        }
    }

    /**
     * Begins.
     *
     * @param directory of the result
     * @param brokers   processes of the brokers, as far as known
     * @return what is running, to be stopped
     */
    Running start(final Path directory, final List<Long> brokers) {
        return new Running(this, directory, brokers);
    }

    private static Class<?> profiler() {
        try {
            return Class.forName(PROFILER);
        } catch (final ClassNotFoundException ex) {
            return null;
        }
    }

    /** Recordings under way; owned by the run's thread. */
    static final class Running {
        private final Profiling profiling;
        private final Path directory;
        private final List<String> files = new ArrayList<>();
        private final List<String> problems = new ArrayList<>();
        private final List<Long> recorded = new ArrayList<>();
        private jdk.jfr.Recording recording;

        private Running(final Profiling profiling, final Path directory, final List<Long> brokers) {
            this.profiling = profiling;
            this.directory = directory;
            if (profiling.isJfr()) {
                startRecordings(brokers);
            }
            if (profiling.event() != null) {
                execute("start,event=" + profiling.event());
            }
        }

        /** Ends everything and writes the files. */
        void stop() {
            if (profiling.isJfr()) {
                stopRecordings();
            }
            if (profiling.event() != null) {
                final Path file = folder("flame").resolve("client-" + profiling.event() + ".html");
                if (execute("stop,file=" + file.toAbsolutePath() + ",flamegraph")) {
                    files.add(directory.relativize(file).toString());
                }
            }
        }

        /** {@return what was written, relative to the directory of the result} */
        List<String> files() {
            return files;
        }

        /** {@return what could not be recorded, in sentences} */
        List<String> problems() {
            return problems;
        }

        private void startRecordings(final List<Long> brokers) {
            try {
                recording = new jdk.jfr.Recording(jdk.jfr.Configuration.getConfiguration("profile"));
                recording.start();
            } catch (final IOException | java.text.ParseException | RuntimeException ex) {
                problems.add("No flight recording of this process: " + ex + ".");
                recording = null;
            }
            for (final long pid : brokers) {
                if (jcmd(pid, "JFR.start", "name=" + RECORDING, "settings=profile")) {
                    recorded.add(pid);
                }
            }
        }

        private void stopRecordings() {
            final Path folder = folder("jfr");
            if (recording != null) {
                try {
                    recording.stop();
                    recording.dump(folder.resolve("client.jfr"));
                    files.add("jfr/client.jfr");
                } catch (final IOException ex) {
                    problems.add("No flight recording of this process: " + ex + ".");
                } finally {
                    recording.close();
                }
            }
            for (final long pid : recorded) {
                final Path file = folder.resolve("broker-" + pid + ".jfr");
                if (jcmd(pid, "JFR.stop", "name=" + RECORDING, "filename=" + file.toAbsolutePath())
                    && Files.exists(file)) {
                    files.add("jfr/" + file.getFileName());
                }
            }
        }

        private Path folder(final String name) {
            final Path folder = directory.resolve(name);
            try {
                return Files.createDirectories(folder);
            } catch (final IOException ex) {
                problems.add("Cannot create " + folder + ": " + ex + ".");
                return directory;
            }
        }

        private boolean jcmd(final long pid, final String... words) {
            final List<String> command = new ArrayList<>();
            command.add(Path.of(System.getProperty("java.home"), "bin", "jcmd").toString());
            command.add(String.valueOf(pid));
            command.addAll(List.of(words));
            try {
                final Process process = new ProcessBuilder(command).redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
                if (process.waitFor(COMMAND_TIMEOUT_S, TimeUnit.SECONDS) && process.exitValue() == 0) {
                    return true;
                }
                process.destroy();
                problems.add("No flight recording of process " + pid + ": jcmd " + words[0] + " failed.");
            } catch (final IOException ex) {
                problems.add("No flight recording of process " + pid + ": " + ex.getMessage() + ".");
            } catch (final InterruptedException ex) {
                Thread.currentThread().interrupt();
            }
            return false;
        }

        private boolean execute(final String command) {
            try {
                final Class<?> type = profiler();
                final Object instance = type.getMethod("getInstance").invoke(null);
                type.getMethod("execute", String.class).invoke(instance, command);
                return true;
            } catch (final InvocationTargetException ex) {
                problems.add(String.format(Locale.ROOT, "No flame graph: %s.", ex.getCause()));
            } catch (final ReflectiveOperationException | RuntimeException ex) {
                problems.add(String.format(Locale.ROOT, "No flame graph: %s.", ex));
            }
            return false;
        }
    }
}
