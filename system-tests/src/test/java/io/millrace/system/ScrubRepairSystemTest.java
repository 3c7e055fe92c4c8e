package io.millrace.system;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.Node;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Bytes flip on the disks of a running cluster, in another segment on the leader than on a follower, and in an index of
 * the third node: found, kept from being served, replaced by a sound copy.
 */
@Timeout(1200)
class ScrubRepairSystemTest {
    private static final String TOPIC = "rotten";
    private static final int RECORD_COUNT = 8_000;
    private static final Duration VERIFY_TIMEOUT = Duration.ofSeconds(240);
    private static final Map<String, String> PROPERTIES = Map.of("log.segment.bytes", "1m",
        "millrace.ring.bytes", "4m", "message.max.bytes", "65536", "millrace.scrub.interval.ms", "1000",
        "millrace.scrub.bytes.per.second", "256m");

    private final String padding = "x".repeat(1_000);

    @Test
    void shouldReplaceDamagedSegmentsWhileTheClusterRuns() throws Exception {
        try (ClusterHarness cluster = ClusterHarness.start(PROPERTIES)) {
            JavaClients.createTopic(cluster, TOPIC, 1);
            produce(cluster);
            JavaClients.awaitFullIsr(cluster, TOPIC);
            final int leader = leader(cluster);
            final int follower = leader % 3 + 1;
            final int third = follower % 3 + 1;
            final Path shard = longestShard(cluster.layout().dataDirectory(leader));
            final List<Long> bases = bases(folder(cluster, leader, shard));
            assertTrue(bases.size() >= 5, "segments: " + bases);
            awaitIndexes(cluster, shard, bases);
            final byte[] soundOfLeader = bytes(cluster, third, shard, bases, 1);
            final byte[] soundOfFollower = bytes(cluster, third, shard, bases, 2);

            flip(segment(cluster, leader, shard, bases.get(1)), 300_000);
            flip(segment(cluster, follower, shard, bases.get(2)), 300_000);
            flip(index(cluster, third, shard, bases.get(1)), 100);

            awaitLine(cluster, leader, "put into quarantine");
            awaitLine(cluster, follower, "put into quarantine");
            awaitLine(cluster, leader, "is repaired with the bytes of node");
            awaitLine(cluster, follower, "is repaired with the bytes of node");
            awaitLine(cluster, third, "an index was damaged and is built again");
            assertArrayEquals(soundOfLeader, bytes(cluster, leader, shard, bases, 1));
            assertArrayEquals(soundOfFollower, bytes(cluster, follower, shard, bases, 2));
            assertTrue(Files.exists(segment(cluster, leader, shard, bases.get(1)).resolveSibling(
                String.format("%020d.log.quarantined", bases.get(1)))));
            requireEveryRecord(cluster);
            Command.millrace(VERIFY_TIMEOUT, "log", "verify", "--live",
                cluster.layout().dataDirectory(leader).toString()).requireSuccess();
            Command.millrace(VERIFY_TIMEOUT, "log", "verify",
                cluster.layout().dataDirectory(leader).toString()).requireExit(2);

            JavaClients.awaitFullIsr(cluster, TOPIC); // a busy machine may have left one behind
            cluster.stop();
            requireSoundFiles(cluster, shard);
            cluster.startMissing(PROPERTIES);
            JavaClients.awaitFullIsr(cluster, TOPIC);
            requireEveryRecord(cluster);
        }
    }

    private void produce(final ClusterHarness cluster) {
        try (KafkaProducer<String, String> producer =
            JavaClients.producer(cluster, Map.of("acks", "all", "batch.size", "16384"))) {
            for (int i = 0; i < RECORD_COUNT; i++) {
                producer.send(new ProducerRecord<>(TOPIC, i + ":" + padding));
            }
            producer.flush();
        }
    }

    private static int leader(final ClusterHarness cluster) {
        final Node[] leader = new Node[1];
        try (Admin admin = JavaClients.admin(cluster)) {
            Await.until(JavaClients.PATIENCE, () -> "a leader", () -> {
                leader[0] = admin.describeTopics(Set.of(TOPIC)).allTopicNames().get(60, TimeUnit.SECONDS).get(TOPIC)
                    .partitions().get(0).leader();
                return leader[0] != null;
            });
        }
        return leader[0].id();
    }

    private static Path longestShard(final Path data) throws IOException {
        final TreeMap<Integer, Path> bySegmentCount = new TreeMap<>();
        for (final Path shard : ReplicaFiles.shards(data)) {
            bySegmentCount.put(bases(data.resolve(shard)).size(), shard);
        }
        return bySegmentCount.lastEntry().getValue();
    }

    private static List<Long> bases(final Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).filter(name -> name.matches("\\d{20}\\.log"))
                .map(name -> Long.parseLong(name.substring(0, 20))).sorted().toList();
        }
    }

    private static void awaitIndexes(final ClusterHarness cluster, final Path shard, final List<Long> bases) {
        Await.until(JavaClients.PATIENCE, () -> "indexes of " + shard, () -> IntStream.rangeClosed(1, 3).allMatch(id ->
            Files.exists(index(cluster, id, shard, bases.get(1))) && Files.exists(index(cluster, id, shard,
                bases.get(2)))));
    }

    private static Path folder(final ClusterHarness cluster, final int nodeId, final Path shard) {
        return cluster.layout().dataDirectory(nodeId).resolve(shard);
    }

    private static Path segment(final ClusterHarness cluster, final int nodeId, final Path shard, final long base) {
        return folder(cluster, nodeId, shard).resolve(String.format("%020d.log", base));
    }

    private static Path index(final ClusterHarness cluster, final int nodeId, final Path shard, final long base) {
        return folder(cluster, nodeId, shard).resolve(String.format("%020d.index", base));
    }

    private static byte[] bytes(final ClusterHarness cluster, final int nodeId, final Path shard,
        final List<Long> bases, final int i) throws IOException {
        return Arrays.copyOf(Files.readAllBytes(segment(cluster, nodeId, shard, bases.get(i))),
            (int) (bases.get(i + 1) - bases.get(i)));
    }

    private static void flip(final Path file, final long at) throws IOException {
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
            bytes.seek(at);
            final int old = bytes.read();
            bytes.seek(at);
            bytes.write(old ^ 4);
        }
    }

    private static void awaitLine(final ClusterHarness cluster, final int nodeId, final String text) {
        Await.until(JavaClients.PATIENCE, () -> "'" + text + "' in the log of node " + nodeId,
            () -> cluster.logOf(nodeId).contains(text));
    }

    private void requireEveryRecord(final ClusterHarness cluster) {
        assertEquals(IntStream.range(0, RECORD_COUNT).mapToObj(i -> i + ":" + padding).toList(),
            JavaClients.readAll(cluster, TOPIC).get(0).stream().map(record -> record.value()).toList());
    }

    private static void requireSoundFiles(final ClusterHarness cluster, final Path shard) throws IOException {
        final ReplicaFiles.Replica first = ReplicaFiles.read(folder(cluster, 1, shard));
        for (int id = 2; id <= 3; id++) {
            final ReplicaFiles.Replica other = ReplicaFiles.read(folder(cluster, id, shard));
            assertEquals(first.batchesEnd(), other.batchesEnd());
            ReplicaFiles.requireSameBytes(first, other, first.batchesEnd());
        }
        for (int id = 1; id <= 3; id++) {
            Command.millrace(VERIFY_TIMEOUT, "log", "verify", cluster.layout().dataDirectory(id).toString())
                .requireSuccess();
        }
    }
}
