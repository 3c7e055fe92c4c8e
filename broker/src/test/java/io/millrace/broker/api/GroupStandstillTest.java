package io.millrace.broker.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.metadata.MetadataCommand;
import io.millrace.broker.metadata.ShardInfo;
import io.millrace.broker.shard.LeaderLease;
import java.util.List;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.HeartbeatResponseData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.ListGroupsRequestData;
import org.apache.kafka.common.message.ListGroupsResponseData;
import org.apache.kafka.common.message.OffsetDeleteRequestData;
import org.apache.kafka.common.message.OffsetDeleteResponseData;
import org.apache.kafka.common.message.OffsetFetchResponseData;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.message.SyncGroupResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Test;

/** A coordinator whose records cannot be committed for a while, since too few replicas are in sync. */
class GroupStandstillTest extends CoordinatorRig {
    private static final short MEMBER_VERSION = 3;
    private static final int STEP_MS = 50;
    private static final int SESSION_MS = 20_000;
    /** Longer than an answer waits. */
    private static final int LONG_MS = 5_500;

    private String memberId;
    private int generation;

    /** Time passes; nothing is committed. */
    private void pass(final int ms) {
        for (int i = 0; i < ms; i += STEP_MS) {
            final long endNs = trio.nowNs + STEP_MS * 1_000_000L;
            while (trio.nowNs < endNs) {
                trio.step();
            }
            work();
        }
    }

    private void changeIsr(final List<Integer> isr) {
        final ShardInfo now = trio.image(shard.leader()).shard(shard.id());
        assertTrue(trio.submit(shard.leader(), new MetadataCommand.ChangeIsr(
            now.id(), now.leader(), now.leaderEpoch(), now.isrVersion(), isr)).isOk());
        trio.step();
        work();
    }

    private void loseReplicas() {
        changeIsr(List.of(shard.leader()));
        log.admitAcksAll(false);
    }

    private void getReplicasBack() {
        changeIsr(List.of(1, 2, 3));
        log.admitAcksAll(true);
        work();
    }

    private TestSlot join(final String group) {
        final JoinGroupRequestData request = new JoinGroupRequestData().setGroupId(group).setProtocolType("consumer")
            .setSessionTimeoutMs(SESSION_MS).setRebalanceTimeoutMs(SESSION_MS);
        request.protocols().add(new JoinGroupRequestData.JoinGroupRequestProtocol().setName("range"));
        return ask(ApiKeys.JOIN_GROUP, MEMBER_VERSION, request);
    }

    private static JoinGroupResponseData joined(final TestSlot slot) {
        assertTrue(slot.isCompleted());
        return new JoinGroupResponseData(new ByteBufferAccessor(slot.body()), MEMBER_VERSION);
    }

    /** A member joins group g and hears its assignment. */
    private void settleMember() {
        final TestSlot join = join("g");
        pass(4_000); // others might come
        final JoinGroupResponseData joined = joined(join);
        assertEquals(Errors.NONE.code(), joined.errorCode());
        memberId = joined.memberId();
        generation = joined.generationId();
        final TestSlot sync = ask(ApiKeys.SYNC_GROUP, MEMBER_VERSION, new SyncGroupRequestData().setGroupId("g")
            .setGenerationId(generation).setMemberId(memberId).setAssignments(List.of(
                new SyncGroupRequestData.SyncGroupRequestAssignment()
                    .setMemberId(memberId).setAssignment(new byte[] {1}))));
        work();
        commitAll();
        assertTrue(sync.isCompleted());
        assertEquals(Errors.NONE.code(),
            new SyncGroupResponseData(new ByteBufferAccessor(sync.body()), MEMBER_VERSION).errorCode());
    }

    private Errors heartbeat() {
        final TestSlot slot = ask(ApiKeys.HEARTBEAT, MEMBER_VERSION, new HeartbeatRequestData()
            .setGroupId("g").setGenerationId(generation).setMemberId(memberId));
        assertTrue(slot.isCompleted(), "a heartbeat waits for nothing");
        return Errors.forCode(
            new HeartbeatResponseData(new ByteBufferAccessor(slot.body()), MEMBER_VERSION).errorCode());
    }

    private static Errors errorOfFetch(final TestSlot slot) {
        assertTrue(slot.isCompleted());
        return Errors.forCode(new OffsetFetchResponseData(
            new ByteBufferAccessor(slot.body().position(1)), FETCH_VERSION).errorCode());
    }

    private Errors deleteOffset(final String group) {
        final OffsetDeleteRequestData request = new OffsetDeleteRequestData().setGroupId(group);
        request.topics().add(new OffsetDeleteRequestData.OffsetDeleteRequestTopic().setName("t").setPartitions(
            List.of(new OffsetDeleteRequestData.OffsetDeleteRequestPartition())));
        final TestSlot slot = ask(ApiKeys.OFFSET_DELETE, (short) 0, request);
        assertTrue(slot.isCompleted());
        return Errors.forCode(
            new OffsetDeleteResponseData(new ByteBufferAccessor(slot.body()), (short) 0).errorCode());
    }

    @Test
    void shouldRefuseCommitsOnlyWhenTooFewReplicasAreInSync() {
        settleMember();
        commit("h", 3, "");
        commitAll();
        loseReplicas();
        for (int i = 0; i < 5; i++) {
            assertEquals(Errors.COORDINATOR_NOT_AVAILABLE, errorOf(commit("h", 4 + i, "")));
            assertEquals(Errors.COORDINATOR_NOT_AVAILABLE, deleteOffset("h"));
            assertEquals(Errors.NONE, heartbeat());
            assertEquals(3, committed(askCommitted("h")));
            pass(SESSION_MS / 4);
        }
        final TestSlot listed = ask(ApiKeys.LIST_GROUPS, (short) 2, new ListGroupsRequestData());
        assertEquals(2, new ListGroupsResponseData(new ByteBufferAccessor(listed.body()), (short) 2).groups().size());
        final TestSlot other = join("other");
        pass(4_000);
        assertEquals(Errors.NONE.code(), joined(other).errorCode(), "a join needs no record");
        getReplicasBack();
        final TestSlot late = commit("h", 9, "");
        commitAll();
        assertEquals(Errors.NONE, errorOf(late));
        assertEquals(9, committed(askCommitted("h")));
        assertEquals(Errors.NONE, heartbeat(), "the generation lives on");
    }

    @Test
    void shouldAnswerInTimeWhatWaitsForACommitThatDoesNotComeAndKeepIt() {
        settleMember();
        final TestSlot late = commit("h", 7, "");
        loseReplicas();
        final TestSlot fetch = askCommitted("h");
        pass(LONG_MS / 2);
        assertFalse(late.isCompleted() || fetch.isCompleted(), "it may yet be committed");
        assertEquals(-1, committed(askCommitted("stranger")), "rests on nothing that is under way");
        assertEquals(Errors.NONE, heartbeat());
        pass(LONG_MS / 2);
        assertEquals(Errors.COORDINATOR_NOT_AVAILABLE, errorOf(late));
        assertEquals(Errors.COORDINATOR_LOAD_IN_PROGRESS, errorOfFetch(fetch), "the error that all clients know");
        assertEquals(Errors.NONE, heartbeat());
        getReplicasBack();
        commitAll();
        assertEquals(7, committed(askCommitted("h")));
        assertEquals(Errors.NONE, heartbeat());
        lose();
        takeOver();
        assertEquals(7, committed(askCommitted("h")));
    }

    @Test
    void shouldWriteAgainInOrderWhenTheLogKnowsOfTooFewReplicasFirst() {
        settleMember();
        log.admitAcksAll(false); // the metadata does not say so yet
        final TestSlot first = commit("h", 7, "");
        final TestSlot second = commit("h", 8, "");
        pass(1_000);
        assertFalse(first.isCompleted() || second.isCompleted());
        assertEquals(Errors.NONE, heartbeat());
        log.admitAcksAll(true);
        pass(500);
        commitAll(); // the first alone
        work();
        commitAll();
        assertEquals(Errors.NONE, errorOf(first));
        assertEquals(Errors.NONE, errorOf(second));
        lose();
        takeOver();
        assertEquals(8, committed(askCommitted("h")));
        assertEquals(Errors.NONE, heartbeat());
    }

    @Test
    void shouldSendMembersThatWaitElsewhereWhenItMayNotAnswerAsALeaderForLong() {
        settleMember();
        final TestSlot newcomer = join("g");
        pass(STEP_MS);
        assertFalse(newcomer.isCompleted(), "the other member is to join again first");
        leaseEndNs = trio.nowNs;
        pass(1_000);
        assertFalse(newcomer.isCompleted(), "the lease may come back");
        assertEquals(Errors.COORDINATOR_LOAD_IN_PROGRESS, errorOfFetch(askCommitted("g")));
        pass(3_000);
        assertEquals(Errors.NOT_COORDINATOR.code(), joined(newcomer).errorCode());
        assertEquals(Errors.NOT_COORDINATOR, errorOfFetch(askCommitted("g")));
        assertEquals(Errors.NOT_COORDINATOR, heartbeat());
        leaseEndNs = LeaderLease.ENDLESS_NS;
        pass(1_000);
        assertEquals(Errors.NONE, heartbeat(), "read again from the log");
        final TestSlot late = commit("h", 5, "");
        commitAll();
        assertEquals(Errors.NONE, errorOf(late));
    }

    @Test
    void shouldTellMembersThatTheyLiveWhileTheirGroupIsRead() {
        settleMember();
        lose();
        assertEquals(Errors.NOT_COORDINATOR, errorOf(commit("h", 9, "")));
        assertEquals(Errors.COORDINATOR_LOAD_IN_PROGRESS, errorOfFetch(askCommitted("h")), "it is to lead soon");
        local.leading(shard.leaderEpoch(), log.startLeading(logEpoch++));
        work();
        assertEquals(Errors.COORDINATOR_LOAD_IN_PROGRESS, errorOf(commit("h", 9, "")));
        assertEquals(Errors.NONE, heartbeat());
        commitAll();
        assertEquals(Errors.NONE, heartbeat());
    }
}
