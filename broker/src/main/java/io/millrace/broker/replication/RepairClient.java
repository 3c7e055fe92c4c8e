package io.millrace.broker.replication;

import io.millrace.transport.replication.ReplicaLink;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Fetches what maintenance wants from another replica: asks, collects the answer in order, asks again when nothing
 * comes, gives a replica up after a while. Owned by the engine thread.
 */
final class RepairClient {
    private static final long RETRY_NS = 300_000_000L;
    private static final long GIVE_UP_NS = 10_000_000_000L;
    private static final long UNCONNECTED_GIVE_UP_NS = 1_000_000_000L;

    private final int brokerId;
    private final ReplicaLink link;
    private final RepairFetch fetch;
    private final UnsafeBuffer requestBuffer = new UnsafeBuffer(new byte[RepairRequestMessage.LENGTH]);
    private boolean isActive;
    private boolean isSent;
    private int peerId;
    private boolean hasOthers;
    private int requestId;
    private int receivedLength;
    private long progressNs;
    private long sentNs;

    RepairClient(final int brokerId, final ReplicaLink link, final RepairFetch fetch, final RandomGenerator random) {
        this.brokerId = brokerId;
        this.link = link;
        this.fetch = fetch;
        requestId = random.nextInt(); // an answer meant for this broker before a restart does not match
    }

    /**
     * The duty cycle.
     *
     * @param assignment of the shard that is wanted, null when it is not known
     * @param nowNs      monotonic time
     * @return work count
     */
    int doWork(final ShardAssignment assignment, final long nowNs) {
        if (!isActive && !begin(assignment, nowNs)) {
            return 1;
        }
        if (isSent && nowNs - sentNs < RETRY_NS) {
            return 0;
        }
        if (nowNs - progressNs > GIVE_UP_NS) {
            end("no answer for " + GIVE_UP_NS / 1_000_000_000L + " s");
            return 1;
        }
        if (!link.isConnected(peerId, ReplicaLink.CONTROL_STREAM)) {
            if (nowNs - progressNs > UNCONNECTED_GIVE_UP_NS) {
                end("not connected");
            }
            return 0;
        }
        requestId++;
        receivedLength = 0;
        RepairRequestMessage.encode(requestBuffer, 0, requestId, fetch.range());
        isSent = link.offer(peerId, ReplicaLink.CONTROL_STREAM, requestBuffer, 0, RepairRequestMessage.LENGTH) > 0;
        sentNs = nowNs;
        return 1;
    }

    private boolean begin(final ShardAssignment assignment, final long nowNs) {
        final int[] peers = assignment == null ? new int[0] : peers(assignment, brokerId);
        if (fetch.attempt() >= peers.length) {
            fetch.failed(-1, peers.length == 0 ? "no other replica is known" : "no further replica", false);
            return false;
        }
        isActive = true;
        isSent = false;
        peerId = peers[fetch.attempt()];
        hasOthers = fetch.attempt() + 1 < peers.length;
        receivedLength = 0;
        progressNs = nowNs;
        return true;
    }

    /** The leader first, then who is in sync, then the others. */
    static int[] peers(final ShardAssignment assignment, final int self) {
        return IntStream.concat(IntStream.of(assignment.leaderId()),
                IntStream.concat(Arrays.stream(assignment.isr()), Arrays.stream(assignment.replicas())))
            .filter(id -> id != self && id != ShardAssignment.NO_LEADER)
            .distinct()
            .toArray();
    }

    private void end(final String failure) {
        isActive = false;
        fetch.failed(peerId, failure, hasOthers);
    }

    void onChunk(final int fromBrokerId, final DirectBuffer buffer, final int index, final long nowNs) {
        if (!isActive || fromBrokerId != peerId || RepairChunkMessage.requestId(buffer, index) != requestId) {
            return;
        }
        final RepairRange range = fetch.range();
        final int length = RepairChunkMessage.length(buffer, index);
        if (RepairChunkMessage.position(buffer, index) != range.position() + receivedLength
            || length > range.length() - receivedLength) {
            return; // a gap: asked for again when the time is up
        }
        fetch.buffer().putBytes(receivedLength, buffer, index + RepairChunkMessage.BYTES_FIELD_OFFSET, length);
        receivedLength += length;
        progressNs = nowNs;
        sentNs = nowNs;
        if (receivedLength == range.length()) {
            isActive = false;
            fetch.arrived(peerId);
        }
    }

    void onRefused(final int fromBrokerId, final DirectBuffer buffer, final int index) {
        if (isActive && fromBrokerId == peerId && RepairRefusedMessage.requestId(buffer, index) == requestId) {
            end(switch (RepairRefusedMessage.reason(buffer, index)) {
                case RepairServe.REASON_UNKNOWN -> "it has no such segment";
                case RepairServe.REASON_DAMAGED -> "its copy is damaged too";
                default -> "its disk fails";
            });
        }
    }
}
