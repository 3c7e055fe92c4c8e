package io.millrace.engine.writer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.millrace.engine.Admission;
import io.millrace.engine.DurabilityProfile;
import io.millrace.engine.ErrorCodes;
import io.millrace.engine.LogMarks;
import io.millrace.engine.ShardIngress;
import io.millrace.engine.ShardLog;
import io.millrace.engine.ingress.RingIngress;
import io.millrace.engine.state.ShardState;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ShardWriterTest {
    private static final long PRODUCER = 7;

    @Test
    void shouldBeginAnEmptyLogWithStateAndEpochStart() {
        final WriterFixture fixture = new WriterFixture().lead();

        assertEquals(List.of(), fixture.checkedTags());
        assertEquals(WriterFixture.EPOCH, fixture.state.lastEpoch());
        assertEquals(0, fixture.state.epochStartAt(0), "the state frame is the first frame of its epoch");
    }

    @Test
    void shouldContinueTheLogInALaterEpoch() {
        final WriterFixture fixture = new WriterFixture().lead();
        fixture.produce(1, 1, 1);
        fixture.drainAll();
        fixture.writer.stopLeading();
        final long epochStart = fixture.log.endPosition();
        fixture.writer.startLeading(9);
        fixture.produce(1, 2, 1);
        fixture.drainAll();

        assertEquals(List.of(1, 2), fixture.checkedTags());
        fixture.outcomes.assertAccepted(2, 1);
        assertEquals(epochStart, fixture.state.epochStartAt(1));
        assertThrows(IllegalStateException.class, () -> fixture.writer.startLeading(10));
    }

    @Test
    void shouldRefuseAnEpochThatIsNotLarger() {
        final WriterFixture fixture = new WriterFixture().lead();
        fixture.writer.stopLeading();

        assertThrows(IllegalStateException.class, () -> fixture.writer.startLeading(WriterFixture.EPOCH));
        assertEquals(List.of(), fixture.checkedTags());
    }

    @Test
    void shouldRefuseWhatComesInAndKeepWhatWaitsWhileAdmissionIsRefused() {
        final WriterFixture fixture = new WriterFixture().lead();
        fixture.produce(1, 1, -1);
        fixture.drainAll();
        fixture.produce(1, 2, -1);
        final int open = fixture.claim(1, TestBatches.MIN_LENGTH, 3, 1);
        fixture.writer.admission(Admission.REFUSED);

        fixture.outcomes.assertRefused(2, ErrorCodes.NOT_LEADER_OR_FOLLOWER);
        assertEquals(ShardIngress.NOT_LEADING, fixture.ingress.tryClaim(1, 100, 4, 1));
        fixture.ingress.commit(open);
        fixture.writer.drain();
        fixture.outcomes.assertRefused(3, ErrorCodes.NOT_LEADER_OR_FOLLOWER);
        fixture.outcomes.assertWaiting(1);

        fixture.writer.admission(Admission.OPEN);
        fixture.produce(1, 5, 1);
        fixture.drainAll();
        fixture.outcomes.assertAccepted(5, 1);
        fixture.writer.refuseWaiting();
        fixture.outcomes.assertRefused(1, ErrorCodes.NOT_LEADER_OR_FOLLOWER);
        assertEquals(List.of(1, 5), fixture.checkedTags());
    }

    @Test
    void shouldLetClaimsWaitAndWriteWhatIsInTheRingWhileHeld() {
        final WriterFixture fixture = new WriterFixture().lead();
        fixture.produce(1, 1, 1);
        fixture.writer.admission(Admission.HELD);

        assertEquals(ShardIngress.FULL, fixture.ingress.tryClaim(1, 100, 2, 1));
        fixture.drainAll();
        fixture.outcomes.assertAccepted(1, 0);
        fixture.writer.stopLeading();
        assertEquals(ShardIngress.NOT_LEADING, fixture.ingress.tryClaim(1, 100, 2, 1));
        fixture.writer.admission(Admission.OPEN);
        assertEquals(ShardIngress.NOT_LEADING, fixture.ingress.tryClaim(1, 100, 2, 1), "does not lead");
    }

    @Test
    void shouldTryAnEpochAgainWhenItsFirstFrameCouldNotBeWritten() {
        final WriterFixture fixture = new WriterFixture();
        fixture.log.failNextRoll = true;
        assertEquals(ShardLog.STORAGE_ERROR, fixture.writer.startLeading(3));
        assertEquals(ShardIngress.NOT_LEADING, fixture.ingress.tryClaim(1, 100, 1, 1));
        assertEquals(0, fixture.log.endPosition());

        assertTrue(fixture.writer.startLeading(3) > 0);
        fixture.writer.stopLeading();
        fixture.log.failAfter(20, true);
        assertEquals(ShardLog.STORAGE_ERROR, fixture.writer.startLeading(4));
        assertFalse(fixture.writer.isLeading());
        assertTrue(fixture.writer.startLeading(4) > 0);
        fixture.checkedTags();
    }

    @Test
    void shouldTryAnEpochAgainWhenOnlyItsStateFrameWasWritten() {
        final WriterFixture fixture = new WriterFixture();
        fixture.log.failAfterRoll = true;
        assertEquals(ShardLog.STORAGE_ERROR, fixture.writer.startLeading(3));
        final long end = fixture.log.endPosition();
        assertTrue(end > 0);

        assertEquals(end + 32, fixture.writer.startLeading(3));
        assertEquals(1, fixture.state.epochCount());
        assertEquals(0, fixture.state.epochStartAt(0));
        fixture.checkedTags();
        fixture.writer.stopLeading();
        assertThrows(IllegalStateException.class, () -> fixture.writer.startLeading(3), "finished now");
        assertTrue(fixture.writer.startLeading(4) > 0);
        fixture.writer.stopLeading();
        assertThrows(IllegalStateException.class, () -> fixture.writer.startLeading(3));
    }

    @Test
    void shouldAnswerAcksLeaderAtWrittenWhenReplicated() {
        final WriterFixture fixture = new WriterFixture().lead();
        fixture.produce(1, 1, 1);
        fixture.produce(1, 2, 0);
        fixture.produce(1, 3, -1);
        fixture.drainAll();

        fixture.outcomes.assertAccepted(1, 0);
        fixture.outcomes.assertAccepted(2, 1);
        fixture.outcomes.assertWaiting(3);
        fixture.writer.onCommitted(fixture.log.endPosition() - 8);
        fixture.outcomes.assertWaiting(3);
        assertEquals(1, fixture.writer.onCommitted(fixture.log.endPosition()));
        fixture.outcomes.assertAccepted(3, 2);
    }

    @Test
    void shouldAnswerAcksLeaderAtSyncedWhenDurable() {
        final WriterFixture fixture = new WriterFixture(DurabilityProfile.DURABLE, 1 << 20).lead();
        fixture.produce(1, 1, 1);
        fixture.produce(1, 2, 0);
        fixture.produce(1, 3, -1);
        fixture.produce(1, 4, 1);
        fixture.drainAll();

        fixture.outcomes.assertWaiting(1);
        fixture.outcomes.assertAccepted(2, 1);
        fixture.log.marks.syncedRelease(fixture.log.endPosition() - WriterFixture.FRAME_LENGTH);
        fixture.writer.drain();
        fixture.outcomes.assertAccepted(1, 0);
        fixture.outcomes.assertWaiting(3);
        fixture.outcomes.assertWaiting(4);
        fixture.log.marks.syncedRelease(fixture.log.endPosition());
        assertEquals(1, fixture.writer.drain());
        fixture.outcomes.assertAccepted(4, 3);
        fixture.outcomes.assertWaiting(3);
        commitAll(fixture);
        fixture.outcomes.assertAccepted(3, 2);
    }

    @Test
    void shouldAnswerADuplicateWhenItsOriginalIsCommitted() {
        final WriterFixture fixture = new WriterFixture().lead();
        fixture.produce(1, 1, -1, PRODUCER, 0);
        fixture.drainAll();
        fixture.produce(1, 2, -1, PRODUCER, 0);
        fixture.produce(1, 3, 1, PRODUCER, 0);
        fixture.drainAll();

        fixture.outcomes.assertWaiting(1);
        fixture.outcomes.assertWaiting(2);
        fixture.outcomes.assertAccepted(3, 0);
        commitAll(fixture);
        fixture.outcomes.assertAccepted(1, 0);
        fixture.outcomes.assertAccepted(2, 0);
        fixture.produce(1, 4, -1, PRODUCER, 1);
        fixture.produce(1, 5, -1, PRODUCER, 0);
        fixture.drainAll();
        fixture.outcomes.assertWaiting(4);
        fixture.outcomes.assertAccepted(5, 0); // was committed long ago
        assertEquals(List.of(1, 4), fixture.checkedTags());
    }

    @Test
    void shouldAnswerADuplicateWhenItsOriginalIsSyncedInDurable() {
        final WriterFixture fixture = new WriterFixture(DurabilityProfile.DURABLE, 1 << 20).lead();
        fixture.produce(1, 1, 0, PRODUCER, 0);
        fixture.produce(1, 2, 1, PRODUCER, 0);
        fixture.drainAll();

        fixture.outcomes.assertWaiting(2);
        fixture.log.marks.syncedRelease(fixture.log.endPosition());
        fixture.writer.drain();
        fixture.outcomes.assertAccepted(2, 0);
    }

    @Test
    void shouldKeepWaitingAcksAllWhenReplicasBecomeTooFew() {
        final WriterFixture fixture = new WriterFixture().lead();
        fixture.produce(1, 1, -1);
        fixture.drainAll();
        fixture.writer.admitAcksAll(false);
        fixture.produce(1, 2, -1);
        fixture.produce(1, 3, 1);
        fixture.drainAll();

        fixture.outcomes.assertWaiting(1);
        fixture.outcomes.assertRefused(2, ErrorCodes.NOT_ENOUGH_REPLICAS);
        fixture.outcomes.assertAccepted(3, 1);
        commitAll(fixture);
        fixture.outcomes.assertAccepted(1, 0);
    }

    @Test
    void shouldNotAnswerWhenNobodyAsks() {
        final WriterFixture fixture = new WriterFixture().lead();
        fixture.produce(1, 0, 0);
        fixture.produce(1, 0, 1);
        fixture.produce(1, 0, -1);
        fixture.produce(1, 0, 5);
        fixture.drainAll();
        commitAll(fixture);

        assertEquals(List.of(0, 0, 0), fixture.checkedTags());
        assertTrue(fixture.outcomes.byReplyId.isEmpty());
    }

    @Test
    void shouldWriteNoMoreThanCanWaitAndGoOnWhenAnswered() {
        final WriterFixture fixture =
            new WriterFixture(DurabilityProfile.REPLICATED, 1 << 20, 1 << 16, 1 << 16, 4).lead();
        for (int i = 1; i <= 11; i++) {
            fixture.produce(1, i, -1);
        }
        fixture.drainAll();
        assertEquals(List.of(1, 2, 3, 4), fixture.checkedTags());

        commitAll(fixture);
        fixture.drainAll();
        commitAll(fixture);
        fixture.drainAll();
        commitAll(fixture);
        assertEquals(IntStream.rangeClosed(1, 11).boxed().toList(), fixture.checkedTags());
        for (int i = 1; i <= 11; i++) {
            fixture.outcomes.assertAccepted(i, i - 1);
        }
        fixture.assertRingReleased();
    }

    @Test
    void shouldKeepWaitersInOrderWhenTheirQueueGrows() {
        final PendingAcks pending = new PendingAcks(1 << 12);
        int next = 0;
        int expected = 0;
        for (int round = 0; round < 4_000; round++) {
            for (int i = 0; i < 3 && pending.room() > 0; i++) {
                pending.add(next, next, -next, next);
                next++;
            }
            assertTrue(pending.isDue(expected));
            assertFalse(pending.isDue(expected - 1));
            assertEquals(expected, pending.replyId());
            assertEquals(-expected, pending.baseOffset());
            assertEquals(expected, pending.partitionId());
            pending.remove();
            expected++;
        }
        assertEquals(0, Math.max(0, pending.room() - 1), "it was full");
    }

    @Test
    void shouldEndABlockAtItsLimit() {
        final WriterFixture fixture = new WriterFixture(DurabilityProfile.REPLICATED, 1 << 20, 1 << 16, 500, 64).lead();
        for (int i = 1; i <= 12; i++) {
            fixture.produce(1, i, 1);
        }
        fixture.drainAll();

        assertEquals(1 + 3, fixture.log.blockCount, "five frames of 104 pass the limit of 500");
        assertEquals(12, fixture.checkedTags().size());
    }

    @Test
    void shouldWriteAtMostOneBlockInADutyCycle() {
        final WriterFixture fixture = new WriterFixture(DurabilityProfile.REPLICATED, 1 << 20, 1 << 16, 500, 64).lead();
        for (int i = 1; i <= 12; i++) {
            fixture.produce(1, i, 1);
        }
        assertEquals(5, fixture.writer.drain());
        assertEquals(2, fixture.log.blockCount);
    }

    @Test
    void shouldRefuseEverythingWhenTheLogIsOffline() {
        final WriterFixture fixture = new WriterFixture().lead();
        fixture.log.offline = true;
        fixture.produce(1, 1, 1);
        fixture.drainAll();

        fixture.outcomes.assertRefused(1, ErrorCodes.KAFKA_STORAGE_ERROR);
        assertEquals(List.of(), fixture.checkedTags());
    }

    @Test
    void shouldKeepTheLogWholeWhenAnOutcomeThrows() {
        final MemoryLog log = new MemoryLog(1 << 20);
        final RingIngress ingress = new RingIngress(1 << 16, 1 << 20);
        final ShardState state = new ShardState();
        final RuntimeException failure = new IllegalStateException("full queue");
        final ShardWriter writer = new ShardWriter(ingress, log, state, log.marks, (id, error, base, start) -> {
            throw failure;
        }, DurabilityProfile.REPLICATED);
        writer.startLeading(1);
        for (int i = 0; i < 3; i++) {
            final int index = ingress.tryClaim(1, TestBatches.MIN_LENGTH, 5, 1);
            new TestBatches().put(ingress.buffer(), index, TestBatches.MIN_LENGTH, i, 1, -1, (short) -1, -1);
            ingress.commit(index);
        }

        assertSame(failure, assertThrows(IllegalStateException.class, writer::drain));
        final LogReplay replay = new LogReplay(log);
        assertEquals(3, replay.batches.size());
        assertArrayEquals(LogReplay.encoded(state), LogReplay.encoded(replay.state));
        assertEquals(0, ingress.occupiedLength());
        assertEquals(0, writer.drain());
    }

    @Test
    void shouldAllocateNothingPerRecordWhenWarm() {
        final LogMarks marks = new LogMarks();
        final FixedLog log = new FixedLog(marks);
        final RingIngress ingress = new RingIngress(1 << 20, 1 << 20);
        final long[] answered = new long[1];
        final ShardWriter writer = new ShardWriter(ingress, log, new ShardState(), marks,
            (id, error, base, start) -> answered[0] += error + 1, DurabilityProfile.REPLICATED);
        writer.startLeading(1);
        final TestBatches batches = new TestBatches();
        final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        produceRounds(ingress, batches, writer, log, 0, 2_000);
        final long before = threads.getCurrentThreadAllocatedBytes();
        produceRounds(ingress, batches, writer, log, 2_000, 2_000);
        final long allocated = threads.getCurrentThreadAllocatedBytes() - before;

        assertEquals(4_000 * 40, answered[0]);
        assertTrue(allocated < 64 * 1024, "80,000 records allocated bytes: " + allocated);
    }

    private static void produceRounds(
        final RingIngress ingress,
        final TestBatches batches,
        final ShardWriter writer,
        final FixedLog log,
        final int from,
        final int count) {
        for (int round = from; round < from + count; round++) {
            for (int i = 0; i < 40; i++) {
                final int acks = i % 3 - 1;
                final int index = ingress.tryClaim(i % 8, 200, 1 + i, acks);
                batches.put(ingress.buffer(), index, 200, i, 1, i % 8, (short) 0, round * 5 + i / 8);
                ingress.commit(index);
            }
            writer.drain();
            writer.onCommitted(log.endPosition());
        }
    }

    private static void commitAll(final WriterFixture fixture) {
        fixture.log.marks.committedRelease(fixture.log.endPosition());
        fixture.writer.onCommitted(fixture.log.endPosition());
    }
}
