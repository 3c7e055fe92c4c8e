package io.millrace.broker.sim;

import io.millrace.broker.replication.WireProbe;
import java.util.HashMap;
import java.util.Map;
import org.agrona.MutableDirectBuffer;

/** Watches a broker's messages, and makes it a mutant where the run asks for one. */
final class SimInterceptor implements SimLink.Interceptor {
    private final Simulation simulation;
    private final SimNode node;
    private final Map<Integer, Long> farthestAcks = new HashMap<>();

    SimInterceptor(final Simulation simulation, final SimNode node) {
        this.simulation = simulation;
        this.node = node;
    }

    @Override
    public void onSend(final int toBrokerId, final MutableDirectBuffer buffer, final int length) {
        if (WireProbe.isHandshakeAnswer(buffer)) {
            simulation.replica(toBrokerId, WireProbe.shardId(buffer)).onLeaderKnows();
        }
        if (WireProbe.isRepairChunk(buffer) && simulation.isRepairChunkSpoiled()) {
            simulation.counters().wrongRepairBytes++;
            buffer.putByte(length - 1, (byte) (buffer.getByte(length - 1) ^ 64));
        }
        final Mutant mutant = simulation.options().mutant();
        if (WireProbe.isAck(buffer) && (mutant == Mutant.ACK_BEFORE_APPEND
            || mutant == Mutant.DURABLE_ACK_BEFORE_SYNC)) {
            for (int i = 0; i < WireProbe.ackCount(buffer); i++) {
                final int shardId = WireProbe.ackShardId(buffer, i);
                final SimReplica leader = simulation.replica(toBrokerId, shardId);
                final long written = mutant == Mutant.ACK_BEFORE_APPEND && leader.log() != null
                    ? leader.log().endPosition() : WireProbe.ackWritten(buffer, i);
                WireProbe.putAck(buffer, i, written, written);
            }
        }
    }

    @Override
    public void onReceive(final int fromBrokerId, final MutableDirectBuffer buffer, final int length) {
        if (simulation.options().mutant() != Mutant.ACCEPT_OLD_SESSION_ACKS || !WireProbe.isAck(buffer)) {
            return;
        }
        for (int i = 0; i < WireProbe.ackCount(buffer); i++) {
            final int shardId = WireProbe.ackShardId(buffer, i);
            final long end = node.replica(shardId).log().endPosition();
            final long written = WireProbe.ackWritten(buffer, i);
            final long synced = WireProbe.ackSynced(buffer, i);
            final long acked = simulation.options().durable() ? synced : written;
            final long farthest = farthestAcks.merge(fromBrokerId << 8 | shardId, acked, Math::max);
            if (farthest <= end && farthest > acked) {
                WireProbe.putAck(buffer, i, Math.max(farthest, written), Math.max(farthest, synced));
            }
        }
    }
}
