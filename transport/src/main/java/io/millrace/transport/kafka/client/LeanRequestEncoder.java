package io.millrace.transport.kafka.client;

import static java.nio.ByteOrder.BIG_ENDIAN;

import io.millrace.transport.kafka.codec.ApiTable;
import java.nio.charset.StandardCharsets;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** Writes requests with their length prefix and header. Owned by the connection's thread. */
final class LeanRequestEncoder {
    private static final int CORRELATION_ID_FIELD_OFFSET = Integer.BYTES + 2 * Short.BYTES;
    private static final int CLIENT_ID_FIELD_OFFSET = CORRELATION_ID_FIELD_OFFSET + Integer.BYTES;

    private final byte[] clientId;
    private final int headerLength;

    LeanRequestEncoder(final String clientId) {
        this.clientId = clientId.getBytes(StandardCharsets.UTF_8);
        this.headerLength = CLIENT_ID_FIELD_OFFSET + Short.BYTES + this.clientId.length;
    }

    int apiVersionsFrameLength() {
        return headerLength;
    }

    /** Writes version 0, which every broker answers. */
    void apiVersions(final UnsafeBuffer out, final int at, final int correlationId) {
        header(out, at, headerLength, ApiTable.API_VERSIONS, 0, correlationId);
    }

    int produceFrameLength(final TopicName topic, final int batchLength) {
        return headerLength + Short.BYTES + Short.BYTES + 2 * Integer.BYTES + Short.BYTES + topic.utf8().capacity() +
            3 * Integer.BYTES + batchLength;
    }

    void produce(
        final UnsafeBuffer out,
        final int at,
        final int version,
        final int correlationId,
        final TopicName topic,
        final int partitionId,
        final short acks,
        final int timeoutMs,
        final DirectBuffer batch,
        final int batchIndex,
        final int batchLength) {
        header(out, at, produceFrameLength(topic, batchLength), ApiTable.PRODUCE, version, correlationId);
        int i = at + headerLength;
        out.putShort(i, (short) -1, BIG_ENDIAN);
        out.putShort(i + 2, acks, BIG_ENDIAN);
        out.putInt(i + 4, timeoutMs, BIG_ENDIAN);
        out.putInt(i + 8, 1, BIG_ENDIAN);
        i = topic(out, i + 12, topic);
        out.putInt(i, 1, BIG_ENDIAN);
        out.putInt(i + 4, partitionId, BIG_ENDIAN);
        out.putInt(i + 8, batchLength, BIG_ENDIAN);
        out.putBytes(i + 12, batch, batchIndex, batchLength);
    }

    int fetchFrameLength(final int version, final TopicName topic, final int partitionCount) {
        return fetchHeadLength(version, topic) + partitionCount * fetchPartitionLength(version) +
            (version >= 7 ? Integer.BYTES : 0) + (version >= 11 ? Short.BYTES : 0);
    }

    private int fetchHeadLength(final int version, final TopicName topic) {
        return headerLength + 4 * Integer.BYTES + 1 + (version >= 7 ? 2 * Integer.BYTES : 0) + Integer.BYTES +
            Short.BYTES + topic.utf8().capacity() + Integer.BYTES;
    }

    private static int fetchPartitionLength(final int version) {
        return Integer.BYTES + (version >= 9 ? Integer.BYTES : 0) + Long.BYTES + (version >= 5 ? Long.BYTES : 0) +
            Integer.BYTES;
    }

    /** Everything but the partitions, each of which {@link #fetchPartition} writes. */
    void fetch(
        final UnsafeBuffer out,
        final int at,
        final int version,
        final int correlationId,
        final TopicName topic,
        final int partitionCount,
        final int maxWaitMs,
        final int minLength,
        final int maxLength) {
        final int frameLength = fetchFrameLength(version, topic, partitionCount);
        header(out, at, frameLength, ApiTable.FETCH, version, correlationId);
        int i = at + headerLength;
        out.putInt(i, -1, BIG_ENDIAN);
        out.putInt(i + 4, maxWaitMs, BIG_ENDIAN);
        out.putInt(i + 8, minLength, BIG_ENDIAN);
        out.putInt(i + 12, maxLength, BIG_ENDIAN);
        out.putByte(i + 16, (byte) 0);
        i += 17;
        if (version >= 7) {
            out.putInt(i, 0, BIG_ENDIAN);
            out.putInt(i + 4, -1, BIG_ENDIAN);
            i += 8;
        }
        out.putInt(i, 1, BIG_ENDIAN);
        i = topic(out, i + 4, topic);
        out.putInt(i, partitionCount, BIG_ENDIAN);
        i += 4 + partitionCount * fetchPartitionLength(version);
        if (version >= 7) {
            out.putInt(i, 0, BIG_ENDIAN);
            i += 4;
        }
        if (version >= 11) {
            out.putShort(i, (short) 0, BIG_ENDIAN);
        }
    }

    void fetchPartition(
        final UnsafeBuffer out,
        final int at,
        final int version,
        final TopicName topic,
        final int place,
        final int partitionId,
        final long offset,
        final int maxLength) {
        int i = at + fetchHeadLength(version, topic) + place * fetchPartitionLength(version);
        out.putInt(i, partitionId, BIG_ENDIAN);
        i += 4;
        if (version >= 9) {
            out.putInt(i, -1, BIG_ENDIAN);
            i += 4;
        }
        out.putLong(i, offset, BIG_ENDIAN);
        i += 8;
        if (version >= 5) {
            out.putLong(i, -1, BIG_ENDIAN);
            i += 8;
        }
        out.putInt(i, maxLength, BIG_ENDIAN);
    }

    private void header(
        final UnsafeBuffer out,
        final int at,
        final int frameLength,
        final short apiKey,
        final int version,
        final int correlationId) {
        out.putInt(at, frameLength - Integer.BYTES, BIG_ENDIAN);
        out.putShort(at + 4, apiKey, BIG_ENDIAN);
        out.putShort(at + 6, (short) version, BIG_ENDIAN);
        out.putInt(at + CORRELATION_ID_FIELD_OFFSET, correlationId, BIG_ENDIAN);
        out.putShort(at + CLIENT_ID_FIELD_OFFSET, (short) clientId.length, BIG_ENDIAN);
        out.putBytes(at + CLIENT_ID_FIELD_OFFSET + Short.BYTES, clientId);
    }

    private static int topic(final UnsafeBuffer out, final int at, final TopicName topic) {
        final UnsafeBuffer utf8 = topic.utf8();
        out.putShort(at, (short) utf8.capacity(), BIG_ENDIAN);
        out.putBytes(at + Short.BYTES, utf8, 0, utf8.capacity());
        return at + Short.BYTES + utf8.capacity();
    }
}
