package io.millrace.system.chaos;

import io.millrace.system.ReplicaFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

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
        final ReplicaFiles.Replica one = ReplicaFiles.read(nodes.get(0).data().resolve(shard));
        long compared = 0;
        for (final ChaosNode node : nodes.subList(1, nodes.size())) {
            final ReplicaFiles.Replica other = ReplicaFiles.read(node.data().resolve(shard));
            if (one.endPosition() != other.endPosition()) {
                throw new AssertionError("node " + nodes.get(0).id() + " ends at " + one.endPosition() + ", node "
                    + node.id() + " at " + other.endPosition());
            }
            ReplicaFiles.requireSameBytes(one, other, one.endPosition());
            compared += one.endPosition() - Math.max(one.startPosition(), other.startPosition());
        }
        return compared;
    }
}
