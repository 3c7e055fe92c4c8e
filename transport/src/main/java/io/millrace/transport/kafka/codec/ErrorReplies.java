package io.millrace.transport.kafka.codec;

import java.nio.ByteBuffer;
import org.agrona.DirectBuffer;
import org.apache.kafka.common.errors.UnknownServerException;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.AbstractResponse;

/** The answer to a request that the broker failed at: UNKNOWN_SERVER_ERROR in its API's own shape. Stateless. */
public final class ErrorReplies {
    private ErrorReplies() {
    }

    /**
     * {@return end index of an encoded response that says nothing but that the request failed}
     *
     * @param apiKey  an advertised API
     * @param version of the request
     * @param buffer  holds it
     * @param index   of the body
     * @param length  of the body
     * @param target  takes the response
     * @throws RuntimeException when the request cannot be read either, or its API has no such answer
     */
    public static int encode(final short apiKey, final int version, final DirectBuffer buffer, final int index,
        final int length, final ReplyTarget target) {
        if (!ApiTable.isAdvertised(apiKey)) {
            throw new IllegalArgumentException("no request of Kafka's: " + ApiTable.name(apiKey));
        }
        final byte[] body = new byte[length];
        buffer.getBytes(index, body);
        final AbstractRequest request = AbstractRequest.parseRequest(
            ApiKeys.forId(apiKey), (short) version, new CountingAccessor(ByteBuffer.wrap(body))).request;
        final AbstractResponse response = request.getErrorResponse(
            0, new UnknownServerException("the broker failed at this request; its log says why"));
        return ColdMessages.write(response.data(), version, target);
    }
}
