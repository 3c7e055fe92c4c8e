package io.millrace.load.driver.kafka;

import io.millrace.load.driver.DriverProducer;
import io.millrace.load.workload.Keys;
import io.millrace.load.workload.Payload;
import io.millrace.load.workload.RecordHeader;
import io.millrace.load.workload.RecordLengths;
import io.millrace.load.workload.Workload;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
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
    private static final int MAX_BODY_COUNT = 64;
    private static final int MAX_BODIES_LENGTH = 256 * 1024;
    /** Pieces of different lengths do not fall on one another when their places are far apart. */
    private static final long MIXED_STRIDE = 7;

    private final JavaSession session;
    private final int producerId;
    private final List<String> topics;
    private final int partitions;
    private final long runId;
    private final KafkaProducer<byte[], byte[]> client;
    private final RecordLengths lengths;
    private final Keys keys;
    private final Payload payload;
    /** Records of one length, to be patched: the client copies them before send returns. */
    private final ByteBuffer[] bodies;
    private final CRC32C crc = new CRC32C();
    private final int[] nextSequence;
    private final int recordsPerStick;
    private final long stickNs;
    private long number;
    private int partition;
    private int stuckCount;
    private long stuckSinceNs;

    JavaProducer(
        final JavaSession session,
        final Workload workload,
        final int producerId,
        final List<String> topics,
        final Payload payload,
        final long runId,
        final KafkaProducer<byte[], byte[]> client) {
        this.session = session;
        this.producerId = producerId;
        this.topics = topics;
        partitions = workload.partitions();
        lengths = workload.lengths();
        keys = workload.keys();
        this.runId = runId;
        this.client = client;
        nextSequence = new int[workload.laneCount()];
        bodies = new ByteBuffer[lengths.isFixed()
            ? Math.max(1, Math.min(MAX_BODY_COUNT, MAX_BODIES_LENGTH / lengths.maxLength())) : 0];
        for (int i = 0; i < bodies.length; i++) {
            bodies[i] = body(payload, i, lengths.maxLength());
        }
        this.payload = payload;
        recordsPerStick = Math.max(1, workload.batchLength() / workload.recordLength());
        stickNs = Math.max(MIN_STICK_NS, workload.lingerNs());
        partition = producerId % nextSequence.length;
    }

    @Override
    public boolean offer(final long dueNs, final long nowNs) {
        if (!session.take()) {
            return false;
        }
        final byte[] key = keys.isNone() ? null : new byte[Keys.LENGTH];
        final int to = key == null ? stick(nowNs) : laneOf(key);
        final int sequence = nextSequence[to]++;
        final ByteBuffer buffer = bodies.length > 0 ? bodies[(int) (number % bodies.length)]
            : body(payload, number * MIXED_STRIDE, lengths.length(producerId, to, sequence));
        number++;
        final byte[] record = buffer.array();
        RecordHeader.prepare(buffer, 0, runId, producerId, to);
        RecordHeader.patch(buffer, 0, record.length, sequence, dueNs, crc);
        session.onSent(producerId, to, sequence, dueNs, nowNs);
        try {
            client.send(new ProducerRecord<>(topics.get(to / partitions), to % partitions, key, record),
                (metadata, failure) -> session.onAnswer(producerId, to, sequence, dueNs, nowNs, failure));
        } catch (final KafkaException | IllegalStateException ex) {
            session.onAnswer(producerId, to, sequence, dueNs, nowNs, ex);
        }
        return true;
    }

    private int laneOf(final byte[] key) {
        Keys.write(keys.key(producerId, number), key);
        return Keys.partition(key, nextSequence.length);
    }

    private int stick(final long nowNs) {
        if (stuckCount == recordsPerStick || stuckCount > 0 && nowNs - stuckSinceNs > stickNs) {
            partition = partition + 1 == nextSequence.length ? 0 : partition + 1;
            stuckCount = 0;
        }
        if (stuckCount++ == 0) {
            stuckSinceNs = nowNs;
        }
        return partition;
    }

    private static ByteBuffer body(final Payload payload, final long piece, final int length) {
        final ByteBuffer body = ByteBuffer.allocate(length);
        payload.fill(piece, body, 0, length);
        return body;
    }

    void close() {
        client.close(Duration.ZERO);
    }
}
