package io.millrace.system.chaos;

import io.millrace.engine.format.FrameDescriptor;
import io.millrace.system.ReplicaFiles;
import io.millrace.system.ReplicaFiles.Replica;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;

/** Compares the shard logs of nodes that are down, byte by byte. Stateless. */
final class ReplicaComparison {
    /** How what it finds begins. */
    static final String DIFFERENT = "replicas of ";

    private ReplicaComparison() {
    }

    /** {@return bytes compared; adds what differs to the problems} */
    static long compare(final List<ChaosNode> nodes, final List<String> problems) throws IOException {
        final Path first = nodes.get(0).data();
        long compared = 0;
        final List<Path> shards = new ArrayList<>(ReplicaFiles.shards(first));
        if (shards.isEmpty()) {
            problems.add("no shard below " + first);
        }
        for (final Path shard : shards) {
            try {
                compared += compare(nodes, shard);
            } catch (final AssertionError differ) {
                problems.add(DIFFERENT + shard + ": " + differ.getMessage());
            }
        }
        return compared;
    }

    private static long compare(final List<ChaosNode> nodes, final Path shard) throws IOException {
        final List<Replica> replicas = new ArrayList<>();
        for (final ChaosNode node : nodes) {
            replicas.add(ReplicaFiles.read(node.data().resolve(shard)));
        }
        final long common = replicas.stream().mapToLong(Replica::endPosition).min().orElseThrow();
        long compared = 0;
        for (int i = 0; i < replicas.size(); i++) {
            final Replica one = replicas.get(i);
            requireNoBatchBehind(one, common, nodes.get(i).id());
            if (i > 0) {
                ReplicaFiles.requireSameBytes(replicas.get(0), one, common);
                compared += common - Math.max(replicas.get(0).startPosition(), one.startPosition());
            }
        }
        return compared;
    }

    /**
     * Nodes end one after the other, and who leads then notes its epoch in its log, which no node that is down gets.
     * Records there may not be: they were all in sync before.
     */
    private static void requireNoBatchBehind(final Replica replica, final long from, final int nodeId)
        throws IOException {
        long position = from;
        while (position < replica.endPosition()) {
            final var segment = replica.segments().floorEntry(position);
            final UnsafeBuffer buffer = new UnsafeBuffer(ByteBuffer.wrap(Files.readAllBytes(segment.getValue())));
            final int index = (int) (position - segment.getKey());
            if (FrameDescriptor.type(buffer, index) == FrameDescriptor.TYPE_BATCH) {
                throw new AssertionError("node " + nodeId + " has records from position " + position + " to "
                    + replica.endPosition() + " that another node has not");
            }
            position += FrameDescriptor.alignedLength(FrameDescriptor.length(buffer, index));
        }
    }
}
