package io.millrace.load.command;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;

/**
 * Tells starts of processes apart; no state. By what the kernel counts since the machine started: the wall clock is set
 * while they run, and what is told of their start with it.
 */
final class ProcessStart {
    private static final Path PROC = Path.of("/proc");
    private static final String UNKNOWN = "unknown";
    /** Of the fields behind the name, which is in parentheses and may hold anything. */
    private static final int START_TICKS_INDEX = 19;

    private ProcessStart() {
    }

    /** {@return words of their own for each start of this machine} */
    static String bootId() {
        try {
            return Files.readString(PROC.resolve("sys/kernel/random/boot_id")).strip();
        } catch (final IOException ex) {
            return UNKNOWN;
        }
    }

    /**
     * {@return when a process started}
     *
     * @param processId the process
     */
    static String of(final long processId) {
        try {
            final String stat = Files.readString(PROC.resolve(processId + "/stat"), StandardCharsets.ISO_8859_1);
            return stat.substring(stat.lastIndexOf(')') + 2).split(" ")[START_TICKS_INDEX];
        } catch (final IOException | IndexOutOfBoundsException ex) {
            return ProcessHandle.of(processId).flatMap(process -> process.info().startInstant())
                .map(Instant::toString).orElse(UNKNOWN); // another system than Linux
        }
    }
}
