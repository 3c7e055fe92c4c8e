package io.millrace.load.run;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Makes Linux wake a parked thread on time: by default it may be 50 us late, which would count as schedule lag. */
final class TimerSlack {
    private static final byte[] SLACK_NS = "1000".getBytes(StandardCharsets.US_ASCII);

    private TimerSlack() {
    }

    /** Asks for 1 us; where that is not possible, the lag histogram shows what it costs. */
    static void reduceForThisThread() {
        try {
            // The setting is per thread, but its file stands under /proc/<thread id>, not in the thread's task folder.
            final Path threadId = Files.readSymbolicLink(Path.of("/proc/thread-self")).getFileName();
            Files.write(Path.of("/proc").resolve(threadId).resolve("timerslack_ns"), SLACK_NS);
        } catch (final IOException | UnsupportedOperationException | SecurityException ex) {
            // Another system, or not permitted: nothing to repair.
            return;
        }
    }
}
