package io.millrace.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What stays on the disks: after a kill of every broker at once, and when retention or a deletion gives space back. */
@Timeout(1200)
class StorageSystemTest {
    private static final Duration PATIENCE = Duration.ofSeconds(240);
    private static final long SEGMENT_LENGTH = 4L << 20;
    private static final Map<String, String> SMALL_SEGMENTS = Map.of("log.segment.bytes", "4m");

    private static void create(final ClusterHarness cluster, final String topic, final Map<String, String> configs) {
        JavaClients.createTopic(cluster, new NewTopic(topic, 2, (short) 3).configs(configs));
    }

    private static void produce(final ClusterHarness cluster, final String topic, final int from, final int count,
        final int valueLength) throws Exception {
        final String padding = "x".repeat(valueLength);
        try (KafkaProducer<String, String> producer = JavaClients.producer(cluster, Map.of("acks", "all"))) {
            final List<Future<RecordMetadata>> sent = IntStream.range(from, from + count)
                .mapToObj(i -> producer.send(new ProducerRecord<>(topic, i % 2, null, i + ":" + padding)))
                .collect(Collectors.toList());
            for (final Future<RecordMetadata> future : sent) {
                future.get();
            }
        }
    }

    private static TreeSet<Integer> readNumbers(final ClusterHarness cluster, final String topic) {
        return JavaClients.readAll(cluster, topic).values().stream().flatMap(List::stream)
            .map(record -> Integer.parseInt(record.value().substring(0, record.value().indexOf(':'))))
            .collect(Collectors.toCollection(TreeSet::new));
    }

    private static long segmentsLength(final ClusterHarness cluster, final int nodeId) throws IOException {
        while (true) {
            try (Stream<Path> files = Files.walk(cluster.layout().dataDirectory(nodeId))) {
                long length = 0;
                for (final Path file : files.toList()) {
                    length += file.getFileName().toString().matches("\\d{20}\\.log") ? Files.size(file) : 0;
                }
                return length;
            } catch (final NoSuchFileException ex) {
                continue; // given back meanwhile
            } catch (final UncheckedIOException ex) {
                if (!(ex.getCause() instanceof NoSuchFileException)) {
                    throw ex;
                }
            }
        }
    }

    @Test
    void shouldKeepEverythingAcknowledgedWhenAllBrokersAreKilledInEitherProfile() throws Exception {
        try (ClusterHarness cluster = ClusterHarness.start(Map.of())) {
            create(cluster, "durable", Map.of("millrace.profile", "durable"));
            create(cluster, "replicated", Map.of());
            for (final String topic : List.of("durable", "replicated")) {
                produce(cluster, topic, 0, 400, 100);
            }
            for (int nodeId = 1; nodeId <= 3; nodeId++) {
                cluster.kill(nodeId);
            }
            assertEquals(List.of(1, 2, 3), cluster.startMissing(Map.of()));
            for (final String topic : List.of("durable", "replicated")) {
                produce(cluster, topic, 400, 100, 100);
                assertEquals(IntStream.range(0, 500).boxed().collect(Collectors.toCollection(TreeSet::new)),
                    readNumbers(cluster, topic), topic);
            }
        }
    }

    @Test
    void shouldForgetWhatIsTooOldOnEveryReplicaAndAfterARestart() throws Exception {
        try (ClusterHarness cluster = ClusterHarness.start(Map.of("log.retention.check.interval.ms", "200"))) {
            create(cluster, "brief", Map.of("retention.ms", "3000"));
            create(cluster, "kept", Map.of());
            produce(cluster, "brief", 0, 200, 100);
            produce(cluster, "kept", 0, 200, 100);
            Await.until(PATIENCE, () -> "all of topic brief is too old: " + starts(cluster, "brief"),
                () -> starts(cluster, "brief").equals(Set.of(100L)));
            assertEquals(Set.of(0L), starts(cluster, "kept"));
            for (int nodeId = 1; nodeId <= 3; nodeId++) {
                cluster.kill(nodeId);
            }
            cluster.startMissing(Map.of());
            Await.until(PATIENCE, () -> "starts after a restart: " + starts(cluster, "brief"),
                () -> starts(cluster, "brief").equals(Set.of(100L)));
            produce(cluster, "brief", 200, 2, 100);
            try (KafkaConsumer<String, String> consumer = consumer(cluster)) {
                final TopicPartition partition = new TopicPartition("brief", 0);
                consumer.assign(List.of(partition));
                consumer.seek(partition, 99);
                assertThrows(OffsetOutOfRangeException.class, () -> {
                    final long deadlineNs = System.nanoTime() + PATIENCE.toNanos();
                    while (System.nanoTime() - deadlineNs < 0) {
                        consumer.poll(Duration.ofMillis(100));
                    }
                });
            }
        }
    }

    private static KafkaConsumer<String, String> consumer(final ClusterHarness cluster) {
        return new KafkaConsumer<>(
            Map.of("bootstrap.servers", cluster.bootstrapServers(), "auto.offset.reset", "none"),
            new StringDeserializer(), new StringDeserializer());
    }

    private static Set<Long> starts(final ClusterHarness cluster, final String topic) {
        try (KafkaConsumer<String, String> consumer = consumer(cluster)) {
            return Set.copyOf(consumer.beginningOffsets(
                List.of(new TopicPartition(topic, 0), new TopicPartition(topic, 1))).values());
        }
    }

    @Test
    void shouldGiveSpaceBackWhenRetentionOrADeletionFreesSegments() throws Exception {
        try (ClusterHarness cluster = ClusterHarness.start(SMALL_SEGMENTS)) {
            create(cluster, "short", Map.of("retention.bytes", Long.toString(SEGMENT_LENGTH)));
            produce(cluster, "short", 0, 10_000, 4000);
            for (int nodeId = 1; nodeId <= 3; nodeId++) {
                final int id = nodeId;
                Await.until(PATIENCE, () -> "40 MB shrunk to a few segments at node " + id,
                    () -> segmentsLength(cluster, id) <= 6 * SEGMENT_LENGTH);
            }
            final TreeSet<Integer> kept = readNumbers(cluster, "short");
            assertEquals(9_999, kept.last());
            assertTrue(kept.first() > 0, "nothing was given up");
            assertEquals(kept.last() - kept.first() + 1, kept.size(), 2_000, "about one range of each partition");

            // segments go oldest first: what is left of the first topic would pin what lies behind it
            create(cluster, "whole", Map.of());
            produce(cluster, "whole", 0, 5_000, 4000);
            // node 2 may have left the ISR for a while: then it has yet to catch up
            Await.until(PATIENCE, () -> "the second topic at node 2", () ->
                segmentsLength(cluster, 2) > 4 * SEGMENT_LENGTH);
            final long before = segmentsLength(cluster, 2);
            try (Admin admin = JavaClients.admin(cluster)) {
                admin.deleteTopics(List.of("short", "whole")).all().get();
            }
            Await.until(PATIENCE, () -> "space of the deleted topics given back at node 2, before=" + before,
                // a file that held a segment before keeps its length: one for each of the three shards is left
                () -> segmentsLength(cluster, 2) <= 3 * SEGMENT_LENGTH);
        }
    }
}
