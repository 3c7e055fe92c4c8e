package io.millrace.engine.rig;

import io.millrace.transport.kafka.client.RecordBatchTemplate;
import java.util.SplittableRandom;
import org.agrona.BufferUtil;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Makes record batches as a Kafka client sends them, in memory outside the heap as a network thread holds them. Any
 * thread.
 */
public final class Batches {
    private static final int CACHE_LINE_LENGTH = 64;
    private static final int NO_KEY = -1;

    private Batches() {
    }

    /**
     * {@return a batch of one record with so many bytes in all}
     *
     * @param batchLength of the whole batch, header included
     */
    public static UnsafeBuffer ofLength(final int batchLength) {
        int valueLength = Math.max(0, batchLength - RecordBatchTemplate.HEADER_LENGTH);
        UnsafeBuffer batch = of(1, valueLength);
        while (batch.capacity() > batchLength && valueLength > 0) {
            valueLength--;
            batch = of(1, valueLength);
        }
        if (batch.capacity() != batchLength) {
            throw new IllegalArgumentException("no batch of one record has this length: batchLength=" + batchLength
                + "; one with " + batch.capacity() + " bytes would do");
        }
        return batch;
    }

    /**
     * {@return a batch}
     *
     * @param recordCount its records
     * @param valueLength bytes of each record's value; keys and headers there are none
     */
    public static UnsafeBuffer of(final int recordCount, final int valueLength) {
        final RecordBatchTemplate template = new RecordBatchTemplate(recordCount, NO_KEY, valueLength, null);
        final SplittableRandom random = new SplittableRandom(recordCount * 31L + valueLength);
        for (int record = 0; record < recordCount; record++) {
            for (int i = 0; i < valueLength; i++) {
                template.buffer().putByte(template.valueIndex(record) + i, (byte)random.nextInt());
            }
        }
        final int length = template.seal(recordCount);
        final UnsafeBuffer batch = new UnsafeBuffer(BufferUtil.allocateDirectAligned(length, CACHE_LINE_LENGTH));
        batch.putBytes(0, template.sealedBuffer(), 0, length);
        return batch;
    }
}
