package io.millrace.system.chaos;

import io.millrace.system.history.HistoryEvent;
import io.millrace.system.history.HistorySink;
import io.millrace.system.history.Outcome;
import io.millrace.system.history.RecordValue;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.errors.NotEnoughReplicasException;
import org.apache.kafka.common.errors.OutOfOrderSequenceException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Kafka's own producer at a steady rate over the partitions of one topic. A thread of its own sends; outcomes come on
 * the producer's.
 */
final class LoadProducer {
    private static final int OUTSTANDING_LIMIT = 200;
    private static final int PAYLOAD_MIN_LENGTH = 64;
    private static final int PAYLOAD_MAX_LENGTH = 1_200;
    /** Every so many-th record of the topic without retries is longer than the brokers take: certainly refused. */
    private static final int TOO_LONG_INTERVAL = 100;
    private static final int REQUEST_TIMEOUT_MS = 5_000;
    private static final long NS_PER_S = 1_000_000_000L;

    private final int process;
    private final LoadTopic topic;
    private final String bootstrapServers;
    private final int runId;
    private final LaneBook lanes;
    private final HistorySink history;
    private final LoadErrors errors;
    private final AckGaps gaps;
    private final SplittableRandom random;
    private final long intervalNs;
    private final Thread thread;
    private final AtomicLong ackedCount = new AtomicLong();
    /** Sends whose end is not in the history yet. */
    private final AtomicInteger openCount = new AtomicInteger();
    private int[] laneOfPartition;
    private long[] nextSequence;
    private AtomicInteger[] outstanding;
    private volatile boolean isEnding;
    /** Set when the producer can go on no more; the sending thread makes a new one. */
    private volatile boolean isBroken;

    LoadProducer(final int process, final LoadTopic topic, final String bootstrapServers, final int runId,
        final LaneBook lanes, final HistorySink history, final LoadErrors errors, final AckGaps gaps,
        final long seed, final int ratePerS) {
        this.process = process;
        this.topic = topic;
        this.bootstrapServers = bootstrapServers;
        this.runId = runId;
        this.lanes = lanes;
        this.history = history;
        this.errors = errors;
        this.gaps = gaps;
        random = new SplittableRandom(seed);
        intervalNs = NS_PER_S / Math.max(1, ratePerS);
        thread = new Thread(this::run, "producer-" + process);
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    long ackedCount() {
        return ackedCount.get();
    }

    int openCount() {
        return openCount.get();
    }

    void requestEnd() {
        isEnding = true;
    }

    void join(final long timeoutMs) throws InterruptedException {
        thread.join(timeoutMs);
    }

    boolean isAlive() {
        return thread.isAlive();
    }

    private Map<String, Object> settings() {
        final Map<String, Object> settings = new HashMap<>(Map.of("bootstrap.servers", bootstrapServers,
            "client.id", "chaos-" + process, "linger.ms", 2, "request.timeout.ms", REQUEST_TIMEOUT_MS,
            "delivery.timeout.ms", 120_000, "max.block.ms", 10_000, "batch.size", 16_384));
        settings.putAll(topic.settings);
        return settings;
    }

    private void run() {
        while (!isEnding) {
            openLanes();
            isBroken = false;
            try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(settings(), new ByteArraySerializer(), new ByteArraySerializer())) {
                sendUntilEnd(producer);
                producer.flush(); // each record ends within its delivery time-out
            } catch (final RuntimeException ex) {
                errors.fault("producer of " + topic.topic + ": " + ex);
            }
        }
    }

    private void openLanes() {
        laneOfPartition = new int[topic.partitionCount];
        nextSequence = new long[topic.partitionCount];
        outstanding = new AtomicInteger[topic.partitionCount];
        for (int i = 0; i < topic.partitionCount; i++) {
            laneOfPartition[i] = lanes.open(process, topic.firstPartition() + i, topic.guarantee);
            outstanding[i] = new AtomicInteger();
        }
    }

    private void sendUntilEnd(final KafkaProducer<byte[], byte[]> producer) {
        long dueNs = System.nanoTime();
        int partition = 0;
        while (!isEnding && !isBroken) {
            partition = (partition + 1) % topic.partitionCount;
            if (outstanding[partition].get() < OUTSTANDING_LIMIT) {
                send(producer, partition);
            }
            dueNs += intervalNs;
            final long nowNs = System.nanoTime();
            if (dueNs - nowNs > 0) {
                LockSupport.parkNanos(dueNs - nowNs);
            } else if (nowNs - dueNs > NS_PER_S) {
                dueNs = nowNs; // the machine or the producer stood still: what was not sent then is not made up for
            }
        }
    }

    private void send(final KafkaProducer<byte[], byte[]> producer, final int partition) {
        final int lane = laneOfPartition[partition];
        final long sequence = nextSequence[partition]++;
        final byte[] payload = RecordValue.encode(runId, lane, sequence, topic.firstPartition() + partition,
            payloadLength(), random);
        final int crc = ByteBuffer.wrap(payload).getInt(payload.length - Integer.BYTES);
        final AtomicInteger count = outstanding[partition];
        count.incrementAndGet();
        openCount.incrementAndGet();
        final long startNs = System.nanoTime();
        final AtomicInteger isEnded = new AtomicInteger();
        try {
            producer.send(new ProducerRecord<>(topic.topic, partition, null, payload), (metadata, failure) -> {
                if (isEnded.getAndSet(1) == 0) {
                    count.decrementAndGet();
                    onEnd(lane, partition, sequence, crc, startNs, metadata, failure);
                }
            });
        } catch (final RuntimeException ex) {
            if (isEnded.getAndSet(1) == 0) {
                count.decrementAndGet();
                onEnd(lane, partition, sequence, crc, startNs, null, ex);
            }
            isBroken = true;
        }
    }

    private void onEnd(final int lane, final int partition, final long sequence, final int crc, final long startNs,
        final RecordMetadata metadata, final Exception failure) {
        final long endNs = System.nanoTime();
        if (failure == null) {
            history.append(new HistoryEvent.Send(lane, sequence, startNs, endNs, Outcome.OK,
                metadata.hasOffset() ? metadata.offset() : HistoryEvent.NO_OFFSET, crc));
            ackedCount.incrementAndGet();
            gaps.onAck(partition, endNs);
        } else {
            history.append(new HistoryEvent.Send(lane, sequence, startNs, endNs,
                isCertain(failure) ? Outcome.FAIL : Outcome.INFO, HistoryEvent.NO_OFFSET, crc));
            errors.count(topic.topic, failure);
            if (failure instanceof OutOfOrderSequenceException) {
                errors.fault("an idempotent producer was told " + failure);
            }
        }
        openCount.decrementAndGet();
    }

    private int payloadLength() {
        return topic == LoadTopic.ONCE && random.nextInt(TOO_LONG_INTERVAL) == 0
            ? ChaosCluster.MAX_BATCH_LENGTH + 1 : random.nextInt(PAYLOAD_MIN_LENGTH, PAYLOAD_MAX_LENGTH);
    }

    /** With retries an earlier try may have got through although the last one was refused. */
    private boolean isCertain(final Exception failure) {
        return topic == LoadTopic.ONCE
            && (failure instanceof NotEnoughReplicasException || failure instanceof RecordTooLargeException);
    }
}
