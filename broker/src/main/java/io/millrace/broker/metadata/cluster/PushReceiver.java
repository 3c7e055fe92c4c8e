package io.millrace.broker.metadata.cluster;

import io.millrace.broker.metadata.MetadataBytes;
import io.millrace.broker.metadata.MetadataFormatException;
import io.millrace.broker.metadata.MetadataImage;
import io.millrace.broker.metadata.MetadataResult;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.agrona.DirectBuffer;

/**
 * Takes what the leader's service pushes to this session: puts deltas together from their chunks, notices gaps, leaves
 * alone what an earlier leader still says. Owned by the metadata thread.
 */
final class PushReceiver {
    private final List<byte[]> deltas = new ArrayList<>();
    private final Map<Long, MetadataResult> results = new HashMap<>();
    private long sessionId;
    private long termId;
    private long version;
    private boolean following;
    private boolean current;
    private boolean heard;
    private int consumedSessionId;
    private long consumedPosition = IngressPosition.UNKNOWN;
    private byte[] assembling;
    private int assembled;

    /** A new session: it continues from the image that this broker has. */
    void onSession(final long newSessionId, final long newTermId, final long imageVersion) {
        sessionId = newSessionId;
        termId = newTermId;
        version = imageVersion;
        deltas.clear();
        results.clear();
        restart();
    }

    /** Another leader: it has to be asked to push. */
    void onLeader(final long newTermId) {
        if (newTermId > termId) {
            termId = newTermId;
            restart();
        }
    }

    private void restart() {
        following = false;
        current = false;
        assembling = null;
        consumedPosition = IngressPosition.UNKNOWN;
    }

    /**
     * Tells the lease how far the leader has read, if a heartbeat brought it.
     *
     * @return false when the leader has been told of another stream than the present one
     */
    boolean tell(final SessionLease lease, final long nowNs) {
        final long position = consumedPosition;
        consumedPosition = IngressPosition.UNKNOWN;
        return position == IngressPosition.UNKNOWN || lease.onConsumed(consumedSessionId, position, nowNs);
    }

    /** {@return whether the leader pushes deltas to this session} */
    boolean isFollowing() {
        return following;
    }

    /** {@return whether all was received at the time of the last heartbeat} */
    boolean isCurrent() {
        return current;
    }

    /** {@return the version of the last whole delta received} */
    long version() {
        return version;
    }

    /** {@return whether anything was heard since the last call} */
    boolean takeHeard() {
        final boolean result = heard;
        heard = false;
        return result;
    }

    /** {@return an answer that came in, once; null when there is none or the image has not got there yet} */
    MetadataResult takeResult(final long correlationId, final MetadataImage image) {
        final MetadataResult result = results.get(correlationId);
        if (result == null || result.version() > image.version()) {
            return null;
        }
        return results.remove(correlationId);
    }

    /** Forgets answers that nobody waits for. */
    void retainResults(final Set<Long> correlationIds) {
        results.keySet().retainAll(correlationIds);
    }

    /** Nobody waits for any. */
    void forgetResults() {
        if (!results.isEmpty()) {
            results.clear();
        }
    }

    boolean hasDeltas() {
        return !deltas.isEmpty();
    }

    /** {@return the image after all that was received} */
    MetadataImage takeImage(final MetadataImage image) {
        try {
            return MetadataBytes.follow(image, deltas);
        } catch (final MetadataFormatException ex) {
            version = image.version();
            restart();
            throw ex;
        } finally {
            deltas.clear();
        }
    }

    void onMessage(final DirectBuffer buffer, final int offset, final int length) {
        if (length < PushCodec.PUSH_HEADER_LENGTH
            || buffer.getByte(offset + PushCodec.FORMAT_FIELD_OFFSET) != PushCodec.FORMAT
            || PushCodec.getLong(buffer, offset + PushCodec.SESSION_ID_FIELD_OFFSET) != sessionId) {
            return;
        }
        final long messageTermId = PushCodec.getLong(buffer, offset + PushCodec.TERM_ID_FIELD_OFFSET);
        if (messageTermId < termId) {
            return;
        }
        onLeader(messageTermId);
        heard = true;
        switch (buffer.getByte(offset + PushCodec.KIND_FIELD_OFFSET)) {
            case PushCodec.HEARTBEAT -> onHeartbeat(buffer, offset, length);
            case PushCodec.RESULT -> onResult(buffer, offset, length);
            case PushCodec.DELTA -> onChunk(buffer, offset, length);
            default -> throw new MetadataFormatException("push is not understood: "
                + buffer.getByte(offset + PushCodec.KIND_FIELD_OFFSET));
        }
    }

    private void onHeartbeat(final DirectBuffer buffer, final int offset, final int length) {
        if (length >= PushCodec.HEARTBEAT_LENGTH) {
            final boolean pushed = buffer.getByte(offset + PushCodec.FOLLOWING_FIELD_OFFSET) == 1;
            final long pushedVersion = PushCodec.getLong(buffer, offset + PushCodec.VERSION_FIELD_OFFSET);
            // what was pushed before this heartbeat has come in before it, or is lost
            following = pushed && pushedVersion <= version;
            current = following && pushedVersion == version && assembling == null;
            consumedSessionId = PushCodec.getInt(buffer, offset + PushCodec.CONSUMED_SESSION_ID_FIELD_OFFSET);
            consumedPosition = PushCodec.getLong(buffer, offset + PushCodec.CONSUMED_POSITION_FIELD_OFFSET);
        }
    }

    private void onResult(final DirectBuffer buffer, final int offset, final int length) {
        if (length >= PushCodec.RESULT_HEADER_LENGTH) {
            results.put(
                PushCodec.getLong(buffer, offset + PushCodec.CORRELATION_ID_FIELD_OFFSET),
                MetadataBytes.decodeResult(
                    buffer, offset + PushCodec.RESULT_HEADER_LENGTH, length - PushCodec.RESULT_HEADER_LENGTH));
        }
    }

    private void onChunk(final DirectBuffer buffer, final int offset, final int length) {
        final int chunkLength = length - PushCodec.DELTA_HEADER_LENGTH;
        if (chunkLength <= 0) {
            return;
        }
        final int total = PushCodec.getInt(buffer, offset + PushCodec.TOTAL_LENGTH_FIELD_OFFSET);
        final int index = PushCodec.getInt(buffer, offset + PushCodec.CHUNK_INDEX_FIELD_OFFSET);
        if (total <= 0 || total > PushCodec.MAX_DELTA_LENGTH) {
            throw new MetadataFormatException(
                "delta is too long: length=" + total + " limit=" + PushCodec.MAX_DELTA_LENGTH);
        }
        if (index == 0) {
            assembling = new byte[total];
            assembled = 0;
        }
        if (assembling == null || index != assembled || assembling.length != total || chunkLength > total - index) {
            // a chunk is missing: the next heartbeat tells that the version is behind
            assembling = null;
            return;
        }
        buffer.getBytes(offset + PushCodec.DELTA_HEADER_LENGTH, assembling, index, chunkLength);
        assembled += chunkLength;
        if (assembled == total) {
            onDelta(assembling);
            assembling = null;
        }
    }

    private void onDelta(final byte[] delta) {
        final long from = MetadataBytes.fromVersion(delta);
        final long to = MetadataBytes.toVersion(delta);
        // a delta that is here already comes again after a change of the leader; a snapshot starts from nothing
        if (to > version && (from == version || from == 0)) {
            deltas.add(delta);
            version = to;
        }
    }
}
