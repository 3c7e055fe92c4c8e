package io.millrace.transport.kafka.client;

import io.millrace.transport.kafka.codec.FetchResponseCursor;
import io.millrace.transport.kafka.codec.MalformedRequestException;
import io.millrace.transport.kafka.codec.ProduceResponseCursor;
import org.agrona.DirectBuffer;

/** From response bodies to handler calls. Owned by the connection's thread. */
final class LeanResponseDecoder {
    private final ProduceResponseCursor produce = new ProduceResponseCursor();
    private final FetchResponseCursor fetch = new FetchResponseCursor();

    void onProduce(
        final LeanResponseHandler handler,
        final int version,
        final long token,
        final DirectBuffer buffer,
        final int index,
        final int length) {
        if (!produce.wrap(version, buffer, index, length).next()) {
            throw new MalformedRequestException("Produce response without a partition");
        }
        handler.onProduceResponse(token, produce.errorCode(), produce.baseOffset());
    }

    void onFetch(
        final LeanResponseHandler handler,
        final int version,
        final long token,
        final int partitionId,
        final DirectBuffer buffer,
        final int index,
        final int length) {
        fetch.wrap(version, buffer, index, length);
        if (fetch.topErrorCode() != 0) {
            handler.onFetchBatch(token, partitionId, fetch.topErrorCode(), -1L, buffer, index, 0);
        } else if (fetch.next()) {
            do {
                handler.onFetchBatch(token, fetch.partitionId(), fetch.errorCode(), fetch.highWatermark(), buffer,
                    fetch.recordsIndex(), fetch.recordsLength());
            } while (fetch.next());
        } else {
            throw new MalformedRequestException("Fetch response without a partition");
        }
        handler.onFetchEnd(token);
    }
}
