package io.millrace.load.driver.lean;

import io.millrace.load.workload.RecordHeader;
import io.millrace.transport.kafka.client.BatchCompressor;
import io.millrace.transport.kafka.client.RecordBatchTemplate;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** A batch being filled, waiting or in flight, with the times of its records; owned by the sending thread. */
final class Batch {
    final int id;
    Lane lane;

    private final RecordBatchTemplate template;
    private final ByteBuffer memory;
    private final CRC32C crc = new CRC32C();
    private final long[] dueNs;
    private final long[] sentNs;
    private int firstSequence;
    private int count;
    private boolean isSealed;
    private boolean isFateUnknown;

    Batch(final int id, final int maxRecordCount, final byte[] payload, final BatchCompressor compressor) {
        this.id = id;
        template = new RecordBatchTemplate(maxRecordCount, -1, payload.length, compressor);
        memory = template.buffer().byteBuffer().duplicate();
        for (int i = 0; i < maxRecordCount; i++) {
            template.buffer().putBytes(template.valueIndex(i), payload);
        }
        dueNs = new long[maxRecordCount];
        sentNs = new long[maxRecordCount];
    }

    void begin(final Lane owner, final int sequence) {
        lane = owner;
        firstSequence = sequence;
        count = 0;
        isSealed = false;
        isFateUnknown = false;
    }

    void add(final long runId, final int producerId, final int partition, final long due, final long now) {
        final int record = count++;
        dueNs[record] = due;
        sentNs[record] = now;
        final int index = template.valueIndex(record);
        RecordHeader.prepare(memory, index, runId, producerId, partition);
        RecordHeader.patch(memory, index, template.valueLength(), firstSequence + record, due, crc);
    }

    void seal(final long timestampMs, final long producerId, final short epoch, final int baseSequence) {
        template.timestamp(timestampMs);
        template.producer(producerId, epoch, baseSequence);
        template.seal(count);
        isSealed = true;
    }

    /** To be sealed again, with another producer id. */
    void unseal() {
        isSealed = false;
    }

    boolean isSealed() {
        return isSealed;
    }

    /** The broker may or may not have it: no answer, or one that leaves it open. */
    void fateUnknown() {
        isFateUnknown = true;
    }

    boolean isFateUnknown() {
        return isFateUnknown;
    }

    boolean isFull() {
        return count == dueNs.length;
    }

    int count() {
        return count;
    }

    int sequence(final int record) {
        return firstSequence + record;
    }

    long dueNs(final int record) {
        return dueNs[record];
    }

    long sentNs(final int record) {
        return sentNs[record];
    }

    RecordBatchTemplate template() {
        return template;
    }
}
