package io.millrace.broker.replication;

import static io.millrace.broker.replication.ReplicationRig.SHARD;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.engine.DurabilityProfile;
import io.millrace.engine.ShardLog;
import io.millrace.transport.replication.ReplicaLink;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** Leader and followers over a network without faults, and with one fault at a time. */
class ReplicationTest {
    private final ReplicationRig rig = ReplicationRig.replicated();

    private void produce(final int count, final int payloadLength) {
        for (int i = 0; i < count; i++) {
            rig.logs[1].produce(payloadLength);
        }
    }

    private void awaitAllCommitted() {
        rig.await("all committed everywhere", () -> rig.committed(1) == rig.logs[1].endPosition()
            && rig.committed(2) == rig.committed(1) && rig.committed(3) == rig.committed(1));
        assertArrayEquals(rig.logs[1].content(), rig.logs[2].content());
        assertArrayEquals(rig.logs[1].content(), rig.logs[3].content());
    }

    @Test
    void shouldReplicateAndCommitEverywhereWhenAllAreThere() {
        rig.startAll().assignAll(5, 1, 2, 1, 2, 3);
        for (int i = 0; i < 50; i++) {
            produce(10, 10 + 37 * i);
            rig.runMs(1);
        }
        awaitAllCommitted();
        assertEquals(0, rig.gauges[2].get(ShardGauges.DROPPED_CHUNK_COUNT));
        assertEquals(0, rig.gauges[1].get(ShardGauges.PROTOCOL_ERROR_COUNT));
        assertEquals(0, rig.proposals.size());
        assertEquals(ShardGauges.ROLE_LEADER, rig.gauges[1].get(ShardGauges.ROLE));
        assertEquals(ShardGauges.ROLE_FOLLOWER, rig.gauges[3].get(ShardGauges.ROLE));
        assertEquals(0, rig.gauges[1].lagLength(2));
        assertEquals(rig.logs[1].content().length, rig.logs[1].readLength, "bytes read for both followers together");
    }

    @Test
    void shouldPutFramesTogetherWhenTheyAreLongerThanAChunk() {
        rig.startAll().assignAll(5, 1, 2, 1, 2, 3);
        produce(3, 100_000);
        produce(5, 100);
        produce(1, 500_001);
        awaitAllCommitted();
    }

    @Test
    void shouldCatchUpOnItsOwnStreamAndThenGoLiveWhenFarBehind() {
        rig.configuration = new ReplicationConfiguration(
            1_500_000_000L, 50_000_000L, 500_000_000L, 10_000_000L, 250_000_000L, 300_000_000L, 64 << 10, 256 << 10,
            16 << 10, 32 << 10, 128 << 10, 64);
        rig.start(1);
        rig.assign(1, 5, 1, 1, 1);
        produce(2_000, 1_000);
        rig.start(2);
        rig.start(3);
        rig.assign(2, 5, 1, 1, 1);
        rig.assign(3, 5, 1, 1, 1);
        for (int i = 0; i < 500; i++) {
            produce(2, 500);
            rig.runMs(1);
        }
        awaitAllCommitted();
        assertTrue(rig.network.counters().catchUpMessages > 0);
        assertTrue(rig.gauges[1].get(ShardGauges.STREAM_SWITCH_COUNT) >= 2);
        assertEquals(0, rig.gauges[2].get(ShardGauges.DROPPED_CHUNK_COUNT));
    }

    @Test
    void shouldReadUpToASegmentsEndOnlyWhenItLiesWithinAChunk() {
        rig.logs[1].segmentLength = 5_000;
        rig.startAll().assignAll(5, 1, 2, 1, 2, 3);
        produce(300, 777);
        awaitAllCommitted();
    }

    @Test
    void shouldCommitOnlyTheLowestWhenOneInSyncFollowerIsBehind() {
        rig.startAll().assignAll(5, 1, 2, 1, 2, 3);
        awaitAllCommitted();
        final long before = rig.committed(1);
        rig.paused[3] = true;
        produce(10, 100);
        rig.runMs(100);
        assertEquals(rig.logs[1].endPosition(), rig.logs[2].endPosition());
        assertEquals(before, rig.committed(1));
    }

    @Test
    void shouldCommitOverTheMaximalIsrUntilAShrinkIsAccepted() {
        rig.startAll().assignAll(5, 1, 2, 1, 2, 3);
        awaitAllCommitted();
        rig.kill(3);
        produce(10, 100);
        rig.await("a shrink is proposed", () -> !rig.proposals.isEmpty());
        final ReplicationRig.Proposal shrink = rig.proposals.get(0);
        assertArrayEquals(new int[] {1, 2}, shrink.isr());
        assertEquals(1, shrink.isrVersion());
        rig.runMs(1_000);
        assertTrue(rig.committed(1) < rig.logs[1].endPosition(), "not before the quorum accepted it");
        rig.assign(1, 5, 2, 2, 1, 2);
        rig.runMs(1);
        assertEquals(rig.logs[1].endPosition(), rig.committed(1));
    }

    @Test
    void shouldProposeAShrinkWithinThreeSecondsWhenAFollowerOfAnIdleShardDies() {
        rig.startAll().assignAll(5, 1, 2, 1, 2, 3);
        awaitAllCommitted();
        rig.runMs(5_000);
        assertTrue(rig.proposals.isEmpty());
        rig.kill(2);
        final long killedNs = rig.nowNs;
        rig.await("a shrink is proposed", () -> !rig.proposals.isEmpty());
        assertTrue(rig.nowNs - killedNs < 2_000_000_000L, () -> "took " + (rig.nowNs - killedNs));
    }

    @Test
    void shouldAddAFollowerAgainWhenItHasCaughtUp() {
        rig.startAll().assignAll(5, 1, 2, 1, 2);
        produce(100, 100);
        rig.await("growth is proposed", () -> !rig.proposals.isEmpty());
        assertArrayEquals(new int[] {1, 2, 3}, rig.proposals.get(0).isr());
        rig.await("committed", () -> rig.committed(1) == rig.logs[1].endPosition());
        // From the proposal on it counts: the quorum may have accepted it already.
        rig.paused[3] = true;
        final long before = rig.committed(1);
        produce(1, 100);
        rig.runMs(100);
        assertEquals(before, rig.committed(1));
        rig.paused[3] = false;
        rig.assign(1, 5, 2, 2, 1, 2, 3);
        awaitAllCommitted();
    }

    @Test
    void shouldWithdrawAProposalWhenItIsNoLongerWanted() {
        rig.startAll().assignAll(5, 1, 2, 1, 2);
        rig.await("growth is proposed", () -> !rig.proposals.isEmpty());
        rig.kill(3);
        produce(1, 100);
        rig.await("withdrawn", () -> rig.proposals.get(rig.proposals.size() - 1).isr().length == 2);
        assertTrue(rig.committed(1) < rig.logs[1].endPosition());
        rig.assign(1, 5, 2, 2, 1, 2);
        rig.runMs(1);
        assertEquals(rig.logs[1].endPosition(), rig.committed(1));
    }

    @Test
    void shouldCountNobodyInWhenAProposalWasNotSent() {
        rig.proposalsAreSent = false;
        rig.startAll().assignAll(5, 1, 2, 1, 2);
        rig.await("growth is wanted", () -> !rig.proposals.isEmpty());
        rig.kill(3);
        produce(1, 100);
        rig.await("committed by the two", () -> rig.committed(1) == rig.logs[1].endPosition());
    }

    @Test
    void shouldNotCommitWhenTheIsrIsTooSmall() {
        rig.startAll();
        rig.proposalsAreSent = false;
        rig.assignAll(5, 1, 2, 1);
        produce(10, 100);
        rig.runMs(500);
        assertEquals(0, rig.committed(1));
        assertFalse(rig.logs[1].admitted);
        rig.assignAll(5, 2, 2, 1, 3);
        assertTrue(rig.logs[1].admitted);
        rig.runMs(10);
        assertEquals(rig.logs[1].endPosition(), rig.committed(1));
    }

    @Test
    void shouldNotCommitBeforeItsOwnEpochStartIsIn() {
        final FakeShardLog leader = rig.logs[1];
        leader.startLeading(4);
        final long oldEnd = leader.produce(100);
        for (int i = 2; i <= 3; i++) {
            rig.logs[i].append(new UnsafeBuffer(leader.content()), 0, (int) oldEnd);
        }
        rig.startAll();
        rig.network.maxChunkMessageLength(ChunkMessage.BYTES_FIELD_OFFSET + 8); // the epoch start takes many chunks
        rig.assignAll(5, 1, 2, 1, 2, 3);
        rig.await("acked", () -> rig.logs[2].endPosition() == oldEnd && rig.gauges[1].lagLength(1) > 0);
        for (int i = 0; i < 2_000; i++) {
            rig.run(ReplicationRig.STEP_NS);
            final long committed = rig.committed(1);
            assertTrue(committed == 0 || committed >= oldEnd + 96, () -> "committed=" + committed);
        }
        awaitAllCommitted();
    }

    @Test
    void shouldCommitAtSyncedWhenDurable() {
        final ReplicationRig durable = new ReplicationRig(DurabilityProfile.DURABLE);
        for (int i = 1; i <= 3; i++) {
            durable.logs[i].syncsAtOnce = false;
        }
        durable.startAll().assignAll(5, 1, 2, 1, 2, 3);
        final long end = durable.logs[1].produce(100);
        durable.runMs(100);
        assertEquals(0, durable.committed(1));
        durable.logs[1].synced(end);
        durable.logs[2].synced(end);
        durable.runMs(100);
        assertEquals(0, durable.committed(1));
        durable.logs[3].synced(end);
        durable.runMs(100);
        assertEquals(end, durable.committed(1));
    }

    @Test
    void shouldTruncateByEpochWhenTheLogsHaveParted() {
        final FakeShardLog follower = rig.logs[2];
        rig.startAll().assignAll(5, 1, 2, 1, 2, 3);
        produce(5, 100);
        awaitAllCommitted();
        final long agreed = follower.endPosition();
        rig.kill(2);
        follower.startLeading(6); // nobody else saw this epoch
        follower.produce(1_000);
        follower.produce(1_000);
        produce(3, 64);
        rig.assign(1, 7, 3, 1, 1, 3);
        rig.assign(3, 7, 3, 1, 1, 3);
        rig.start(2);
        rig.assign(2, 7, 3, 1, 1, 3);
        awaitAllCommitted();
        assertEquals(List.of(agreed), follower.truncations);
        assertEquals(7, follower.lastEpoch());
    }

    @Test
    void shouldAlignInSeveralRoundsWhenThereAreManyEpochs() {
        rig.logs[1].startLeading(0);
        rig.logs[2].append(
            new UnsafeBuffer(rig.logs[1].content()), 0, (int) rig.logs[1].endPosition());
        for (int epoch = 1; epoch < 80; epoch++) {
            rig.logs[2].startLeading(epoch);
        }
        rig.startAll().assignAll(100, 1, 2, 1, 2, 3);
        awaitAllCommitted();
        assertEquals(3, rig.logs[2].truncations.size());
        assertTrue(rig.logs[2].resets.isEmpty());
    }

    @Test
    void shouldResetAFollowerWhenTheLeadersLogStartsLater() {
        rig.start(1);
        rig.assign(1, 5, 1, 1, 1);
        final long middle = rig.logs[1].produce(1_000);
        rig.logs[1].produce(1_000);
        rig.logs[1].startAt(middle);
        rig.start(2);
        rig.logs[2].startLeading(3); // something of its own that must go
        rig.assign(2, 5, 1, 1, 1);
        rig.await("caught up", () -> rig.logs[2].endPosition() == rig.logs[1].endPosition());
        assertEquals(List.of(middle), rig.logs[2].resets);
        assertArrayEquals(rig.logs[1].content(), rig.logs[2].content());
    }

    @Test
    void shouldHandshakeAgainWhenASessionDiesWithMessages() {
        rig.startAll().assignAll(5, 1, 2, 1, 2, 3);
        for (int i = 0; i < 200; i++) {
            produce(20, 300);
            if (i % 20 == 10) {
                rig.agents[1].doWork(rig.nowNs); // sent, not yet arrived
                rig.network.killSession(1, 2, ReplicaLink.LIVE_STREAM);
                rig.network.killSession(3, 1, ReplicaLink.CONTROL_STREAM);
            }
            rig.runMs(1);
        }
        awaitAllCommitted();
        assertTrue(rig.gauges[2].get(ShardGauges.HANDSHAKE_COUNT) > 1);
        assertEquals(0, rig.gauges[1].get(ShardGauges.PROTOCOL_ERROR_COUNT));
    }

    @Test
    void shouldNoticeALostTailWhenNothingFollowsIt() {
        rig.startAll().assignAll(5, 1, 2, 1, 2, 3);
        awaitAllCommitted();
        produce(10, 1_000);
        rig.agents[1].doWork(rig.nowNs); // sent, not yet arrived
        rig.network.killSession(1, 2, ReplicaLink.LIVE_STREAM);
        awaitAllCommitted();
        assertTrue(rig.gauges[2].get(ShardGauges.HANDSHAKE_COUNT) > 1);
    }

    @Test
    void shouldHandshakeAgainWhenTheLogRefusesAChunk() {
        rig.startAll().assignAll(5, 1, 2, 1, 2, 3);
        awaitAllCommitted();
        for (final long refusal : new long[] {ShardLog.CORRUPT, ShardLog.NOT_CONTINUING, ShardLog.STORAGE_ERROR}) {
            rig.logs[2].nextAppendResult = refusal;
            produce(10, 1_000);
            awaitAllCommitted();
        }
        assertEquals(3, rig.gauges[2].get(ShardGauges.CORRUPT_COUNT));
    }

    @Test
    void shouldIgnoreWhatIsOfAnotherEpoch() {
        rig.startAll().assignAll(5, 1, 2, 1, 2, 3);
        awaitAllCommitted();
        rig.assign(2, 6, 2, 2, 1, 2, 3); // 2 has heard of a new epoch, the old leader has not
        rig.assign(3, 6, 2, 2, 1, 2, 3);
        final long before = rig.committed(1);
        produce(10, 100);
        rig.runMs(500);
        assertEquals(before, rig.logs[2].endPosition());
        assertEquals(before, rig.committed(1));
        rig.assign(1, 6, 2, 2, 1, 2, 3);
        awaitAllCommitted();
        assertEquals(6, rig.logs[2].lastEpoch());
    }

    @Test
    void shouldWaitForANewEpochWhenTheLogHoldsThisOneAlready() {
        rig.logs[1].startLeading(5);
        rig.startAll().assignAll(5, 1, 2, 1, 2, 3);
        rig.runMs(10);
        assertEquals(1, rig.gauges[1].get(ShardGauges.AWAITS_EPOCH));
        assertEquals(ShardGauges.ROLE_IDLE, rig.gauges[1].get(ShardGauges.ROLE));
        rig.assignAll(6, 2, 2, 1, 2, 3);
        awaitAllCommitted();
        assertEquals(0, rig.gauges[1].get(ShardGauges.AWAITS_EPOCH));
    }

    @Test
    void shouldPutAFollowerOutWhenItComesBackWithoutCommittedData() {
        rig.startAll().assignAll(5, 1, 2, 1, 2, 3);
        final long half = rig.logs[1].produce(1_000);
        rig.logs[1].produce(1_000);
        awaitAllCommitted();
        rig.kill(2);
        rig.logs[2].truncate(half); // a power cut took the rest
        rig.start(2);
        rig.network.block(1, 2, true);
        rig.assign(2, 5, 1, 2, 1, 2, 3);
        rig.runMs(100);
        assertTrue(rig.proposals.isEmpty());
        rig.network.block(1, 2, false);
        rig.await("put out at once", () -> !rig.proposals.isEmpty());
        assertArrayEquals(new int[] {1, 3}, rig.proposals.get(0).isr());
        assertEquals(rig.logs[1].endPosition(), rig.committed(1), "never goes back");
    }

    @Test
    void shouldJudgeNobodyWhenTheLeaderItselfStoodStill() {
        rig.startAll().assignAll(5, 1, 2, 1, 2, 3);
        awaitAllCommitted();
        rig.paused[1] = true;
        rig.runMs(5_000);
        rig.paused[1] = false;
        rig.runMs(1_000);
        assertTrue(rig.proposals.isEmpty());
        produce(1, 100);
        awaitAllCommitted();
    }

    @Test
    void shouldServeTheOtherFollowersWhenOneStandsStill() {
        rig.startAll().assignAll(5, 1, 2, 1, 2, 3);
        awaitAllCommitted();
        rig.paused[3] = true;
        for (int i = 0; i < 100; i++) {
            produce(20, 1_000);
            rig.runMs(1);
        }
        rig.await("2 has all", () -> rig.logs[2].endPosition() == rig.logs[1].endPosition());
        assertTrue(rig.logs[3].endPosition() < rig.logs[1].endPosition());
        rig.paused[3] = false;
        awaitAllCommitted();
    }

    @Test
    void shouldIgnoreMessagesThatCannotBeRead() {
        rig.startAll().assignAll(5, 1, 2, 1, 2, 3);
        awaitAllCommitted();
        final UnsafeBuffer noise = new UnsafeBuffer(new byte[200]);
        for (int i = 0; i < 2_000; i++) {
            for (int b = 0; b < noise.capacity(); b++) {
                noise.putByte(b, (byte) rig.random.nextInt());
            }
            if (i % 2 == 0) {
                MessageHeader.encode(noise, 0, (byte) (1 + i / 2 % 8), i % 40, i % 4 == 0 ? SHARD : 3);
            }
            rig.links[3].offer(1 + i % 2, ReplicaLink.CONTROL_STREAM, noise, 0, 1 + rig.random.nextInt(199));
            rig.run(ReplicationRig.STEP_NS);
        }
        assertTrue(rig.agents[2].unknownMessageCount() > 0);
        produce(10, 100);
        awaitAllCommitted();
    }

    @Test
    void shouldVouchForThePresentRegistrationWhenAFollowerRegistersAnewDuringAHandshake() {
        rig.startAll();
        rig.agents[2].brokerEpoch(7, rig.nowNs);
        rig.assignAll(1, 1, 2, 1, 3);
        rig.agents[2].doWork(rig.nowNs); // asks its leader
        rig.agents[2].brokerEpoch(8, rig.nowNs);
        rig.await("the follower is proposed", () -> rig.lastIsrEpochs != null && rig.lastIsrEpochs.length == 3);
        assertEquals(8, rig.lastIsrEpochs[1]);
    }
}
