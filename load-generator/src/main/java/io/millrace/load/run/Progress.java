package io.millrace.load.run;

import io.millrace.load.workload.Units;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** One line a second on a terminal, rewritten in place; plain lines every few seconds elsewhere. The run's thread. */
public final class Progress {
    private static final long PLAIN_INTERVAL_MS = 5_000;

    private final PrintStream out;
    private final boolean isTerminal;
    private final boolean isQuiet;
    private String prefix = "";
    private long lastPlainMs;
    private int lastLength;

    /**
     * @param out     where to print
     * @param isQuiet true to print nothing
     */
    public Progress(final PrintStream out, final boolean isQuiet) {
        this(out, isQuiet, isErrorTerminal());
    }

    Progress(final PrintStream out, final boolean isQuiet, final boolean isTerminal) {
        this.out = out;
        this.isQuiet = isQuiet;
        this.isTerminal = isTerminal;
    }

    /**
     * Puts a word in front of every line, such as the leg of a comparison.
     *
     * @param text the word, or an empty string
     */
    public void prefix(final String text) {
        prefix = text.isEmpty() ? "" : text + "  ";
    }

    /**
     * Prints a line that stays.
     *
     * @param text without line break
     */
    public void say(final String text) {
        if (!isQuiet) {
            clear();
            out.println(prefix + text);
            lastLength = 0;
        }
    }

    void show(
        final String phase,
        final long elapsedMs,
        final long plannedMs,
        final IntervalSampler.Snapshot snapshot,
        final long nowMs) {
        if (isQuiet || !isTerminal && nowMs - lastPlainMs < PLAIN_INTERVAL_MS) {
            return;
        }
        lastPlainMs = nowMs;
        final String of = plannedMs > 0 ? "/" + (plannedMs + 500) / 1000 : "";
        final String line = String.format(Locale.ROOT, "%s%-7s %3d%s s  %,9.0f/s  p50 %-8s p99 %-8s errors %d  "
            + "in flight %d", prefix, phase, (elapsedMs + 500) / 1000, of, snapshot.ackedPerS(),
            latency(snapshot.p50Ns()), latency(snapshot.p99Ns()), snapshot.failed(), Math.max(0, snapshot.inFlight()));
        if (isTerminal) {
            out.print("\r" + line + " ".repeat(Math.max(0, lastLength - line.length())));
            out.flush();
            lastLength = line.length();
        } else {
            out.println(line);
        }
    }

    private void clear() {
        if (isTerminal && lastLength > 0) {
            out.print("\r" + " ".repeat(lastLength) + "\r");
        }
    }

    private static String latency(final long ns) {
        return ns < 0 ? "-" : Units.duration(ns);
    }

    private static boolean isErrorTerminal() {
        try {
            final String file = Files.readSymbolicLink(Path.of("/proc/self/fd/2")).toString();
            return file.startsWith("/dev/pts/") || file.startsWith("/dev/tty") || file.equals("/dev/console");
        } catch (final java.io.IOException | UnsupportedOperationException ex) {
            return System.console() != null;
        }
    }
}
