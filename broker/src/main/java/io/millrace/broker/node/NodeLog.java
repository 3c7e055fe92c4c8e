package io.millrace.broker.node;

import io.millrace.broker.scrub.ScrubEvents;
import java.io.PrintStream;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** The node's own log: one line an event, to standard output. Any thread. */
public final class NodeLog implements ScrubEvents {
    private final PrintStream out;

    /**
     * Writes to a stream.
     *
     * @param out where lines go
     */
    public NodeLog(final PrintStream out) {
        this.out = out;
    }

    /**
     * Something worth knowing.
     *
     * @param message one line
     */
    @Override
    public void info(final String message) {
        write("INFO ", message);
    }

    /**
     * Something that costs speed or safety, with its remedy.
     *
     * @param message one line
     */
    @Override
    public void warn(final String message) {
        write("WARN ", message);
    }

    /**
     * Something failed.
     *
     * @param message what
     * @param cause   why, or null
     */
    public void error(final String message, final Throwable cause) {
        synchronized (out) {
            write("ERROR", cause == null ? message : message + ": " + cause);
            if (cause != null) {
                cause.printStackTrace(out);
                out.flush();
            }
        }
    }

    private void write(final String level, final String message) {
        out.println(Instant.now().truncatedTo(ChronoUnit.MILLIS) + " " + level + " " + message);
        out.flush();
    }
}
