package io.millrace.load.driver.lean;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.load.workload.Payload;
import io.millrace.transport.kafka.client.BatchCompressor;
import io.millrace.transport.kafka.client.RecordBatchReader;
import io.millrace.transport.kafka.client.RecordBatchTemplate;
import java.nio.ByteBuffer;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.Record;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class Lz4FrameTest {
    @ParameterizedTest
    @CsvSource({
        "RANDOM,1", "RANDOM,100", "RANDOM,65536", "RANDOM,65537", "RANDOM,1000000",
        "COMPRESSIBLE,1", "COMPRESSIBLE,65535", "COMPRESSIBLE,65536", "COMPRESSIBLE,131072", "COMPRESSIBLE,1000000"})
    void shouldReadBackWhatWasCompressed(final Payload.Kind kind, final int length) {
        final byte[] bytes = Payload.make(kind, length, 3);
        final Lz4FrameCompressor compressor = new Lz4FrameCompressor();
        final ByteBuffer source = ByteBuffer.allocateDirect(length + 5);
        source.put(5, bytes).position(5);
        final ByteBuffer target = ByteBuffer.allocateDirect(7 + compressor.maxCompressedLength(length));
        target.position(7);
        final int compressed = compressor.compress(source, target);
        assertTrue(compressed <= compressor.maxCompressedLength(length));
        target.limit(7 + compressed).position(7);
        assertEquals(ByteBuffer.wrap(bytes), new Lz4FrameDecompressor().decompress(BatchCompressor.LZ4, target));
    }

    @Test
    void shouldMakeBatchesThatKafkaReads() {
        final byte[] payload = Payload.make(Payload.Kind.COMPRESSIBLE, 1_000, 3);
        final RecordBatchTemplate template = new RecordBatchTemplate(500, -1, payload.length, new Lz4FrameCompressor());
        for (int i = 0; i < 500; i++) {
            template.buffer().putBytes(template.valueIndex(i), payload);
            template.buffer().putInt(template.valueIndex(i), i);
        }
        template.timestamp(1_700_000_000_000L);
        template.producer(5, (short) 1, 42);
        final int length = template.seal(500);
        assertTrue(length < 500_000 / 2, "compressed to " + length);
        final byte[] batch = new byte[length];
        template.sealedBuffer().getBytes(0, batch);
        int count = 0;
        for (final Record record : MemoryRecords.readableRecords(ByteBuffer.wrap(batch)).records()) {
            record.ensureValid();
            assertEquals(payload.length, record.valueSize());
            assertEquals(Integer.reverseBytes(count), record.value().getInt(record.value().position()));
            count++;
        }
        assertEquals(500, count);
        final RecordBatchReader reader = new RecordBatchReader(new Lz4FrameDecompressor())
            .wrap(template.sealedBuffer(), 0, length);
        assertTrue(reader.nextBatch());
        assertEquals(500, reader.recordCount());
    }
}
