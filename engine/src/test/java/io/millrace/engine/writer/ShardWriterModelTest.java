package io.millrace.engine.writer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.millrace.engine.DurabilityProfile;
import io.millrace.engine.ErrorCodes;
import io.millrace.engine.ShardIngress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Random runs of the writer against a model of what must come out. Each failure names its seed. */
class ShardWriterModelTest {
    private static final int PARTITION_COUNT = 4;
    private static final int PRODUCER_COUNT = 5;

    /** One committed ring record, in ring order. */
    private record Sent(int replyId, int partitionId, int acks, int count, long producerId, short epoch, int sequence) {
    }

    private final WriterFixture fixture =
        new WriterFixture(DurabilityProfile.REPLICATED, 24 * 1024, 8 * 1024, 1_500, 64);
    private final SequenceModel model = new SequenceModel();
    private final Deque<Sent> inRing = new ArrayDeque<>();
    private final Map<Integer, Long> waiting = new HashMap<>();
    private final List<Integer> written = new ArrayList<>();
    private int lastReplyId;

    static LongStream seeds() {
        return LongStream.rangeClosed(1, 60);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void shouldAnswerAsTheModelWhenAnythingHappens(final long seed) {
        final Random random = new Random(seed);
        fixture.lead();
        try {
            for (int i = 0; i < 1_500; i++) {
                step(random);
            }
            drainAndCheck(false);
            commit(fixture.log.endPosition());
            assertTrue(waiting.isEmpty(), "still waiting: " + waiting.keySet());
            assertEquals(written, fixture.checkedTags());
            fixture.assertRingReleased();
        } catch (final AssertionError error) {
            throw new AssertionError("seed=" + seed + " " + error.getMessage(), error);
        }
    }

    private void step(final Random random) {
        final int what = random.nextInt(100);
        if (what < 75) {
            produce(random);
        } else if (what < 78) {
            final int index = fixture.ingress.tryClaim(1, 100 + random.nextInt(400), -5, 1);
            if (index > 0) {
                fixture.ingress.buffer().setMemory(index, 100, (byte) 0xEE);
                fixture.ingress.abort(index);
            }
        } else if (what < 93) {
            final boolean failing = random.nextInt(6) == 0;
            if (failing) {
                fixture.log.failAfter(random.nextInt(600), random.nextBoolean());
            }
            fixture.log.pieceLength = 1 + random.nextInt(600);
            drainAndCheck(failing);
            fixture.log.failAfter(-1, false);
        } else if (what < 99) {
            final long committed = fixture.log.marks.committedAcquire();
            commit(committed + random.nextInt((int) (fixture.log.endPosition() - committed) + 1) / 8 * 8);
        } else if (random.nextInt(3) == 0) {
            leadAgain();
        }
    }

    private void produce(final Random random) {
        final int partitionId = random.nextInt(PARTITION_COUNT);
        final int count = 1 + random.nextInt(4);
        final long producerId = random.nextInt(PRODUCER_COUNT) - 1;
        // what is in the ring is not in the model yet, so many of these are out of sequence or old: all the better
        int sequence = producerId < 0 ? -1 : model.nextSequence(partitionId, producerId) + pendingCount(
            partitionId, producerId);
        short epoch = producerId < 0 ? -1 : model.epoch(partitionId, producerId);
        int batchCount = count;
        if (producerId >= 0 && random.nextInt(5) == 0) {
            sequence = Math.max(0, sequence - random.nextInt(8));
        } else if (producerId >= 0 && random.nextInt(20) == 0) {
            epoch = (short) Math.max(0, epoch + random.nextInt(4) - 1);
            sequence = random.nextInt(3) == 0 ? sequence : 0;
        } else if (!inRing.isEmpty() && random.nextInt(10) == 0) {
            final Sent again = inRing.peekLast();
            send(random, again.partitionId, again.count, again.producerId, again.epoch, again.sequence);
            return;
        }
        if (random.nextInt(50) == 0) {
            batchCount = 1 + random.nextInt(1_000);
        }
        send(random, partitionId, batchCount, producerId, epoch, sequence);
    }

    private int pendingCount(final int partitionId, final long producerId) {
        return inRing.stream().filter(sent -> sent.partitionId == partitionId && sent.producerId == producerId)
            .mapToInt(Sent::count).sum();
    }

    private void send(
        final Random random,
        final int partitionId,
        final int count,
        final long producerId,
        final short epoch,
        final int sequence) {
        final int length = TestBatches.MIN_LENGTH + random.nextInt(random.nextInt(10) == 0 ? 900 : 60);
        final int acks = random.nextInt(3) - 1;
        final int replyId = lastReplyId + 1;
        final int index = fixture.ingress.tryClaim(partitionId, length, replyId, acks);
        if (index == ShardIngress.FULL) {
            drainAndCheck(false);
            return;
        }
        lastReplyId = replyId;
        fixture.batches.put(
            fixture.ingress.buffer(), index, length, replyId, count, producerId, epoch, sequence);
        fixture.ingress.commit(index);
        inRing.add(new Sent(replyId, partitionId, acks, count, producerId, epoch, sequence));
    }

    /** Drains all that can be drained and settles it with the model, record by record in ring order. */
    private void drainAndCheck(final boolean mayFail) {
        fixture.drainAll();
        final int leftInRing = countLeftInRing();
        while (inRing.size() > leftInRing) {
            final Sent sent = inRing.remove();
            final RecordedOutcomes.Outcome outcome = fixture.outcomes.byReplyId.get((long) sent.replyId);
            if (outcome != null && outcome.errorCode() == ErrorCodes.KAFKA_STORAGE_ERROR) {
                assertTrue(mayFail, "storage error without a failing disk: " + sent);
                continue;
            }
            final SequenceModel.Expected expected =
                model.offer(sent.partitionId, sent.count, sent.producerId, sent.epoch, sent.sequence);
            if (outcome != null) {
                assertEquals(expected.errorCode(), outcome.errorCode(), sent.toString());
                assertEquals(expected.baseOffset(), outcome.baseOffset(), sent.toString());
            } else {
                assertEquals(-1, sent.acks, "no answer: " + sent);
                assertEquals(ErrorCodes.NONE, expected.errorCode(), sent.toString());
                waiting.put(sent.replyId, expected.baseOffset());
            }
        }
        final List<Integer> tags = fixture.checkedTags();
        written.clear();
        written.addAll(tags);
    }

    /** With many waiting the drain stops: what it left has neither an outcome nor is it in the log. */
    private int countLeftInRing() {
        if (fixture.ingress.occupiedLength() == 0) {
            return 0;
        }
        final long end = fixture.log.endPosition();
        commit(end);
        fixture.drainAll();
        return fixture.ingress.occupiedLength() == 0 ? 0 : countLeftInRing();
    }

    private void commit(final long position) {
        fixture.log.marks.committedRelease(position);
        fixture.writer.onCommitted(position);
        waiting.entrySet().removeIf(entry -> {
            final RecordedOutcomes.Outcome outcome = fixture.outcomes.byReplyId.get(entry.getKey().longValue());
            if (outcome != null) {
                assertEquals(ErrorCodes.NONE, outcome.errorCode());
                assertEquals(entry.getValue(), outcome.baseOffset());
            }
            return outcome != null;
        });
    }

    private void leadAgain() {
        final int epoch = fixture.state.lastEpoch();
        fixture.writer.stopLeading();
        for (final Sent sent : inRing) {
            fixture.outcomes.assertRefused(sent.replyId, ErrorCodes.NOT_LEADER_OR_FOLLOWER);
        }
        inRing.clear();
        for (final int replyId : waiting.keySet()) {
            fixture.outcomes.assertRefused(replyId, ErrorCodes.NOT_LEADER_OR_FOLLOWER);
        }
        waiting.clear();
        fixture.assertRingReleased();
        assertTrue(fixture.writer.startLeading(epoch + 1) > 0);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    @Timeout(600)
    void shouldKeepEachThreadsOrderWhenManyClaimAtOnce(final long seed) throws InterruptedException {
        fixture.lead();
        final int threadCount = 4;
        final int sendCount = 2_000;
        final AtomicInteger running = new AtomicInteger(threadCount);
        final boolean[][] aborted = new boolean[threadCount][sendCount];
        final List<Thread> threads = new ArrayList<>();
        for (int t = 0; t < threadCount; t++) {
            final int thread = t;
            threads.add(new Thread(() -> {
                try {
                    sendAll(new Random(seed * 31 + thread), thread, aborted[thread]);
                } finally {
                    running.decrementAndGet();
                }
            }));
        }
        threads.forEach(Thread::start);
        final long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(100);
        boolean last;
        do {
            last = running.get() == 0;
            if (fixture.writer.drain() == 0) {
                Thread.yield();
            }
            fixture.log.marks.committedRelease(fixture.log.endPosition());
            fixture.writer.onCommitted(fixture.log.endPosition());
            if (System.nanoTime() > deadlineNs) {
                fail("seed=" + seed + " occupied=" + fixture.ingress.occupiedLength());
            }
        } while (!last || fixture.ingress.occupiedLength() > 0);
        for (final Thread thread : threads) {
            thread.join();
        }
        checkThreads(seed, threadCount, sendCount, aborted);
    }

    private void checkThreads(
        final long seed, final int threadCount, final int sendCount, final boolean[][] aborted) {
        final LogReplay replay = new LogReplay(fixture.log);
        final int[] next = new int[threadCount];
        for (final LogReplay.Found found : replay.batches) {
            final int thread = found.tag() / 100_000;
            while (aborted[thread][next[thread]]) {
                next[thread]++;
            }
            assertEquals(thread * 100_000 + next[thread]++, found.tag(), "seed=" + seed);
            final RecordedOutcomes.Outcome outcome = fixture.outcomes.byReplyId.remove(1L + found.tag());
            assertNotNull(outcome, "no answer, seed=" + seed);
            assertEquals(ErrorCodes.NONE, outcome.errorCode());
            assertEquals(found.baseOffset(), outcome.baseOffset());
        }
        assertTrue(fixture.outcomes.byReplyId.isEmpty(), "answers to nothing in the log, seed=" + seed);
        int expected = 0;
        for (final boolean[] one : aborted) {
            for (final boolean wasAborted : one) {
                expected += wasAborted ? 0 : 1;
            }
        }
        assertEquals(expected, replay.batches.size());
        assertEquals(threadCount * sendCount, Arrays.stream(aborted).mapToInt(one -> one.length).sum());
    }

    private void sendAll(final Random random, final int thread, final boolean[] aborted) {
        final TestBatches batches = new TestBatches();
        int sequence = 0;
        for (int i = 0; i < aborted.length; i++) {
            final int length = TestBatches.MIN_LENGTH + random.nextInt(random.nextInt(20) == 0 ? 900 : 50);
            final int tag = thread * 100_000 + i;
            final int acks = random.nextInt(3) - 1;
            int index = fixture.ingress.tryClaim(thread % 3, length, 1 + tag, acks);
            while (index == ShardIngress.FULL) {
                Thread.yield();
                index = fixture.ingress.tryClaim(thread % 3, length, 1 + tag, acks);
            }
            final int count = 1 + random.nextInt(3);
            batches.put(fixture.ingress.buffer(), index, length, tag, count, thread, (short) 0, sequence);
            aborted[i] = random.nextInt(10) == 0;
            if (aborted[i]) {
                fixture.ingress.abort(index);
            } else {
                fixture.ingress.commit(index);
                sequence += count;
            }
        }
    }

    @Test
    void shouldFindItsOwnModelRight() {
        assertEquals(new SequenceModel.Expected(ErrorCodes.NONE, 0), model.offer(1, 3, 5, (short) 0, 10));
        assertEquals(new SequenceModel.Expected(ErrorCodes.NONE, 3), model.offer(1, 1, 5, (short) 0, 13));
        assertEquals(new SequenceModel.Expected(ErrorCodes.NONE, 0), model.offer(1, 3, 5, (short) 0, 10));
        assertEquals(new SequenceModel.Expected((short) 45, -1), model.offer(1, 3, 5, (short) 0, 13));
    }
}
