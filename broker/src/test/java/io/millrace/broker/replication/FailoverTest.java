package io.millrace.broker.replication;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.replication.FailoverRig.Answer;
import io.millrace.broker.replication.FailoverRig.Node;
import io.millrace.engine.ErrorCodes;
import io.millrace.engine.ingress.RingIngress;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Leaders come and go over real logs: what was acknowledged stays, once, and a deposed leader says so. */
class FailoverTest {
    private static final int ACKS_ALL = -1;
    private static final int SEGMENT_LENGTH = 256 << 10;

    private final FailoverRig rig = new FailoverRig(42, SEGMENT_LENGTH);
    private final Node first = rig.nodes[1];
    private final Node second = rig.nodes[2];

    private void produceAndAwait(final Node leader, final int from, final int to) {
        for (int sequence = from; sequence < to; sequence++) {
            final int replyId = 1000 + sequence;
            assertTrue(leader.produce(replyId, ACKS_ALL, sequence));
            rig.await("answer to " + sequence, () -> leader.isAnswered(replyId));
            assertEquals(ErrorCodes.NONE, leader.answers.get((long) replyId).errorCode());
        }
    }

    private void awaitSame() {
        rig.await("the same bytes everywhere", rig::areAllTheSame);
    }

    @Test
    void shouldAnswerARetryWithTheOriginalOffsetWhenTheOldLeaderHadReplicatedIt() {
        rig.elect(1, 2, 1, 2, 3);
        produceAndAwait(first, 0, 5);
        rig.await("followers know", () -> second.committed() == first.committed());
        assertTrue(first.produce(7, ACKS_ALL, 5));
        rig.await("replicated", () -> second.log.endPosition() == first.log.endPosition()
            && rig.nodes[3].log.endPosition() == first.log.endPosition());
        first.kill(); // whether it answered does not matter: the client has heard nothing
        rig.elect(2, 2, 2, 3);
        assertTrue(second.produce(8, ACKS_ALL, 5), "the retry");
        assertTrue(second.produce(9, ACKS_ALL, 6));
        rig.await("answers", () -> second.isAnswered(8) && second.isAnswered(9));
        assertEquals(new Answer(ErrorCodes.NONE, 5), second.answers.get(8L));
        assertEquals(new Answer(ErrorCodes.NONE, 6), second.answers.get(9L));
        first.start();
        rig.assign(2, 2, 2, 3);
        awaitSame();
        assertEquals(List.of(0, 1, 2, 3, 4, 5, 6), rig.readSequences(2));
    }

    @Test
    void shouldForgetProducersWithTheTailWhenItIsCut() {
        rig.elect(1, 1, 1, 2, 3);
        produceAndAwait(first, 0, 3);
        rig.network.block(1, 2, true);
        rig.network.block(1, 3, true);
        assertTrue(first.produce(7, 1, 3));
        assertTrue(first.produce(8, ACKS_ALL, 4));
        rig.await("written by the leader alone", () -> first.isAnswered(7));
        rig.elect(2, 1, 2, 3);
        assertEquals(new Answer(ErrorCodes.NOT_LEADER_OR_FOLLOWER, -1), first.answers.get(8L), "at once");
        assertFalse(first.produce(9, 1, 5), "its ring is closed");
        rig.network.block(1, 2, false);
        rig.network.block(1, 3, false);
        produceAndAwait(second, 3, 4);
        awaitSame();
        assertEquals(1, first.gauges.get(ShardGauges.TRUNCATION_COUNT));
        rig.elect(1, 1, 1, 2, 3);
        assertTrue(first.produce(10, ACKS_ALL, 3), "a retry of what was produced anew elsewhere");
        assertTrue(first.produce(11, ACKS_ALL, 4));
        rig.await("answers", () -> first.isAnswered(10) && first.isAnswered(11));
        assertEquals(new Answer(ErrorCodes.NONE, 3), first.answers.get(10L));
        assertEquals(new Answer(ErrorCodes.NONE, 4), first.answers.get(11L));
        assertEquals(List.of(0, 1, 2, 3, 4), rig.readSequences(1));
    }

    @Test
    void shouldNotAnswerNorCommitWhenTheLeaseHasEndedAndGoOnWhenItComesBack() {
        rig.elect(1, 2, 1, 2, 3);
        produceAndAwait(first, 0, 3);
        final long committed = first.committed();
        assertTrue(first.produce(6, ACKS_ALL, 3));
        first.log.drain();
        assertTrue(first.produce(7, 1, 4), "in the ring, not written");
        first.leaseEndNs = rig.nowNs;
        rig.runMs(100);
        assertEquals(new Answer(ErrorCodes.NOT_LEADER_OR_FOLLOWER, -1), first.answers.get(7L));
        assertFalse(first.produce(8, 1, 4));
        assertEquals(committed, first.committed());
        assertFalse(first.isAnswered(6), "it waits: the lease may come back");

        first.leaseEndNs = rig.nowNs + 60_000_000_000L;
        rig.await("answer", () -> first.isAnswered(6));
        assertEquals(new Answer(ErrorCodes.NONE, 3), first.answers.get(6L));
        produceAndAwait(first, 4, 6);
    }

    @Test
    void shouldAnswerWhoWaitsWhenTheLeaseDoesNotComeBack() {
        rig.elect(1, 2, 1, 2, 3);
        rig.network.block(1, 2, true);
        assertTrue(first.produce(6, ACKS_ALL, 0));
        rig.runMs(10);
        first.leaseEndNs = rig.nowNs;
        rig.runMs(1_000);
        assertFalse(first.isAnswered(6));
        rig.runMs(1_000);
        assertEquals(new Answer(ErrorCodes.NOT_LEADER_OR_FOLLOWER, -1), first.answers.get(6L));
    }

    @Test
    void shouldLetProducersWaitWhileHeldBackAndRefuseThemWhenAnotherLeads() {
        rig.elect(1, 2, 1, 2, 3);
        produceAndAwait(first, 0, 3);
        first.agent.holdBack(true);
        assertFalse(first.produce(6, ACKS_ALL, 3));
        assertEquals(-1, first.log.ingress().tryClaim(0, 100, 6, 1), "as if the ring were full");
        rig.runMs(10);
        assertEquals(first.log.endPosition(), first.committed());
        rig.elect(2, 2, 2, 3);
        assertEquals(-2, first.log.ingress().tryClaim(0, 100, 6, 1), "as who does not lead");
        produceAndAwait(second, 3, 4);
    }

    @Test
    void shouldAskForAnotherLeaderWhenNoRingIsLeftAndLeadOnceOneIs() {
        rig.elect(1, 2, 1, 2, 3);
        produceAndAwait(first, 0, 3);
        assertEquals(1, first.rings.liveCount());
        rig.elect(2, 2, 1, 2, 3);
        assertEquals(0, first.rings.liveCount(), "given back as it is drained");
        final RingIngress other = new RingIngress(first.rings, 1 << 16);
        assertTrue(other.prepare());
        rig.elect(1, 2, 1, 2, 3);
        rig.runMs(500);
        assertEquals(List.of(rig.epoch), first.resignations);
        assertEquals(ShardGauges.ROLE_IDLE, first.gauges.get(ShardGauges.ROLE));
        rig.runMs(2_000);
        assertEquals(List.of(rig.epoch, rig.epoch), first.resignations, "more and more seldom");
        assertTrue(other.release());
        rig.await("leads", () -> first.gauges.get(ShardGauges.ROLE) == ShardGauges.ROLE_LEADER);
        produceAndAwait(first, 3, 4);
    }

    @Test
    void shouldAskForAnotherLeaderWhenItsDiskIsFull() {
        rig.elect(1, 2, 1, 2, 3);
        produceAndAwait(first, 0, 3);
        second.disk.capacity(0);
        rig.elect(2, 2, 1, 2, 3);
        rig.runMs(10);
        assertEquals(List.of(rig.epoch), second.resignations);
        rig.elect(1, 2, 1, 3);
        produceAndAwait(first, 3, 4);
        second.disk.capacity(Long.MAX_VALUE);
        awaitSame();
    }

    @Test
    void shouldHoldProducersBackUntilTheNextLeaderHasEverythingAndThenSaySo() {
        rig.elect(1, 2, 1, 2, 3);
        produceAndAwait(first, 0, 3);
        for (int sequence = 3; sequence < 20; sequence++) {
            assertTrue(first.produce(100 + sequence, 1, sequence)); // acks=leader: not replicated when it is answered
        }
        rig.moveTo(1, 2, 2, 1, 2, 3);
        assertFalse(first.produce(99, 1, 20), "waits outside");
        rig.await("handed over", () -> !first.moves.isEmpty());
        assertEquals(List.of(2), first.moves);
        assertEquals(first.log.endPosition(), second.log.endPosition());
        assertTrue(first.isAnswered(119));
        rig.elect(2, 2, 1, 2, 3);
        produceAndAwait(second, 20, 21);
        assertEquals(IntStream.rangeClosed(0, 20).boxed().toList(), rig.readSequences(2));
    }

    @Test
    void shouldGoOnLeadingWhenTheOtherOneDoesNotGetEverythingInTime() {
        rig.elect(1, 2, 1, 2, 3);
        produceAndAwait(first, 0, 3);
        rig.network.block(1, 2, true);
        assertTrue(first.produce(99, 1, 3));
        rig.moveTo(1, 2, 2, 1, 2, 3);
        assertFalse(first.produce(100, 1, 4), "waits outside");
        rig.runMs(LeadershipMove.CATCH_UP_NS / 1_000_000 + 10);
        assertEquals(List.of(ShardAssignment.NO_LEADER), first.moves);
        assertTrue(first.produce(100, 1, 4), "taken again");
        rig.assign(1, 2, 1, 2, 3);
        rig.runMs(1_000);
        assertEquals(1, first.moves.size());
    }

    @Test
    void shouldIdleWhenNobodyLeads() {
        rig.elect(1, 2, 1, 2, 3);
        produceAndAwait(first, 0, 3);
        rig.elect(ShardAssignment.NO_LEADER, 2, 1, 2, 3);
        assertFalse(first.produce(6, ACKS_ALL, 3));
        rig.runMs(1_000);
        assertEquals(ShardGauges.ROLE_IDLE, first.gauges.get(ShardGauges.ROLE));
        assertEquals(ShardGauges.ROLE_IDLE, second.gauges.get(ShardGauges.ROLE));
        rig.elect(2, 2, 1, 2, 3);
        produceAndAwait(second, 3, 4);
        awaitSame();
    }

    /** A client that knows no more than a real one: it retries, in order, until each batch is answered. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void shouldKeepEachBatchOnceWhenLeadersChangeAtRandom(final long seed) {
        System.out.println("seed=" + seed);
        final FailoverRig random = new FailoverRig(seed, 160 << 10); // segments roll, so state frames count as well
        final SplittableRandom choice = new SplittableRandom(seed);
        final List<Long> offsets = new ArrayList<>();
        int leaderId = 1;
        long replyId = 1;
        random.elect(1, 2, 1, 2, 3);
        for (int sequence = 0; sequence < 3_000; ) {
            final Node leader = random.nodes[leaderId];
            final int count = Math.min(1 + choice.nextInt(5), 3_000 - sequence);
            final long firstReply = replyId;
            int sent = 0;
            while (sent < count && leader.produce(replyId, ACKS_ALL, sequence + sent)) {
                sent++;
                replyId++;
            }
            final int steps = choice.nextInt(6);
            for (int i = 0; i < steps; i++) {
                random.step();
            }
            if (choice.nextInt(20) == 0) {
                leaderId = 1 + (leaderId + choice.nextInt(2)) % 3;
                random.elect(leaderId, 2, 1, 2, 3);
            }
            for (int i = 0; i < sent; i++) {
                final Answer answer = leader.answers.get(firstReply + i);
                if (answer == null || answer.errorCode() != ErrorCodes.NONE) {
                    break; // the client heard nothing of the rest and sends it again
                }
                offsets.add(answer.baseOffset());
                sequence++;
            }
        }
        random.runMs(2_000);
        assertEquals(IntStream.range(0, 3_000).boxed().toList(), random.readSequences(leaderId));
        assertEquals(IntStream.range(0, 3_000).mapToObj(i -> (long) i).toList(), offsets);
        assertTrue(random.areAllTheSame());
        assertTrue(random.epoch > 20, "leaders have changed: epoch=" + random.epoch);
    }
}
