package io.millrace.broker.replication;

import io.millrace.transport.replication.ReplicaLink;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Answers the replicas that ask for bytes of a segment: one range at a time, read by maintenance, sent from here. Who
 * asks while another one is served hears nothing and asks again. Owned by the engine thread.
 */
final class RepairServer implements ReplicaLink.MessageFiller {
    private static final int CHUNKS_PER_CYCLE = 8;

    private final ReplicaLink link;
    private final RepairServe serve;
    private final UnsafeBuffer refusal = new UnsafeBuffer(new byte[RepairRefusedMessage.LENGTH]);
    private int peerId;
    private int requestId;
    private RepairRange asked;
    // a newer request of the same broker, while maintenance is still at the older one
    private RepairRange next;
    private int sentLength;
    private int chunkLength;

    RepairServer(final ReplicaLink link, final RepairServe serve) {
        this.link = link;
        this.serve = serve;
    }

    void onRequest(final int fromBrokerId, final DirectBuffer buffer, final int index) {
        final RepairRange range = RepairRequestMessage.range(buffer, index);
        if (range == null || asked != null && fromBrokerId != peerId) {
            return;
        }
        peerId = fromBrokerId;
        requestId = RepairRequestMessage.requestId(buffer, index);
        if (range.equals(asked)) {
            sentLength = 0; // the same once more: what was read serves again
            next = null;
        } else if (serve.state() == RepairServe.State.ASKED) {
            next = range;
        } else {
            ask(range);
        }
    }

    private void ask(final RepairRange range) {
        asked = range;
        next = null;
        sentLength = 0;
        serve.ask(range);
    }

    int doWork() {
        if (asked == null) {
            return 0;
        }
        return switch (serve.state()) {
            case READY -> next != null ? replace() : send();
            case REFUSED -> next != null && !next.isSameSegment(asked) ? replace() : refuse();
            default -> 0;
        };
    }

    private int replace() {
        ask(next);
        return 1;
    }

    private int send() {
        final int maxLength =
            link.maxMessageLength(ReplicaLink.CATCH_UP_STREAM) - RepairChunkMessage.BYTES_FIELD_OFFSET;
        for (int i = 0; i < CHUNKS_PER_CYCLE && sentLength < asked.length(); i++) {
            chunkLength = Math.min(maxLength, asked.length() - sentLength);
            final long result = link.claim(peerId, ReplicaLink.CATCH_UP_STREAM,
                RepairChunkMessage.BYTES_FIELD_OFFSET + chunkLength, this);
            if (result == ReplicaLink.NOT_CONNECTED || result == ReplicaLink.CLOSED) {
                finish();
                return 1;
            }
            if (result <= 0) {
                return i;
            }
            sentLength += chunkLength;
        }
        if (sentLength == asked.length()) {
            finish();
        }
        return 1;
    }

    @Override
    public boolean fill(final MutableDirectBuffer buffer, final int index, final int length) {
        RepairChunkMessage.encode(
            buffer, index, asked.shardId(), requestId, chunkLength, asked.position() + sentLength);
        buffer.putBytes(index + RepairChunkMessage.BYTES_FIELD_OFFSET, serve.buffer(), sentLength, chunkLength);
        return true;
    }

    private int refuse() {
        RepairRefusedMessage.encode(refusal, 0, asked.shardId(), requestId, serve.reason());
        final long result = link.offer(peerId, ReplicaLink.CONTROL_STREAM, refusal, 0, RepairRefusedMessage.LENGTH);
        if (result > 0 || result == ReplicaLink.NOT_CONNECTED || result == ReplicaLink.CLOSED) {
            finish();
            return 1;
        }
        return 0;
    }

    private void finish() {
        asked = null;
        next = null;
        serve.release();
    }
}
