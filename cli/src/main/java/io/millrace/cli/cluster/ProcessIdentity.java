package io.millrace.cli.cluster;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Tells a process from a later one with the same pid: a token made of its start time and the machine's boot.
 */
final class ProcessIdentity {
    /** Of the fields after the command's name in /proc/PID/stat, counted from 0. */
    private static final int STATE_INDEX = 0;
    private static final int START_TIME_INDEX = 19;

    private ProcessIdentity() {
    }

    /** {@return the token of a process that runs, or empty} */
    static Optional<String> token(final long pid) {
        final Path stat = Path.of("/proc", Long.toString(pid), "stat");
        if (!Files.isDirectory(Path.of("/proc/self"))) {
            return ProcessHandle.of(pid).filter(ProcessHandle::isAlive)
                .flatMap(process -> process.info().startInstant()).map(start -> "started " + start);
        }
        try {
            final String text = Files.readString(stat, StandardCharsets.ISO_8859_1);
            // the name is in brackets and may itself hold blanks and brackets
            final String[] fields = text.substring(text.lastIndexOf(')') + 2).split(" ");
            if ("Z".equals(fields[STATE_INDEX]) || "X".equals(fields[STATE_INDEX])) {
                return Optional.empty();
            }
            return Optional.of("tick " + fields[START_TIME_INDEX] + " of boot " + bootId());
        } catch (final IOException gone) {
            return Optional.empty();
        }
    }

    static boolean isRunning(final long pid, final String token) {
        return pid > 0 && token(pid).filter(token::equals).isPresent();
    }

    private static String bootId() throws IOException {
        return Files.readString(Path.of("/proc/sys/kernel/random/boot_id"), StandardCharsets.US_ASCII).strip();
    }
}
