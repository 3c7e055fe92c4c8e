package io.millrace.load.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.load.record.Ledger;
import io.millrace.load.workload.RecordHeader;
import io.millrace.load.workload.RecordLengths;
import io.millrace.results.model.Verification;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

class HistoryCheckerTest {
    private static final int PRODUCERS = 2;
    private static final int PARTITIONS = 2;
    private static final int PER_LANE = 50;
    private static final int LENGTH = 40;
    private static final long RUN_ID = 99;

    private final CRC32C crc = new CRC32C();
    private final Ledger ledger = new Ledger(PRODUCERS, PARTITIONS);
    private final List<List<ByteBuffer>> log = new ArrayList<>();

    HistoryCheckerTest() {
        for (int partition = 0; partition < PARTITIONS; partition++) {
            final List<ByteBuffer> records = new ArrayList<>();
            for (int sequence = 0; sequence < PER_LANE; sequence++) {
                for (int producer = 0; producer < PRODUCERS; producer++) {
                    ledger.onSent(producer, partition, sequence);
                    ledger.onAcked(producer, partition, sequence);
                    records.add(record(RUN_ID, producer, partition, sequence));
                }
            }
            log.add(records);
        }
    }

    @Test
    void shouldPassACleanHistory() {
        final Verification result = check(false);
        assertTrue(result.isClean());
        assertEquals(PRODUCERS * PARTITIONS * PER_LANE, result.checked());
        assertEquals(0, result.lostUnacked());
    }

    @Test
    void shouldFindALostRecordAndItsGap() {
        log.get(1).remove(20);
        final Verification result = check(false);
        assertEquals(1, result.lostAcked());
        assertEquals(1, result.gaps());
    }

    @Test
    void shouldNotCallLostWhatWasDeleted() {
        final HistoryChecker checker = checker(false);
        checker.onDeleted(0, 0, 41); // 20 records of one producer and 21 of the other
        give(checker, 0, 41, 100);
        give(checker, 1, 0, 60);
        checker.onDeleted(1, 60, 70);
        give(checker, 1, 70, 80);
        give(checker, 1, 81, 100); // one is lost behind it
        final Verification result = checker.conclude();
        assertEquals(51, checker.deletedCount());
        assertEquals(1, result.lostAcked());
        assertEquals(1, result.gaps());
        assertEquals(0, result.duplicates() + result.reordered() + result.corrupt() + result.lostUnacked());
    }

    private void give(final HistoryChecker checker, final int partition, final int from, final int to) {
        for (final ByteBuffer record : log.get(partition).subList(from, to)) {
            checker.onRecord(partition, record, 0, record.capacity());
        }
    }

    @Test
    void shouldFindALostTailWhichIsNoGap() {
        log.get(0).subList(90, 100).clear();
        final Verification result = check(false);
        assertEquals(10, result.lostAcked());
        assertEquals(0, result.gaps());
    }

    @Test
    void shouldCountOneGapForNeighboursLostTogether() {
        log.get(0).subList(20, 30).clear();
        final Verification result = check(false);
        assertEquals(10, result.lostAcked());
        assertEquals(PRODUCERS, result.gaps());
    }

    @Test
    void shouldNotBlameTheLossOfWhatWasNeverAcknowledged() {
        for (int i = 0; i < 3; i++) {
            ledger.onSent(1, 1, PER_LANE + i);
        }
        final Verification result = check(false);
        assertTrue(result.isClean());
        assertEquals(3, result.lostUnacked());
    }

    @Test
    void shouldFindADuplicate() {
        log.get(0).add(log.get(0).get(7));
        final Verification result = check(false);
        assertEquals(1, result.duplicates());
        assertEquals(0, result.reordered(), "a late duplicate is not reordered as well");
    }

    @Test
    void shouldFindReorderedRecords() {
        final List<ByteBuffer> records = log.get(0);
        final ByteBuffer late = records.remove(10);
        records.add(30, late);
        final Verification result = check(false);
        assertEquals(1, result.reordered());
        assertEquals(0, result.lostAcked());
    }

    @Test
    void shouldNotTakeTheMixOfProducersForReordering() {
        final List<ByteBuffer> records = log.get(0);
        for (int i = 0; i + 1 < records.size(); i += 2) {
            final ByteBuffer first = records.get(i);
            records.set(i, records.get(i + 1));
            records.set(i + 1, first);
        }
        assertTrue(check(false).isClean());
    }

    @Test
    void shouldFindADamagedRecord() {
        final ByteBuffer record = log.get(1).get(33);
        record.put(LENGTH - 1, (byte) (record.get(LENGTH - 1) ^ 1));
        final Verification result = check(false);
        assertEquals(1, result.corrupt());
        assertEquals(1, result.lostAcked(), "what is damaged is not there");
    }

    @Test
    void shouldFindARecordInTheWrongPartition() {
        log.get(0).add(log.get(1).remove(99));
        final Verification result = check(false);
        assertEquals(1, result.corrupt());
        assertEquals(1, result.lostAcked());
    }

    @Test
    void shouldFindARecordThatWasNeverSent() {
        log.get(0).add(record(RUN_ID, 0, 0, PER_LANE));
        log.get(0).add(record(RUN_ID, PRODUCERS, 0, 0));
        assertEquals(2, check(false).corrupt());
    }

    @Test
    void shouldTellRecordsOfOtherRunsByTheTopic() {
        log.get(0).add(record(RUN_ID + 1, 0, 0, 3));
        assertEquals(1, check(false).corrupt());
        assertEquals(0, check(true).corrupt());
    }

    @Test
    void shouldCountADamagedBatch() {
        final HistoryChecker checker = checker(false);
        checker.onDamagedBatch(0, 17, "batch CRC differs");
        assertEquals(1, checker.conclude().corrupt());
        assertTrue(checker.findings().get(0).contains("offset 17"));
    }

    @Test
    void shouldDetectEachAnomalyInRandomMutatedHistories() {
        final long seed = new SplittableRandom().nextLong();
        final SplittableRandom random = new SplittableRandom(seed);
        for (int round = 0; round < 200; round++) {
            final HistoryCheckerTest fresh = new HistoryCheckerTest();
            final List<ByteBuffer> records = fresh.log.get(random.nextInt(PARTITIONS));
            final int at = random.nextInt(records.size() - PRODUCERS);
            switch (random.nextInt(4)) {
                case 0 -> records.remove(at);
                case 1 -> records.add(random.nextInt(at, records.size()) + 1, records.get(at));
                case 2 -> records.add(at + PRODUCERS, records.remove(at));
                default -> records.get(at).put(random.nextInt(LENGTH), (byte) random.nextInt());
            }
            final Verification result = fresh.check(false);
            final boolean isUnchanged = result.checked() == PRODUCERS * PARTITIONS * PER_LANE
                && fresh.log.stream().flatMap(List::stream).allMatch(r -> RecordHeader.isIntact(r, 0, LENGTH, crc))
                && fresh.isAsSent();
            assertEquals(isUnchanged, result.isClean(), "seed " + seed + " round " + round);
        }
    }

    private boolean isAsSent() {
        final HistoryCheckerTest clean = new HistoryCheckerTest();
        return clean.log.equals(log);
    }

    private Verification check(final boolean isShared) {
        final HistoryChecker checker = checker(isShared);
        for (int partition = 0; partition < PARTITIONS; partition++) {
            for (final ByteBuffer record : log.get(partition)) {
                checker.onRecord(partition, record, 0, record.capacity());
            }
        }
        return checker.conclude();
    }

    private HistoryChecker checker(final boolean isShared) {
        return new HistoryChecker(ledger, RUN_ID, RecordLengths.of(LENGTH + "B", 0), isShared, () -> false);
    }

    private ByteBuffer record(final long runId, final int producer, final int partition, final int sequence) {
        final ByteBuffer record = ByteBuffer.allocate(LENGTH);
        RecordHeader.prepare(record, 0, runId, producer, partition);
        RecordHeader.patch(record, 0, LENGTH, sequence, 1_000 + sequence, crc);
        return record;
    }
}
