package io.millrace.transport.kafka.client;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.transport.kafka.codec.MalformedRequestException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.agrona.concurrent.UnsafeBuffer;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RecordBatchTemplateTest {
    private final long seed = Long.getLong("millrace.test.seed", System.nanoTime());
    private final RandomGenerator random = new SplittableRandom(seed);

    @ParameterizedTest
    @CsvSource({"1, -1, 100, false", "1, 0, 0, false", "300, 8, 1000, false", "70, -1, 63, false",
        "9000, 3, 20, false", "300, 8, 1000, true", "1, -1, 0, true"})
    void shouldBeReadableByKafkaWhenFilledAgainAndAgain(
        final int maxRecordCount, final int keyLength, final int valueLength, final boolean gzip) {
        final RecordBatchTemplate template =
            new RecordBatchTemplate(maxRecordCount, keyLength, valueLength, gzip ? new Gzip() : null);
        for (int round = 0; round < 5; round++) {
            final int recordCount = 1 + random.nextInt(maxRecordCount);
            final byte[][] values = fill(template, recordCount, keyLength, valueLength);
            template.timestamp(1_700_000_000_000L + round);
            template.producer(4711, (short) 3, round * 100);
            final int length = template.seal(recordCount);
            final byte[] bytes = new byte[length];
            template.sealedBuffer().getBytes(0, bytes);
            assertEquals(length, template.sealedLength());
            checkWithKafka(bytes, recordCount, keyLength, values, round, gzip);
            checkWithReader(bytes, recordCount, values);
        }
    }

    @Test
    void shouldReadWhatKafkaWrote() {
        final SimpleRecord[] records = new SimpleRecord[100];
        for (int i = 0; i < records.length; i++) {
            final byte[] value = new byte[random.nextInt(300)];
            random.nextBytes(value);
            records[i] = new SimpleRecord(1000 + random.nextInt(100_000), i % 7 == 0 ? null : new byte[i], value);
        }
        for (final Compression compression : new Compression[]{Compression.NONE, Compression.gzip().build()}) {
            final ByteBuffer buffer = MemoryRecords.withRecords(500L, compression, records).buffer();
            final UnsafeBuffer wrapped = new UnsafeBuffer(buffer);
            final RecordBatchReader reader =
                new RecordBatchReader(new Gzip()).wrap(wrapped, 0, wrapped.capacity());
            assertTrue(reader.nextBatch());
            assertEquals(500, reader.baseOffset());
            assertEquals(600, reader.nextOffset());
            for (int i = 0; i < records.length; i++) {
                assertTrue(reader.nextRecord());
                assertEquals(500 + i, reader.offset());
                assertEquals(records[i].timestamp(), reader.timestampMs());
                assertEquals(records[i].key() == null ? -1 : i, reader.keyLength());
                final byte[] value = new byte[reader.valueLength()];
                reader.recordBuffer().getBytes(reader.valueIndex(), value);
                assertEquals(records[i].value(), ByteBuffer.wrap(value));
            }
            assertFalse(reader.nextRecord());
            assertFalse(reader.nextBatch());
        }
    }

    @Test
    void shouldStopOrRefuseWhenABatchIsCutOffOrChanged() {
        final RecordBatchTemplate template = new RecordBatchTemplate(3, 4, 20, null);
        final int length = template.seal(3);
        final byte[] bytes = new byte[length];
        template.sealedBuffer().getBytes(0, bytes);
        for (int cut = 0; cut < length; cut++) {
            assertFalse(new RecordBatchReader(null).wrap(new UnsafeBuffer(bytes), 0, cut).nextBatch());
        }
        for (int at = 21; at < length; at++) {
            final byte[] changed = bytes.clone();
            changed[at] ^= 0x10;
            final RecordBatchReader reader = new RecordBatchReader(null).wrap(new UnsafeBuffer(changed), 0, length);
            assertThrows(MalformedRequestException.class, reader::nextBatch, "at=" + at);
        }
    }

    private byte[][] fill(
        final RecordBatchTemplate template, final int recordCount, final int keyLength, final int valueLength) {
        final byte[][] values = new byte[recordCount][valueLength];
        for (int i = 0; i < recordCount; i++) {
            random.nextBytes(values[i]);
            template.buffer().putBytes(template.valueIndex(i), values[i]);
            if (keyLength > 0) {
                template.buffer().setMemory(template.keyIndex(i), keyLength, (byte) i);
            }
        }
        return values;
    }

    private void checkWithKafka(
        final byte[] bytes,
        final int recordCount,
        final int keyLength,
        final byte[][] values,
        final int round,
        final boolean gzip) {
        final Iterator<MutableRecordBatch> batches =
            MemoryRecords.readableRecords(ByteBuffer.wrap(bytes)).batches().iterator();
        final MutableRecordBatch batch = batches.next();
        assertFalse(batches.hasNext());
        batch.ensureValid();
        assertEquals(gzip ? 1 : 0, batch.compressionType().id);
        assertEquals(recordCount, batch.countOrNull());
        assertEquals(recordCount - 1, batch.lastOffset());
        assertEquals(4711, batch.producerId());
        assertEquals(3, batch.producerEpoch());
        assertEquals(round * 100, batch.baseSequence());
        assertEquals(1_700_000_000_000L + round, batch.maxTimestamp());
        int i = 0;
        for (final Record record : batch) {
            assertEquals(i, record.offset());
            assertEquals(1_700_000_000_000L + round, record.timestamp());
            assertEquals(0, record.headers().length);
            if (keyLength < 0) {
                assertNull(record.key());
            } else {
                assertEquals(keyLength, record.keySize());
            }
            final byte[] value = new byte[record.valueSize()];
            record.value().get(value);
            assertArrayEquals(values[i], value, "seed=" + seed);
            i++;
        }
        assertEquals(recordCount, i);
    }

    private void checkWithReader(final byte[] bytes, final int recordCount, final byte[][] values) {
        final RecordBatchReader reader =
            new RecordBatchReader(new Gzip()).wrap(new UnsafeBuffer(bytes), 0, bytes.length);
        assertTrue(reader.nextBatch());
        for (int i = 0; i < recordCount; i++) {
            assertTrue(reader.nextRecord());
            final byte[] value = new byte[reader.valueLength()];
            reader.recordBuffer().getBytes(reader.valueIndex(), value);
            assertArrayEquals(values[i], value, "seed=" + seed);
        }
        assertFalse(reader.nextRecord());
    }

    /** Both ways by the JDK. */
    private static final class Gzip implements BatchCompressor, BatchDecompressor {
        @Override
        public int codec() {
            return GZIP;
        }

        @Override
        public int maxCompressedLength(final int length) {
            return length + length / 10 + 100;
        }

        @Override
        public int compress(final ByteBuffer source, final ByteBuffer target) {
            final byte[] plain = new byte[source.remaining()];
            source.get(plain);
            final ByteArrayOutputStream out = new ByteArrayOutputStream();
            try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
                gzip.write(plain);
            } catch (final IOException e) {
                throw new UncheckedIOException(e);
            }
            target.put(out.toByteArray());
            return out.size();
        }

        @Override
        public ByteBuffer decompress(final int codec, final ByteBuffer source) {
            assertEquals(GZIP, codec);
            final byte[] compressed = new byte[source.remaining()];
            source.get(compressed);
            try (GZIPInputStream gzip = new GZIPInputStream(new ByteArrayInputStream(compressed))) {
                return ByteBuffer.wrap(gzip.readAllBytes());
            } catch (final IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
