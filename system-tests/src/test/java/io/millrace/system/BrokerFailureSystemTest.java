package io.millrace.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** kill -9 of a broker under load: it comes back, nothing acknowledged is missing, replicas are the same bytes. */
@Timeout(1200)
class BrokerFailureSystemTest {
    private static final String TOPIC = "survivors";
    private static final int PARTITION_COUNT = 6;
    private static final int KILLED_NODE = 2;

    @Test
    void shouldKeepWhatWasAcknowledgedWhenABrokerIsKilledUnderLoad() throws Exception {
        try (ClusterHarness cluster = ClusterHarness.start(Map.of())) {
            JavaClients.createTopic(cluster, TOPIC, PARTITION_COUNT);
            final ProducerLoad load = new ProducerLoad(cluster, TOPIC, PARTITION_COUNT);
            load.start();
            load.awaitAcknowledged(3000);
            cluster.kill(KILLED_NODE);
            load.awaitSent(3000);
            assertEquals(List.of(KILLED_NODE), cluster.startMissing(Map.of()));
            load.awaitAcknowledged(3000);
            load.end();
            load.requireAllPresentOnceAndInOrder();
            JavaClients.awaitFullIsr(cluster, TOPIC);
            cluster.stop();
            requireSameReplicas(cluster);
        }
    }

    private static void requireSameReplicas(final ClusterHarness cluster) throws IOException {
        final Path first = cluster.layout().dataDirectory(1);
        final List<Path> shards = ReplicaFiles.shards(first);
        assertFalse(shards.isEmpty(), "no shard below " + first);
        for (final Path shard : shards) {
            final ReplicaFiles.Replica one = ReplicaFiles.read(first.resolve(shard));
            for (int nodeId = 2; nodeId <= cluster.layout().nodeCount(); nodeId++) {
                final ReplicaFiles.Replica other =
                    ReplicaFiles.read(cluster.layout().dataDirectory(nodeId).resolve(shard));
                assertEquals(one.batchesEnd(), other.batchesEnd(), "end of " + shard + " at node " + nodeId);
                ReplicaFiles.requireSameBytes(one, other, one.batchesEnd());
            }
        }
    }
}
