package io.millrace.broker.group;

import static io.millrace.broker.group.GroupErrors.FENCED_INSTANCE_ID;
import static io.millrace.broker.group.GroupErrors.GROUP_ID_NOT_FOUND;
import static io.millrace.broker.group.GroupErrors.GROUP_MAX_SIZE_REACHED;
import static io.millrace.broker.group.GroupErrors.ILLEGAL_GENERATION;
import static io.millrace.broker.group.GroupErrors.INCONSISTENT_GROUP_PROTOCOL;
import static io.millrace.broker.group.GroupErrors.INVALID_SESSION_TIMEOUT;
import static io.millrace.broker.group.GroupErrors.MEMBER_ID_REQUIRED;
import static io.millrace.broker.group.GroupErrors.NONE;
import static io.millrace.broker.group.GroupErrors.NON_EMPTY_GROUP;
import static io.millrace.broker.group.GroupErrors.REBALANCE_IN_PROGRESS;
import static io.millrace.broker.group.GroupErrors.UNKNOWN_MEMBER_ID;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.transport.kafka.message.Heartbeat;
import io.millrace.transport.kafka.message.JoinGroup;
import io.millrace.transport.kafka.message.LeaveGroup;
import io.millrace.transport.kafka.message.OffsetCommit;
import io.millrace.transport.kafka.message.SyncGroup;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** The table of calls and states of the classic protocol, cell by cell. */
class ClassicGroupTest {
    private final GroupRig rig = new GroupRig(1);

    private ClassicState state() {
        return rig.coordinator.groups.get("g").classic.state;
    }

    /** {@return the id of the one member of a stable group} */
    private String stable() {
        final JoinGroup.Response joined = rig.join("").get();
        rig.sync(joined.generationId(), joined.memberId(), Map.of(joined.memberId(), new byte[] {1}));
        assertEquals(ClassicState.STABLE, state());
        return joined.memberId();
    }

    /** Two members, the second not synced; the group is completing its generation 2. */
    private String[] completing() {
        final String first = stable();
        final AtomicReference<JoinGroup.Response> second = rig.join("");
        rig.join(first);
        assertEquals(ClassicState.COMPLETING, state());
        return new String[] {first, second.get().memberId()};
    }

    @Test
    void shouldKeepTheNegativeOffsetsThatKafkajsResetsGroupsTo() {
        assertEquals(NONE, rig.commit(-1, "", 0, -2));
        assertEquals(-2, rig.committed(0));
    }

    @Test
    void shouldRefuseWhatAnEmptyGroupCannotAnswer() {
        rig.commit(-1, "", 0, 5);
        assertEquals(ClassicState.EMPTY, state());
        assertEquals(UNKNOWN_MEMBER_ID, rig.join("nobody").get().errorCode());
        assertEquals(UNKNOWN_MEMBER_ID, rig.sync(0, "nobody", Map.of()).get().errorCode());
        assertEquals(UNKNOWN_MEMBER_ID, rig.heartbeat(0, "nobody"));
        assertEquals(UNKNOWN_MEMBER_ID, rig.commit(0, "nobody", 0, 6));
        assertEquals(5, rig.committed(0));
        assertEquals(-1, rig.committed(1));
        assertEquals(UNKNOWN_MEMBER_ID, rig.leave("nobody"));
    }

    @Test
    void shouldParkJoinsAndRefuseTheRestWhilePreparing() {
        final String member = stable();
        final AtomicReference<JoinGroup.Response> second = rig.join("");
        assertEquals(ClassicState.PREPARING, state());
        assertNull(second.get());
        assertEquals(REBALANCE_IN_PROGRESS, rig.sync(1, member, Map.of()).get().errorCode());
        assertEquals(REBALANCE_IN_PROGRESS, rig.heartbeat(1, member));
        assertEquals(NONE, rig.commit(1, member, 0, 5));
        assertEquals(UNKNOWN_MEMBER_ID, rig.commit(-1, "", 0, 6));
        final JoinGroup.Response first = rig.join(member).get();
        assertEquals(2, first.generationId());
        assertEquals(member, first.leader());
        assertEquals(2, first.members().size());
        assertEquals(2, second.get().generationId());
        assertTrue(second.get().members().isEmpty(), "only the leader is told the members");
    }

    @Test
    void shouldAnswerEverybodyWhenTheLeaderSyncs() {
        final String[] members = completing();
        final AtomicReference<SyncGroup.Response> follower = rig.sync(2, members[1], Map.of());
        assertNull(follower.get());
        assertEquals(NONE, rig.heartbeat(2, members[1]));
        assertEquals(REBALANCE_IN_PROGRESS, rig.commit(2, members[0], 0, 1));
        assertEquals(UNKNOWN_MEMBER_ID, rig.commit(-1, "", 0, 1));
        assertEquals(ILLEGAL_GENERATION, rig.sync(1, members[0], Map.of()).get().errorCode());
        final SyncGroup.Response leader =
            rig.sync(2, members[0], Map.of(members[0], new byte[] {8}, members[1], new byte[] {9})).get();
        assertArrayEquals(new byte[] {8}, leader.assignment());
        assertArrayEquals(new byte[] {9}, follower.get().assignment());
        assertEquals(ClassicState.STABLE, state());
        assertArrayEquals(new byte[] {9}, rig.sync(2, members[1], Map.of()).get().assignment());
        assertEquals(NONE, rig.heartbeat(2, members[0]));
        assertEquals(ILLEGAL_GENERATION, rig.heartbeat(1, members[0]));
        assertEquals(NONE, rig.commit(2, members[1], 0, 1));
        assertEquals(ILLEGAL_GENERATION, rig.commit(1, members[1], 0, 1));
        assertEquals(UNKNOWN_MEMBER_ID, rig.commit(-1, "", 0, 1));
        assertEquals(NON_EMPTY_GROUP, GroupAdmin.delete(rig.coordinator, "g"));
    }

    @Test
    void shouldBalanceAgainWhenSomebodyJoinsWhileCompleting() {
        final String[] members = completing();
        final AtomicReference<SyncGroup.Response> parked = rig.sync(2, members[1], Map.of());
        final JoinGroup.Response replayed = rig.join(members[0]).get();
        assertEquals(2, replayed.generationId(), "the same metadata: told again");
        rig.join("");
        assertEquals(ClassicState.PREPARING, state());
        assertEquals(REBALANCE_IN_PROGRESS, parked.get().errorCode());
    }

    @Test
    void shouldReplayToAFollowerAndBalanceForTheLeaderWhenStable() {
        final String[] members = completing();
        rig.sync(2, members[0], Map.of());
        assertEquals(2, rig.join(members[1]).get().generationId());
        assertEquals(ClassicState.STABLE, state());
        assertNull(rig.join(members[0]).get());
        assertEquals(ClassicState.PREPARING, state());
    }

    @Test
    void shouldDropWhoDoesNotComeBackInTime() {
        final String first = stable();
        final AtomicReference<JoinGroup.Response> second = rig.join("");
        rig.pass(9_000);
        assertNull(second.get());
        rig.pass(2_000); // the first one's session
        assertEquals(2, second.get().generationId());
        assertEquals(second.get().memberId(), second.get().leader());
        assertEquals(UNKNOWN_MEMBER_ID, rig.heartbeat(1, first));
    }

    @Test
    void shouldDropWhoNeverSyncs() {
        final String[] members = completing();
        rig.sync(2, members[0], Map.of());
        for (int i = 0; i < 12; i++) {
            rig.pass(5_000);
            rig.heartbeat(2, members[0]);
            rig.heartbeat(2, members[1]);
        }
        rig.pass(1_000);
        assertEquals(UNKNOWN_MEMBER_ID, rig.heartbeat(2, members[1]));
        assertEquals(REBALANCE_IN_PROGRESS, rig.heartbeat(2, members[0]));
    }

    @Test
    void shouldGiveAnIdFirstWhenTheClientKnowsHow() {
        final JoinGroup.Response named = rig.join(GroupRig.joinRequest("g", "", null, true, "range")).get();
        assertEquals(MEMBER_ID_REQUIRED, named.errorCode());
        assertTrue(named.memberId().startsWith("client-"), named.memberId());
        final JoinGroup.Response joined =
            rig.join(GroupRig.joinRequest("g", named.memberId(), null, true, "range")).get();
        assertEquals(NONE, joined.errorCode());
        assertEquals(named.memberId(), joined.memberId());
        final JoinGroup.Response late = rig.join(GroupRig.joinRequest("h", "", null, true, "range")).get();
        rig.pass(10_001);
        assertEquals(UNKNOWN_MEMBER_ID,
            rig.join(GroupRig.joinRequest("h", late.memberId(), null, true, "range")).get().errorCode());
    }

    @Test
    void shouldRefuseOtherProtocolsSessionsAndTooManyMembers() {
        stable();
        assertEquals(INCONSISTENT_GROUP_PROTOCOL,
            rig.join(GroupRig.joinRequest("g", "", null, false, "sticky")).get().errorCode());
        assertEquals(INVALID_SESSION_TIMEOUT, rig.join(new JoinGroup.Request("g", 5_999, 60_000, "", null, "consumer",
            List.of(new JoinGroup.Protocol("range", new byte[0])), false, false)).get().errorCode());
        rig.config = new GroupConfiguration(6_000, 60_000, 0, 1, 1000, 600_000, 10, 10, 10, 10_000, 45_000, 5_000,
            MigrationPolicy.BIDIRECTIONAL);
        rig.reload();
        assertEquals(GROUP_MAX_SIZE_REACHED, rig.join("").get().errorCode());
    }

    @Test
    void shouldTakeTheProtocolMostMembersPreferAmongThoseAllSpeak() {
        final JoinGroup.Response first =
            rig.join(GroupRig.joinRequest("g", "", null, false, "a", "b", "c")).get();
        final AtomicReference<JoinGroup.Response> second =
            rig.join(GroupRig.joinRequest("g", "", null, false, "c", "b"));
        final AtomicReference<JoinGroup.Response> third =
            rig.join(GroupRig.joinRequest("g", "", null, false, "c", "b"));
        rig.join(GroupRig.joinRequest("g", first.memberId(), null, false, "a", "b", "c"));
        assertEquals("c", second.get().protocolName());
        assertEquals(2, third.get().generationId());
    }

    @Test
    void shouldKeepAStaticMembersPlaceWhenItsProcessIsReplaced() {
        final JoinGroup.Response joined = rig.join(GroupRig.joinRequest("g", "", "i", true, "range")).get();
        rig.coordinator.sync(new SyncGroup.Request("g", 1, joined.memberId(), "i", null, null,
            Map.of(joined.memberId(), new byte[] {4})), answer -> { });
        final JoinGroup.Response again = rig.join(GroupRig.joinRequest("g", "", "i", true, "range")).get();
        assertEquals(1, again.generationId(), "no balance");
        assertNotEquals(joined.memberId(), again.memberId());
        assertTrue(again.skipAssignment());
        final AtomicReference<SyncGroup.Response> synced = new AtomicReference<>();
        rig.coordinator.sync(
            new SyncGroup.Request("g", 1, again.memberId(), "i", null, null, Map.of()), synced::set);
        assertArrayEquals(new byte[] {4}, synced.get().assignment());
        assertEquals(FENCED_INSTANCE_ID,
            rig.coordinator.heartbeat(new Heartbeat.Request("g", 1, joined.memberId(), "i")).errorCode());
        assertEquals(FENCED_INSTANCE_ID,
            rig.join(GroupRig.joinRequest("g", joined.memberId(), "i", true, "range")).get().errorCode());
        assertEquals(NONE, rig.coordinator.leave(new LeaveGroup.Request("g",
            List.of(new LeaveGroup.Member("", "i")))).members().get(0).errorCode());
        assertEquals(ClassicState.EMPTY, state());
    }

    @Test
    void shouldWaitForMoreMembersWhenADelayIsSet() {
        rig.config = new GroupConfiguration(6_000, 60_000, 3_000, 10, 1000, 600_000, 10, 10, 10, 10_000, 45_000, 5_000,
            MigrationPolicy.BIDIRECTIONAL);
        rig.reload();
        final AtomicReference<JoinGroup.Response> first = rig.join("");
        rig.pass(2_000);
        final AtomicReference<JoinGroup.Response> second = rig.join("");
        rig.pass(2_000);
        assertNull(first.get());
        rig.pass(3_000);
        assertEquals(1, first.get().generationId());
        assertEquals(1, second.get().generationId());
    }

    /** Its balance waits for an id that was given out, and whoever comes is the first one. */
    @Test
    void shouldTakeAnybodyWhenTheOnlyMemberLeavesBeforeTheBalance() {
        final String pending = rig.join(GroupRig.joinRequest("g", "", null, true, "sticky")).get().memberId();
        final String first = rig.join(GroupRig.joinRequest("g", "", null, true, "range")).get().memberId();
        assertNull(rig.join(GroupRig.joinRequest("g", first, null, true, "range")).get());
        assertEquals(NONE, rig.leave(first));
        assertEquals(ClassicState.PREPARING, state(), "the other id may come back");
        final AtomicReference<JoinGroup.Response> next = rig.join("");
        assertNull(next.get());
        assertEquals(INCONSISTENT_GROUP_PROTOCOL,
            rig.join(GroupRig.joinRequest("g", pending, null, true, "sticky")).get().errorCode());
        rig.pass(10_001);
        assertEquals(NONE, next.get().errorCode());
        assertEquals(next.get().memberId(), next.get().leader());
        assertEquals(NONE, rig.leave(next.get().memberId()));
    }

    @Test
    void shouldTakeWhoWasGivenAnIdWhenTheOnlyMemberLeavesMeanwhile() {
        final String pending = rig.join(GroupRig.joinRequest("g", "", null, true, "sticky")).get().memberId();
        final AtomicReference<JoinGroup.Response> first = rig.join("");
        assertEquals(NONE, rig.leave(rig.coordinator.groups.get("g").classic.leaderId));
        assertEquals(UNKNOWN_MEMBER_ID, first.get().errorCode());
        final JoinGroup.Response joined = rig.join(GroupRig.joinRequest("g", pending, null, true, "sticky")).get();
        assertEquals(NONE, joined.errorCode());
        assertEquals(pending, joined.leader());
        assertEquals("sticky", joined.protocolName());
    }

    @Test
    void shouldTakeOthersWhenTheOnlyMemberLeavesDuringTheDelay() {
        rig.config = new GroupConfiguration(6_000, 60_000, 3_000, 10, 1000, 600_000, 10, 10, 10, 10_000, 45_000, 5_000,
            MigrationPolicy.BIDIRECTIONAL);
        rig.reload();
        rig.join("");
        assertEquals(NONE, rig.leave(rig.coordinator.groups.get("g").classic.leaderId));
        assertEquals(ClassicState.PREPARING, state());
        final AtomicReference<JoinGroup.Response> next =
            rig.join(GroupRig.joinRequest("g", "", null, false, "sticky"));
        rig.pass(6_001);
        assertEquals(NONE, next.get().errorCode());
        assertEquals("sticky", next.get().protocolName());
    }

    @Test
    void shouldGoOnWithItsGenerationWhenAnotherCoordinatorTakesOver() {
        final String[] members = completing();
        rig.sync(2, members[0], Map.of(members[1], new byte[] {9}));
        rig.commit(2, members[0], 3, 42);
        rig.reload();
        assertEquals(ClassicState.STABLE, state());
        assertEquals(NONE, rig.heartbeat(2, members[0]));
        assertArrayEquals(new byte[] {9}, rig.sync(2, members[1], Map.of()).get().assignment());
        assertEquals(42, rig.committed(3));
        rig.pass(9_000);
        assertEquals(NONE, rig.heartbeat(2, members[0]));
        rig.pass(2_000);
        assertEquals(REBALANCE_IN_PROGRESS, rig.heartbeat(2, members[0]), "the other one did not come back");
    }

    @Test
    void shouldForgetOffsetsWithTheirTopicTheirTimeAndTheirGroup() {
        rig.commit(-1, "", 0, 5);
        rig.deleteTopic("t");
        rig.addTopic("t", 6);
        assertEquals(-1, rig.committed(0), "another topic of the same name");
        assertNull(rig.coordinator.groups.get("g"));
        rig.commit(-1, "", 0, 7);
        rig.pass(6L * 24 * 3600 * 1000);
        assertEquals(7, rig.committed(0));
        rig.pass(2L * 24 * 3600 * 1000);
        assertEquals(-1, rig.committed(0));
        rig.commit(-1, "", 0, 8);
        assertEquals(NONE, GroupAdmin.delete(rig.coordinator, "g"));
        assertEquals(GROUP_ID_NOT_FOUND, GroupAdmin.delete(rig.coordinator, "g"));
        rig.reload();
        assertEquals(-1, rig.committed(0));
    }

    @Test
    void shouldForgetOffsetsOfTopicsThatALiveGroupDoesNotReadAnyMore() {
        rig.addTopic("old", 1);
        final byte[] subscription = {0, 0, 0, 0, 0, 1, 0, 1, 't', -1, -1, -1, -1};
        final JoinGroup.Response joined = rig.join(new JoinGroup.Request("g", 1_800_000, 1_800_000, "", null,
            "consumer", List.of(new JoinGroup.Protocol("range", subscription)), false, true)).get();
        rig.sync(1, joined.memberId(), Map.of());
        rig.coordinator.commit(new OffsetCommit.Request("g", 1, joined.memberId(), null, List.of(
            new OffsetCommit.RequestTopic("old", null, List.of(new OffsetCommit.RequestPartition(0, 9, -1, ""))))));
        rig.commit(1, joined.memberId(), 0, 5);
        final Group group = rig.coordinator.groups.get("g");
        for (int hour = 0; hour < 8 * 24; hour++) {
            assertEquals(hour < 7 * 24, group.offsets.containsKey(new OffsetKey("old", 0)), "hour " + hour);
            for (int i = 0; i < 4; i++) {
                rig.pass(900_000);
                rig.heartbeat(1, joined.memberId());
            }
        }
        assertEquals(5, rig.committed(0), "it reads this one");
    }

    @Test
    void shouldForgetAsOftenAsIsConfigured() {
        rig.config = new GroupConfiguration(6_000, 60_000, 0, 10, 1_000, 50, 10, 10, 10, 10_000, 45_000, 5_000,
            MigrationPolicy.BIDIRECTIONAL);
        rig.reload();
        rig.commit(-1, "", 0, 7);
        rig.pass(999);
        assertEquals(7, rig.committed(0));
        rig.pass(51);
        assertEquals(-1, rig.committed(0));
    }

    @Test
    void shouldAnswerWhoWaitsWhenTheCoordinatorGoes() {
        final String[] members = completing();
        final AtomicReference<SyncGroup.Response> waiting = rig.sync(2, members[1], Map.of());
        rig.coordinator.refuseAll(GroupErrors.NOT_COORDINATOR);
        assertNotNull(waiting.get());
        assertEquals(GroupErrors.NOT_COORDINATOR, waiting.get().errorCode());
    }
}
