package io.millrace.load.workload;

/** An option that cannot be: the message names the value, the limit and the remedy. */
public final class WorkloadException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * @param message names the value, the limit and the remedy
     */
    public WorkloadException(final String message) {
        super(message);
    }
}
