package io.millrace.system.peers;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Makes clients with the settings that the scenarios share; immutable. */
final class PeerClients {
    static final long DEADLINE_S = 120;
    private static final Duration POLL = Duration.ofMillis(100);

    private final String bootstrapServers;

    PeerClients(final String bootstrapServers) {
        this.bootstrapServers = bootstrapServers;
    }

    static short replicationFactor() {
        return Short.parseShort(System.getenv().getOrDefault("PEER_REPLICATION", "3"));
    }

    Admin admin() {
        return Admin.create(Map.of("bootstrap.servers", bootstrapServers));
    }

    KafkaProducer<byte[], byte[]> producer(final Map<String, Object> more) {
        return new KafkaProducer<>(settings(more), new ByteArraySerializer(), new ByteArraySerializer());
    }

    KafkaConsumer<byte[], byte[]> consumer(final Map<String, Object> more) {
        final Map<String, Object> settings = settings(more);
        settings.put("enable.auto.commit", "false");
        settings.put("auto.offset.reset", "earliest");
        return new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    private Map<String, Object> settings(final Map<String, Object> more) {
        final Map<String, Object> settings = new HashMap<>(more);
        settings.put("bootstrap.servers", bootstrapServers);
        return settings;
    }

    List<RecordMetadata> sendAll(
        final List<ProducerRecord<byte[], byte[]>> records, final Map<String, Object> more) throws Exception {
        try (KafkaProducer<byte[], byte[]> producer = producer(more)) {
            final List<Future<RecordMetadata>> sent = records.stream().map(producer::send).toList();
            producer.flush();
            final List<RecordMetadata> answers = new ArrayList<>();
            for (final Future<RecordMetadata> answer : sent) {
                answers.add(answer.get(DEADLINE_S, TimeUnit.SECONDS));
            }
            return answers;
        }
    }

    /** {@return a consumer without a group, at the beginning of these partitions} */
    KafkaConsumer<byte[], byte[]> reader(final String topic, final int... partitions) {
        final KafkaConsumer<byte[], byte[]> consumer = consumer(Map.of());
        final List<TopicPartition> places =
            IntStream.of(partitions).mapToObj(partition -> new TopicPartition(topic, partition)).toList();
        consumer.assign(places);
        consumer.seekToBeginning(places);
        return consumer;
    }

    List<ConsumerRecord<byte[], byte[]>> read(final String topic, final int count, final int... partitions) {
        try (KafkaConsumer<byte[], byte[]> consumer = reader(topic, partitions)) {
            final List<ConsumerRecord<byte[], byte[]>> records = pollUntil(consumer, count);
            requireEqual(count, records.size(), "records");
            return records;
        }
    }

    static List<ConsumerRecord<byte[], byte[]>> pollUntil(
        final KafkaConsumer<byte[], byte[]> consumer, final int count) {
        final List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        awaitUntil(() -> count + " records, was " + records.size(), () -> {
            consumer.poll(POLL).forEach(records::add);
            return records.size() >= count;
        });
        return records;
    }

    static void awaitUntil(final Supplier<String> missing, final Callable<Boolean> condition) {
        final long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_S);
        Exception last = null;
        while (System.nanoTime() - deadlineNs < 0) {
            try {
                if (condition.call()) {
                    return;
                }
                last = null;
            } catch (final Exception ex) {
                last = ex;
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
        throw new AssertionError("not within " + DEADLINE_S + " s: " + missing.get(), last);
    }

    static void requireEqual(final Object expected, final Object actual, final String what) {
        if (!Objects.equals(expected, actual)) {
            throw new AssertionError(what + ": expected " + shortened(expected) + ", was " + shortened(actual));
        }
    }

    private static String shortened(final Object value) {
        final String text = String.valueOf(value);
        return text.length() > 300 ? text.substring(0, 300) + "..." : text;
    }
}
