package io.millrace.load.run;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.load.driver.ConsumerSession;
import io.millrace.load.driver.RecordSource;
import io.millrace.load.workload.RecordHeader;
import io.millrace.load.workload.WorkloadBuilder;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

/** Records as systems hand them over whose clients check nothing: what is damaged reaches the consumer. */
class ConsumerWorkerTest {
    private static final long RUN_ID = 77;
    private static final int LENGTH = 64;
    private static final int PRODUCER_INDEX = 6;
    private static final int SEQUENCE_INDEX = 20;
    private static final int DUE_INDEX = 24;

    private final ByteBuffer buffer = ByteBuffer.allocate(LENGTH);
    private final CRC32C crc = new CRC32C();
    private long nowNs = 1_000_000;
    private int nextSequence;
    private final ConsumerWorker worker = new ConsumerWorker(new Nothing(),
        RunPlan.of(new WorkloadBuilder().set("warmup", "0s").set("duration", "100s").build(), 0), RUN_ID, null,
        () -> nowNs);

    @Test
    void shouldHearTheRecordsBehindOneWhoseSequenceIsDamaged() {
        for (final int high : new int[] {0x7F, 0x40, 0x01, 0xFF}) {
            final long before = worker.consumedCount();
            spoiltAmongMany(() -> buffer.put(SEQUENCE_INDEX + 3, (byte) high));
            assertEquals(before + 9, worker.consumedCount());
        }
        assertEquals(4, worker.damagedCount());
    }

    @Test
    void shouldNotTakeADamagedTimeForOneThatWasMeasured() {
        spoiltAmongMany(() -> buffer.put(DUE_INDEX + 7, (byte) 0x7F)); // due in centuries
        spoiltAmongMany(() -> buffer.put(DUE_INDEX + 7, (byte) 0xFF)); // due long ago
        assertEquals(2, worker.damagedCount());
        assertEquals(18, worker.consumedCount());
        assertEquals(0, worker.negativeCount());
        assertEquals(18, worker.takeMeasured().getTotalCount());
    }

    @Test
    void shouldNotCountADamagedRecordForAnotherProducer() {
        spoiltAmongMany(() -> buffer.put(PRODUCER_INDEX, (byte) 9));
        assertEquals(1, worker.damagedCount());
        assertEquals(9, worker.consumedCount());
    }

    @Test
    void shouldCountWhatAReaderCannotUse() {
        worker.onDamagedBatch(0, 5, "checksum");
        assertEquals(1, worker.damagedCount());
    }

    /** Ten records, the fourth of which is spoilt. */
    private void spoiltAmongMany(final Runnable spoil) {
        for (int i = 0; i < 10; i++) {
            RecordHeader.prepare(buffer, 0, RUN_ID, 0, 0);
            RecordHeader.patch(buffer, 0, LENGTH, nextSequence++, nowNs - 1_000, crc);
            if (i == 3) {
                spoil.run();
            }
            worker.onRecord(0, buffer, 0, LENGTH);
            nowNs += 10;
        }
    }

    private static final class Nothing implements ConsumerSession {
        @Override
        public int poll(final long maxNs, final RecordSource.Handler handler) {
            return 0;
        }

        @Override
        public void close() {
        }
    }
}
