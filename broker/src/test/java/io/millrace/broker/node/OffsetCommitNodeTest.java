package io.millrace.broker.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.agrona.CloseHelper;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.OffsetMetadataTooLarge;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetCommitResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.protocol.MessageUtil;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Kafka's own consumer, with partitions it assigns itself, against one node. */
@Timeout(600)
class OffsetCommitNodeTest {
    private static final TopicPartition FIRST = new TopicPartition("t", 0);
    private static final TopicPartition SECOND = new TopicPartition("t", 1);

    @TempDir
    private Path directory;
    private int port;
    private BrokerNode node;

    @BeforeEach
    void start() throws Exception {
        port = SingleNode.freePort();
        startNode();
        createTopic("t", 2);
    }

    @AfterEach
    void stop() {
        CloseHelper.close(node);
    }

    private void startNode() throws NodeStartException {
        final Properties properties = SingleNode.properties(port, directory);
        properties.setProperty("auto.create.topics.enable", "false");
        node = SingleNode.start(properties);
    }

    private Map<String, Object> settings(final Map<String, Object> more) {
        final Map<String, Object> settings = new HashMap<>(Map.of("bootstrap.servers", "127.0.0.1:" + port));
        settings.putAll(more);
        return settings;
    }

    private Admin admin() {
        return Admin.create(settings(Map.of()));
    }

    private void createTopic(final String name, final int partitionCount) throws Exception {
        SingleNode.createTopics(port, new NewTopic(name, partitionCount, (short) 1));
    }

    private KafkaConsumer<byte[], byte[]> consumer(final String group) {
        return new KafkaConsumer<>(settings(Map.of("group.id", group, "enable.auto.commit", "false",
            "default.api.timeout.ms", "60000", "max.poll.records", "10000")),
            new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    @Test
    void shouldKeepCommittedOffsetsWhenTheNodeRestarts() throws Exception {
        try (KafkaConsumer<byte[], byte[]> consumer = consumer("g")) {
            consumer.assign(Set.of(FIRST, SECOND));
            consumer.seekToEnd(consumer.assignment());
            assertEquals(0, consumer.position(FIRST));
            consumer.commitSync();
            consumer.commitSync(Map.of(FIRST, new OffsetAndMetadata(7, "note \u00fc")));
            assertEquals(Map.of(FIRST, new OffsetAndMetadata(7, "note \u00fc"), SECOND, new OffsetAndMetadata(0)),
                consumer.committed(Set.of(FIRST, SECOND)));
        }
        node.close();
        startNode();
        try (KafkaConsumer<byte[], byte[]> consumer = consumer("g");
            KafkaConsumer<byte[], byte[]> stranger = consumer("other")) {
            assertEquals(7, consumer.committed(Set.of(FIRST)).get(FIRST).offset());
            assertEquals("note \u00fc", consumer.committed(Set.of(FIRST)).get(FIRST).metadata());
            assertNull(stranger.committed(Set.of(FIRST)).get(FIRST), "nothing was committed by this group");
        }
        try (Admin admin = admin()) {
            assertEquals(Set.of(FIRST, SECOND), admin.listConsumerGroupOffsets("g").partitionsToOffsetAndMetadata()
                .get(60, TimeUnit.SECONDS).keySet(), "all of the group");
        }
    }

    @Test
    void shouldContinueWhereTheGroupCommittedWhenAssignedAgain() {
        try (KafkaConsumer<byte[], byte[]> consumer = consumer("g")) {
            consumer.commitSync(Map.of(FIRST, new OffsetAndMetadata(0)));
            consumer.assign(Set.of(FIRST));
            assertEquals(0, consumer.position(FIRST));
            consumer.commitAsync(Map.of(FIRST, new OffsetAndMetadata(3)), null);
            consumer.commitAsync(Map.of(FIRST, new OffsetAndMetadata(5)), null);
            consumer.commitSync(Map.of(SECOND, new OffsetAndMetadata(1)));
            assertEquals(5, consumer.committed(Set.of(FIRST)).get(FIRST).offset());
        }
        try (KafkaConsumer<byte[], byte[]> consumer = consumer("g")) {
            consumer.assign(Set.of(FIRST));
            assertEquals(5, consumer.position(FIRST));
        }
    }

    @Test
    void shouldForgetOffsetsWhenTheTopicIsDeleted() throws Exception {
        try (Admin admin = admin(); KafkaConsumer<byte[], byte[]> consumer = consumer("g")) {
            consumer.commitSync(Map.of(FIRST, new OffsetAndMetadata(7)));
            admin.deleteTopics(Set.of("t")).all().get(60, TimeUnit.SECONDS);
            createTopic("t", 2);
            assertNull(consumer.committed(Set.of(FIRST)).get(FIRST), "another topic of the same name");
        }
    }

    @Test
    void shouldTakeACommitThatNeedsSeveralCommands() throws Exception {
        createTopic("wide", 400);
        final String metadata = "m".repeat(100);
        final Map<TopicPartition, OffsetAndMetadata> offsets = IntStream.range(0, 400).boxed().collect(
            Collectors.toMap((i) -> new TopicPartition("wide", i), (i) -> new OffsetAndMetadata(i, metadata)));
        try (KafkaConsumer<byte[], byte[]> consumer = consumer("g")) {
            consumer.commitSync(offsets);
            assertEquals(offsets, consumer.committed(offsets.keySet()));
        }
    }

    @Test
    void shouldSayWhatIsWrongWhenACommitIsRefused() {
        try (KafkaConsumer<byte[], byte[]> consumer = consumer("g")) {
            assertThrows(OffsetMetadataTooLarge.class,
                () -> consumer.commitSync(Map.of(FIRST, new OffsetAndMetadata(1, "m".repeat(4097)))));
            assertThrows(TimeoutException.class, () -> consumer.commitSync(
                Map.of(new TopicPartition("t", 2), new OffsetAndMetadata(1)), Duration.ofMillis(300)));
            assertThrows(TimeoutException.class, () -> consumer.commitSync(
                Map.of(new TopicPartition("nowhere", 0), new OffsetAndMetadata(1)), Duration.ofMillis(300)));
            consumer.commitSync(Map.of(FIRST, new OffsetAndMetadata(1, "m".repeat(4096))));
        }
        try (KafkaConsumer<byte[], byte[]> consumer = consumer("g".repeat(256))) {
            assertThrows(KafkaException.class, () -> consumer.commitSync(Map.of(FIRST, new OffsetAndMetadata(1))));
            assertThrows(KafkaException.class, () -> consumer.committed(Set.of(FIRST)));
        }
    }

    @Test
    void shouldTakeOffsetsFromTheAdminClient() throws Exception {
        try (Admin admin = admin()) {
            admin.alterConsumerGroupOffsets("g", Map.of(FIRST, new OffsetAndMetadata(4))).all()
                .get(60, TimeUnit.SECONDS);
            assertEquals(4, admin.listConsumerGroupOffsets("g").partitionsToOffsetAndMetadata()
                .get(60, TimeUnit.SECONDS).get(FIRST).offset());
        }
    }

    @Test
    void shouldRefuseMembersOfAGroupAndMissingPartitionsEachWithItsError() throws IOException {
        try (KafkaConsumer<byte[], byte[]> consumer = consumer("other")) {
            consumer.commitSync(Map.of(FIRST, new OffsetAndMetadata(1))); // the coordinator is there now
        }
        assertEquals(Errors.ILLEGAL_GENERATION, commitError(3, "", 0));
        assertEquals(Errors.NONE, commitError(-1, "member", 0)); // nobody is in the group, as with Kafka
        assertEquals(Errors.UNKNOWN_MEMBER_ID, commitError(3, "member", 0));
        assertEquals(Errors.UNKNOWN_TOPIC_OR_PARTITION, commitError(-1, "", 2));
        assertEquals(Errors.NONE, commitError(-1, "", 1));
    }

    /** {@return the error of one partition in the oldest version of the request} */
    private Errors commitError(final int generationId, final String memberId, final int partition)
        throws IOException {
        final short version = ApiKeys.OFFSET_COMMIT.oldestVersion();
        final ByteBufferAccessor body = MessageUtil.toByteBufferAccessor(new OffsetCommitRequestData().setGroupId("g")
            .setGenerationIdOrMemberEpoch(generationId).setMemberId(memberId)
            .setTopics(List.of(new OffsetCommitRequestData.OffsetCommitRequestTopic().setName("t").setPartitions(
                List.of(new OffsetCommitRequestData.OffsetCommitRequestPartition()
                    .setPartitionIndex(partition).setCommittedOffset(1))))), version);
        final ByteBuffer bytes = body.buffer();
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
            DataOutputStream out = new DataOutputStream(new BufferedOutputStream(socket.getOutputStream()));
            DataInputStream in = new DataInputStream(socket.getInputStream())) {
            socket.setSoTimeout(60_000);
            out.writeInt(10 + bytes.remaining());
            out.writeShort(ApiKeys.OFFSET_COMMIT.id);
            out.writeShort(version);
            out.writeInt(1);
            out.writeShort(-1);
            out.write(bytes.array(), bytes.arrayOffset() + bytes.position(), bytes.remaining());
            out.flush();
            final byte[] answer = in.readNBytes(in.readInt());
            final ByteBuffer response = ByteBuffer.wrap(answer, Integer.BYTES, answer.length - Integer.BYTES);
            return Errors.forCode(new OffsetCommitResponseData(new ByteBufferAccessor(response), version)
                .topics().get(0).partitions().get(0).errorCode());
        }
    }

    @Test
    void shouldFailAtOnceWithTheReasonWhenTransactionsAreAskedFor() {
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
            settings(Map.of("transactional.id", "x", "max.block.ms", "60000")),
            new ByteArraySerializer(), new ByteArraySerializer())) {
            final KafkaException failure = assertThrows(KafkaException.class, producer::initTransactions);
            assertTrue(failure.toString().contains("transactions are not supported"), failure.toString());
        }
    }
}
