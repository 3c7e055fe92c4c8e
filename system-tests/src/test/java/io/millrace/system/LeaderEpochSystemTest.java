package io.millrace.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.LogTruncationException;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData;
import org.apache.kafka.common.message.OffsetForLeaderEpochResponseData;
import org.apache.kafka.common.message.OffsetForLeaderEpochResponseData.EpochEndOffset;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What leaders say of older epochs, when those ended because their leaders were killed. */
@Timeout(1200)
class LeaderEpochSystemTest {
    private static final String TOPIC = "epochs";
    private static final int PARTITION_COUNT = 2;
    private static final int KILL_COUNT = 2;
    private static final short VERSION = 3;
    private static final Duration PATIENCE = JavaClients.PATIENCE;
    private static ClusterHarness cluster;
    private static Admin admin;

    @BeforeAll
    static void startCluster() throws IOException {
        // no leader may change but by a kill: not for a busy machine, nor to go back to the preferred one
        cluster = ClusterHarness.start(
            Map.of("auto.leader.rebalance.enable", "false", "millrace.session.timeout.ms", "8000"));
        admin = JavaClients.admin(cluster);
    }

    @AfterAll
    static void stopCluster() throws IOException {
        if (admin != null) {
            admin.close();
        }
        if (cluster != null) {
            cluster.close();
        }
    }

    private static Node leader(final int partition) throws Exception {
        return admin.describeTopics(Set.of(TOPIC)).allTopicNames().get(60, TimeUnit.SECONDS).get(TOPIC).partitions()
            .get(partition).leader();
    }

    /** Different counts in the partitions, so that an offset of the one is none of the other. */
    private static void send(final int round) throws Exception {
        try (KafkaProducer<String, String> producer = JavaClients.producer(cluster, Map.of("acks", "all"))) {
            for (int partition = 0; partition < PARTITION_COUNT; partition++) {
                for (int i = 0; i < 7 + 4 * partition + 3 * round; i++) {
                    producer.send(new ProducerRecord<>(TOPIC, partition, null, "v" + i));
                }
            }
            producer.flush();
        }
    }

    @Test
    void shouldAnswerForOldEpochsAsKafkaDoesWhenLeadersWereKilled() throws Exception {
        JavaClients.createTopic(cluster, TOPIC, PARTITION_COUNT);
        for (int round = 0; round < KILL_COUNT; round++) {
            send(round);
            final int victim = leader(round % PARTITION_COUNT).id();
            cluster.kill(victim);
            Await.until(PATIENCE, () -> "leaders after node " + victim, () -> {
                for (int partition = 0; partition < PARTITION_COUNT; partition++) {
                    if (leader(partition) == null || leader(partition).id() == victim) {
                        return false;
                    }
                }
                return true;
            });
            cluster.startMissing(Map.of());
            JavaClients.awaitFullIsr(cluster, TOPIC);
        }
        send(KILL_COUNT);
        final Map<Integer, List<ConsumerRecord<String, String>>> records = JavaClients.readAll(cluster, TOPIC);
        for (int partition = 0; partition < PARTITION_COUNT; partition++) {
            final TreeMap<Integer, Long> ends = new TreeMap<>();
            records.get(partition).forEach(record -> ends.put(record.leaderEpoch().orElseThrow(), record.offset() + 1));
            System.out.println("[epochs] partition " + partition + ": ends by epoch " + ends);
            checkAnswers(partition, ends);
            checkClient(new TopicPartition(TOPIC, partition), ends);
        }
    }

    private static void checkAnswers(final int partition, final TreeMap<Integer, Long> ends) throws Exception {
        assertTrue(ends.size() > 1, "leaders have changed between records: " + ends);
        int latest = ends.lastKey();
        while (ask(partition, -1, latest + 1).leaderEpoch() >= 0) {
            latest++; // epochs without records
        }
        for (int asked = 0; asked <= latest + 2; asked++) {
            final EpochEndOffset answer = ask(partition, -1, asked);
            final String text = "asked for " + asked + ", latest " + latest + ", " + ends + ": " + answer;
            assertEquals(Errors.NONE.code(), answer.errorCode(), text);
            if (asked > latest) {
                assertEquals(-1, answer.leaderEpoch(), text);
                assertEquals(-1, answer.endOffset(), text);
                continue;
            }
            final Map.Entry<Integer, Long> floor = ends.floorEntry(asked);
            assertEquals(floor == null ? 0 : floor.getValue(), answer.endOffset(), text);
            assertTrue(answer.leaderEpoch() <= asked && (floor == null || answer.leaderEpoch() >= floor.getKey()),
                text);
        }
        assertEquals(Errors.NONE.code(), ask(partition, latest, ends.firstKey()).errorCode());
        assertEquals(Errors.FENCED_LEADER_EPOCH.code(), ask(partition, latest - 1, ends.firstKey()).errorCode());
        assertEquals(Errors.UNKNOWN_LEADER_EPOCH.code(), ask(partition, latest + 1, ends.firstKey()).errorCode());
    }

    private static EpochEndOffset ask(final int partition, final int currentEpoch, final int epoch) throws Exception {
        final OffsetForLeaderEpochRequestData.OffsetForLeaderTopicCollection topics =
            new OffsetForLeaderEpochRequestData.OffsetForLeaderTopicCollection();
        topics.add(new OffsetForLeaderEpochRequestData.OffsetForLeaderTopic().setTopic(TOPIC).setPartitions(List.of(
            new OffsetForLeaderEpochRequestData.OffsetForLeaderPartition().setPartition(partition)
                .setCurrentLeaderEpoch(currentEpoch).setLeaderEpoch(epoch))));
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), leader(partition).port())) {
            RawRequest.send(socket, ApiKeys.OFFSET_FOR_LEADER_EPOCH, VERSION,
                new OffsetForLeaderEpochRequestData().setReplicaId(-1).setTopics(topics));
            return new OffsetForLeaderEpochResponseData(RawRequest.receive(socket), VERSION)
                .topics().iterator().next().partitions().get(0);
        }
    }

    /** A consumer whose position is behind the end of its epoch has read what was lost: it has to hear of it. */
    private static void checkClient(final TopicPartition partition, final TreeMap<Integer, Long> ends) {
        final int epoch = ends.firstKey();
        final long end = ends.get(epoch);
        try (KafkaConsumer<String, String> consumer = new KafkaConsumer<>(Map.of("bootstrap.servers",
            cluster.bootstrapServers(), "auto.offset.reset", "none", "enable.auto.commit", "false"),
            new StringDeserializer(), new StringDeserializer())) {
            consumer.assign(List.of(partition));
            consumer.seek(partition, new OffsetAndMetadata(end, Optional.of(epoch), ""));
            final ConsumerRecord<?, ?>[] next = {null};
            Await.until(PATIENCE, () -> "what comes after the end of epoch " + epoch, () -> {
                consumer.poll(Duration.ofMillis(100)).forEach(
                    record -> next[0] = next[0] == null ? record : next[0]);
                return next[0] != null;
            });
            assertEquals(end, next[0].offset());
            consumer.seek(partition, new OffsetAndMetadata(end + 2, Optional.of(epoch), ""));
            final LogTruncationException[] noticed = {null};
            Await.until(PATIENCE, () -> "the truncation of " + partition + " noticed", () -> {
                try {
                    consumer.poll(Duration.ofMillis(100));
                } catch (final LogTruncationException ex) {
                    noticed[0] = ex;
                }
                return noticed[0] != null;
            });
            final OffsetAndMetadata divergent = noticed[0].divergentOffsets().get(partition);
            assertNotNull(divergent);
            assertEquals(end, divergent.offset());
            assertEquals(Optional.of(epoch), divergent.leaderEpoch());
        }
    }
}
