package io.millrace.load.driver.kafka;

import io.millrace.load.driver.ConsumerSession;
import io.millrace.load.driver.RecordSource;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Kafka's own consumer with partitions assigned, no group; owned by the thread that polls it. */
final class JavaConsumer implements ConsumerSession {
    private final KafkaConsumer<byte[], byte[]> client;
    private final Map<TopicPartition, Integer> lanes = new HashMap<>();

    JavaConsumer(
        final String bootstrap,
        final List<String> topics,
        final int partitions,
        final int[] laneIds,
        final long[] startOffsets) {
        final Properties properties = new Properties();
        properties.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrap);
        properties.put(ConsumerConfig.CLIENT_ID_CONFIG, "millrace-bench-consumer-" + laneIds[0]);
        properties.put(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class.getName());
        properties.put(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class.getName());
        properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
        properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        properties.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, "10000");
        client = new KafkaConsumer<>(properties);
        try {
            for (final int lane : laneIds) {
                lanes.put(new TopicPartition(topics.get(lane / partitions), lane % partitions), lane);
            }
            client.assign(lanes.keySet());
            for (int i = 0; i < laneIds.length; i++) {
                client.seek(new TopicPartition(topics.get(laneIds[i] / partitions), laneIds[i] % partitions),
                    startOffsets[i]);
            }
        } catch (final RuntimeException ex) {
            client.close(org.apache.kafka.clients.consumer.CloseOptions.timeout(Duration.ZERO));
            throw ex;
        }
    }

    @Override
    public int poll(final long maxNs, final RecordSource.Handler handler) {
        final ConsumerRecords<byte[], byte[]> records = client.poll(Duration.ofNanos(maxNs));
        for (final ConsumerRecord<byte[], byte[]> found : records) {
            final byte[] value = found.value() == null ? new byte[0] : found.value();
            handler.onRecord(lanes.get(new TopicPartition(found.topic(), found.partition())),
                ByteBuffer.wrap(value), 0, value.length);
        }
        return records.count();
    }

    @Override
    public void close() {
        client.close(org.apache.kafka.clients.consumer.CloseOptions.timeout(Duration.ofSeconds(1)));
    }
}
