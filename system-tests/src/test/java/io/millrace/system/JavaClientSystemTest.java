package io.millrace.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(900)
class JavaClientSystemTest {
    private static final int RECORD_COUNT = 1000;
    private static ClusterHarness cluster;

    @BeforeAll
    static void startCluster() throws IOException {
        cluster = ClusterHarness.start(ClusterHarness.STEADY);
    }

    @AfterAll
    static void stopCluster() throws IOException {
        if (cluster != null) {
            cluster.close();
        }
    }

    @ParameterizedTest
    @CsvSource({"0,none", "1,none", "all,none", "0,gzip", "1,gzip", "all,gzip", "0,snappy", "1,snappy", "all,snappy",
        "0,lz4", "1,lz4", "all,lz4", "0,zstd", "1,zstd", "all,zstd"})
    void shouldReadBackWhatWasWrittenWhenProduced(final String acks, final String codec) throws Exception {
        final String topic = "codec-" + acks + "-" + codec;
        JavaClients.createTopic(cluster, topic, 3);
        JavaClients.awaitLeaders(cluster, topic, 3);
        final List<Future<RecordMetadata>> sent = new ArrayList<>();
        try (KafkaProducer<String, String> producer = JavaClients.producer(cluster,
            Map.of("acks", acks, "compression.type", codec, "linger.ms", 5))) {
            for (int i = 0; i < RECORD_COUNT; i++) {
                sent.add(producer.send(new ProducerRecord<>(topic, "key-" + i % 50, "value-" + i)));
            }
            producer.flush();
            for (final Future<RecordMetadata> future : sent) {
                future.get(150, TimeUnit.SECONDS);
            }
        }
        final Map<Integer, List<ConsumerRecord<String, String>>> read = readAtLeast(topic, RECORD_COUNT);
        final List<String> values = read.values().stream().flatMap(List::stream).map(ConsumerRecord::value).toList();
        assertEquals(IntStream.range(0, RECORD_COUNT).mapToObj(i -> "value-" + i).sorted().toList(),
            values.stream().sorted().toList());
        read.forEach((partition, records) -> assertEquals(
            IntStream.range(0, records.size()).mapToObj(Long::valueOf).toList(),
            records.stream().map(ConsumerRecord::offset).toList(), "dense offsets of partition " + partition));
    }

    /** With acks=0 nobody says when the records are there. */
    private static Map<Integer, List<ConsumerRecord<String, String>>> readAtLeast(final String topic, final int count) {
        final List<Map<Integer, List<ConsumerRecord<String, String>>>> last = new ArrayList<>();
        Await.until(JavaClients.PATIENCE, () -> count + " records of " + topic, () -> {
            last.add(JavaClients.readAll(cluster, topic));
            return last.get(last.size() - 1).values().stream().mapToInt(List::size).sum() >= count;
        });
        return last.get(last.size() - 1);
    }

    @Test
    void shouldForgetTheTopicWhenDeleted() throws Exception {
        JavaClients.createTopic(cluster, "short-lived", 2);
        try (Admin admin = JavaClients.admin(cluster)) {
            assertTrue(admin.listTopics().names().get(60, TimeUnit.SECONDS).contains("short-lived"));
            admin.deleteTopics(Set.of("short-lived")).all().get(60, TimeUnit.SECONDS);
            Await.until(JavaClients.PATIENCE, () -> "deletion of the topic",
                () -> !admin.listTopics().names().get(60, TimeUnit.SECONDS).contains("short-lived"));
        }
    }
}
