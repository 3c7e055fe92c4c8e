package io.millrace.broker.metadata.cluster;

import java.nio.ByteOrder;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * Messages between a broker's session and the quorum's service, little endian.
 *
 * <pre>
 * broker to service (through the Raft log)
 *   FOLLOW    byte kind | byte format | long version held | int session id of the stream it comes on
 *   COMMAND   byte kind | byte format | long correlationId | command
 * service of the leader to broker (outside of the log)
 *   every one byte kind | byte format | long sessionId | long leadershipTermId
 *   HEARTBEAT ... | byte following | long version pushed so far | int session id of the broker's stream |
 *             long position up to which the leader has read it, -1 when unknown
 *   RESULT    ... | long correlationId | result
 *   DELTA     ... | int total length | int index of this chunk | bytes of a delta
 * </pre>
 */
final class PushCodec {
    static final byte FOLLOW = 1;
    static final byte COMMAND = 2;
    static final byte HEARTBEAT = 3;
    static final byte RESULT = 4;
    static final byte DELTA = 5;
    static final byte FORMAT = 2;

    /** Stream of pushes; the session's own egress is another one on the same port. */
    static final int PUSH_STREAM_ID = 203;
    /** A term of 128 KiB carries messages of 16 KiB; a chunk stays well below. */
    static final int MAX_CHUNK_LENGTH = 12 * 1024;
    static final int MAX_DELTA_LENGTH = 256 * 1024 * 1024;

    static final int KIND_FIELD_OFFSET = 0;
    static final int FORMAT_FIELD_OFFSET = 1;
    static final int REQUEST_VALUE_FIELD_OFFSET = 2;
    static final int INGRESS_SESSION_ID_FIELD_OFFSET = REQUEST_VALUE_FIELD_OFFSET + Long.BYTES;
    static final int FOLLOW_LENGTH = INGRESS_SESSION_ID_FIELD_OFFSET + Integer.BYTES;
    static final int COMMAND_HEADER_LENGTH = REQUEST_VALUE_FIELD_OFFSET + Long.BYTES;

    static final int SESSION_ID_FIELD_OFFSET = 2;
    static final int TERM_ID_FIELD_OFFSET = SESSION_ID_FIELD_OFFSET + Long.BYTES;
    static final int PUSH_HEADER_LENGTH = TERM_ID_FIELD_OFFSET + Long.BYTES;
    static final int FOLLOWING_FIELD_OFFSET = PUSH_HEADER_LENGTH;
    static final int VERSION_FIELD_OFFSET = FOLLOWING_FIELD_OFFSET + Byte.BYTES;
    static final int CONSUMED_SESSION_ID_FIELD_OFFSET = VERSION_FIELD_OFFSET + Long.BYTES;
    static final int CONSUMED_POSITION_FIELD_OFFSET = CONSUMED_SESSION_ID_FIELD_OFFSET + Integer.BYTES;
    static final int HEARTBEAT_LENGTH = CONSUMED_POSITION_FIELD_OFFSET + Long.BYTES;
    static final int CORRELATION_ID_FIELD_OFFSET = PUSH_HEADER_LENGTH;
    static final int RESULT_HEADER_LENGTH = CORRELATION_ID_FIELD_OFFSET + Long.BYTES;
    static final int TOTAL_LENGTH_FIELD_OFFSET = PUSH_HEADER_LENGTH;
    static final int CHUNK_INDEX_FIELD_OFFSET = TOTAL_LENGTH_FIELD_OFFSET + Integer.BYTES;
    static final int DELTA_HEADER_LENGTH = CHUNK_INDEX_FIELD_OFFSET + Integer.BYTES;

    private static final ByteOrder ORDER = ByteOrder.LITTLE_ENDIAN;

    private PushCodec() {
    }

    static int putFollow(final MutableDirectBuffer buffer, final long version, final int ingressSessionId) {
        buffer.putByte(KIND_FIELD_OFFSET, FOLLOW);
        buffer.putByte(FORMAT_FIELD_OFFSET, FORMAT);
        buffer.putLong(REQUEST_VALUE_FIELD_OFFSET, version, ORDER);
        buffer.putInt(INGRESS_SESSION_ID_FIELD_OFFSET, ingressSessionId, ORDER);
        return FOLLOW_LENGTH;
    }

    static int putCommand(final MutableDirectBuffer buffer, final long correlationId, final byte[] command) {
        buffer.putByte(KIND_FIELD_OFFSET, COMMAND);
        buffer.putByte(FORMAT_FIELD_OFFSET, FORMAT);
        buffer.putLong(REQUEST_VALUE_FIELD_OFFSET, correlationId, ORDER);
        buffer.putBytes(COMMAND_HEADER_LENGTH, command);
        return COMMAND_HEADER_LENGTH + command.length;
    }

    static int putHeartbeat(
        final MutableDirectBuffer buffer, final long sessionId, final long termId, final boolean following,
        final long version, final int consumedSessionId, final long consumedPosition) {
        putPushHeader(buffer, HEARTBEAT, sessionId, termId);
        buffer.putByte(FOLLOWING_FIELD_OFFSET, (byte) (following ? 1 : 0));
        buffer.putLong(VERSION_FIELD_OFFSET, version, ORDER);
        buffer.putInt(CONSUMED_SESSION_ID_FIELD_OFFSET, consumedSessionId, ORDER);
        buffer.putLong(CONSUMED_POSITION_FIELD_OFFSET, consumedPosition, ORDER);
        return HEARTBEAT_LENGTH;
    }

    static int putResult(
        final MutableDirectBuffer buffer, final long sessionId, final long termId, final long correlationId,
        final byte[] result) {
        putPushHeader(buffer, RESULT, sessionId, termId);
        buffer.putLong(CORRELATION_ID_FIELD_OFFSET, correlationId, ORDER);
        buffer.putBytes(RESULT_HEADER_LENGTH, result);
        return RESULT_HEADER_LENGTH + result.length;
    }

    static int putDeltaChunk(
        final MutableDirectBuffer buffer, final long sessionId, final long termId, final byte[] delta,
        final int chunkIndex) {
        final int length = Math.min(MAX_CHUNK_LENGTH, delta.length - chunkIndex);
        putPushHeader(buffer, DELTA, sessionId, termId);
        buffer.putInt(TOTAL_LENGTH_FIELD_OFFSET, delta.length, ORDER);
        buffer.putInt(CHUNK_INDEX_FIELD_OFFSET, chunkIndex, ORDER);
        buffer.putBytes(DELTA_HEADER_LENGTH, delta, chunkIndex, length);
        return DELTA_HEADER_LENGTH + length;
    }

    private static void putPushHeader(
        final MutableDirectBuffer buffer, final byte kind, final long sessionId, final long termId) {
        buffer.putByte(KIND_FIELD_OFFSET, kind);
        buffer.putByte(FORMAT_FIELD_OFFSET, FORMAT);
        buffer.putLong(SESSION_ID_FIELD_OFFSET, sessionId, ORDER);
        buffer.putLong(TERM_ID_FIELD_OFFSET, termId, ORDER);
    }

    static long getLong(final DirectBuffer buffer, final int index) {
        return buffer.getLong(index, ORDER);
    }

    static int getInt(final DirectBuffer buffer, final int index) {
        return buffer.getInt(index, ORDER);
    }
}
