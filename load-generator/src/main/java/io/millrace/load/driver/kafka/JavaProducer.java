package io.millrace.load.driver.kafka;

import io.millrace.load.driver.DriverProducer;
import io.millrace.load.workload.Payload;
import io.millrace.load.workload.RecordHeader;
import io.millrace.load.workload.Workload;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.zip.CRC32C;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;

/**
 * One logical producer with a client of its own; owned by the sending thread.
 *
 * <p>It names the partition itself, since each record carries its sequence there, and stays with one for a batch or for
 * a linger, as the client's own partitioner would.
 */
final class JavaProducer implements DriverProducer {
    private static final long MIN_STICK_NS = 1_000_000;

    private final JavaSession session;
    private final int producerId;
    private final String topic;
    private final long runId;
    private final KafkaProducer<byte[], byte[]> client;
    private final byte[] record;
    private final ByteBuffer buffer;
    private final CRC32C crc = new CRC32C();
    private final int[] nextSequence;
    private final int recordsPerStick;
    private final long stickNs;
    private int partition;
    private int stuckCount;
    private long stuckSinceNs;

    JavaProducer(
        final JavaSession session,
        final Workload workload,
        final int producerId,
        final String topic,
        final long runId,
        final KafkaProducer<byte[], byte[]> client) {
        this.session = session;
        this.producerId = producerId;
        this.topic = topic;
        this.runId = runId;
        this.client = client;
        record = Payload.make(workload.payload(), workload.recordLength(), workload.seed());
        buffer = ByteBuffer.wrap(record);
        nextSequence = new int[workload.partitions()];
        recordsPerStick = Math.max(1, workload.batchLength() / workload.recordLength());
        stickNs = Math.max(MIN_STICK_NS, workload.lingerNs());
        partition = producerId % workload.partitions();
    }

    @Override
    public boolean offer(final long dueNs, final long nowNs) {
        if (!session.take()) {
            return false;
        }
        if (stuckCount == recordsPerStick || stuckCount > 0 && nowNs - stuckSinceNs > stickNs) {
            partition = partition + 1 == nextSequence.length ? 0 : partition + 1;
            stuckCount = 0;
        }
        if (stuckCount++ == 0) {
            stuckSinceNs = nowNs;
        }
        final int to = partition;
        final int sequence = nextSequence[to]++;
        RecordHeader.prepare(buffer, 0, runId, producerId, to);
        RecordHeader.patch(buffer, 0, record.length, sequence, dueNs, crc);
        session.onSent(producerId, to, sequence, dueNs, nowNs);
        try {
            // The client copies the bytes into its batch before send returns, so the array can be used again.
            client.send(new ProducerRecord<>(topic, to, null, record),
                (metadata, failure) -> session.onAnswer(producerId, to, sequence, dueNs, nowNs, failure));
        } catch (final KafkaException | IllegalStateException ex) {
            session.onAnswer(producerId, to, sequence, dueNs, nowNs, ex);
        }
        return true;
    }

    void close() {
        client.close(Duration.ZERO);
    }
}
