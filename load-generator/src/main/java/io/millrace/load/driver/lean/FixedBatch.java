package io.millrace.load.driver.lean;

import io.millrace.load.workload.Keys;
import io.millrace.load.workload.Payload;
import io.millrace.transport.kafka.client.BatchCompressor;
import io.millrace.transport.kafka.client.RecordBatchTemplate;
import java.nio.ByteBuffer;
import org.agrona.DirectBuffer;

/** Records of one length, laid out and filled once; per record only header and key are written. */
final class FixedBatch implements BatchMemory {
    private final RecordBatchTemplate template;
    private final ByteBuffer bytes;

    FixedBatch(
        final int maxRecordCount,
        final int length,
        final boolean hasKeys,
        final BatchCompressor compressor,
        final Payload payload,
        final long firstPiece) {
        template = new RecordBatchTemplate(maxRecordCount, hasKeys ? Keys.LENGTH : -1, length, compressor);
        bytes = template.buffer().byteBuffer().duplicate();
        for (int i = 0; i < maxRecordCount; i++) {
            payload.fill(firstPiece + i, bytes, template.valueIndex(i), length);
        }
    }

    @Override
    public ByteBuffer bytes() {
        return bytes;
    }

    @Override
    public void clear() {
        bytes.clear();
    }

    @Override
    public boolean hasRoom(final int length) {
        return true;
    }

    @Override
    public boolean isFull() {
        return false; // the batch counts its records
    }

    @Override
    public int add(final int record, final int length, final byte[] key) {
        if (key != null) {
            template.buffer().putBytes(template.keyIndex(record), key);
        }
        return template.valueIndex(record);
    }

    @Override
    public void seal(
        final int count, final long timestampMs, final long producerId, final short epoch, final int baseSequence) {
        template.timestamp(timestampMs);
        template.producer(producerId, epoch, baseSequence);
        template.seal(count);
    }

    @Override
    public DirectBuffer sealedBuffer() {
        return template.sealedBuffer();
    }

    @Override
    public int sealedLength() {
        return template.sealedLength();
    }
}
