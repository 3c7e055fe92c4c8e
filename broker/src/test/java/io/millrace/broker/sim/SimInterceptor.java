package io.millrace.broker.sim;

import io.millrace.broker.replication.WireProbe;
import java.util.HashMap;
import java.util.Map;
import org.agrona.MutableDirectBuffer;

/** Watches a broker's messages, and makes it a mutant where the run asks for one. */
final class SimInterceptor implements SimLink.Interceptor {
    private final Simulation simulation;
    private final SimNode node;
    private final Mutant mutant;
    private final Map<Integer, Long> farthestAcks = new HashMap<>();

    SimInterceptor(final Simulation simulation, final SimNode node) {
        this.simulation = simulation;
        this.node = node;
        mutant = simulation.options().mutant();
    }

    @Override
    public void onSend(final int toBrokerId, final MutableDirectBuffer buffer, final int length) {
        if (WireProbe.isHandshakeAnswer(buffer)) {
            simulation.replica(toBrokerId, WireProbe.shardId(buffer)).onLeaderKnows();
        }
        if (WireProbe.isRepairChunk(buffer) && simulation.faults().isRepairChunkSpoiled()) {
            simulation.counters().count("repairs spoiled on their way");
            buffer.putByte(length - 1, (byte) (buffer.getByte(length - 1) ^ 64));
        }
        if (WireProbe.isAck(buffer)
            && (mutant == Mutant.ACK_BEFORE_APPEND || mutant == Mutant.DURABLE_ACK_BEFORE_SYNC)) {
            for (int i = 0; i < WireProbe.ackCount(buffer); i++) {
                final ObservedLog leader = simulation.replica(toBrokerId, WireProbe.ackShardId(buffer, i)).log();
                final long written = mutant == Mutant.ACK_BEFORE_APPEND && leader != null
                    ? leader.endPosition() : WireProbe.ackWritten(buffer, i);
                WireProbe.putAck(buffer, i, written, written);
            }
        }
    }

    @Override
    public void onReceive(final int fromBrokerId, final MutableDirectBuffer buffer, final int length) {
        if (mutant == Mutant.ACCEPT_OLD_SESSION_ACKS && WireProbe.isAck(buffer)) {
            acceptOldAcks(fromBrokerId, buffer);
        }
    }

    private void acceptOldAcks(final int fromBrokerId, final MutableDirectBuffer buffer) {
        for (int i = 0; i < WireProbe.ackCount(buffer); i++) {
            final int shardId = WireProbe.ackShardId(buffer, i);
            final ObservedLog log = node.replica(shardId).log();
            if (log == null) {
                continue;
            }
            final long written = WireProbe.ackWritten(buffer, i);
            final long synced = WireProbe.ackSynced(buffer, i);
            final long acked = simulation.options().durable() ? synced : written;
            final long farthest = farthestAcks.merge(fromBrokerId << 8 | shardId, acked, Math::max);
            if (farthest <= log.endPosition() && farthest > acked) {
                WireProbe.putAck(buffer, i, Math.max(farthest, written), Math.max(farthest, synced));
            }
        }
    }
}
