package io.millrace.broker.metadata;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One rule a test. Shard 0 has the replicas 1, 2 and 3, is led by 1 and wants two in sync unless a test says so. */
class ElectionRulesTest {
    private static final Map<String, String> DURABLE = Map.of("millrace.profile", "durable");
    private static final int NOBODY = MetadataImage.NO_LEADER;

    private final ElectionHarness cluster = new ElectionHarness();

    private ElectionHarness three(final Map<String, String> configs) {
        cluster.start(1, 2, 3).create("t", 1, 3, configs);
        expect(1, 0, List.of(1, 2, 3), List.of());
        return cluster;
    }

    private void expect(final int leader, final int epoch, final List<Integer> isr, final List<Integer> eligible) {
        final ShardInfo shard = cluster.shard(0);
        assertEquals(List.of(leader, epoch, isr, eligible, false),
            List.of(shard.leader(), shard.leaderEpoch(), shard.isr(), shard.eligible(), shard.waiting()),
            shard.toString());
    }

    private void expectWaiting(final int epoch, final List<Integer> lastIsr) {
        final ShardInfo shard = cluster.shard(0);
        assertEquals(List.of(NOBODY, epoch, List.of(), lastIsr, true),
            List.of(shard.leader(), shard.leaderEpoch(), shard.eligible(), shard.lastIsr(), shard.waiting()),
            shard.toString());
    }

    @Test
    void shouldStartFencedAndBeUnfencedWhenReady() {
        cluster.register(1, true);
        assertTrue(cluster.broker(1).fenced() && cluster.broker(1).isRegistered());
        assertEquals(MetadataErrors.INVALID_REPLICATION_FACTOR,
            cluster.apply(Commands.create("t", 1, 1), 1).errorCode(), "nobody to place it on");
        assertTrue(cluster.ready(1).isOk());
        assertTrue(cluster.ready(1).isOk(), "a repeated command");
        assertFalse(cluster.broker(1).fenced());
        cluster.create("t", 1, 1, Map.of());
    }

    @Test
    void shouldCheckTheBrokerEpochAndTheSessionOfEveryCommandThatCarriesThem() {
        three(Map.of()).stop(1).start(1);
        final long old = cluster.epoch(1) - 1;
        for (final MetadataCommand command : List.of(
            new MetadataCommand.BrokerReady(1, old), new MetadataCommand.ControlledShutdown(1, old),
            new MetadataCommand.ReportShards(1, old, List.of()))) {
            assertEquals(MetadataErrors.STALE_BROKER_EPOCH,
                cluster.apply(command, cluster.session(1)).errorCode(), command.toString());
        }
        assertEquals(MetadataErrors.STALE_BROKER_EPOCH, cluster.apply(
            new MetadataCommand.BrokerReady(1, cluster.epoch(1)), cluster.session(2)).errorCode());
        assertEquals(MetadataErrors.BROKER_ID_NOT_REGISTERED,
            cluster.apply(new MetadataCommand.BrokerReady(9, 1), 1).errorCode());
    }

    @Test
    void shouldLetAnotherLeadWhenTheLeaderCannot() {
        three(Map.of());
        final MetadataCommand resign = new MetadataCommand.ResignLeader(0, 1, 0);
        assertEquals(MetadataErrors.FENCED_LEADER_EPOCH, cluster.apply(resign, cluster.session(2)).errorCode());
        assertTrue(cluster.apply(resign, cluster.session(1)).isOk());
        expect(2, 1, List.of(1, 2, 3), List.of());
        assertEquals(MetadataErrors.FENCED_LEADER_EPOCH,
            cluster.apply(resign, cluster.session(1)).errorCode(), "a copy that comes late");
        cluster.stop(1);
        cluster.stop(3);
        assertEquals(MetadataErrors.ELIGIBLE_LEADERS_NOT_AVAILABLE,
            cluster.apply(new MetadataCommand.ResignLeader(0, 2, 1), cluster.session(2)).errorCode());
        expect(2, 1, List.of(2), List.of(3));
    }

    @Test
    void shouldNotHoldAReplicaForEligibleThatTheLeaderKnowsToLackCommittedRecords() {
        three(Map.of());
        assertTrue(cluster.apply(new MetadataCommand.ChangeIsr(0, 1, 0, 0, List.of(1), List.of(cluster.epoch(1)),
            List.of(2)), cluster.session(1)).isOk());
        expect(1, 0, List.of(1), List.of(3));
    }

    @Test
    void shouldJudgeALiveBrokerByAReportAsOfNow() {
        three(Map.of("min.insync.replicas", "1"));
        cluster.report(2, new ShardReport(0, 0, 100, false)); // as it started, long ago
        assertTrue(cluster.isr(0, 1, 2).isOk());
        cluster.stop(2).start(2); // within a moment of what follows, so it belongs to the last ISR
        cluster.report(2, new ShardReport(0, 0, 500, false));
        cluster.stop(1);
        cluster.register(1, false);
        cluster.report(1, new ShardReport(0, 0, 600, false));
        cluster.ready(1);
        expectWaiting(1, List.of(1, 2));
        cluster.report(2, new ShardReport(0, 0, 700, false)); // it had gone on following
        assertEquals(2, cluster.shard(0).leader(), cluster.shard(0).toString());
    }

    @Test
    void shouldHoldSessionsTogetherThatEndedAroundAChangeOfTheQuorumsLeaderWhateverItsClockSays() {
        three(Map.of("min.insync.replicas", "1")).stop(3);
        cluster.newTerm(7 * ElectionRules.SIMULTANEOUS_MS); // the clock of another machine
        cluster.stop(2);
        cluster.newTerm(-20 * ElectionRules.SIMULTANEOUS_MS);
        cluster.stop(1);
        assertEquals(List.of(1, 2, 3), cluster.shard(0).lastIsr());
        cluster.start(1);
        expect(1, 2, List.of(1), List.of());
        cluster.later();
        cluster.stop(1);
        assertEquals(List.of(1), cluster.shard(0).lastIsr(), "distances in one term count as before");
    }

    @Test
    void shouldElectFromTheIsrWhenTheLeaderIsFenced() {
        three(Map.of()).stop(1);
        expect(2, 1, List.of(2, 3), List.of());
        cluster.start(1);
        expect(2, 1, List.of(2, 3), List.of());
    }

    @Test
    void shouldTakeAFencedFollowerOutOfTheIsrInTheSameEpoch() {
        three(Map.of()).stop(3);
        expect(1, 0, List.of(1, 2), List.of());
    }

    @Test
    void shouldNoteWhoLeavesBelowTheMinimumAsEligibleAndElectThem() {
        three(Map.of()).stop(3);
        cluster.stop(2);
        expect(1, 0, List.of(1), List.of(2));
        cluster.stop(1);
        expect(NOBODY, 1, List.of(1), List.of(2));
        cluster.start(3);
        expect(NOBODY, 1, List.of(1), List.of(2));
        cluster.start(2);
        expect(2, 2, List.of(2), List.of(1));
        cluster.start(1);
        expect(2, 2, List.of(2), List.of(1));
        assertTrue(cluster.isr(0, 2, 1).isOk());
        expect(2, 2, List.of(1, 2), List.of());
    }

    @Test
    void shouldNoteBothAsEligibleWhenTheyLeaveAtOnce() {
        three(Map.of());
        assertTrue(cluster.isr(0, 1).isOk());
        expect(1, 0, List.of(1), List.of(2, 3));
        cluster.stop(1);
        expect(2, 1, List.of(2), List.of(1, 3));
    }

    @Test
    void shouldHaveNoEligibleReplicasWhenOneInSyncReplicaIsEnough() {
        three(Map.of("min.insync.replicas", "1")).stop(3, 2);
        expect(1, 0, List.of(1), List.of());
        cluster.stop(1);
        expect(NOBODY, 1, List.of(1), List.of());
        cluster.start(2, 3);
        expect(NOBODY, 1, List.of(1), List.of());
        cluster.start(1);
        expect(1, 2, List.of(1), List.of());
    }

    @Test
    void shouldKeepTheLeaderWhenItsProcessOnlyMovesToAnotherSession() {
        three(Map.of());
        final long session = cluster.session(1);
        assertTrue(cluster.registerAgain(1, false).isOk());
        expect(1, 0, List.of(1, 2, 3), List.of());
        assertEquals(null, cluster.machine.closeSession(session, cluster.nowMs()));
        expect(1, 0, List.of(1, 2, 3), List.of());
    }

    @Test
    void shouldSpreadWhatAFencedBrokerLedEvenlyAndInOneDelta() {
        cluster.start(1, 2, 3, 4, 5);
        for (int i = 0; i < 40; i++) {
            cluster.apply(new MetadataCommand.CreateTopic(new UUID(5, i), "t" + i, 250, 3, null, Map.of(), 64,
                false), 1);
        }
        assertEquals(10_000, cluster.machine.state().partitionCount());
        final int shardCount = cluster.machine.state().shards().size();
        assertTrue(shardCount >= 200, "shards " + shardCount);
        final int deltaCount = cluster.deltas.size();
        final long before = System.nanoTime();
        cluster.stop(3);
        assertEquals(deltaCount + 1, cluster.deltas.size());
        final WireWriter writer = new WireWriter();
        cluster.deltas.get(deltaCount).encode(writer);
        assertTrue(writer.length() < 1024 * 1024, "length " + writer.length());
        final Map<Integer, Integer> led = new HashMap<>();
        cluster.machine.state().shards().forEach(shard -> led.merge(shard.leader(), 1, Integer::sum));
        assertEquals(Set.of(1, 2, 4, 5), led.keySet());
        for (final int count : led.values()) {
            assertTrue(Math.abs(count - shardCount / 4) <= shardCount / 20, led + " in "
                + (System.nanoTime() - before) + " ns");
        }
    }

    @Test
    void shouldTakeMembershipFromABrokerThatLostItsPageCache() {
        three(Map.of()).stop(3, 2);
        expect(1, 0, List.of(1), List.of(2));
        cluster.register(2, false);
        expect(1, 0, List.of(1), List.of());
        cluster.report(2, new ShardReport(0, 0, 100, false));
        cluster.ready(2);
        cluster.stop(1);
        expect(NOBODY, 1, List.of(1), List.of());
        cluster.start(1);
        assertTrue(cluster.isr(0, 1, 2).isOk());
        cluster.stop(1);
        expect(2, 3, List.of(2), List.of(1));
    }

    @Test
    void shouldHandTheIsrToTheEligibleWhenItsLastMemberLostItsPageCache() {
        three(Map.of()).stop(3, 2).later().stop(1);
        expect(NOBODY, 1, List.of(1), List.of(2));
        cluster.register(1, false);
        expect(NOBODY, 1, List.of(2), List.of());
        cluster.ready(1);
        expect(NOBODY, 1, List.of(2), List.of());
        cluster.start(2);
        expect(2, 2, List.of(2), List.of());
    }

    @Test
    void shouldWaitForTheWholeLastIsrAndElectTheLongestLogAfterAPowerCut() {
        three(Map.of()).stop(1, 2, 3);
        expect(NOBODY, 3, List.of(3), List.of(2));
        assertEquals(List.of(1, 2, 3), cluster.shard(0).lastIsr());
        for (final int id : List.of(2, 3)) {
            cluster.register(id, false);
            cluster.report(id, new ShardReport(0, 0, id * 100, false));
            cluster.ready(id);
        }
        expectWaiting(3, List.of(1, 2, 3));
        cluster.register(1, false);
        cluster.report(1, new ShardReport(0, 0, 250, false));
        expect(3, 4, List.of(3), List.of());
        assertEquals(new ShardInfo.RiskyElections(0, 1), cluster.shard(0).elections());
    }

    @Test
    void shouldCompareEpochsBeforePositionsAndWaitUntilTheBestIsReady() {
        three(Map.of()).stop(1, 2, 3);
        cluster.register(1, false);
        cluster.report(1, new ShardReport(0, 7, 100, false));
        cluster.register(2, false);
        cluster.report(2, new ShardReport(0, 6, 900, false));
        cluster.ready(2);
        cluster.register(3, false);
        cluster.report(3, new ShardReport(0, 7, 90, false));
        cluster.ready(3);
        expectWaiting(3, List.of(1, 2, 3));
        cluster.ready(1);
        expect(1, 4, List.of(1), List.of());
    }

    @Test
    void shouldForgetTheReportOfAMemberThatIsGoneAgain() {
        three(Map.of()).stop(1, 2, 3);
        for (final int id : List.of(1, 2)) {
            cluster.register(id, false);
            cluster.report(id, new ShardReport(0, 0, 100, false));
            cluster.ready(id);
        }
        cluster.stop(1);
        cluster.register(3, false);
        cluster.report(3, new ShardReport(0, 0, 100, false));
        cluster.ready(3);
        expectWaiting(3, List.of(1, 2, 3));
        cluster.register(1, true);
        expectWaiting(3, List.of(1, 2, 3));
        cluster.report(1, new ShardReport(0, 0, 300, false));
        cluster.ready(1);
        expect(1, 4, List.of(1), List.of());
    }

    @Test
    void shouldNotWaitForThoseWhoLeftLongBeforeThePowerCut() {
        three(Map.of()).stop(1).later().stop(2, 3);
        assertEquals(List.of(2, 3), cluster.shard(0).lastIsr());
        for (final int id : List.of(2, 3)) {
            cluster.register(id, false);
            cluster.report(id, new ShardReport(0, 1, id * 100, false));
            cluster.ready(id);
        }
        expect(3, 4, List.of(3), List.of());
    }

    @Test
    void shouldElectCleanlyWhenOneHolderKeptItsPageCache() {
        three(Map.of()).stop(1, 2, 3);
        cluster.register(3, false);
        cluster.report(3, new ShardReport(0, 9, 900, false));
        cluster.ready(3);
        expect(NOBODY, 3, List.of(2), List.of());
        cluster.start(2);
        expect(2, 4, List.of(2), List.of());
        assertEquals(ShardInfo.RiskyElections.NONE, cluster.shard(0).elections());
    }

    @Test
    void shouldKeepADurableLogElectableUnlessItIsDamagedOrNotReported() {
        three(DURABLE).stop(1, 2, 3);
        cluster.register(3, false);
        expect(NOBODY, 3, List.of(3), List.of(2));
        cluster.report(3, new ShardReport(0, 0, 100, false));
        cluster.ready(3);
        expect(3, 4, List.of(3), List.of(2));
        cluster.register(2, false);
        cluster.ready(2);
        expect(3, 4, List.of(3), List.of());
        cluster.stop(3);
        cluster.register(3, true);
        cluster.report(3, new ShardReport(0, 0, 50, true));
        cluster.ready(3);
        expectWaiting(5, cluster.shard(0).lastIsr());
        cluster.start(1);
        assertTrue(cluster.shard(0).waiting(), "only an operator decides over a durable log");
    }

    @Test
    void shouldTakeADamagedLogForNoneWhereOthersHoldWhatWasCommitted() {
        three(Map.of()).stop(3).stop(2);
        expect(1, 0, List.of(1), List.of(2));
        cluster.register(2, true);
        cluster.report(2, new ShardReport(0, 0, 40, true), new ShardReport(77, 0, 40, true));
        expect(1, 0, List.of(1), List.of());
        cluster.ready(2);
        assertTrue(cluster.isr(0, 1, 2).isOk());
        assertTrue(cluster.registerAgain(2, true).isOk());
        cluster.ready(2);
        expect(1, 0, List.of(1, 2), List.of());
        cluster.stop(2).later();
        cluster.registerAgain(2, true);
        cluster.ready(2);
        expect(1, 0, List.of(1), List.of(2));
    }

    @Test
    void shouldPassOverDamagedLogsAfterAPowerCutAndWaitForTheOperatorWhenTheLastHoldersIs() {
        three(Map.of()).stop(1, 2, 3);
        for (final int id : List.of(1, 2, 3)) {
            cluster.register(id, false);
            cluster.report(id, new ShardReport(0, 0, 1000 - id, id != 3));
            cluster.ready(id);
        }
        expect(3, 4, List.of(3), List.of());
        cluster.later().stop(3);
        cluster.register(3, true);
        cluster.report(3, new ShardReport(0, 0, 2000, true));
        cluster.ready(3);
        expectWaiting(5, List.of(3));
        cluster.stop(2, 1).start(1);
        cluster.register(2, true);
        cluster.report(2, new ShardReport(0, 0, 10, false));
        cluster.ready(2);
        expectWaiting(5, List.of(3));
        assertTrue(cluster.elect(0, -1, MetadataCommand.ElectionKind.UNCLEAN).isOk());
        expect(2, 6, List.of(2), List.of());
        assertEquals(new ShardInfo.RiskyElections(1, 1), cluster.shard(0).elections());
    }

    @Test
    void shouldHandOverAndLeaveEveryIsrWhenABrokerShutsDown() {
        three(Map.of());
        assertEquals(0, cluster.shutDown(1).value());
        expect(2, 1, List.of(2, 3), List.of());
        assertTrue(cluster.broker(1).shuttingDown() && !cluster.broker(1).fenced());
        assertEquals(MetadataErrors.INELIGIBLE_REPLICA, cluster.isr(0, 1, 2, 3).errorCode());
        assertEquals(0, cluster.shutDown(3).value());
        expect(2, 1, List.of(2), List.of(3));
        assertEquals(1, cluster.shutDown(2).value(), "nobody is there to take over");
        expect(2, 1, List.of(2), List.of(3));
        assertEquals(MetadataErrors.INVALID_REPLICATION_FACTOR,
            cluster.apply(Commands.create("u", 1, 1), 1).errorCode(), "nothing is given to those who leave");
        cluster.stop(2);
        expect(NOBODY, 2, List.of(2), List.of(3));
        cluster.stop(1, 3).start(1, 3);
        expect(3, 3, List.of(3), List.of(2));
        assertFalse(cluster.broker(3).shuttingDown());
    }

    @Test
    void shouldAnswerHowManyShardsAreStillLedUntilFollowersAreInSync() {
        three(Map.of());
        assertTrue(cluster.isr(0, 1).isOk());
        assertEquals(1, cluster.shutDown(1).value());
        assertTrue(cluster.isr(0, 1, 3).isOk());
        assertEquals(0, cluster.shutDown(1).value());
        expect(3, 1, List.of(3), List.of(1));
    }

    @Test
    void shouldMoveTheLeadershipWithinTheIsrWhenAnOperatorPrefersIt() {
        three(Map.of()).stop(1);
        assertEquals(MetadataErrors.PREFERRED_LEADER_NOT_AVAILABLE, preferred(-1));
        cluster.start(1);
        assertEquals(MetadataErrors.PREFERRED_LEADER_NOT_AVAILABLE, preferred(-1), "not in sync");
        assertTrue(cluster.isr(0, 1, 2, 3).isOk());
        assertEquals(MetadataErrors.ELECTION_NOT_NEEDED, preferred(2));
        assertEquals(MetadataErrors.PREFERRED_LEADER_NOT_AVAILABLE, preferred(7));
        assertEquals(MetadataErrors.NONE, preferred(-1));
        expect(2, 1, List.of(1, 2, 3), List.of());
        assertEquals(1, cluster.shard(0).movingTo(), "it hands over first");
        assertEquals(MetadataErrors.FENCED_LEADER_EPOCH, finishMove(3, 1, 1));
        assertEquals(MetadataErrors.PREFERRED_LEADER_NOT_AVAILABLE, finishMove(2, 1, 3));
        assertEquals(MetadataErrors.NONE, finishMove(2, 1, 1));
        expect(1, 2, List.of(1, 2, 3), List.of());
        assertEquals(NOBODY, cluster.shard(0).movingTo());
        assertEquals(MetadataErrors.NONE, preferred(3));
        assertEquals(MetadataErrors.NONE, finishMove(1, 2, NOBODY));
        expect(1, 2, List.of(1, 2, 3), List.of());
        assertEquals(MetadataErrors.PREFERRED_LEADER_NOT_AVAILABLE, finishMove(1, 2, 3), "the move is off");
        assertEquals(MetadataErrors.NONE, preferred(3));
        assertTrue(cluster.isr(0, 1, 3).isOk());
        assertEquals(NOBODY, cluster.shard(0).movingTo(), "any other change ends it");
        assertEquals(MetadataErrors.UNKNOWN_TOPIC_OR_PARTITION,
            cluster.elect(5, -1, MetadataCommand.ElectionKind.PREFERRED).errorCode());
        assertEquals(ShardInfo.RiskyElections.NONE, cluster.shard(0).elections());
    }

    private short finishMove(final int leader, final int epoch, final int to) {
        return cluster.apply(
            new MetadataCommand.FinishMove(0, leader, epoch, to), cluster.session(leader)).errorCode();
    }

    private short preferred(final int brokerId) {
        return cluster.elect(0, brokerId, MetadataCommand.ElectionKind.PREFERRED).errorCode();
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 2})
    void shouldElectUncleanlyOnlyWhenAskedAndNobodyLeads(final int asked) {
        three(Map.of("min.insync.replicas", "1"));
        final MetadataCommand.ElectionKind unclean = MetadataCommand.ElectionKind.UNCLEAN;
        assertEquals(MetadataErrors.ELECTION_NOT_NEEDED, cluster.elect(0, asked, unclean).errorCode());
        assertTrue(cluster.isr(0, 1).isOk());
        cluster.stop(1, 2, 3);
        assertEquals(MetadataErrors.ELIGIBLE_LEADERS_NOT_AVAILABLE, cluster.elect(0, asked, unclean).errorCode());
        for (final int id : List.of(2, 3)) {
            cluster.register(id, true);
            cluster.report(id, new ShardReport(0, 0, 100 - id, false));
            cluster.ready(id);
        }
        expect(NOBODY, 1, List.of(1), List.of());
        final MetadataImage before = image();
        assertEquals(2, cluster.elect(0, asked, unclean).value());
        expect(2, 2, List.of(2), List.of());
        final MetadataImage after = image();
        assertEquals(List.of(cluster.shard(0)), MetadataChanges.between(before, after).riskyElections());
        assertEquals(List.of(), MetadataChanges.between(MetadataImage.EMPTY, after).riskyElections());
        assertEquals(1, after.uncleanElectionCount());
        assertEquals(0, after.powerCutElectionCount());
        cluster.start(1);
        expect(2, 2, List.of(2), List.of());
    }

    @Test
    void shouldDecideAProposalOnceSoThatNoCopyOfARefusedOneIsAccepted() {
        three(Map.of()).stop(3);
        final ShardInfo shard = cluster.shard(0);
        cluster.register(3, true);
        final MetadataCommand proposal = new MetadataCommand.ChangeIsr(
            0, 1, 0, shard.isrVersion(), List.of(1, 2, 3),
            List.of(cluster.epoch(1), cluster.epoch(2), cluster.epoch(3)));
        assertEquals(MetadataErrors.INELIGIBLE_REPLICA,
            cluster.apply(proposal, cluster.session(1)).errorCode(), "fenced still");
        cluster.ready(3);
        final MetadataResult copy = cluster.apply(proposal, cluster.session(1));
        assertEquals(MetadataErrors.INVALID_UPDATE_VERSION, copy.errorCode());
        assertFalse(copy.isUndecided());
        assertTrue(cluster.isr(0, 1, 2, 3).isOk());
    }

    @Test
    void shouldRefuseAMemberThatIsNotTheProcessWhichCaughtUp() {
        three(Map.of()).stop(3).start(3);
        final ShardInfo shard = cluster.shard(0);
        final MetadataCommand proposal = new MetadataCommand.ChangeIsr(
            0, 1, 0, shard.isrVersion(), List.of(1, 2, 3), List.of(0L, 0L, cluster.epoch(3)));
        cluster.stop(3);
        cluster.register(3, false);
        cluster.ready(3);
        assertEquals(MetadataErrors.INELIGIBLE_REPLICA, cluster.apply(proposal, cluster.session(1)).errorCode());
        assertNotEquals(shard.isrVersion(), cluster.shard(0).isrVersion());
        assertEquals(List.of(1, 2), cluster.shard(0).isr());
    }

    @Test
    void shouldRefuseReportsBeyondTheLimitAndTakeThoseOfOthersShardsForNothing() {
        three(Map.of()).stop(3);
        cluster.register(3, true);
        final ShardReport[] many = new ShardReport[MetadataCommand.ReportShards.MAX_REPORT_COUNT + 1];
        Arrays.setAll(many, i -> new ShardReport(i, 0, 0, false));
        assertEquals(MetadataErrors.INVALID_REQUEST, cluster.report(3, many).errorCode());
        final long version = cluster.machine.state().version();
        assertTrue(cluster.report(3, new ShardReport(55, 0, 0, true)).isOk());
        assertEquals(version, cluster.machine.state().version());
    }

    @Test
    void shouldPlaceNewPartitionsOnlyOnBrokersThatStay() {
        cluster.start(1, 2, 3);
        cluster.shutDown(2);
        cluster.register(4, true);
        cluster.create("t", 6, 1, Map.of());
        assertEquals(Set.of(1, 3), cluster.machine.state().shards().stream().map(ShardInfo::leader)
            .collect(Collectors.toSet()));
    }

    private MetadataImage image() {
        return MetadataImage.EMPTY.follow(List.of(cluster.machine.state().snapshot()));
    }
}
