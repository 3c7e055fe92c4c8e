package io.millrace.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

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

/** A byte of a stopped node's log flips, or its folder goes: it does not lead before others have mended it. */
@Timeout(1200)
class DamagedSegmentSystemTest {
    private static final String TOPIC = "scratched";
    private static final int RECORD_COUNT = 2000;
    private static final int LEADER = 1;
    private static final int FOLLOWER = 2;

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

            for (final int nodeId : new int[] {FOLLOWER, LEADER}) {
                flipByte(folder(cluster, nodeId, shard));
                final int logLength = cluster.logOf(nodeId).length();
                cluster.startMissing(Map.of());
                JavaClients.awaitFullIsr(cluster, TOPIC);
                requireEveryRecord(cluster);
                final String log = cluster.logOf(nodeId).substring(logLength);
                assertTrue(log.contains(".quarantined") && log.contains("not to lead before they are whole"), log);
                cluster.stop();
            }

            // the same with a folder that is gone
            deleteFolder(folder(cluster, LEADER, shard));
            cluster.startMissing(Map.of());
            JavaClients.awaitFullIsr(cluster, TOPIC);
            requireEveryRecord(cluster);
            assertTrue(cluster.logOf(LEADER).contains("its files are gone"), cluster.logOf(LEADER));
            assertEquals(bytes.get(0), content(folder(cluster, LEADER, shard)).get(0), "given back");
        }
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

    private static void deleteFolder(final Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            for (final Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(folder);
    }

    private static void requireEveryRecord(final ClusterHarness cluster) {
        final List<String> expected = Stream.iterate(0, i -> i + 1).limit(RECORD_COUNT).map(String::valueOf).toList();
        assertEquals(expected,
            JavaClients.readAll(cluster, TOPIC).get(0).stream().map(record -> record.value()).toList());
    }
}
