package io.millrace.transport.kafka.client;

import org.agrona.DirectBuffer;

/** Takes the responses of a {@link LeanConnection}, on the thread that polls it and in the order of the requests. */
public interface LeanResponseHandler {
    /**
     * A produced batch is answered. Not called for acks=0.
     *
     * @param token      what was given to {@link LeanConnection#offerProduce}
     * @param errorCode  0, or the number of a Kafka error
     * @param baseOffset of the batch's first record, -1 when refused
     */
    void onProduceResponse(long token, short errorCode, long baseOffset);

    /**
     * A fetch is answered; called once for each partition of it that the answer names, also when it brought nothing.
     *
     * @param token         what was given to {@link LeanConnection#offerFetch}
     * @param partitionId   number in its topic; -1 if a fetch of several partitions was refused as a whole
     * @param errorCode     0, or the number of a Kafka error
     * @param highWatermark offset after the last committed record
     * @param buffer        holds the records, valid during the call; see {@link RecordBatchReader}
     * @param index         of the first batch
     * @param length        of all batches, 0 for none; the last one may be cut off
     */
    void onFetchBatch(
        long token,
        int partitionId,
        short errorCode,
        long highWatermark,
        DirectBuffer buffer,
        int index,
        int length);

    /**
     * Everything of a fetch's answer has been handed over.
     *
     * @param token what was given to {@link LeanConnection#offerFetch}
     */
    default void onFetchEnd(final long token) {
    }

    /**
     * The connection is gone; called once. Requests without an answer will get none: whether the broker took them is
     * unknown.
     *
     * @param reason names the address and what happened
     */
    void onDisconnect(String reason);
}
