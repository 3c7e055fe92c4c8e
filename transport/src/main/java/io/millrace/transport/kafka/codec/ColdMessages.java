package io.millrace.transport.kafka.codec;

import java.nio.ByteBuffer;
import java.util.UUID;
import org.agrona.DirectBuffer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.ObjectSerializationCache;

/**
 * Reads the generated classes of cold requests and writes those of their responses, at the cost of some garbage.
 * Stateless, any thread.
 *
 * <p>Each family of requests has a codec class of its own on top of this one. Decoders throw
 * {@link MalformedRequestException}; the length they are given bounds what they allocate. Bytes after the end of a
 * request are ignored as in Kafka: librdkafka leaves three there when it asks for the metadata of all topics. Encoders
 * write to a {@link ReplyTarget} and return the index to complete the reply with. Whether a version is flexible, and so
 * has tagged fields in the header of its response, is nobody's business but this class's.
 */
final class ColdMessages {
    private ColdMessages() {
    }

    static <T extends ApiMessage> T decode(
        final T data, final int version, final DirectBuffer buffer, final int index, final int length) {
        if (length < 0 || index < 0 || index > buffer.capacity() - length) {
            throw new MalformedRequestException("slice outside the buffer: index=" + index + ", length=" + length);
        }
        final byte[] body = new byte[length];
        buffer.getBytes(index, body);
        final ByteBufferAccessor accessor = new CountingAccessor(ByteBuffer.wrap(body));
        try {
            HashedLists.check(data.apiKey(), version, accessor.buffer());
            data.read(accessor, (short) version);
        } catch (final RuntimeException e) {
            // the generated classes throw whatever comes: buffer underflow, unsupported version, negative length
            throw new MalformedRequestException("body cannot be decoded: version=" + version + ", length=" + length +
                ": " + e.getMessage());
        }
        return data;
    }

    /** {@return an id as Kafka's classes have it, all zero for null} */
    static Uuid id(final UUID id) {
        return id == null ? Uuid.ZERO_UUID : new Uuid(id.getMostSignificantBits(), id.getLeastSignificantBits());
    }

    /** {@return an id of Kafka's classes, null when it is all zero} */
    static UUID id(final Uuid id) {
        return Uuid.ZERO_UUID.equals(id) ? null
            : new UUID(id.getMostSignificantBits(), id.getLeastSignificantBits());
    }

    static int write(final ApiMessage message, final int version, final ReplyTarget target) {
        final ObjectSerializationCache cache = new ObjectSerializationCache();
        final int length = message.size(cache, (short) version);
        final ByteBuffer body = ByteBuffer.allocate(length);
        message.write(new ByteBufferAccessor(body), cache, (short) version);
        int index = ReplyTarget.BODY_INDEX;
        if (ApiTable.isFlexible(message.apiKey(), version)) {
            // the response's header ends with tagged fields, of which there are none
            target.ensureCapacity(index + 1).putByte(index, (byte) 0);
            index++;
        }
        final int end = Math.addExact(index, length);
        target.ensureCapacity(end).putBytes(index, body.array(), 0, length);
        return end;
    }
}
