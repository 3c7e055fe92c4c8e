package io.millrace.broker.node;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.agrona.CloseHelper;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Kafka's own admin client asks one node for offsets by timestamp, in batches of each codec. */
@Timeout(600)
class ListOffsetsNodeTest {
    private static final List<String> CODECS = List.of("none", "gzip", "snappy", "lz4", "zstd");
    private static final int BATCH_COUNT = 3;
    private static final int BATCH_RECORD_COUNT = 40;

    @TempDir
    private Path directory;
    private final long startMs = System.currentTimeMillis() - 100_000;
    private int port;
    private BrokerNode node;
    private Admin admin;

    @BeforeEach
    void start() throws Exception {
        port = SingleNode.freePort();
        node = SingleNode.start(SingleNode.properties(port, directory));
        admin = Admin.create(Map.of("bootstrap.servers", "127.0.0.1:" + port));
        SingleNode.createTopics(admin, CODECS.stream().map((codec) -> new NewTopic(codec, 1, (short) 1)).toList());
    }

    @AfterEach
    void stop() {
        CloseHelper.closeAll(admin, node);
    }

    @Test
    void shouldFindTheExactRecordWhenBatchesAreCompressed() throws Exception {
        for (final String codec : CODECS) {
            produce(codec);
            for (final int record : new int[] {0, 1, 39, 40, 57, 119}) {
                final ListOffsetsResultInfo found = ask(codec, OffsetSpec.forTimestamp(startMs + 10 * record - 3));
                assertEquals(record, found.offset(), codec);
                assertEquals(startMs + 10 * record, found.timestamp(), codec);
            }
            final ListOffsetsResultInfo none = ask(codec, OffsetSpec.forTimestamp(startMs + 10 * 119 + 1));
            assertEquals(-1, none.offset(), codec);
            assertEquals(-1, none.timestamp(), codec);
            final ListOffsetsResultInfo last = ask(codec, OffsetSpec.maxTimestamp());
            assertEquals(119, last.offset(), codec);
            assertEquals(startMs + 10 * 119, last.timestamp(), codec);
        }
    }

    @Test
    void shouldAnswerAsKafkaWithoutTieredStorage() throws Exception {
        assertEquals(-1, ask("none", OffsetSpec.maxTimestamp()).offset(), "nothing is there yet");
        produce("none");
        assertEquals(0, ask("none", OffsetSpec.earliest()).offset());
        assertEquals(120, ask("none", OffsetSpec.latest()).offset());
        assertEquals(0, ask("none", OffsetSpec.earliestLocal()).offset());
        assertEquals(-1, ask("none", OffsetSpec.latestTiered()).offset());
    }

    private ListOffsetsResultInfo ask(final String topic, final OffsetSpec spec) throws Exception {
        final TopicPartition partition = new TopicPartition(topic, 0);
        return admin.listOffsets(Map.of(partition, spec)).partitionResult(partition).get(60, TimeUnit.SECONDS);
    }

    /** Writes batches of many records; a flush ends each. */
    private void produce(final String codec) {
        final Map<String, Object> settings = new HashMap<>(Map.of("bootstrap.servers", "127.0.0.1:" + port,
            "compression.type", codec, "linger.ms", "10000", "batch.size", "100000"));
        try (KafkaProducer<byte[], byte[]> producer =
            new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
            for (int batch = 0; batch < BATCH_COUNT; batch++) {
                for (int i = 0; i < BATCH_RECORD_COUNT; i++) {
                    final int record = batch * BATCH_RECORD_COUNT + i;
                    producer.send(new ProducerRecord<>(codec, 0, startMs + 10L * record, null, new byte[100]));
                }
                producer.flush();
            }
        }
    }
}
