package io.millrace.engine;

/**
 * Where the outcome of a produced batch goes. Called on the engine thread; must not block, allocate or throw.
 */
public interface ProduceOutcomes {
    /**
     * One batch is answered: accepted as its acks ask, or refused.
     *
     * @param replyId        what the producer side put into the frame's position field
     * @param errorCode      0, or the number of a Kafka error (see {@link ErrorCodes})
     * @param baseOffset     offset of the batch's first record, -1 when refused
     * @param logStartOffset first offset kept of the partition, -1 when unknown
     */
    void onOutcome(long replyId, short errorCode, long baseOffset, long logStartOffset);
}
