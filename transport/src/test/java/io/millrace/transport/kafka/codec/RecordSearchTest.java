package io.millrace.transport.kafka.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RecordSearchTest {
    private static final int ROUNDS = 60;
    private static final int MAX_LENGTH = 8 * 1024 * 1024;
    private final RecordSearch search = new RecordSearch();

    @ParameterizedTest
    @EnumSource(CompressionType.class)
    void shouldFindWhatALinearSearchFindsInEveryCodec(final CompressionType type) throws IOException {
        final long seed = Fuzz.newSeed();
        final RandomGenerator random = Fuzz.random(seed);
        for (int round = 0; round < ROUNDS; round++) {
            final SimpleRecord[] records = new SimpleRecord[random.nextInt(1, 200)];
            for (int i = 0; i < records.length; i++) {
                records[i] = new SimpleRecord(1_000 + random.nextInt(500), Fuzz.bytes(random, random.nextInt(20)),
                    Fuzz.bytes(random, random.nextInt(random.nextInt(30) == 0 ? 200_000 : 300)));
            }
            final long baseOffset = random.nextInt(1_000_000);
            final ByteBuffer batch = MemoryRecords.withRecords(
                baseOffset, Compression.of(type).build(), records).buffer();
            for (int i = 0; i < 5; i++) {
                check(batch, records, baseOffset, 990 + random.nextInt(530),
                    baseOffset + random.nextInt(records.length + 1), "seed=" + seed);
            }
        }
    }

    private void check(
        final ByteBuffer batch,
        final SimpleRecord[] records,
        final long baseOffset,
        final long timestampMs,
        final long minOffset,
        final String seed) throws IOException {
        int expected = (int) (minOffset - baseOffset);
        while (expected < records.length && records[expected].timestamp() < timestampMs) {
            expected++;
        }
        assertEquals(expected < records.length, search.find(batch, timestampMs, minOffset), seed);
        if (expected < records.length) {
            assertEquals(baseOffset + expected, search.offset(), seed);
            assertEquals(records[expected].timestamp(), search.timestampMs(), seed);
        }
    }

    @ParameterizedTest
    @EnumSource(CompressionType.class)
    void shouldThrowNothingButAnInputErrorWhenBytesAreChanged(final CompressionType type) {
        final long seed = Fuzz.newSeed();
        final RandomGenerator random = Fuzz.random(seed);
        final ByteBuffer batch = MemoryRecords.withRecords(0, Compression.of(type).build(),
            new SimpleRecord(1, new byte[500]), new SimpleRecord(2, Fuzz.bytes(random, 200))).buffer();
        for (int round = 0; round < 3_000; round++) {
            final byte[] changed = Arrays.copyOfRange(batch.array(), batch.position(), batch.limit());
            for (int i = random.nextInt(1, 4); i > 0; i--) {
                changed[random.nextInt(61, changed.length)] = (byte) random.nextInt();
            }
            try {
                search.find(ByteBuffer.wrap(changed, 0, random.nextInt(changed.length + 1)), 3, 0);
            } catch (final IOException ex) {
                assertTrue(ex.getMessage() != null, "seed=" + seed);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(value = CompressionType.class, names = {"GZIP", "LZ4", "ZSTD"})
    void shouldGiveUpWithoutMemoryWhenABatchIsABomb(final CompressionType type) {
        final SimpleRecord[] records = new SimpleRecord[3];
        Arrays.fill(records, new SimpleRecord(1, new byte[MAX_LENGTH / 2]));
        final ByteBuffer batch = MemoryRecords.withRecords(0, Compression.of(type).build(), records).buffer();
        final IOException ex = assertThrows(IOException.class,
            () -> new RecordSearch(MAX_LENGTH).find(batch, 2, 0));
        assertTrue(ex.getMessage().contains("more than"), ex.getMessage());
    }

    @Test
    void shouldRefuseASnappyBlockThatAsksForMuchMemory() {
        final ByteBuffer batch = ByteBuffer.allocate(100);
        batch.putShort(21, (short) CompressionType.SNAPPY.id).putInt(57, 1);
        batch.put(61, new byte[] {-1, -1, -1, -1, 7});
        final IOException ex = assertThrows(IOException.class, () -> search.find(batch, 2, 0));
        assertTrue(ex.getMessage().contains("limit="), ex.getMessage());
    }

    @Test
    void shouldFindNothingWhenTheHeaderPromisesALaterTimestampThanThereIs() throws IOException {
        final ByteBuffer batch =
            MemoryRecords.withRecords(0, Compression.NONE, new SimpleRecord(5, new byte[1])).buffer();
        batch.putLong(35, 1_000);
        assertFalse(search.find(batch, 6, 0));
    }
}
