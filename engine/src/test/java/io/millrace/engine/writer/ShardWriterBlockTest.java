package io.millrace.engine.writer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.engine.DurabilityProfile;
import io.millrace.engine.ErrorCodes;
import io.millrace.engine.format.BatchDescriptor;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever goes wrong at any record of a block: exactly the right ones are in the log, answered, and released. */
class ShardWriterBlockTest {
    private static final int COUNT = 6;
    private static final int DELETED_PARTITION = 5;
    private static final int ODD_REPLY = 900;
    private static final long PRODUCER = 77;
    private static final long RENEWED_PRODUCER = 78;

    private final WriterFixture fixture = new WriterFixture(DurabilityProfile.REPLICATED, 6_000);
    private final List<Integer> expectedTags = new ArrayList<>();

    /** Why a record does not get into the log, and what its asker hears. */
    enum Odd {
        DUPLICATE(ErrorCodes.NONE),
        OUT_OF_SEQUENCE(ErrorCodes.OUT_OF_ORDER_SEQUENCE_NUMBER),
        OLD_PRODUCER_EPOCH(ErrorCodes.INVALID_PRODUCER_EPOCH),
        NEW_EPOCH_NOT_AT_ZERO(ErrorCodes.OUT_OF_ORDER_SEQUENCE_NUMBER),
        DELETED(ErrorCodes.UNKNOWN_TOPIC_OR_PARTITION),
        NEGATIVE_PARTITION(ErrorCodes.UNKNOWN_TOPIC_OR_PARTITION),
        BAD_ACKS(ErrorCodes.INVALID_REQUIRED_ACKS),
        NOT_ENOUGH_REPLICAS(ErrorCodes.NOT_ENOUGH_REPLICAS),
        WRONG_LENGTH(ErrorCodes.CORRUPT_MESSAGE),
        WRONG_MAGIC(ErrorCodes.CORRUPT_MESSAGE),
        NO_RECORDS(ErrorCodes.INVALID_RECORD),
        TOO_LARGE(ErrorCodes.MESSAGE_TOO_LARGE),
        ABORTED(ErrorCodes.NONE);

        final short errorCode;

        Odd(final short errorCode) {
            this.errorCode = errorCode;
        }

        void produce(final WriterFixture fixture) {
            switch (this) {
                case DUPLICATE -> fixture.produce(0, ODD_REPLY, 1, PRODUCER, 0);
                case OUT_OF_SEQUENCE -> fixture.produce(0, ODD_REPLY, 1, PRODUCER, 9);
                case OLD_PRODUCER_EPOCH -> fixture.produce(0, ODD_REPLY, 1, RENEWED_PRODUCER, 1);
                case NEW_EPOCH_NOT_AT_ZERO -> fixture.produce(0, ODD_REPLY, 1, 1, PRODUCER, (short) 1, 1);
                case DELETED -> fixture.produce(DELETED_PARTITION, ODD_REPLY, 1);
                case NEGATIVE_PARTITION -> fixture.produce(-1, ODD_REPLY, 1);
                case BAD_ACKS -> fixture.produce(0, ODD_REPLY, 2);
                case NOT_ENOUGH_REPLICAS -> fixture.produce(0, ODD_REPLY, -1);
                case NO_RECORDS -> fixture.produce(0, ODD_REPLY, 1, 0, -1, (short) -1, -1);
                default -> produceRaw(fixture);
            }
        }

        private void produceRaw(final WriterFixture fixture) {
            final int length = this == TOO_LARGE ? 5_500 : TestBatches.MIN_LENGTH;
            final int index = fixture.claim(0, length, ODD_REPLY, 1);
            fixture.batches.put(fixture.ingress.buffer(), index, length, ODD_REPLY, 1, -1, (short) -1, -1);
            if (this == WRONG_LENGTH) {
                fixture.ingress.buffer().putInt(
                    index + BatchDescriptor.BATCH_LENGTH_FIELD_OFFSET, length, ByteOrder.BIG_ENDIAN);
            } else if (this == WRONG_MAGIC) {
                fixture.ingress.buffer().putByte(index + BatchDescriptor.MAGIC_FIELD_OFFSET, (byte) 1);
            }
            if (this == ABORTED) {
                fixture.ingress.abort(index);
            } else {
                fixture.ingress.commit(index);
            }
        }
    }

    @BeforeEach
    void lead() {
        fixture.state.deletePartition(DELETED_PARTITION);
        fixture.lead().writer.admitAcksAll(false);
        fixture.produce(0, 801, 1, PRODUCER, 0);
        fixture.produce(0, 802, 1, 1, RENEWED_PRODUCER, (short) 3, 0);
        expectedTags.addAll(List.of(801, 802));
        fixture.drainAll();
        assertEquals(2, fixture.log.blockCount); // the epoch start and the two
    }

    static IntStream eachRecord() {
        return IntStream.range(0, COUNT);
    }

    static Stream<Arguments> eachRefusal() {
        return Stream.of(Odd.values()).flatMap(odd -> eachRecord().mapToObj(at -> Arguments.of(odd, at)));
    }

    static Stream<Arguments> eachFailure() {
        return eachRecord().boxed().flatMap(at -> Stream.of(0, 1, 50, WriterFixture.FRAME_LENGTH - 1)
            .flatMap(more -> Stream.of(true, false).map(full -> Arguments.of(at, more, full))));
    }

    @ParameterizedTest
    @MethodSource("eachRefusal")
    void shouldWriteTheOthersWhenOneRecordIsRefused(final Odd odd, final int at) {
        for (int i = 0; i <= COUNT; i++) {
            if (i == at) {
                odd.produce(fixture);
            }
            produceExpected(i);
        }
        fixture.drainAll();

        assertWritten(0, COUNT + 1);
        if (odd == Odd.DUPLICATE) {
            fixture.outcomes.assertAccepted(ODD_REPLY, 0);
        } else if (odd == Odd.ABORTED) {
            fixture.outcomes.assertWaiting(ODD_REPLY);
        } else {
            fixture.outcomes.assertRefused(ODD_REPLY, odd.errorCode);
        }
        assertEquals(at == 0 ? 3 : 4, fixture.log.blockCount, "blocks");
    }

    @ParameterizedTest
    @MethodSource("eachFailure")
    void shouldAnswerStorageErrorToAllAndGoOnWhenAWriteFails(final int at, final int more, final boolean full) {
        final byte[] before = LogReplay.encoded(fixture.state);
        final long end = fixture.log.endPosition();
        for (int i = 0; i < COUNT; i++) {
            produceWithNewProducer(i);
        }
        fixture.log.failAfter(at * WriterFixture.FRAME_LENGTH + more, full);
        fixture.drainAll();

        for (int i = 0; i < COUNT; i++) {
            fixture.outcomes.assertRefused(1 + i, ErrorCodes.KAFKA_STORAGE_ERROR);
        }
        fixture.assertRingReleased();
        assertEquals(end, fixture.log.endPosition());
        assertArrayEquals(before, LogReplay.encoded(fixture.state), "state after the rollback");
        assertEquals(expectedTags, fixture.checkedTags());

        for (int i = COUNT; i < 2 * COUNT; i++) {
            produceExpected(i);
        }
        fixture.drainAll();
        assertWritten(COUNT, 2 * COUNT);
    }

    @ParameterizedTest
    @MethodSource("eachRecord")
    void shouldTakeARetryAsNewWhenTheBlockWithItsOriginalFailed(final int at) {
        for (int i = 0; i <= at; i++) {
            fixture.produce(1, 1 + i, 1, PRODUCER, i);
        }
        fixture.produce(1, 500, 1, PRODUCER, 0); // a duplicate of the first one in the same block
        fixture.produce(1, 501, 1, PRODUCER, 1);
        fixture.log.failAfter(at * WriterFixture.FRAME_LENGTH + 8, true);
        fixture.drainAll();

        for (int i = 0; i <= at; i++) {
            fixture.outcomes.assertRefused(1 + i, ErrorCodes.KAFKA_STORAGE_ERROR);
        }
        fixture.outcomes.assertAccepted(500, 0);
        fixture.outcomes.assertAccepted(501, 1);
        expectedTags.addAll(List.of(500, 501));
        assertEquals(expectedTags, fixture.checkedTags());
        fixture.assertRingReleased();
    }

    @ParameterizedTest
    @MethodSource("eachRecord")
    void shouldAnswerTheOriginalOffsetWhenADuplicateFollowsInTheSameBlock(final int at) {
        for (int i = 0; i < COUNT - 1; i++) {
            fixture.produce(1, 1 + i, 1, PRODUCER, i);
            expectedTags.add(1 + i);
            if (i == at) {
                fixture.produce(1, ODD_REPLY, 1, PRODUCER, i);
            }
        }
        fixture.drainAll();

        assertEquals(expectedTags, fixture.checkedTags());
        if (at < COUNT - 1) {
            fixture.outcomes.assertAccepted(ODD_REPLY, at);
        }
        fixture.assertRingReleased();
    }

    @ParameterizedTest
    @MethodSource("eachRecord")
    void shouldBeginASegmentBeforeTheRecordThatDoesNotFit(final int at) {
        fillSegmentUntilRoomFor(at);
        for (int i = 0; i < COUNT; i++) {
            produceExpected(i);
        }
        fixture.drainAll();

        assertWritten(0, COUNT);
        assertEquals(2, fixture.log.segmentBases.size());
    }

    @ParameterizedTest
    @MethodSource("eachRecord")
    void shouldRefuseTheRecordThatNeedsASegmentWhenNoneCanBegin(final int at) {
        fillSegmentUntilRoomFor(at);
        for (int i = 0; i < COUNT; i++) {
            if (i == at) {
                fixture.produce(1, 1 + i, 1);
            } else {
                produceExpected(i);
            }
        }
        fixture.log.failNextRoll = true;
        fixture.drainAll();

        fixture.outcomes.assertRefused(1 + at, ErrorCodes.KAFKA_STORAGE_ERROR);
        assertEquals(expectedTags, fixture.checkedTags());
        fixture.assertRingReleased();
    }

    @ParameterizedTest
    @MethodSource("eachRecord")
    void shouldStopBeforeAnOpenClaimAndGoOnWhenItIsCommitted(final int at) {
        int open = 0;
        for (int i = 0; i < COUNT; i++) {
            if (i == at) {
                open = fixture.claim(1 + i % 2, TestBatches.MIN_LENGTH, 1 + i, 1);
                expectedTags.add(1 + i);
            } else {
                produceExpected(i);
            }
        }
        fixture.drainAll();
        assertEquals(expectedTags.subList(0, 2 + at), fixture.checkedTags());

        fixture.batches.put(fixture.ingress.buffer(), open, TestBatches.MIN_LENGTH, 1 + at, 1, -1, (short) -1, -1);
        fixture.ingress.commit(open);
        fixture.drainAll();
        assertWritten(0, COUNT);
    }

    @ParameterizedTest
    @MethodSource("eachRecord")
    void shouldAnswerNotLeaderToWhatIsInTheRingWhenItStops(final int at) {
        fixture.writer.admitAcksAll(true);
        for (int i = 0; i < at; i++) {
            fixture.produce(1, 1 + i, -1);
            expectedTags.add(1 + i);
        }
        fixture.drainAll();
        for (int i = at; i < COUNT; i++) {
            fixture.produce(1, 1 + i, i % 2);
        }
        final int open = fixture.claim(1, TestBatches.MIN_LENGTH, 700, 1);
        fixture.writer.stopLeading();

        for (int i = 0; i < COUNT; i++) {
            fixture.outcomes.assertRefused(1 + i, ErrorCodes.NOT_LEADER_OR_FOLLOWER);
        }
        assertEquals(expectedTags, fixture.checkedTags());
        fixture.ingress.commit(open);
        fixture.writer.drain();
        fixture.outcomes.assertRefused(700, ErrorCodes.NOT_LEADER_OR_FOLLOWER);
        fixture.assertRingReleased();
    }

    @ParameterizedTest
    @EnumSource(names = {"DUPLICATE", "OUT_OF_SEQUENCE"})
    void shouldFailTheWholeBlockAndThrowWhenTheLogHasADefect(final Odd oddBehind) {
        final byte[] before = LogReplay.encoded(fixture.state);
        for (int i = 0; i < COUNT; i++) {
            produceWithNewProducer(i);
        }
        oddBehind.produce(fixture);
        final RuntimeException defect = new IllegalArgumentException("a defect");
        fixture.log.throwNext(defect);

        assertSame(defect, assertThrows(IllegalArgumentException.class, fixture.writer::drain));
        for (int i = 0; i < COUNT; i++) {
            fixture.outcomes.assertRefused(1 + i, ErrorCodes.KAFKA_STORAGE_ERROR);
        }
        fixture.outcomes.assertRefused(ODD_REPLY, ErrorCodes.KAFKA_STORAGE_ERROR);
        assertArrayEquals(before, LogReplay.encoded(fixture.state));
        produceExpected(COUNT);
        fixture.drainAll();
        assertWritten(COUNT, COUNT + 1);
    }

    @ParameterizedTest
    @MethodSource("eachRecord")
    void shouldWriteTheSameBytesWhenTheDiskTakesThemInPieces(final int at) {
        fixture.log.pieceLength = 1 + at * at;
        for (int i = 0; i < COUNT; i++) {
            produceExpected(i);
        }
        fixture.drainAll();
        assertWritten(0, COUNT);
    }

    private void produceExpected(final int i) {
        fixture.produce(1 + i % 2, 1 + i, i % 2);
        expectedTags.add(1 + i);
    }

    private void produceWithNewProducer(final int i) {
        fixture.produce(10 + i % 3, 1 + i, 1, 3, 1_000 + i % 2, (short) (i / 4), i / 2 % 2 * 3);
    }

    private void fillSegmentUntilRoomFor(final int count) {
        int replyId = 2_000;
        while (fixture.log.room() >= (count + 2) * WriterFixture.FRAME_LENGTH) {
            fixture.produce(3, replyId, 0);
            expectedTags.add(replyId++);
            fixture.drainAll();
        }
        fixture.log.segmentLength -= fixture.log.room() - count * WriterFixture.FRAME_LENGTH - 8;
        assertTrue(fixture.log.segmentBases.size() == 1);
    }

    /** Records numbered so are in the log, each partition's offsets in their order, and answered so. */
    private void assertWritten(final int from, final int to) {
        assertEquals(expectedTags, fixture.checkedTags());
        final long[] nextOffsets = new long[3];
        for (int i = from; i < to; i++) {
            fixture.outcomes.assertAccepted(1 + i, nextOffsets[1 + i % 2]++);
        }
        fixture.assertRingReleased();
    }
}
