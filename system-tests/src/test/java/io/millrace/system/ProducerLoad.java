package io.millrace.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;

/** An idempotent producer with acks=all that sends numbers at a steady rate. Its own thread owns the producer. */
final class ProducerLoad {
    private static final long SEND_INTERVAL_NS = 500_000;
    private static final Duration PATIENCE = Duration.ofSeconds(240);

    private final Set<Integer> acknowledged = ConcurrentHashMap.newKeySet();
    private final AtomicInteger sentCount = new AtomicInteger();
    private final AtomicInteger failedCount = new AtomicInteger();
    private final long[] lastAckNs; // of each partition; the producer's thread
    private final AtomicLong longestGapNs = new AtomicLong();
    private final AtomicBoolean isEnding = new AtomicBoolean();
    private final ClusterHarness cluster;
    private final String topic;
    private final int partitionCount;
    private final Thread thread = new Thread(this::run, "load");

    ProducerLoad(final ClusterHarness cluster, final String topic, final int partitionCount) {
        this.cluster = cluster;
        this.topic = topic;
        this.partitionCount = partitionCount;
        lastAckNs = new long[partitionCount];
    }

    void start() {
        thread.start();
    }

    private void run() {
        try (KafkaProducer<String, String> producer =
            JavaClients.producer(cluster, Map.of("acks", "all", "linger.ms", 2))) {
            while (!isEnding.get()) {
                final int number = sentCount.getAndIncrement();
                producer.send(new ProducerRecord<>(topic, number % partitionCount, null, Integer.toString(number)),
                    (metadata, failure) -> onAnswer(number, failure));
                LockSupport.parkNanos(SEND_INTERVAL_NS);
            }
            producer.flush();
        }
    }

    /** On the producer's own thread. */
    private void onAnswer(final int number, final Exception failure) {
        if (failure != null) {
            failedCount.incrementAndGet();
            return;
        }
        acknowledged.add(number);
        final long nowNs = System.nanoTime();
        final int partition = number % partitionCount;
        if (lastAckNs[partition] != 0) {
            longestGapNs.accumulateAndGet(nowNs - lastAckNs[partition], Math::max);
        }
        lastAckNs[partition] = nowNs;
    }

    void awaitAcknowledged(final int count) {
        final int target = acknowledged.size() + count;
        Await.until(PATIENCE, () -> target + " acknowledged, " + acknowledged.size() + " so far of " + sentCount
            + " sent", () -> acknowledged.size() >= target);
    }

    void awaitSent(final int count) {
        final int target = sentCount.get() + count;
        Await.until(PATIENCE, () -> target + " sent, " + sentCount + " so far", () -> sentCount.get() >= target);
    }

    /** {@return how long a partition was without an acknowledgement at most since the last call, milliseconds} */
    long takeLongestGapMs() {
        return longestGapNs.getAndSet(0) / 1_000_000;
    }

    void end() throws InterruptedException {
        isEnding.set(true);
        thread.join(Duration.ofSeconds(250).toMillis());
        assertFalse(thread.isAlive(), "the producer did not end");
        assertFalse(acknowledged.isEmpty());
    }

    void requireNoFailure() {
        assertEquals(0, failedCount.get(), "records that the client gave up");
        assertEquals(sentCount.get(), acknowledged.size());
    }

    void requireAllPresentOnceAndInOrder() {
        final Map<Integer, Integer> seen = new HashMap<>();
        JavaClients.readAll(cluster, topic).forEach((partition, records) -> {
            int previous = -1;
            for (final ConsumerRecord<String, String> record : records) {
                final int number = Integer.parseInt(record.value());
                assertTrue(number > previous, "partition " + partition + ": " + number + " after " + previous);
                previous = number;
                seen.merge(number, 1, Integer::sum);
            }
        });
        final List<Integer> missing = acknowledged.stream().filter(number -> !seen.containsKey(number)).toList();
        assertEquals(List.of(), missing, "acknowledged and not read back");
        seen.forEach((number, times) -> assertEquals(1, times, "record " + number + " was read more than once"));
    }
}
