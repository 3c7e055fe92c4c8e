package io.millrace.broker.replication;

import io.millrace.transport.replication.ReplicaLink;
import java.util.function.IntFunction;
import java.util.random.RandomGenerator;
import org.agrona.DirectBuffer;

/** The repair traffic of one broker, both ways, as its replication agent drives it. Owned by the engine thread. */
final class RepairSession {
    private final RepairPort port;
    private final RepairClient client;
    private final RepairServer server;
    private final IntFunction<ShardAssignment> assignments;

    RepairSession(
        final int brokerId, final ReplicaLink link, final RepairPort port, final RandomGenerator random,
        final IntFunction<ShardAssignment> assignments) {
        this.port = port;
        this.assignments = assignments;
        client = new RepairClient(brokerId, link, port.fetch(), random);
        server = new RepairServer(link, port.serve());
    }

    int doWork(final long nowNs) {
        int workCount = server.doWork();
        if (port.fetch().state() == RepairFetch.State.WANTED) {
            workCount += client.doWork(assignments.apply(port.fetch().range().shardId()), nowNs);
        }
        return workCount;
    }

    /** {@return whether it was a message of a repair} */
    boolean onMessage(
        final int fromBrokerId, final DirectBuffer buffer, final int index, final int length, final long nowNs) {
        final byte type = MessageHeader.type(buffer, index);
        if (type == MessageHeader.REPAIR_REQUEST && length >= RepairRequestMessage.LENGTH) {
            server.onRequest(fromBrokerId, buffer, index);
        } else if (type == MessageHeader.REPAIR_CHUNK && RepairChunkMessage.isWhole(buffer, index, length)) {
            client.onChunk(fromBrokerId, buffer, index, nowNs);
        } else if (type == MessageHeader.REPAIR_REFUSED && length >= RepairRefusedMessage.LENGTH) {
            client.onRefused(fromBrokerId, buffer, index);
        } else {
            return false;
        }
        return true;
    }
}
