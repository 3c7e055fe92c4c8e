package io.millrace.engine.writer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.engine.DurabilityProfile;
import io.millrace.engine.ingress.RingIngress;
import io.millrace.engine.state.ShardState;
import java.util.List;

/** A writer with a log in memory; claims are made on the caller's thread. */
final class WriterFixture {
    static final int EPOCH = 7;
    static final int FRAME_LENGTH = 104; // 32 + 65, aligned

    final MemoryLog log;
    final RingIngress ingress;
    final ShardState state = new ShardState();
    final RecordedOutcomes outcomes = new RecordedOutcomes();
    final ShardWriter writer;
    final TestBatches batches = new TestBatches();

    WriterFixture() {
        this(DurabilityProfile.REPLICATED, 1 << 20);
    }

    WriterFixture(final DurabilityProfile profile, final int segmentLength) {
        this(profile, segmentLength, 1 << 16, 64 * 1024, 1024);
    }

    WriterFixture(
        final DurabilityProfile profile,
        final int segmentLength,
        final int ringCapacity,
        final int blockLengthLimit,
        final int pendingCapacity) {
        log = new MemoryLog(segmentLength);
        ingress = new RingIngress(ringCapacity, 1 << 20);
        writer = new ShardWriter(ingress, log, state,
            new Answers(outcomes, profile, log.marks, state, pendingCapacity), blockLengthLimit);
    }

    WriterFixture lead() {
        final long end = writer.startLeading(EPOCH);
        assertEquals(log.endPosition(), end);
        return this;
    }

    /** Produces a batch without producer id whose tag is its reply id. */
    void produce(final int partitionId, final int replyId, final int acks) {
        produce(partitionId, replyId, acks, 1, -1, (short) -1, -1);
    }

    void produce(final int partitionId, final int replyId, final int acks, final long producerId, final int sequence) {
        produce(partitionId, replyId, acks, 1, producerId, (short) 0, sequence);
    }

    @SuppressWarnings("checkstyle:ParameterNumber") // a batch is that many numbers
    void produce(
        final int partitionId,
        final int replyId,
        final int acks,
        final int recordCount,
        final long producerId,
        final short producerEpoch,
        final int sequence) {
        final int index = claim(partitionId, TestBatches.MIN_LENGTH, replyId, acks);
        batches.put(ingress.buffer(), index, TestBatches.MIN_LENGTH, replyId, recordCount, producerId,
            producerEpoch, sequence);
        ingress.commit(index);
    }

    int claim(final int partitionId, final int length, final int replyId, final int acks) {
        final int index = ingress.tryClaim(partitionId, length, replyId, acks);
        assertTrue(index > 0, "claim: " + index);
        return index;
    }

    void drainAll() {
        long position;
        do {
            position = ingress.ring().consumerPosition();
            writer.drain();
        } while (ingress.ring().consumerPosition() != position);
    }

    /** Checks the whole log and that the writer's state is what its frames add up to. */
    List<Integer> checkedTags() {
        final LogReplay replay = new LogReplay(log);
        assertArrayEquals(LogReplay.encoded(replay.state), LogReplay.encoded(state), "state and log");
        assertEquals(log.endPosition(), log.marks.writtenAcquire());
        return replay.batches.stream().map(LogReplay.Found::tag).toList();
    }

    void assertRingReleased() {
        assertEquals(0, ingress.occupiedLength());
    }
}
