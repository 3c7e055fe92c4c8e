package io.millrace.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** kill -9 of a broker under load: it comes back, nothing acknowledged is missing, replicas are the same bytes. */
@Timeout(300)
class BrokerFailureSystemTest {
    private static final String TOPIC = "survivors";
    private static final int PARTITION_COUNT = 6;
    private static final int KILLED_NODE = 2;
    private static final long SEND_INTERVAL_NS = 500_000;

    @Test
    void shouldKeepWhatWasAcknowledgedWhenABrokerIsKilledUnderLoad() throws Exception {
        try (ClusterHarness cluster = ClusterHarness.start(Map.of())) {
            JavaClients.createTopic(cluster, TOPIC, PARTITION_COUNT);
            final Load load = new Load(cluster);
            load.start();
            load.awaitAcknowledged(3000);
            cluster.kill(KILLED_NODE);
            load.awaitSent(3000);
            assertEquals(List.of(KILLED_NODE), cluster.startMissing(Map.of()));
            load.awaitAcknowledged(3000);
            load.end();
            assertFalse(load.acknowledged.isEmpty());

            requireAllPresentOnceAndInOrder(load, JavaClients.readAll(cluster, TOPIC));
            JavaClients.awaitFullIsr(cluster, TOPIC);
            cluster.stop();
            requireSameReplicas(cluster);
        }
    }

    private static void requireAllPresentOnceAndInOrder(
        final Load load, final Map<Integer, List<ConsumerRecord<String, String>>> read) {
        final Map<Integer, Integer> seen = new HashMap<>();
        read.forEach((partition, records) -> {
            int previous = -1;
            for (final ConsumerRecord<String, String> record : records) {
                final int number = Integer.parseInt(record.value());
                assertTrue(number > previous, "partition " + partition + ": " + number + " after " + previous);
                previous = number;
                seen.merge(number, 1, Integer::sum);
            }
        });
        final List<Integer> missing = load.acknowledged.stream().filter(number -> !seen.containsKey(number)).toList();
        assertEquals(List.of(), missing, "acknowledged and not read back");
        seen.forEach((number, times) -> assertEquals(1, times, "record " + number + " was read more than once"));
    }

    private static void requireSameReplicas(final ClusterHarness cluster) throws IOException {
        final Path first = cluster.layout().dataDirectory(1);
        final List<Path> shards = ReplicaFiles.shards(first);
        assertFalse(shards.isEmpty(), "no shard below " + first);
        for (final Path shard : shards) {
            final ReplicaFiles.Replica one = ReplicaFiles.read(first.resolve(shard));
            for (int nodeId = 2; nodeId <= cluster.layout().nodeCount(); nodeId++) {
                final ReplicaFiles.Replica other =
                    ReplicaFiles.read(cluster.layout().dataDirectory(nodeId).resolve(shard));
                assertEquals(one.endPosition(), other.endPosition(), "end of " + shard + " at node " + nodeId);
                ReplicaFiles.requireSameBytes(one, other, one.endPosition());
            }
        }
    }

    /** An idempotent producer with acks=all that sends numbers at a steady rate. The thread owns the producer. */
    private static final class Load {
        private final Set<Integer> acknowledged = ConcurrentHashMap.newKeySet();
        private final AtomicInteger sentCount = new AtomicInteger();
        private final AtomicBoolean isEnding = new AtomicBoolean();
        private final ClusterHarness cluster;
        private final Thread thread = new Thread(this::run, "load");

        Load(final ClusterHarness cluster) {
            this.cluster = cluster;
        }

        void start() {
            thread.start();
        }

        private void run() {
            try (KafkaProducer<String, String> producer =
                JavaClients.producer(cluster, Map.of("acks", "all", "linger.ms", 2))) {
                while (!isEnding.get()) {
                    final int number = sentCount.getAndIncrement();
                    producer.send(new ProducerRecord<>(TOPIC, number % PARTITION_COUNT, null, Integer.toString(number)),
                        (metadata, failure) -> {
                            if (failure == null) {
                                acknowledged.add(number);
                            }
                        });
                    LockSupport.parkNanos(SEND_INTERVAL_NS);
                }
                producer.flush();
            }
        }

        void awaitAcknowledged(final int count) {
            final int target = acknowledged.size() + count;
            Await.until(Duration.ofSeconds(90), () -> target + " acknowledged, " + acknowledged.size() + " so far of "
                + sentCount + " sent", () -> acknowledged.size() >= target);
        }

        void awaitSent(final int count) {
            final int target = sentCount.get() + count;
            Await.until(Duration.ofSeconds(90), () -> target + " sent, " + sentCount + " so far",
                () -> sentCount.get() >= target);
        }

        void end() throws InterruptedException {
            isEnding.set(true);
            thread.join(Duration.ofSeconds(130).toMillis());
            assertFalse(thread.isAlive(), "the producer did not end");
        }
    }
}
