package io.millrace.engine.shard;

import io.millrace.broker.api.ProduceCheck;
import io.millrace.engine.DurabilityProfile;
import io.millrace.engine.ErrorCodes;
import io.millrace.engine.ShardIngress;
import io.millrace.engine.format.FrameDescriptor;
import io.millrace.engine.rig.Batches;
import java.io.IOException;
import org.agrona.concurrent.BackoffIdleStrategy;
import org.agrona.concurrent.UnsafeBuffer;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * One producer and a shard log as a broker runs it. Owned by JMH's thread; the engine has its own, as in the broker.
 *
 * <p>For each batch: the produce path's own check with CRC32C, a claim in the ring, the copy, the commit; on the engine
 * thread the drain, admission, offsets, header CRC, index entry, write and the answer to the producer, which is waited
 * for. Settings are the broker's defaults: ring of 16 MiB, blocks up to 256 KiB, segments of 64 MiB (unless a parameter
 * says more), recycled. What
 * records cost inside a batch is the producer's business: a broker does not look into batches, and so neither does
 * this.
 */
@State(Scope.Benchmark)
public class MillraceProducer {
    private static final int PARTITION_ID = 0;
    private static final int REPLY_ID = 1;
    private static final int ACKS_LEADER = 1;
    private static final int BATCH_SIZE = 16 * 1024;

    /** Bytes of a record; see {@link #packing} for what they are. */
    @Param({"128", "1024"})
    public int length;

    /**
     * What a record is: {@code single}, a batch of its own of {@code length} bytes, which makes a frame of 32 bytes
     * more; {@code frame}, a batch of its own whose frame has {@code length} bytes; {@code batched}, a value of {@code
     * length} bytes in a batch filled up to 16 KiB, as Kafka clients send them with their default settings.
     */
    @Param({"single", "batched"})
    public String packing;

    /**
     * When the log is synced: {@code untimed}, between invocations, as the peers' files are; {@code
     * background}, by the syncer's own thread as in profile replicated, which makes the disk part of the result.
     */
    @Param("untimed")
    public String sync;

    /** Bytes of a segment: a new file, an index and a checkpoint fall due once for each. */
    @Param("67108864")
    public int segmentLength;

    private final ProduceCheck check = new ProduceCheck();
    private final BackoffIdleStrategy idleStrategy = new BackoffIdleStrategy();
    private LedLog log;
    private ShardIngress ingress;
    private UnsafeBuffer fullBatch;
    private UnsafeBuffer lastBatch;
    private int batchRecordCount;
    private long producedCount;
    private long syncedLength;

    /**
     * Opens a log in a new folder and leads it.
     *
     * @throws IOException when the folder cannot be written
     */
    @Setup
    public void open() throws IOException {
        final boolean inBackground = switch (sync) {
            case "untimed" -> false;
            case "background" -> true;
            default -> throw new IllegalArgumentException("sync must be untimed or background: sync=" + sync);
        };
        makeBatches();
        log = new LedLog("peers", DurabilityProfile.REPLICATED, inBackground, segmentLength);
        ingress = log.ingress();
        log.start();
    }

    private void makeBatches() {
        batchRecordCount = 1;
        switch (packing) {
            case "single" -> fullBatch = Batches.ofLength(length);
            case "frame" -> fullBatch = Batches.ofLength(length - FrameDescriptor.HEADER_LENGTH);
            case "batched" -> {
                final int one = Batches.of(1, length).capacity();
                final int two = Batches.of(2, length).capacity();
                batchRecordCount = Math.max(1, (BATCH_SIZE - one) / (two - one) - 1);
                fullBatch = Batches.of(batchRecordCount, length);
            }
            default -> throw new IllegalArgumentException(
                "packing must be single, frame or batched: packing=" + packing);
        }
        lastBatch = fullBatch;
        final int restCount = PeersBenchmark.RECORD_COUNT % batchRecordCount;
        if (restCount > 0) {
            lastBatch = Batches.of(restCount, length);
        }
    }

    /**
     * Closes and removes the log.
     *
     * @throws Exception when that fails
     */
    @TearDown
    public void close() throws Exception {
        log.close();
    }

    /** Syncs and gives old segments back, off the clock. */
    @TearDown(Level.Invocation)
    public void keepBounded() {
        if (!log.syncsInBackground() && log.endPosition() - syncedLength >= PeersBenchmark.SYNC_LENGTH) {
            log.syncNow();
            syncedLength = log.endPosition();
        }
    }

    void produce(final int recordCount) {
        int left = recordCount;
        while (left >= batchRecordCount) {
            offer(fullBatch);
            left -= batchRecordCount;
        }
        if (left > 0) {
            offer(lastBatch);
        }
        idleStrategy.reset();
        while (log.answeredCount() < producedCount) {
            log.checkFailure();
            idleStrategy.idle();
        }
    }

    private void offer(final UnsafeBuffer batch) {
        final int batchLength = batch.capacity();
        if (!check.isGood(batch, 0, batchLength, ingress.maxBatchLength())) {
            throw new IllegalStateException("the broker would refuse this batch with " + ErrorCodes.CORRUPT_MESSAGE);
        }
        int index = ingress.tryClaim(PARTITION_ID, batchLength, REPLY_ID, ACKS_LEADER);
        while (index < 0) {
            log.checkFailure();
            Thread.yield();
            index = ingress.tryClaim(PARTITION_ID, batchLength, REPLY_ID, ACKS_LEADER);
        }
        ingress.buffer().putBytes(index, batch, 0, batchLength);
        ingress.commit(index);
        producedCount++;
    }
}
