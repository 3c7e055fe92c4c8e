package io.millrace.system.chaos;

import io.millrace.system.ReplicaFiles;
import io.millrace.system.ReplicaFiles.Replica;
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
        final List<Replica> replicas = new ArrayList<>();
        for (final ChaosNode node : nodes) {
            replicas.add(ReplicaFiles.read(node.data().resolve(shard)));
        }
        final long common = replicas.stream().mapToLong(Replica::endPosition).min().orElseThrow();
        long compared = 0;
        for (int i = 1; i < replicas.size(); i++) {
            final Replica one = replicas.get(0);
            final Replica other = replicas.get(i);
            // nodes end one after the other: who leads then notes its epoch behind the records, which the others lack
            if (one.batchesEnd() != other.batchesEnd()) {
                throw new AssertionError("the records of node " + nodes.get(0).id() + " end at " + one.batchesEnd()
                    + ", those of node " + nodes.get(i).id() + " at " + other.batchesEnd());
            }
            ReplicaFiles.requireSameBytes(one, other, common);
            compared += common - Math.max(one.startPosition(), other.startPosition());
        }
        return compared;
    }
}
