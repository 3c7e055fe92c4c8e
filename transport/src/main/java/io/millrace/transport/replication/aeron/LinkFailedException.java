package io.millrace.transport.replication.aeron;

/**
 * The link is dead for good: the process was paused for longer than Aeron's time-outs, or the driver failed. The
 * process must end and be started again; the log is unharmed.
 */
public final class LinkFailedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    LinkFailedException(final String message, final Throwable cause) {
        super(message, cause);
    }
}
