package io.millrace.load.worker;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Whose monotonic clock {@link System#nanoTime()} is: on Linux the machine's, for all its processes; no state. */
final class MachineClock {
    private MachineClock() {
    }

    /** {@return the same for two processes only if their clocks are one; empty if that is not known} */
    static String id() {
        try {
            // Containers may have a clock namespace of their own.
            return Files.readString(Path.of("/proc/sys/kernel/random/boot_id"), StandardCharsets.US_ASCII).trim() + " "
                + Files.readSymbolicLink(Path.of("/proc/self/ns/time"));
        } catch (final IOException | UnsupportedOperationException ex) {
            return "";
        }
    }
}
