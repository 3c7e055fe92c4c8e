package io.millrace.load.driver.lean;

import io.millrace.load.workload.Compression;
import io.millrace.load.workload.Keys;
import io.millrace.load.workload.Mix;
import io.millrace.load.workload.Payload;
import io.millrace.load.workload.Workload;
import io.millrace.transport.kafka.client.BatchCompressor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/** Batches of one session, made as they are needed up to a bound and reused; owned by the sending thread. */
final class BatchPool {
    /** Bytes of templates a session may hold. */
    private static final long MAX_LENGTH = 192L << 20;
    private static final int BATCH_HEADER_LENGTH = 61;
    /** Varints around one record's value at most. */
    private static final int RECORD_OVERHEAD_LENGTH = 13;

    private final Workload workload;
    private final Payload payload;
    private final Compression compression;
    private final int recordsPerBatch;
    private final int capacity;
    private final List<Batch> all = new ArrayList<>();
    private final ArrayDeque<Batch> free = new ArrayDeque<>();

    BatchPool(final Workload workload, final Payload payload) {
        this.workload = workload;
        this.payload = payload;
        compression = workload.compression();
        recordsPerBatch = recordsPerBatch(workload);
        final long copies = compression == Compression.NONE ? 1 : 2;
        capacity = (int) Math.max(8, MAX_LENGTH / (workload.batchLength() * copies));
    }

    /**
     * {@return records that fit into a batch}
     *
     * @param workload names their lengths
     */
    static int recordsPerBatch(final Workload workload) {
        return Math.max(1,
            (workload.batchLength() - BATCH_HEADER_LENGTH)
            / (workload.lengths().minLength() + (workload.keys().isNone() ? 0 : Keys.LENGTH) + RECORD_OVERHEAD_LENGTH));
    }

    /** {@return a batch, or null if all are in use} */
    Batch take() {
        final Batch batch = free.pollFirst();
        if (batch != null || all.size() == capacity) {
            return batch;
        }
        final BatchCompressor compressor = switch (compression) {
            case NONE -> null;
            case LZ4 -> new Lz4FrameCompressor();
            default -> new KafkaCompressor(compression);
        };
        final BatchMemory memory = workload.lengths().isFixed()
            ? new FixedBatch(recordsPerBatch, workload.lengths().maxLength(), !workload.keys().isNone(), compressor,
                payload, (long) all.size() * recordsPerBatch)
            : new MixedBatch(workload.batchLength(), workload.lengths().maxLength(), compressor, payload,
                Mix.bits(workload.seed(), 0, all.size()) >>> 32);
        final Batch made = new Batch(all.size(), recordsPerBatch, memory);
        all.add(made);
        return made;
    }

    void give(final Batch batch) {
        batch.lane = null;
        free.addFirst(batch);
    }

    Batch get(final long token) {
        return all.get((int) token);
    }
}
