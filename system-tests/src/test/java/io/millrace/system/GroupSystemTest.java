package io.millrace.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.GroupType;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Consumer groups of Kafka's Java client on three brokers. */
@Timeout(900)
class GroupSystemTest {
    private static final String STORM_COUNT = "millrace.test.rebalances";
    private static final int USUAL_STORM_COUNT = 5;
    private static final int PARTITION_COUNT = 3;
    /** What members of the classic protocol choose themselves. */
    private static final Map<String, String> PROPERTIES = Map.of(
        "group.consumer.session.timeout.ms", "8000", "group.consumer.heartbeat.interval.ms", "500");
    private static ClusterHarness cluster;

    @BeforeAll
    static void startCluster() throws IOException {
        cluster = ClusterHarness.start(PROPERTIES);
    }

    @AfterAll
    static void stopCluster() throws IOException {
        if (cluster != null) {
            cluster.close();
        }
    }

    private static KafkaConsumer<String, String> consumer(final String group, final String kind) {
        final Map<String, Object> settings = new TreeMap<>(Map.of("bootstrap.servers", cluster.bootstrapServers(),
            "group.id", group, "enable.auto.commit", "false", "auto.offset.reset", "earliest"));
        switch (kind) {
            case "eager" -> settings.put("partition.assignment.strategy",
                "org.apache.kafka.clients.consumer.RangeAssignor");
            case "cooperative" -> settings.put("partition.assignment.strategy",
                "org.apache.kafka.clients.consumer.CooperativeStickyAssignor");
            default -> settings.put("group.protocol", "consumer");
        }
        if (!"consumer".equals(kind)) {
            settings.put("heartbeat.interval.ms", "300");
            settings.put("session.timeout.ms", "30000"); // a busy machine is no reason for a balance
        }
        return new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer());
    }

    private static void send(final String topic, final int from, final int count) {
        try (KafkaProducer<String, String> producer = JavaClients.producer(cluster, Map.of("acks", "all"))) {
            for (int i = from; i < from + count; i++) {
                producer.send(new ProducerRecord<>(topic, i % PARTITION_COUNT, null, "v" + i));
            }
            producer.flush();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"eager", "cooperative", "consumer"})
    void shouldShareTheWorkWhenTwoHaveTheSameGroup(final String kind) throws Exception {
        final String topic = "shared-" + kind;
        JavaClients.createTopic(cluster, topic, PARTITION_COUNT);
        send(topic, 0, 60);
        final List<String> read = new ArrayList<>();
        try (KafkaConsumer<String, String> first = consumer(topic, kind);
            Admin admin = JavaClients.admin(cluster)) {
            first.subscribe(List.of(topic));
            Await.until(JavaClients.PATIENCE, () -> "60 records, got " + read.size(), () -> poll(first, read) >= 60);
            first.commitSync();
            try (KafkaConsumer<String, String> second = consumer(topic, kind)) {
                second.subscribe(List.of(topic));
                Await.until(JavaClients.PATIENCE, () -> "a share for each: " + first.assignment() + " "
                    + second.assignment(), () -> {
                        poll(first, read);
                        poll(second, read);
                        return !second.assignment().isEmpty()
                            && first.assignment().size() + second.assignment().size() == PARTITION_COUNT;
                    });
                send(topic, 60, 60);
                Await.until(JavaClients.PATIENCE, () -> "120 records, got " + read.size(),
                    () -> poll(first, read) + poll(second, read) >= 240);
                first.commitSync();
                second.commitSync();
                final ConsumerGroupDescription group =
                    admin.describeConsumerGroups(List.of(topic)).all().get(60, TimeUnit.SECONDS).get(topic);
                assertEquals(2, group.members().size());
                assertThrows(ExecutionException.class,
                    () -> admin.deleteConsumerGroups(List.of(topic)).all().get(60, TimeUnit.SECONDS));
            }
            Await.until(JavaClients.PATIENCE, () -> "everything again for the first: " + first.assignment(), () -> {
                poll(first, read);
                return first.assignment().size() == PARTITION_COUNT;
            });
        }
        assertEquals(120, read.size());
        assertEquals(120, new HashSet<>(read).size(), "each record once");
        endOfTheGroup(topic);
    }

    private static int poll(final KafkaConsumer<String, String> consumer, final List<String> read) {
        for (final ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(50))) {
            read.add(record.value());
        }
        return read.size();
    }

    private static void endOfTheGroup(final String group) throws Exception {
        try (Admin admin = JavaClients.admin(cluster)) {
            Await.until(JavaClients.PATIENCE, () -> "an empty group", () -> admin.describeConsumerGroups(
                List.of(group)).all().get(60, TimeUnit.SECONDS).get(group).groupState() == GroupState.EMPTY);
            assertTrue(admin.listGroups().all().get(60, TimeUnit.SECONDS).stream()
                .anyMatch(one -> one.groupId().equals(group)));
            final TopicPartition first = new TopicPartition(group, 0);
            admin.alterConsumerGroupOffsets(group, Map.of(first, new OffsetAndMetadata(3))).all()
                .get(60, TimeUnit.SECONDS);
            assertEquals(3, admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata()
                .get(60, TimeUnit.SECONDS).get(first).offset());
            admin.deleteConsumerGroupOffsets(group, Set.of(first)).all().get(60, TimeUnit.SECONDS);
            admin.deleteConsumerGroups(List.of(group)).all().get(60, TimeUnit.SECONDS);
            assertTrue(admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata()
                .get(60, TimeUnit.SECONDS).isEmpty());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"eager", "cooperative"})
    void shouldGoFromOneProtocolToTheOtherAndBackWhileMembersGoOn(final String kind) throws Exception {
        final String topic = "migrated-" + kind;
        JavaClients.createTopic(cluster, topic, PARTITION_COUNT);
        send(topic, 0, 60);
        final List<String> read = new ArrayList<>();
        try (KafkaConsumer<String, String> stays = consumer(topic, kind)) {
            stays.subscribe(List.of(topic));
            Await.until(JavaClients.PATIENCE, () -> "60 records, got " + read.size(), () -> poll(stays, read) >= 60);
            stays.commitSync();
            assertEquals(GroupType.CLASSIC, typeOf(topic));
            try (KafkaConsumer<String, String> comes = consumer(topic, "consumer")) {
                comes.subscribe(List.of(topic));
                Await.until(JavaClients.PATIENCE, () -> "a share for each: " + stays.assignment() + " "
                    + comes.assignment(), () -> {
                        poll(stays, read);
                        poll(comes, read);
                        return !comes.assignment().isEmpty() && !stays.assignment().isEmpty()
                            && stays.assignment().size() + comes.assignment().size() == PARTITION_COUNT;
                    });
                assertEquals(GroupType.CONSUMER, typeOf(topic));
                send(topic, 60, 60);
                Await.until(JavaClients.PATIENCE, () -> "120 records, got " + read.size(),
                    () -> poll(stays, read) + poll(comes, read) >= 240);
                stays.commitSync();
                comes.commitSync();
            }
            Await.until(JavaClients.PATIENCE, () -> "everything again: " + stays.assignment(), () -> {
                poll(stays, read);
                return stays.assignment().size() == PARTITION_COUNT;
            });
            assertEquals(GroupType.CLASSIC, typeOf(topic));
            send(topic, 120, 30);
            Await.until(JavaClients.PATIENCE, () -> "150 records, got " + read.size(), () -> poll(stays, read) >= 150);
            stays.commitSync();
        }
        assertEquals(150, new HashSet<>(read).size());
        assertEquals(150, read.size(), "each record once");
    }

    private static GroupType typeOf(final String group) throws Exception {
        try (Admin admin = JavaClients.admin(cluster)) {
            return admin.describeConsumerGroups(List.of(group)).all().get(60, TimeUnit.SECONDS).get(group).type();
        }
    }

    @Test
    void shouldKeepGenerationAndOffsetsWhenTheCoordinatorIsKilled() throws Exception {
        final String topic = "survivor";
        JavaClients.createTopic(cluster, topic, PARTITION_COUNT);
        send(topic, 0, 30);
        final List<String> read = new ArrayList<>();
        try (KafkaConsumer<String, String> member = consumer(topic, "eager");
            Admin admin = JavaClients.admin(cluster)) {
            member.subscribe(List.of(topic));
            Await.until(JavaClients.PATIENCE, () -> "30 records, got " + read.size(), () -> poll(member, read) >= 30);
            member.commitSync();
            final int generation = member.groupMetadata().generationId();
            final int node = admin.describeConsumerGroups(List.of(topic)).all().get(60, TimeUnit.SECONDS).get(topic)
                .coordinator().id();
            cluster.kill(node);
            send(topic, 30, 30);
            Await.until(JavaClients.PATIENCE, () -> "60 records, got " + read.size(), () -> poll(member, read) >= 60);
            Await.until(JavaClients.PATIENCE, () -> "a commit at the next coordinator", () -> {
                member.commitSync(Duration.ofSeconds(20));
                return true;
            });
            assertEquals(60, new HashSet<>(read).size());
            assertEquals(60, read.size(), "nothing was read twice");
            assertEquals(generation, member.groupMetadata().generationId(), "no balance was needed");
            cluster.startMissing(PROPERTIES);
            JavaClients.awaitFullIsr(cluster, "__consumer_offsets");
            assertEquals(20, admin.listConsumerGroupOffsets(topic).partitionsToOffsetAndMetadata()
                .get(60, TimeUnit.SECONDS).get(new TopicPartition(topic, 0)).offset());
            assertTrue(admin.describeTopics(Set.of("__consumer_offsets")).allTopicNames().get(60, TimeUnit.SECONDS)
                .get("__consumer_offsets").isInternal());
        }
    }

    @Test
    @Timeout(value = 4, unit = TimeUnit.HOURS)
    void shouldHaveOneOwnerAndSkipNothingThroughAStormOfEagerRebalances() throws Exception {
        storm("eager-storm", "org.apache.kafka.clients.consumer.RangeAssignor");
    }

    @Test
    @Timeout(value = 4, unit = TimeUnit.HOURS)
    void shouldHaveOneOwnerAndSkipNothingThroughAStormOfCooperativeRebalances() throws Exception {
        storm("cooperative-storm", "org.apache.kafka.clients.consumer.CooperativeStickyAssignor");
    }

    @Test
    @Timeout(value = 4, unit = TimeUnit.HOURS)
    void shouldHaveOneOwnerAndSkipNothingThroughAStormOfTheConsumerProtocol() throws Exception {
        storm("consumer-storm", List.of(Map.of("group.protocol", "consumer")));
    }

    @Test
    @Timeout(value = 4, unit = TimeUnit.HOURS)
    void shouldHaveOneOwnerAndSkipNothingThroughAStormOfMigrations() throws Exception {
        storm("migration-storm", List.of(classic(Map.of()), Map.of("group.protocol", "consumer")));
    }

    private static Map<String, String> classic(final Map<String, String> more) {
        final Map<String, String> settings =
            new TreeMap<>(Map.of("session.timeout.ms", "6000", "heartbeat.interval.ms", "500"));
        settings.putAll(more);
        return settings;
    }

    private static void storm(final String name, final String assignor) throws Exception {
        storm(name, List.of(classic(Map.of("partition.assignment.strategy", assignor))));
    }

    private static void storm(final String name, final List<Map<String, String>> kinds) throws Exception {
        try (RebalanceStorm storm = new RebalanceStorm(cluster, PROPERTIES, name, kinds,
            Long.getLong("millrace.test.seed", System.nanoTime()))) {
            storm.run(Integer.getInteger(STORM_COUNT, USUAL_STORM_COUNT));
        }
    }
}
