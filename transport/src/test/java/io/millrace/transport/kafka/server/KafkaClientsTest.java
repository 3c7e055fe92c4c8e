package io.millrace.transport.kafka.server;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.transport.kafka.client.LeanAdmin;
import io.millrace.transport.kafka.client.LeanClientException;
import io.millrace.transport.kafka.client.LeanConnection;
import io.millrace.transport.kafka.client.LeanConnectionConfiguration;
import io.millrace.transport.kafka.client.LeanSelector;
import io.millrace.transport.kafka.client.RecordBatchReader;
import io.millrace.transport.kafka.client.RecordBatchTemplate;
import io.millrace.transport.kafka.client.TopicName;
import io.millrace.transport.kafka.message.ListOffsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import org.agrona.concurrent.SystemNanoClock;
import org.agrona.concurrent.UnsafeBuffer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Apache Kafka's own client and ours, against the server and the codecs. */
@Timeout(300)
class KafkaClientsTest {
    private static final long TIMEOUT_NS = 60_000_000_000L;

    @TempDir
    private Path directory;
    private ChannelLogFile file;
    private KafkaServerAgent agent;
    private Thread thread;
    private volatile boolean running = true;
    private volatile Throwable failure;
    private String address;

    @BeforeEach
    void start() throws Exception {
        file = new ChannelLogFile(directory.resolve("log"), new byte[0]);
        final MiniBroker broker = new MiniBroker(file);
        agent = new KafkaServerAgent(new KafkaServerContext().port(0).clusterId("mini").nodeId(1), broker);
        agent.bind();
        broker.port(agent.port());
        address = "127.0.0.1:" + agent.port();
        thread = new Thread(() -> {
            final var idle = agent.idleStrategy();
            try {
                while (running) {
                    idle.idle(agent.doWork());
                }
            } catch (final Throwable e) {
                failure = e;
            } finally {
                agent.onClose();
            }
        });
        thread.start();
    }

    @AfterEach
    void stop() throws Exception {
        running = false;
        agent.wakeup();
        thread.join(60_000);
        file.close();
        if (failure != null) {
            throw new AssertionError("the network thread died", failure);
        }
    }

    @ParameterizedTest
    @CsvSource({"none, all, true", "gzip, all, true", "none, 1, false", "none, 0, false"})
    void shouldServeTheJavaClient(final String codec, final String acks, final boolean idempotent) throws Exception {
        final int count = 200;
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", address))) {
            admin.createTopics(List.of(new NewTopic("java", 2, (short) 1))).all().get();
            assertEquals(2, admin.describeTopics(List.of("java")).allTopicNames().get().get("java").partitions()
                .size());
            admin.describeConfigs(List.of(new ConfigResource(ConfigResource.Type.TOPIC, "java"))).all().get();
        }
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(Map.of("bootstrap.servers", address,
            "acks", acks, "enable.idempotence", idempotent, "compression.type", codec, "linger.ms", 1),
            new ByteArraySerializer(), new ByteArraySerializer())) {
            final List<Future<RecordMetadata>> futures = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                futures.add(producer.send(new ProducerRecord<>("java", 1, null, MiniBroker.utf8("value " + i))));
            }
            for (int i = 0; i < count; i++) {
                assertEquals("0".equals(acks) ? -1 : i, futures.get(i).get().offset());
            }
        }
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(Map.of("bootstrap.servers", address),
            new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            final TopicPartition partition = new TopicPartition("java", 1);
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            int next = 0;
            while (next < count) {
                for (final ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofSeconds(1))) {
                    assertArrayEquals(MiniBroker.utf8("value " + next++), record.value());
                }
            }
            assertEquals(count, consumer.endOffsets(List.of(partition)).get(partition));
        }
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", address))) {
            admin.deleteTopics(List.of("java")).all().get();
        }
        assertEquals(0, agent.counters().get(ServerCounter.CLOSED_UNSUPPORTED));
        assertEquals(0, agent.counters().get(ServerCounter.CLOSED_MALFORMED));
    }

    @Test
    void shouldServeTheLeanClient() {
        try (LeanAdmin admin = new LeanAdmin("127.0.0.1:1," + address, "lean-admin", TIMEOUT_NS)) {
            admin.createTopic("lean", 3, 1, Map.of("retention.bytes", "1000000"));
            final LeanClientException exists =
                assertThrows(LeanClientException.class, () -> admin.createTopic("lean", 3, 1, Map.of()));
            assertEquals(36, exists.errorCode());
            assertTrue(exists.getMessage().contains(address), exists.getMessage());
            assertEquals(3, admin.describe(List.of("lean")).topics().get(0).partitions().size());
            assertEquals(3, admin.describe(List.of("absent")).topics().get(0).errorCode());
            assertEquals("1", admin.describeTopicConfigs("lean").get("min.insync.replicas"));
            final long producerId = admin.initProducerId().producerId();
            assertEquals(producerId + 1, admin.initProducerId().producerId());
            produceAndFetch(producerId);
            assertArrayEquals(new long[]{0, 500, 0}, admin.listOffsets("lean", ListOffsets.LATEST));
            assertArrayEquals(new long[]{0, 0, 0}, admin.listOffsets("lean", ListOffsets.EARLIEST));
            admin.deleteTopic("lean");
            assertEquals(3, assertThrows(LeanClientException.class, () -> admin.deleteTopic("lean")).errorCode());
        }
    }

    @Test
    void shouldNameTheAddressWhenNothingListensThere() {
        final LeanClientException e =
            assertThrows(LeanClientException.class, () -> new LeanAdmin("127.0.0.1:1", "x", 1_000_000_000L));
        assertTrue(e.getMessage().contains("127.0.0.1:1"), e.getMessage());
        assertThrows(LeanClientException.class, () -> new LeanAdmin("nowhere.invalid", "x", 1_000_000_000L));
    }

    private void produceAndFetch(final long producerId) {
        final TopicName topic = new TopicName("lean");
        final RecordBatchTemplate template = new RecordBatchTemplate(10, -1, 100, null);
        final ServerHarness.Recorder recorder = new ServerHarness.Recorder();
        try (LeanSelector selector = new LeanSelector();
            LeanConnection connection = new LeanConnection("127.0.0.1", agent.port(),
                LeanConnectionConfiguration.defaults("lean"), SystemNanoClock.INSTANCE)) {
            selector.add(connection);
            for (int i = 0; i < 50; i++) {
                for (int r = 0; r < 10; r++) {
                    template.buffer().putInt(template.valueIndex(r), i * 10 + r);
                }
                template.timestamp(1000 + i);
                template.producer(producerId, (short) 0, i * 10);
                final int length = template.seal(10);
                while (!connection.offerProduce(
                    topic, 1, (short) -1, 1000, template.sealedBuffer(), 0, length, i)) {
                    connection.poll(recorder);
                    selector.await(10_000_000L);
                }
            }
            while (recorder.tokens.size() < 50) {
                connection.poll(recorder);
                selector.await(10_000_000L);
            }
            for (int i = 0; i < 50; i++) {
                assertEquals(i, recorder.tokens.get(i));
                assertEquals(i * 10L, recorder.baseOffsets.get(i));
            }
            assertTrue(connection.offerFetch(topic, 1, 0, 1000, 1, 1 << 20, 99));
            while (recorder.records.isEmpty()) {
                connection.poll(recorder);
                selector.await(10_000_000L);
            }
        }
        final byte[] bytes = recorder.records.get(0);
        final RecordBatchReader reader = new RecordBatchReader(null).wrap(new UnsafeBuffer(bytes), 0, bytes.length);
        int next = 0;
        while (reader.nextBatch()) {
            while (reader.nextRecord()) {
                assertEquals(next, reader.offset());
                assertEquals(next, reader.recordBuffer().getInt(reader.valueIndex()));
                next++;
            }
        }
        assertEquals(500, next);
    }
}
