package io.millrace.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.cli.cluster.NodeStatus;
import io.millrace.cli.exit.UserError;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A byte of a stopped node's log flips: a follower fetches the segment again, a leader names the way back to it. */
@Timeout(300)
class DamagedSegmentSystemTest {
    private static final String TOPIC = "scratched";
    private static final int RECORD_COUNT = 2000;
    private static final int LEADER = 1;
    private static final int FOLLOWER = 2;
    private static final int OTHER_FOLLOWER = 3;

    @Test
    void shouldLoseNothingWhenAByteFlips() throws Exception {
        try (ClusterHarness cluster = ClusterHarness.start(Map.of())) {
            JavaClients.createTopic(cluster, TOPIC, 1);
            try (KafkaProducer<String, String> producer = JavaClients.producer(cluster, Map.of("acks", "all"))) {
                for (int i = 0; i < RECORD_COUNT; i++) {
                    producer.send(new ProducerRecord<>(TOPIC, Integer.toString(i)));
                }
                producer.flush();
            }
            JavaClients.awaitFullIsr(cluster, TOPIC);
            cluster.stop();
            final Path shard = ReplicaFiles.shards(cluster.layout().dataDirectory(LEADER)).get(0);
            final List<String> bytes = content(folder(cluster, LEADER, shard));

            flipByte(folder(cluster, FOLLOWER, shard));
            cluster.startMissing(Map.of());
            JavaClients.awaitFullIsr(cluster, TOPIC);
            requireEveryRecord(cluster);
            assertTrue(cluster.logOf(FOLLOWER).contains(".quarantined"), cluster.logOf(FOLLOWER));
            cluster.stop();

            flipByte(folder(cluster, LEADER, shard));
            final String refusal = startAndAwaitRefusal(cluster);
            assertTrue(refusal.contains(folder(cluster, LEADER, shard).toString()) && refusal.contains("put a copy"),
                refusal);
            cluster.stop();
            assertEquals(bytes, content(folder(cluster, LEADER, shard)), "refused, so no file may be gone");

            replace(folder(cluster, LEADER, shard), folder(cluster, OTHER_FOLLOWER, shard));
            cluster.startMissing(Map.of());
            JavaClients.awaitFullIsr(cluster, TOPIC);
            requireEveryRecord(cluster);
        }
    }

    /** The leader opens its log when the quorum knows it: just before or just after the cluster counts as ready. */
    private static String startAndAwaitRefusal(final ClusterHarness cluster) throws IOException {
        try {
            cluster.startMissing(Map.of());
        } catch (final UserError refused) {
            return refused.remedy();
        }
        Await.until(JavaClients.PATIENCE, () -> "end of node " + LEADER,
            () -> cluster.status().get(LEADER - 1).state() == NodeStatus.State.DOWN);
        return cluster.logOf(LEADER);
    }

    private static Path folder(final ClusterHarness cluster, final int nodeId, final Path shard) {
        return cluster.layout().dataDirectory(nodeId).resolve(shard);
    }

    private static List<String> content(final Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).filter(name -> name.endsWith(".log"))
                .sorted().toList();
        }
    }

    private static void flipByte(final Path folder) throws IOException {
        final Path segment = folder.resolve(content(folder).get(0));
        try (RandomAccessFile file = new RandomAccessFile(segment.toFile(), "rw")) {
            final int position = 2000;
            file.seek(position);
            final int old = file.read();
            file.seek(position);
            file.write(old ^ 1);
        }
    }

    private static void replace(final Path damaged, final Path whole) throws IOException {
        Files.move(damaged, damaged.resolveSibling("damaged"));
        Files.createDirectory(damaged);
        try (Stream<Path> files = Files.list(whole)) {
            for (final Path file : files.toList()) {
                Files.copy(file, damaged.resolve(file.getFileName()));
            }
        }
    }

    private static void requireEveryRecord(final ClusterHarness cluster) {
        final List<String> expected = Stream.iterate(0, i -> i + 1).limit(RECORD_COUNT).map(String::valueOf).toList();
        assertEquals(expected,
            JavaClients.readAll(cluster, TOPIC).get(0).stream().map(record -> record.value()).toList());
    }
}
