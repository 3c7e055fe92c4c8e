package io.millrace.load.run;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What Linux says about processes.
 *
 * @param root of these files, /proc but in a test
 */
record ProcFiles(Path root) {
    private static final long NS_PER_TICK = 10_000_000; // USER_HZ is 100 on every Linux
    private static final int USER_TICKS_INDEX = 11;
    private static final int SYSTEM_TICKS_INDEX = 12;
    private static final String WRITTEN = "write_bytes: ";

    static ProcFiles ofThisMachine() {
        return new ProcFiles(Path.of("/proc"));
    }

    /**
     * {@return processor time a process has used, -1 if it cannot be read}
     *
     * @param processId the process
     */
    long cpuNs(final long processId) {
        try {
            final String stat =
                Files.readString(root.resolve(processId + "/stat"), StandardCharsets.ISO_8859_1);
            // The name in parentheses may hold anything; utime and stime are the 12th and 13th field after it.
            final String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            return (Long.parseLong(fields[USER_TICKS_INDEX]) + Long.parseLong(fields[SYSTEM_TICKS_INDEX]))
                * NS_PER_TICK;
        } catch (final IOException | RuntimeException ex) {
            return -1;
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
     * {@return context switches of all threads a process has now, -1 if they cannot be read}
     *
     * @param processId the process
     */
    long contextSwitches(final long processId) {
        long count = 0;
        try (DirectoryStream<Path> threads = Files.newDirectoryStream(root.resolve(processId + "/task"))) {
            for (final Path thread : threads) {
                count += contextSwitches(thread.resolve("status"));
            }
            return count;
        } catch (final IOException | RuntimeException ex) {
            return -1;
        }
    }

    private static long contextSwitches(final Path status) {
        try {
            return Files.readAllLines(status).stream().filter(line -> line.contains("ctxt_switches:"))
                .mapToLong(line -> Long.parseLong(line.substring(line.indexOf(':') + 1).trim())).sum();
        } catch (final IOException ex) {
            return 0; // it has ended while the others were read
        }
    }
}
