package io.millrace.load.run;

import io.millrace.results.model.Scheduling;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * What Linux says about processes.
 *
 * @param root of these files, /proc but in a test
 */
record ProcFiles(Path root) {
    private static final long NS_PER_TICK = 10_000_000; // USER_HZ is 100 on every Linux
    private static final int USER_TICKS_INDEX = 11;
    private static final int CHILDREN_SYSTEM_TICKS_INDEX = 14;
    /** Names of the threads that process-meter makes. */
    private static final Set<String> METERS = Set.of("hiccup-meter", "process-meter");
    private static final String WRITTEN = "write_bytes: ";

    static ProcFiles ofThisMachine() {
        return new ProcFiles(Path.of("/proc"));
    }

    /**
     * {@return processor time a process has used but for its meter, with that of its children that have ended, such as
     * those that rewrite a log; -1 if it cannot be read}
     *
     * @param processId the process
     */
    long cpuNs(final long processId) {
        try {
            final String stat =
                Files.readString(root.resolve(processId + "/stat"), StandardCharsets.ISO_8859_1);
            // The name in parentheses may hold anything; the 12th to 15th field after it: utime, stime, cutime, cstime.
            final String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            long ticks = 0;
            for (int i = USER_TICKS_INDEX; i <= CHILDREN_SYSTEM_TICKS_INDEX; i++) {
                ticks += Long.parseLong(fields[i]);
            }
            return ticks * NS_PER_TICK - meterCpuNs(processId);
        } catch (final IOException | RuntimeException ex) {
            return -1;
        }
    }

    /**
     * {@return what a process does, by the letter that /proc has for it; 0 if it is gone or waits to be buried}
     *
     * @param processId the process
     */
    char state(final long processId) {
        try {
            final String stat =
                Files.readString(root.resolve(processId + "/stat"), StandardCharsets.ISO_8859_1);
            final char state = stat.charAt(stat.lastIndexOf(')') + 2);
            return state == 'Z' || state == 'X' ? 0 : state;
        } catch (final IOException | RuntimeException ex) {
            return 0;
        }
    }

    /**
     * {@return bytes a process has caused to be written to disk, -1 if that cannot be read}
     *
     * @param processId the process
     */
    long diskWriteLength(final long processId) {
        try {
            return Files.readAllLines(root.resolve(processId + "/io")).stream()
                .filter(line -> line.startsWith(WRITTEN))
                .mapToLong(line -> Long.parseLong(line.substring(WRITTEN.length())))
                .findFirst().orElse(-1);
        } catch (final IOException | RuntimeException ex) {
            return -1;
        }
    }

    /**
     * {@return how the threads that a process has now, but for its meter, were treated since they began; nulls for what
     * cannot be read}
     *
     * @param processId the process
     */
    Scheduling scheduling(final long processId) {
        final List<String> statuses = new ArrayList<>();
        long runDelayNs = 0;
        try (DirectoryStream<Path> threads = Files.newDirectoryStream(root.resolve(processId + "/task"))) {
            for (final Path thread : threads) {
                if (isMeter(thread)) {
                    continue;
                }
                statuses.addAll(linesOf(thread.resolve("status")));
                // time on a processor, time in wait of one, how often it got one
                for (final String line : linesOf(thread.resolve("schedstat"))) {
                    runDelayNs += Long.parseLong(line.split(" ")[1]);
                }
            }
        } catch (final IOException | RuntimeException ex) {
            return new Scheduling(null, null, null);
        }
        return new Scheduling(sum(statuses, "voluntary_ctxt_switches:"), sum(statuses, "nonvoluntary_ctxt_switches:"),
            Files.exists(root.resolve(processId + "/schedstat")) ? Long.valueOf(runDelayNs) : null);
    }

    /** {@return what all processors have done since the machine started, null if that cannot be read} */
    Processors processors() {
        for (final String line : linesOf(root.resolve("stat"))) {
            if (line.startsWith("cpu ")) {
                return Processors.of(line);
            }
        }
        return null;
    }

    /** What waking a thousand times a second costs is no cost of the system that is measured. */
    private long meterCpuNs(final long processId) {
        long cpuNs = 0;
        try (DirectoryStream<Path> threads = Files.newDirectoryStream(root.resolve(processId + "/task"))) {
            for (final Path thread : threads) {
                if (isMeter(thread)) {
                    for (final String line : linesOf(thread.resolve("schedstat"))) {
                        cpuNs += Long.parseLong(line.split(" ")[0]);
                    }
                }
            }
        } catch (final IOException ex) {
            return 0; // of a system that does not tell of threads
        }
        return cpuNs;
    }

    private static boolean isMeter(final Path thread) {
        return linesOf(thread.resolve("comm")).stream().anyMatch(METERS::contains);
    }

    /**
     * Time of all processors since the machine started.
     *
     * @param allNs        idle or not
     * @param processesNs  of processes
     * @param interruptsNs of interrupts, soft ones too
     * @param stolenNs     taken by the hypervisor
     */
    record Processors(long allNs, long processesNs, long interruptsNs, long stolenNs) {
        private static final int FIELD_COUNT = 8;

        /** Reads "cpu user nice system idle iowait irq softirq steal ...". {@return null if it says less} */
        static Processors of(final String line) {
            final String[] fields = line.trim().split(" +");
            if (fields.length <= FIELD_COUNT) {
                return null;
            }
            final long[] ns = new long[FIELD_COUNT];
            long allNs = 0;
            for (int i = 0; i < FIELD_COUNT; i++) {
                ns[i] = Long.parseLong(fields[i + 1]) * NS_PER_TICK;
                allNs += ns[i];
            }
            return new Processors(allNs, ns[0] + ns[1] + ns[2], ns[5] + ns[6], ns[7]);
        }
    }

    private static Long sum(final List<String> lines, final String name) {
        final List<Long> values = lines.stream().filter(line -> line.startsWith(name))
            .map(line -> Long.valueOf(line.substring(name.length()).trim())).toList();
        return values.isEmpty() ? null : Long.valueOf(values.stream().mapToLong(Long::longValue).sum());
    }

    private static List<String> linesOf(final Path file) {
        try {
            return Files.readAllLines(file);
        } catch (final IOException ex) {
            return List.of(); // it has ended while the others were read
        }
    }
}
