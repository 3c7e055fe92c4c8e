package io.millrace.broker.node;

/** The process must end and be started again; nothing is lost. */
final class RestartNeededException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    RestartNeededException(final String message) {
        super(message);
    }
}
