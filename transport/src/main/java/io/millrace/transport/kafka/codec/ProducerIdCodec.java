package io.millrace.transport.kafka.codec;

import io.millrace.transport.kafka.message.InitProducerId;
import org.agrona.DirectBuffer;
import org.apache.kafka.common.message.InitProducerIdRequestData;
import org.apache.kafka.common.message.InitProducerIdResponseData;
import org.apache.kafka.common.protocol.ApiMessage;

/**
 * InitProducerId. Stateless, any thread;
 * {@link ColdMessages} has what all such codecs keep to.
 */
public final class ProducerIdCodec {
    private ProducerIdCodec() {
    }

    /**
     * {@return a decoded InitProducerId request}
     *
     * @param version of the request
     * @param buffer  holds it
     * @param index   of the body
     * @param length  of the body
     */
    public static InitProducerId.Request decodeInitProducerId(
        final int version, final DirectBuffer buffer, final int index, final int length) {
        final InitProducerIdRequestData data =
            ColdMessages.decode(new InitProducerIdRequestData(), version, buffer, index, length);
        return new InitProducerId.Request(data.transactionalId(), data.transactionTimeoutMs());
    }

    /**
     * {@return end index of an encoded InitProducerId response}
     *
     * @param version  of the request
     * @param response to encode
     * @param target   takes it
     */
    public static int encode(final int version, final InitProducerId.Response response, final ReplyTarget target) {
        return ColdMessages.write(initProducerId(response), version, target);
    }

    private static ApiMessage initProducerId(final InitProducerId.Response response) {
        return new InitProducerIdResponseData()
            .setErrorCode(response.errorCode())
            .setProducerId(response.producerId())
            .setProducerEpoch(response.producerEpoch());
    }
}
