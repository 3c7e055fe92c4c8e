package io.millrace.broker.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.group.GroupErrors;
import io.millrace.broker.group.GroupRecord;
import io.millrace.engine.ErrorCodes;
import io.millrace.engine.ShardIngress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.AtomicBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** What becomes of a coordinator's batches, and of the answers that wait for them. */
class GroupLogTest {
    private static final int PAUSE_MS = 100;
    private static final int LONG_MS = 5_000;
    private static final int MIB = 1 << 20;

    private final Ring ring = new Ring();
    private final List<String> answers = new ArrayList<>();
    private long sentCount;
    private GroupLog log = newLog(4096);

    private GroupLog newLog(final int maxInFlightCount) {
        return new GroupLog(ring, 0, new GroupLog.Numbers() {
            @Override
            public long next() {
                return sentCount + 1;
            }

            @Override
            public void onSent(final GroupLog sender) {
                sentCount++;
            }
        }, () -> { }, () -> 0, 16 * MIB, maxInFlightCount);
    }

    /** Takes everything and remembers the keys of the records. */
    private static final class Ring implements ShardIngress {
        private final List<String> written = new ArrayList<>();
        private AtomicBuffer claimed;

        @Override
        public int tryClaim(final int partitionId, final int batchLength, final long replyId, final int acks) {
            claimed = new UnsafeBuffer(new byte[batchLength]);
            return 0;
        }

        @Override
        public AtomicBuffer buffer() {
            return claimed;
        }

        @Override
        public void commit(final int index) {
            final StringBuilder keys = new StringBuilder();
            GroupBatch.decode(claimed.byteArray(),
                (key, value) -> keys.append(new String(key, StandardCharsets.UTF_8)));
            written.add(keys.toString());
        }

        @Override
        public void abort(final int index) {
            throw new AssertionError("nothing is given up");
        }

        @Override
        public int maxBatchLength() {
            return 4 * MIB;
        }

        @Override
        public int occupiedLength() {
            return 0;
        }

        @Override
        public long fullCount() {
            return 0;
        }

        @Override
        public int capacity() {
            return 16 * MIB;
        }
    }

    private void append(final String key) {
        log.append(new GroupRecord(key.getBytes(StandardCharsets.UTF_8), new byte[1]));
    }

    private GroupLog.Held held(final String name) {
        return new GroupLog.Held() {
            @Override
            public void onCommitted() {
                answers.add(name);
            }

            @Override
            public void onLost(final short error) {
                answers.add(name + ":" + error);
            }
        };
    }

    private void appendAndHold(final String key, final long nowMs) {
        append(key);
        log.soonWhenCommitted(held(key), log.number(), nowMs);
        log.send(nowMs);
    }

    @Test
    void shouldTakeRecordsAsLongAsItSays() {
        log.append(new GroupRecord(new byte[] {'a'}, new byte[(int)log.maxLength(1) - 1]));
        log.send(0);
        log.onOutcome(1, ErrorCodes.NONE, 0);
        final int half = (int)log.maxLength(2) / 2;
        log.appendAll(List.of(new GroupRecord(new byte[] {'b'}, new byte[half - 1]),
            new GroupRecord(new byte[] {'c'}, new byte[half - 1])));
        log.send(0);
        assertEquals(List.of("a", "bc"), ring.written);
        assertFalse(log.isLost());
    }

    @Test
    void shouldSendInTheSameOrderAgainWhenTheLastOnesWereRefused() {
        appendAndHold("a", 0);
        appendAndHold("b", 0);
        appendAndHold("c", 0);
        log.onOutcome(2, ErrorCodes.NOT_ENOUGH_REPLICAS, -1);
        appendAndHold("d", 0);
        assertEquals(List.of("a", "b", "c"), ring.written, "nothing may overtake what was refused");
        log.onOutcome(3, ErrorCodes.NOT_ENOUGH_REPLICAS, -1);
        log.send(1);
        log.send(PAUSE_MS);
        assertEquals(3, ring.written.size(), "it would be refused again");
        log.send(1 + PAUSE_MS);
        assertEquals(3, ring.written.size(), "one after the other until one is kept");
        log.onOutcome(1, ErrorCodes.NONE, 0);
        log.send(1 + PAUSE_MS);
        assertEquals(List.of("a", "b", "c", "b", "c", "d"), ring.written);
        for (int id = 4; id <= 6; id++) {
            log.onOutcome(id, ErrorCodes.NONE, id);
        }
        assertEquals(List.of("a", "b", "c", "d"), answers);
        assertEquals(0, log.inFlightCount());
        assertFalse(log.isLost());
    }

    @Test
    void shouldGatherWhatComesWhenAsManyBatchesAsItMayHaveAreUnderWay() {
        log = newLog(2);
        for (final String key : List.of("a", "b", "c", "d")) {
            appendAndHold(key, 0);
        }
        assertEquals(List.of("a", "b"), ring.written, "the others' share is left to them");
        log.onOutcome(1, ErrorCodes.NONE, 0);
        log.send(1);
        assertEquals(List.of("a", "b", "cd"), ring.written);
        log.onOutcome(2, ErrorCodes.NONE, 1);
        log.onOutcome(3, ErrorCodes.NONE, 2);
        assertEquals(List.of("a", "b", "c", "d"), answers);
    }

    @Test
    void shouldTryWithOneWhenTooFewReplicasWereInSync() {
        log.tryOne();
        appendAndHold("a", 0);
        appendAndHold("b", 0);
        assertEquals(List.of("a"), ring.written);
        log.onOutcome(1, ErrorCodes.NOT_ENOUGH_REPLICAS, -1);
        log.send(1);
        log.send(1 + PAUSE_MS);
        log.send(2 + PAUSE_MS);
        assertEquals(List.of("a", "a"), ring.written, "the second might be kept after the first was refused");
        log.onOutcome(2, ErrorCodes.NONE, 0);
        log.send(3 + PAUSE_MS);
        assertEquals(List.of("a", "a", "b"), ring.written);
        log.onOutcome(3, ErrorCodes.NONE, 1);
        assertEquals(List.of("a", "b"), answers);
        assertFalse(log.isLost());
    }

    @Test
    void shouldBeLostWhenABatchWasRefusedAndALaterOneKept() {
        appendAndHold("a", 0);
        appendAndHold("b", 0);
        log.onOutcome(1, ErrorCodes.NOT_ENOUGH_REPLICAS, -1);
        assertFalse(log.isLost());
        log.onOutcome(2, ErrorCodes.NONE, 0);
        assertTrue(log.isLost());
        assertEquals(List.of("a:" + GroupErrors.COORDINATOR_NOT_AVAILABLE,
            "b:" + GroupErrors.COORDINATOR_NOT_AVAILABLE), answers);
        assertEquals(0, log.inFlightCount());
    }

    @Test
    void shouldBeLostWhenLeadershipIs() {
        appendAndHold("a", 0);
        appendAndHold("b", 0);
        log.onOutcome(1, ErrorCodes.NOT_LEADER_OR_FOLLOWER, -1);
        assertTrue(log.isLost());
        assertEquals(1, log.inFlightCount(), "the next one reads the log when this is known, too");
        log.onOutcome(2, ErrorCodes.NOT_LEADER_OR_FOLLOWER, -1);
        assertEquals(0, log.inFlightCount());
        assertEquals(List.of("a:" + GroupErrors.NOT_COORDINATOR, "b:" + GroupErrors.NOT_COORDINATOR), answers);
    }

    @Test
    void shouldAnswerWhatRestsOnLessFirstAndRefuseWhatWaitsTooLong() {
        appendAndHold("a", 0);
        final long first = log.number();
        appendAndHold("b", 1_000);
        log.soonWhenCommitted(held("early"), first, 1_000);
        log.whenCommitted(held("ever"));
        log.onOutcome(1, ErrorCodes.NONE, 0);
        assertEquals(List.of("a", "early"), answers);
        log.expire(999 + LONG_MS);
        assertEquals(2, answers.size());
        log.expire(1_000 + LONG_MS);
        assertEquals("b:" + GroupErrors.COORDINATOR_NOT_AVAILABLE, answers.get(2));
        log.soonWhenCommitted(held("again"), log.number(), 1_000 + LONG_MS);
        log.onOutcome(2, ErrorCodes.NONE, 1);
        assertEquals(List.of("ever", "again"), answers.subList(3, 5), "the record stayed");
        log.expire(Long.MAX_VALUE);
        assertEquals(5, answers.size());
    }

    @Test
    void shouldHoldLittleAndSayThatItIsFullWhenNothingIsCommitted() {
        final byte[] value = new byte[60_000];
        int count = 0;
        while (!log.isFull()) {
            log.append(new GroupRecord(new byte[] {'a'}, value));
            log.send(0);
            count++;
        }
        assertTrue(count > 200 && count < 300, "count=" + count);
        assertTrue(ring.written.size() < 40, "under way: " + ring.written.size());
        for (int id = 1; log.inFlightCount() > 0; id++) {
            log.onOutcome(id, ErrorCodes.NONE, id);
            log.send(0);
        }
        assertEquals(count, ring.written.size());
        assertFalse(log.isFull());
    }
}
