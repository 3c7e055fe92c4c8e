package io.millrace.system.chaos;

import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Kafka's own producer with its defaults (idempotent, acks=all): one record after the other to each partition, the
 * next one only when the last one is acknowledged. A thread of its own sends.
 */
final class FailoverLoad {
    private static final long INTERVAL_NS = 5_000_000;
    private static final long SCAN_INTERVAL_NS = 1_000_000;
    private static final int PAYLOAD_LENGTH = 100;

    private final String bootstrapServers;
    private final String topic;
    private final AckGaps gaps;
    private final AtomicBoolean[] isOut;
    private final Thread thread = new Thread(this::run, "failover-load");
    private volatile boolean isEnding;
    private volatile Exception failure;

    FailoverLoad(final String bootstrapServers, final String topic, final int partitionCount) {
        this.bootstrapServers = bootstrapServers;
        this.topic = topic;
        gaps = new AckGaps(partitionCount, System.nanoTime());
        isOut = new AtomicBoolean[partitionCount];
        for (int i = 0; i < partitionCount; i++) {
            isOut[i] = new AtomicBoolean();
        }
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    AckGaps gaps() {
        return gaps;
    }

    /** {@return a send that failed for good, or null} */
    Exception failure() {
        return failure;
    }

    void end() throws InterruptedException {
        isEnding = true;
        thread.join(60_000);
    }

    private void run() {
        final byte[] payload = new byte[PAYLOAD_LENGTH];
        final long[] dueNs = new long[isOut.length];
        java.util.Arrays.fill(dueNs, System.nanoTime());
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
            Map.of("bootstrap.servers", bootstrapServers, "client.id", "failover"), new ByteArraySerializer(),
            new ByteArraySerializer())) {
            while (!isEnding) {
                final long nowNs = System.nanoTime();
                for (int i = 0; i < isOut.length; i++) {
                    if (nowNs - dueNs[i] >= 0 && isOut[i].compareAndSet(false, true)) {
                        dueNs[i] = nowNs + INTERVAL_NS;
                        send(producer, i, payload);
                    }
                }
                LockSupport.parkNanos(SCAN_INTERVAL_NS);
            }
        } catch (final RuntimeException ex) {
            failure = ex;
        }
    }

    private void send(final KafkaProducer<byte[], byte[]> producer, final int partition, final byte[] payload) {
        producer.send(new ProducerRecord<>(topic, partition, null, payload), (metadata, error) -> {
            if (error == null) {
                gaps.onAck(partition, System.nanoTime());
            } else {
                failure = error;
            }
            isOut[partition].set(false);
        });
    }
}
