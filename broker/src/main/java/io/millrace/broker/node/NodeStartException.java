package io.millrace.broker.node;

/** The node cannot start; the message names the reason and the remedy. */
public final class NodeStartException extends Exception {
    private static final long serialVersionUID = 1L;

    NodeStartException(final String message, final Throwable cause) {
        super(message, cause);
    }
}
