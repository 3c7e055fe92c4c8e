package io.millrace.broker.metadata;

/**
 * The answer to a command.
 *
 * @param errorCode 0, or one of {@link MetadataErrors}; {@link MetadataErrors#REQUEST_TIMED_OUT} means that the outcome
 *                  is unknown
 * @param message   null, or for users: value, limit and remedy
 * @param value     RegisterBroker: broker epoch; ControlledShutdown: shards the broker still leads; ElectLeader: the
 *                  new leader epoch; CreateTopic: partition count; ChangeIsr: the shard's isrVersion;
 *                  AllocateProducerIds: first id; else 0
 * @param version   of the metadata after the command; the image of this version was delivered before the answer
 */
public record MetadataResult(short errorCode, String message, long value, long version) {
    /** {@return whether the command was accepted} */
    public boolean isOk() {
        return errorCode == MetadataErrors.NONE;
    }

    /**
     * {@return whether the command may yet be accepted: a copy of it may be under way} For
     * {@link MetadataCommand.ChangeIsr}, which must not rely on a refusal that a later copy overtakes.
     */
    public boolean isUndecided() {
        return errorCode == MetadataErrors.REQUEST_TIMED_OUT || errorCode == MetadataErrors.STALE_BROKER_EPOCH;
    }

    /** Takes the answer to a command, on the thread of the quorum. */
    @FunctionalInterface
    public interface Handler {
        /**
         * The command was answered.
         *
         * @param result of it
         */
        void onResult(MetadataResult result);
    }
}
