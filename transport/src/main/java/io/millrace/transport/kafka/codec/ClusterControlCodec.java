package io.millrace.transport.kafka.codec;

import static java.nio.ByteOrder.BIG_ENDIAN;

import io.millrace.transport.kafka.message.ClusterControl;
import java.nio.charset.StandardCharsets;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * Millrace's own request on the wire, big endian as Kafka's.
 *
 * <pre>
 * request:  byte kind | with ELECT: int shardId | int brokerId | byte unclean (0, 1)
 * response: short errorCode | int length | text, UTF-8
 * </pre>
 */
public final class ClusterControlCodec {
    /** Longest text of a response. */
    public static final int MAX_TEXT_LENGTH = 8 << 20;

    private static final int STATUS_LENGTH = Byte.BYTES;
    private static final int SHARD_FIELD_OFFSET = Byte.BYTES;
    private static final int BROKER_FIELD_OFFSET = SHARD_FIELD_OFFSET + Integer.BYTES;
    private static final int UNCLEAN_FIELD_OFFSET = BROKER_FIELD_OFFSET + Integer.BYTES;
    private static final int ELECT_LENGTH = UNCLEAN_FIELD_OFFSET + Byte.BYTES;
    private static final int TEXT_LENGTH_FIELD_OFFSET = Short.BYTES;
    private static final int TEXT_FIELD_OFFSET = TEXT_LENGTH_FIELD_OFFSET + Integer.BYTES;

    private ClusterControlCodec() {
    }

    /**
     * {@return a decoded request}
     *
     * @param buffer holds it
     * @param index  of the body
     * @param length of the body
     * @throws MalformedRequestException when it is none
     */
    public static ClusterControl.Request decode(final DirectBuffer buffer, final int index, final int length) {
        final int kind = length < STATUS_LENGTH ? -1 : buffer.getByte(index);
        if (kind == ClusterControl.STATUS && length == STATUS_LENGTH) {
            return new ClusterControl.Request(ClusterControl.STATUS, -1, ClusterControl.ANY_BROKER, false);
        }
        final int unclean = length == ELECT_LENGTH ? buffer.getByte(index + UNCLEAN_FIELD_OFFSET) : -1;
        if (kind != ClusterControl.ELECT || unclean != 0 && unclean != 1) {
            throw new MalformedRequestException("ClusterControl request is not understood: kind=" + kind + ", length="
                + length + "; use the millrace command of this broker's version");
        }
        return new ClusterControl.Request(ClusterControl.ELECT, buffer.getInt(index + SHARD_FIELD_OFFSET, BIG_ENDIAN),
            buffer.getInt(index + BROKER_FIELD_OFFSET, BIG_ENDIAN), unclean == 1);
    }

    /**
     * {@return an encoded request, without a header}
     *
     * @param request to encode
     */
    public static byte[] encode(final ClusterControl.Request request) {
        final boolean elect = request.kind() == ClusterControl.ELECT;
        final java.nio.ByteBuffer out = java.nio.ByteBuffer.allocate(elect ? ELECT_LENGTH : STATUS_LENGTH);
        out.put(request.kind());
        if (elect) {
            out.putInt(request.shardId()).putInt(request.brokerId()).put((byte) (request.unclean() ? 1 : 0));
        }
        return out.array();
    }

    /**
     * {@return end index of an encoded response}
     *
     * @param response to encode
     * @param target   takes it
     */
    public static int encode(final ClusterControl.Response response, final ReplyTarget target) {
        final byte[] text = response.text().getBytes(StandardCharsets.UTF_8);
        final int end = ReplyTarget.BODY_INDEX + TEXT_FIELD_OFFSET + text.length;
        final MutableDirectBuffer out = target.ensureCapacity(end);
        out.putShort(ReplyTarget.BODY_INDEX, response.errorCode(), BIG_ENDIAN);
        out.putInt(ReplyTarget.BODY_INDEX + TEXT_LENGTH_FIELD_OFFSET, text.length, BIG_ENDIAN);
        out.putBytes(ReplyTarget.BODY_INDEX + TEXT_FIELD_OFFSET, text);
        return end;
    }
}
