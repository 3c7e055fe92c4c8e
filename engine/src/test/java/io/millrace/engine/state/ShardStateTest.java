package io.millrace.engine.state;

import static io.millrace.engine.ErrorCodes.DUPLICATE_SEQUENCE_NUMBER;
import static io.millrace.engine.ErrorCodes.INVALID_PRODUCER_EPOCH;
import static io.millrace.engine.ErrorCodes.INVALID_RECORD;
import static io.millrace.engine.ErrorCodes.NONE;
import static io.millrace.engine.ErrorCodes.OUT_OF_ORDER_SEQUENCE_NUMBER;
import static io.millrace.engine.ErrorCodes.UNKNOWN_TOPIC_OR_PARTITION;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.agrona.ExpandableArrayBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ShardStateTest {
    private static final long PRODUCER = 42;
    private static final int MAX_SEQUENCE = Integer.MAX_VALUE;

    private final ShardState state = new ShardState();
    private long position;

    @Test
    void shouldAcceptOnlyTheNextOffset() {
        assertFalse(apply(state, 1, 5, 1, -1, 0, -1), "a new partition begins at 0");
        assertFalse(state.isKnown(1));
        assertTrue(apply(state, 1, 0, 3, -1, 0, -1));
        assertFalse(apply(state, 1, 4, 1, -1, 0, -1));
        assertFalse(apply(state, 1, 2, 1, -1, 0, -1));
        assertTrue(apply(state, 1, 3, 1, -1, 0, -1));
        assertFalse(apply(state, 1, 4, 0, -1, 0, -1), "no records");
        assertFalse(apply(state, -1, 0, 1, -1, 0, -1), "negative partition");
        assertEquals(4, state.nextOffset(1));
        assertEquals(0, state.nextOffset(2));
    }

    @Test
    void shouldAcceptAnySequenceWhenTheProducerIsUnknown() {
        assertEquals(NONE, state.admit(1, 1, PRODUCER, (short) 3, 1_000));
        assertEquals(NONE, state.admit(1, 1, -1, (short) -1, -1));
        assertEquals(INVALID_RECORD, state.admit(1, 1, PRODUCER, (short) 0, -1));
        assertEquals(INVALID_RECORD, state.admit(1, 1, PRODUCER, (short) -1, 0));
        assertEquals(INVALID_RECORD, state.admit(1, 0, -1, (short) -1, -1));
        assertEquals(UNKNOWN_TOPIC_OR_PARTITION, state.admit(-2, 1, -1, (short) -1, -1));
    }

    @Test
    void shouldFindEachOfTheLastFiveBatchesAgain() {
        for (int i = 0; i < 7; i++) {
            final int sequence = i * 10;
            assertEquals(NONE, state.admit(1, 10, PRODUCER, (short) 0, sequence));
            assertTrue(apply(state, 1, sequence, 10, PRODUCER, 0, sequence));
        }
        for (int i = 2; i < 7; i++) {
            assertEquals(DUPLICATE_SEQUENCE_NUMBER, state.admit(1, 10, PRODUCER, (short) 0, i * 10));
            assertEquals(i * 10, state.duplicateBaseOffset());
            assertEquals((i + 1) * 100, state.duplicateEndPosition());
        }
        assertEquals(OUT_OF_ORDER_SEQUENCE_NUMBER, state.admit(1, 10, PRODUCER, (short) 0, 10), "too old");
        assertEquals(OUT_OF_ORDER_SEQUENCE_NUMBER, state.admit(1, 9, PRODUCER, (short) 0, 60), "another batch");
        assertEquals(OUT_OF_ORDER_SEQUENCE_NUMBER, state.admit(1, 1, PRODUCER, (short) 0, 71), "a gap");
        assertEquals(NONE, state.admit(1, 1, PRODUCER, (short) 0, 70));
        assertEquals(NONE, state.admit(2, 1, PRODUCER, (short) 0, 71), "each partition counts on its own");
    }

    @Test
    void shouldGoOnAtZeroWhenSequencesWrap() {
        assertTrue(apply(state, 1, 0, 10, PRODUCER, 0, MAX_SEQUENCE - 4)); // to 5 - 1
        assertEquals(OUT_OF_ORDER_SEQUENCE_NUMBER, state.admit(1, 1, PRODUCER, (short) 0, MAX_SEQUENCE));
        assertEquals(NONE, state.admit(1, 1, PRODUCER, (short) 0, 5));
        assertEquals(DUPLICATE_SEQUENCE_NUMBER, state.admit(1, 10, PRODUCER, (short) 0, MAX_SEQUENCE - 4));
        assertTrue(apply(state, 2, 0, 1, PRODUCER, 0, MAX_SEQUENCE));
        assertEquals(NONE, state.admit(2, 1, PRODUCER, (short) 0, 0));
    }

    @Test
    void shouldBeginANewEpochAtSequenceZero() {
        assertTrue(apply(state, 1, 0, 1, PRODUCER, 4, 0));
        assertEquals(INVALID_PRODUCER_EPOCH, state.admit(1, 1, PRODUCER, (short) 3, 1));
        assertEquals(OUT_OF_ORDER_SEQUENCE_NUMBER, state.admit(1, 1, PRODUCER, (short) 5, 1));
        assertEquals(NONE, state.admit(1, 1, PRODUCER, (short) 5, 0));
        assertTrue(apply(state, 1, 1, 1, PRODUCER, 5, 0));
        assertEquals(INVALID_PRODUCER_EPOCH, state.admit(1, 1, PRODUCER, (short) 4, 0));
        assertEquals(DUPLICATE_SEQUENCE_NUMBER, state.admit(1, 1, PRODUCER, (short) 5, 0));
        assertEquals(1, state.duplicateBaseOffset());
    }

    @Test
    void shouldForgetTheProducerUnusedForLongest() {
        final ShardState small = new ShardState(10, 3);
        for (int producer = 1; producer <= 3; producer++) {
            assertTrue(apply(small, 1, producer - 1, 1, producer, 0, 0));
        }
        assertTrue(apply(small, 1, 3, 1, 1, 0, 1)); // used again
        assertTrue(apply(small, 1, 4, 1, 4, 0, 0));

        assertEquals(3, small.producerCount());
        assertEquals(NONE, small.admit(1, 1, 2, (short) 0, 99), "forgotten");
        assertEquals(OUT_OF_ORDER_SEQUENCE_NUMBER, small.admit(1, 1, 1, (short) 0, 99));
        assertEquals(OUT_OF_ORDER_SEQUENCE_NUMBER, small.admit(1, 1, 3, (short) 0, 99));
    }

    @Test
    void shouldRefusePartitionsBeyondItsLimit() {
        final ShardState small = new ShardState(2, 3);
        assertTrue(apply(small, 1, 0, 1, -1, 0, -1));
        assertTrue(apply(small, 2, 0, 1, -1, 0, -1));
        assertEquals(UNKNOWN_TOPIC_OR_PARTITION, small.admit(3, 1, -1, (short) -1, -1));
        assertFalse(apply(small, 3, 0, 1, -1, 0, -1));
        small.deletePartition(1);
        small.forgetPartition(1);
        assertEquals(NONE, small.admit(3, 1, -1, (short) -1, -1));
        assertTrue(apply(small, 3, 0, 1, -1, 0, -1));
        assertEquals(1, small.nextOffset(2));
    }

    @Test
    void shouldRefuseADeletedPartitionAndForgetItsProducers() {
        apply(state, 1, 0, 1, PRODUCER, 0, 0);
        apply(state, 2, 0, 1, PRODUCER, 0, 0);
        apply(state, 1, 1, 1, 43, 0, 0);
        state.deletePartition(1);
        state.deletePartition(9);

        assertEquals(UNKNOWN_TOPIC_OR_PARTITION, state.admit(1, 1, -1, (short) -1, -1));
        assertEquals(UNKNOWN_TOPIC_OR_PARTITION, state.admit(9, 1, -1, (short) -1, -1));
        assertEquals(1, state.producerCount());
        assertTrue(apply(state, 1, 2, 1, -1, 0, -1), "frames of a leader that has not heard of it still fit");
        final List<Integer> seen = new ArrayList<>();
        state.forEachPartition((id, start, next) -> seen.add(id));
        assertEquals(List.of(2), seen);
    }

    @Test
    void shouldKeepLocalDeletionsAndLogStartsWhenLoading() {
        apply(state, 1, 0, 10, -1, 0, -1);
        apply(state, 2, 0, 10, -1, 0, -1);
        final byte[] encoded = encoded(state);
        state.deletePartition(1);
        state.deletePartition(3);
        state.logStartOffset(2, 4);
        state.logStartOffset(2, 3);
        assertTrue(load(state, encoded));

        assertTrue(state.isDeleted(1));
        assertTrue(state.isDeleted(3));
        assertEquals(4, state.logStartOffset(2));
        state.logStartOffset(2, 40);
        assertEquals(10, state.logStartOffset(2));
        state.clear();
        assertEquals(0, state.partitionCount());
        assertFalse(state.isDeleted(1));
    }

    @Test
    void shouldRememberTheNewestEpochs() {
        for (int epoch = 0; epoch < ShardState.MAX_EPOCH_COUNT + 10; epoch++) {
            state.onEpoch(epoch * 2, epoch * 100L);
        }
        assertThrows(IllegalStateException.class, () -> state.onEpoch(5, 1));
        assertEquals(ShardState.MAX_EPOCH_COUNT, state.epochCount());
        assertEquals(20, state.epochAt(0));
        assertEquals(1_000, state.epochStartAt(0));
        final byte[] before = encoded(state);
        state.savepoint();
        state.onEpoch(50_000, 1 << 20);
        state.onEpoch(50_001, 1 << 21);
        state.rollback();
        assertArrayEquals(before, encoded(state));
    }

    @Test
    void shouldCarryTenThousandPartitionsWithAProducerEach() {
        for (int i = 0; i < 10_000; i++) {
            assertTrue(apply(state, i * 3, 0, 1, PRODUCER, 0, 0));
        }
        final byte[] encoded = encoded(state);
        assertTrue(encoded.length <= ShardState.MAX_ENCODED_LENGTH);
        assertTrue(ShardState.MAX_ENCODED_LENGTH < 2 * 1024 * 1024, "a state frame is no longer than a batch may be");
        final ShardState copy = new ShardState();
        assertTrue(load(copy, encoded));
        assertArrayEquals(encoded, encoded(copy));
        assertEquals(10_000, copy.producerCount());
        assertEquals(DUPLICATE_SEQUENCE_NUMBER, copy.admit(29_997, 1, PRODUCER, (short) 0, 0));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20})
    void shouldBeAsBeforeAfterARollbackAndGoOnAlikeAfterALoad(final long seed) {
        final Random random = new Random(seed);
        final ShardState one = new ShardState(40, 1 + random.nextInt(30));
        for (int round = 0; round < 200; round++) {
            final byte[] before = encoded(one);
            one.savepoint();
            change(one, new Random(random.nextLong()));
            one.rollback();
            assertArrayEquals(before, encoded(one), "rollback, seed=" + seed + " round=" + round);
            final long changeSeed = random.nextLong();
            final ShardState other = new ShardState(40, maxProducerCount(seed));
            assertTrue(load(other, before));
            one.savepoint();
            change(one, new Random(changeSeed));
            one.keep();
            change(other, new Random(changeSeed));
            assertArrayEquals(encoded(one), encoded(other), "a loaded copy, seed=" + seed + " round=" + round);
        }
    }

    @Test
    void shouldRefuseAnythingThatIsNotAnEncodedState() {
        change(state, new Random(5));
        state.onEpoch(900, 1 << 20);
        state.onEpoch(901, 2 << 20);
        final byte[] encoded = encoded(state);
        final ShardState target = new ShardState();
        apply(target, 1, 0, 1, 1, 0, 0);
        final byte[] before = encoded(target);
        for (int length = 0; length < encoded.length; length++) {
            assertFalse(target.load(new UnsafeBuffer(encoded), 0, length), "length " + length);
        }
        assertFalse(target.load(new UnsafeBuffer(encoded), 0, encoded.length + 1));
        final int[][] lies = {{0, 2}, {4, -1}, {4, 1 << 30}, {4, 2000}, {8, 1 << 30}, {8, -5}, {8, 3}, {12, 1 << 29},
            {12, -1}, {12, 0}, {16, Integer.MAX_VALUE}, {16, -1}};
        for (final int[] lie : lies) {
            final UnsafeBuffer changed = new UnsafeBuffer(encoded.clone());
            changed.putInt(lie[0], lie[1], ByteOrder.LITTLE_ENDIAN);
            assertFalse(target.load(changed, 0, encoded.length), lie[0] + " " + lie[1]);
        }
        assertArrayEquals(before, encoded(target));
    }

    @Test
    void shouldSurviveAnyDamageToAnEncodedState() {
        change(state, new Random(6));
        final byte[] encoded = encoded(state);
        final Random random = new Random(7);
        for (int i = 0; i < 20_000; i++) {
            final byte[] damaged = encoded.clone();
            damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
            damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
            final ShardState target = new ShardState();
            if (load(target, damaged)) {
                encoded(target);
            }
        }
    }

    private static int maxProducerCount(final long seed) {
        return 1 + new Random(seed).nextInt(30);
    }

    /** Some batches and epochs, as a leader would admit them, drawn from a seed. */
    private void change(final ShardState target, final Random random) {
        for (int i = random.nextInt(60); i >= 0; i--) {
            final int partitionId = random.nextInt(50);
            final int count = 1 + random.nextInt(3);
            final long producer = random.nextInt(10) - 1;
            final short epoch = (short) random.nextInt(3);
            final int sequence = random.nextInt(6);
            if (target.admit(partitionId, count, producer, epoch, sequence) == NONE) {
                position = target.nextOffset(partitionId) * 10;
                assertTrue(target.applyBatch(partitionId, target.nextOffset(partitionId), count, producer, epoch,
                    sequence, position));
            }
            if (random.nextInt(30) == 0) {
                target.onEpoch(target.lastEpoch() + 1, target.epochCount() * 1_000L);
            }
        }
    }

    private static boolean apply(
        final ShardState target,
        final int partitionId,
        final long baseOffset,
        final int recordCount,
        final long producerId,
        final int producerEpoch,
        final int sequence) {
        return target.applyBatch(partitionId, baseOffset, recordCount, producerId, (short) producerEpoch, sequence,
            (baseOffset + recordCount) * 10);
    }

    private static byte[] encoded(final ShardState source) {
        final ExpandableArrayBuffer buffer = new ExpandableArrayBuffer(Math.max(1, source.encodedLength()));
        final byte[] bytes = new byte[source.encode(buffer, 0)];
        buffer.getBytes(0, bytes);
        return bytes;
    }

    private static boolean load(final ShardState target, final byte[] encoded) {
        return target.load(new UnsafeBuffer(encoded), 0, encoded.length);
    }
}
