package io.millrace.broker.metadata.cluster;

/** This node must not take part in the metadata quorum that it reaches; the message names why and the remedy. */
public final class QuorumRefusedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    QuorumRefusedException(final String message) {
        super(message);
    }
}
