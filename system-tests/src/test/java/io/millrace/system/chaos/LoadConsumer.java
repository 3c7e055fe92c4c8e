package io.millrace.system.chaos;

import io.millrace.system.history.HistoryEvent;
import io.millrace.system.history.HistorySink;
import io.millrace.system.history.RecordValue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Kafka's own consumer with partitions assigned by hand, which now and then goes back. A thread of its own polls. */
final class LoadConsumer {
    private static final Duration POLL = Duration.ofMillis(200);
    private static final int POLLS_BETWEEN_SEEKS = 200;
    private static final int SEEK_BACK = 400;

    private final int process;
    private final String bootstrapServers;
    private final int runId;
    private final HistorySink history;
    private final LoadErrors errors;
    private final SplittableRandom random;
    private final Thread thread;
    private volatile boolean isEnding;

    LoadConsumer(final int process, final String bootstrapServers, final int runId, final HistorySink history,
        final LoadErrors errors, final long seed) {
        this.process = process;
        this.bootstrapServers = bootstrapServers;
        this.runId = runId;
        this.history = history;
        this.errors = errors;
        random = new SplittableRandom(seed);
        thread = new Thread(this::run, "consumer-" + process);
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    void requestEnd() {
        isEnding = true;
    }

    void join(final long timeoutMs) throws InterruptedException {
        thread.join(timeoutMs);
    }

    static KafkaConsumer<byte[], byte[]> open(final String bootstrapServers, final String clientId) {
        return new KafkaConsumer<>(Map.of("bootstrap.servers", bootstrapServers, "client.id", clientId,
            "enable.auto.commit", "false", "auto.offset.reset", "none", "fetch.max.wait.ms", 200,
            "request.timeout.ms", 5_000, "default.api.timeout.ms", 10_000, "max.partition.fetch.bytes", 262_144),
            new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    static List<TopicPartition> partitions() {
        final List<TopicPartition> partitions = new ArrayList<>();
        for (final LoadTopic topic : LoadTopic.values()) {
            for (int i = 0; i < topic.partitionCount; i++) {
                partitions.add(new TopicPartition(topic.topic, i));
            }
        }
        return partitions;
    }

    static int number(final TopicPartition partition) {
        return LoadTopic.of(partition.topic()).firstPartition() + partition.partition();
    }

    static void note(final int process, final int runId, final ConsumerRecord<byte[], byte[]> record,
        final long startNs, final long endNs, final boolean isDrain, final HistorySink history) {
        final RecordValue value = RecordValue.decode(runId, record.value());
        history.append(new HistoryEvent.Poll(process, LoadTopic.of(record.topic()).firstPartition()
            + record.partition(), startNs, endNs, record.offset(), record.leaderEpoch().orElse(-1), value.lane(),
            value.sequence(), value.partition(), value.crc(), isDrain));
    }

    private void run() {
        while (!isEnding) {
            try (KafkaConsumer<byte[], byte[]> consumer = open(bootstrapServers, "chaos-" + process)) {
                final List<TopicPartition> partitions = partitions();
                consumer.assign(partitions);
                for (final TopicPartition partition : partitions) {
                    history.append(new HistoryEvent.Seek(process, number(partition)));
                    consumer.seek(partition, 0); // nothing is given back in a run
                }
                poll(consumer, partitions);
            } catch (final OffsetOutOfRangeException ex) {
                // a consumer is given committed records only, so its next position always exists
                errors.fault("a consumer's position was refused: " + ex.getMessage());
            } catch (final KafkaException ex) {
                errors.count("consumer", ex);
            }
        }
    }

    private void poll(final KafkaConsumer<byte[], byte[]> consumer, final List<TopicPartition> partitions) {
        int untilSeek = random.nextInt(1, POLLS_BETWEEN_SEEKS);
        while (!isEnding) {
            final long startNs = System.nanoTime();
            final ConsumerRecords<byte[], byte[]> records = consumer.poll(POLL);
            final long endNs = System.nanoTime();
            for (final TopicPartition partition : records.partitions()) {
                for (final ConsumerRecord<byte[], byte[]> record : records.records(partition)) {
                    note(process, runId, record, startNs, endNs, false, history);
                }
            }
            if (--untilSeek == 0) {
                untilSeek = random.nextInt(1, POLLS_BETWEEN_SEEKS);
                final TopicPartition partition = partitions.get(random.nextInt(partitions.size()));
                final long target = Math.max(0,
                    consumer.position(partition, Duration.ofSeconds(1)) - random.nextInt(SEEK_BACK));
                history.append(new HistoryEvent.Seek(process, number(partition)));
                consumer.seek(partition, target);
            }
        }
    }

    /**
     * Reads everything there is, once all sends have ended.
     *
     * @return partitions that were not read to their end in time
     */
    static Set<TopicPartition> drain(final String bootstrapServers, final int process, final int runId,
        final HistorySink history, final long timeoutS) {
        final long deadlineNs = System.nanoTime() + timeoutS * 1_000_000_000L;
        final Set<TopicPartition> left = new java.util.LinkedHashSet<>(partitions());
        try (KafkaConsumer<byte[], byte[]> consumer = open(bootstrapServers, "chaos-" + process)) {
            consumer.assign(partitions());
            partitions().forEach(partition -> consumer.seek(partition, 0));
            final Map<TopicPartition, Long> ends =
                consumer.endOffsets(partitions(), Duration.ofSeconds(timeoutS));
            while (!left.isEmpty() && System.nanoTime() - deadlineNs < 0) {
                final long startNs = System.nanoTime();
                final ConsumerRecords<byte[], byte[]> records = consumer.poll(POLL);
                final long endNs = System.nanoTime();
                records.forEach(record -> note(process, runId, record, startNs, endNs, true, history));
                left.removeIf(partition -> {
                    final boolean isRead = consumer.position(partition) >= ends.get(partition);
                    if (isRead) {
                        history.append(new HistoryEvent.Drained(number(partition), ends.get(partition)));
                    }
                    return isRead;
                });
            }
        }
        return left;
    }
}
