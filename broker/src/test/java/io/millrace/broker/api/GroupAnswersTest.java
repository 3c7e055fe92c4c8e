package io.millrace.broker.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.group.AnswerBudget;
import io.millrace.broker.metadata.TopicInfo;
import io.millrace.broker.shard.LeaderLease;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.kafka.common.message.ConsumerGroupDescribeRequestData;
import org.apache.kafka.common.message.ConsumerGroupDescribeResponseData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.DeleteGroupsRequestData;
import org.apache.kafka.common.message.DeleteGroupsResponseData;
import org.apache.kafka.common.message.DescribeGroupsRequestData;
import org.apache.kafka.common.message.DescribeGroupsResponseData;
import org.apache.kafka.common.message.FindCoordinatorRequestData;
import org.apache.kafka.common.message.FindCoordinatorResponseData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.OffsetDeleteRequestData;
import org.apache.kafka.common.message.OffsetDeleteResponseData;
import org.apache.kafka.common.message.OffsetFetchRequestData;
import org.apache.kafka.common.message.OffsetFetchResponseData;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Test;

/** A coordinator over a real log: what is answered when, while its leadership comes and goes. */
class GroupAnswersTest extends CoordinatorRig {
    @Test
    void shouldAnswerACommitAndWhatRestsOnItOnlyWhenItIsReplicated() {
        final TestSlot slot = commit("g", 7, "");
        final TestSlot fetch = askCommitted("g");
        assertFalse(slot.isCompleted() || fetch.isCompleted());
        commitAll();
        assertEquals(Errors.NONE, errorOf(slot));
        assertEquals(7, committed(fetch));
    }

    @Test
    void shouldRefuseWhoWaitsWhenLeadershipIsLostAndKnowEverythingWhenItComesBack() {
        final TestSlot first = commit("g", 7, "");
        commitAll();
        assertEquals(Errors.NONE, errorOf(first));
        final TestSlot second = commit("g", 8, "");
        lose();
        assertEquals(Errors.NOT_COORDINATOR, errorOf(second));
        assertEquals(Errors.NOT_COORDINATOR, errorOf(commit("g", 9, "")));
        takeOver();
        final TestSlot fetch = askCommitted("g");
        assertEquals(8, committed(fetch), "nobody was told, but it was in the log");
    }

    @Test
    void shouldLoadACoordinatorAnewWhenItFailsAtARequest() {
        assertEquals(7, committedAfter(commit("g", 7, "")));
        isRandomBroken = true;
        final JoinGroupRequestData join = new JoinGroupRequestData().setGroupId("g").setProtocolType("consumer")
            .setSessionTimeoutMs(10_000).setRebalanceTimeoutMs(10_000);
        join.protocols().add(new JoinGroupRequestData.JoinGroupRequestProtocol().setName("range"));
        assertThrows(IllegalStateException.class, () -> ask(ApiKeys.JOIN_GROUP, (short) 3, join));
        isRandomBroken = false;
        assertEquals(Errors.COORDINATOR_LOAD_IN_PROGRESS, errorOf(commit("g", 8, "")));
        trio.nowNs += 2_000_000_000L;
        work();
        assertEquals(9, committedAfter(commit("g", 9, "")));
    }

    @Test
    void shouldAnswerOthersWhenAnAnswerCannotBeWritten() {
        final TestSlot first = commit("g", 7, "");
        first.isBroken = true;
        final TestSlot second = commit("g", 8, "");
        commitAll();
        assertNotNull(first.crash);
        assertEquals(Errors.NONE, errorOf(second));
        assertEquals(List.of(), failures);
        assertEquals(8, committed(askCommitted("g")));
    }

    private long committedAfter(final TestSlot commit) {
        commitAll();
        assertEquals(Errors.NONE, errorOf(commit));
        return committed(askCommitted("g"));
    }

    @Test
    void shouldSayThatItLoadsUntilItsEpochHasCommitted() {
        lose();
        local.leading(shard.leaderEpoch(), log.startLeading(logEpoch++));
        work();
        assertEquals(Errors.COORDINATOR_LOAD_IN_PROGRESS, errorOf(commit("g", 9, "")));
        commitAll();
        assertFalse(commit("g", 9, "").isCompleted(), "taken");
    }

    @Test
    void shouldAnswerNothingWhileTheLeaseIsOverAndGoOnWhenItIsBack() {
        final TestSlot first = commit("g", 7, "");
        commitAll();
        assertEquals(Errors.NONE, errorOf(first));
        leaseEndNs = trio.nowNs;
        assertEquals(Errors.NOT_COORDINATOR, errorOf(commit("g", 9, "")));
        leaseEndNs = LeaderLease.ENDLESS_NS;
        assertEquals(7, committed(askCommitted("g")));
    }

    @Test
    void shouldGiveUpWhatLiesBeforeASnapshotThatIsCommitted() {
        final String metadata = "m".repeat(4000);
        commit("idle", 3, "");
        commitAll();
        for (int i = 0; i < 4400; i++) {
            commit("g" + i % 3, i, metadata);
            commitAll();
        }
        assertEquals(1, deadBefore.size());
        assertTrue(deadBefore.get(0) > 4000, deadBefore.toString());
        lose();
        takeOver();
        TestSlot asked = commit("x", 1, "");
        while (asked.isCompleted()) { // it reads a bounded part in each duty cycle; when all is in, the commit is taken
            assertEquals(Errors.COORDINATOR_LOAD_IN_PROGRESS, errorOf(asked));
            asked = commit("x", 1, "");
        }
        for (int i = 0; i < 20; i++) {
            commitAll(); // nothing was deleted here, so it has begun another snapshot
        }
        assertEquals(3, committed(askCommitted("idle")));
        assertEquals(4399, committed(askCommitted("g" + 4399 % 3)));
    }

    @Test
    void shouldBeginAnewWhenWhatItHasStillToReadIsDeletedMeanwhile() {
        final String metadata = "m".repeat(4000);
        commit("gone", 7, "");
        for (int i = 0; i < 200; i++) {
            commit("g" + i % 3, i, metadata);
            commitAll();
        }
        settle(ask(ApiKeys.DELETE_GROUPS, (short) 1, new DeleteGroupsRequestData().setGroupsNames(List.of("gone"))));
        assertEquals(-1, committed(askCommitted("gone")));
        final int partitionId = trio.image(shard.leader()).topic(TopicInfo.OFFSETS_TOPIC).partitionId(0);
        final long deadBefore = log.newPartitionReader().logEndOffset(partitionId);
        for (int i = 200; i < 203; i++) {
            commit("g" + i % 3, i, metadata); // as a snapshot does
            commitAll();
        }
        lose();
        local.leading(shard.leaderEpoch(), log.startLeading(logEpoch++));
        log.commit(log.endPosition());
        handler.doWork(trio.nowNs); // reads the first part, which group gone is still in
        log.deleteRecords(partitionId, deadBefore);
        for (int i = 0; i < 20; i++) {
            commitAll();
        }
        assertEquals(202, committed(askCommitted("g" + 202 % 3)));
        assertEquals(-1, committed(askCommitted("gone")));
    }

    @Test
    void shouldNameTheLeaderOfTheGroupsPartitionInEveryVersion() {
        for (short version = 0; version <= 6; version++) {
            final FindCoordinatorRequestData request = new FindCoordinatorRequestData();
            final TestSlot slot = ask(ApiKeys.FIND_COORDINATOR, version,
                version < 4 ? request.setKey("g") : request.setCoordinatorKeys(List.of("g", "h")));
            final ByteBuffer body = slot.body();
            body.position(version >= 3 ? 1 : 0);
            final FindCoordinatorResponseData data =
                new FindCoordinatorResponseData(new ByteBufferAccessor(body), version);
            assertEquals(shard.leader(), version < 4 ? data.nodeId() : data.coordinators().get(1).nodeId());
        }
    }

    @Test
    void shouldAnswerForAGroupOnceWhenItIsNamedAgainAndAgain() {
        commit("g", 7, "m".repeat(4000));
        commitAll();
        final TestSlot fetch = ask(ApiKeys.OFFSET_FETCH, (short) 8, new OffsetFetchRequestData().setGroups(
            Collections.nCopies(20_000, new OffsetFetchRequestData.OffsetFetchRequestGroup().setGroupId("g")
                .setTopics(null))));
        final List<OffsetFetchResponseData.OffsetFetchResponseGroup> groups = fetched(fetch);
        assertEquals(1, groups.size());
        assertEquals(7, groups.get(0).topics().get(0).partitions().get(0).committedOffset());
        final TestSlot partitions = ask(ApiKeys.OFFSET_FETCH, (short) 8, new OffsetFetchRequestData().setGroups(List.of(
            new OffsetFetchRequestData.OffsetFetchRequestGroup().setGroupId("g").setTopics(List.of(
                new OffsetFetchRequestData.OffsetFetchRequestTopics().setName("t")
                    .setPartitionIndexes(Collections.nCopies(100_000, 0)))))));
        assertEquals(1, fetched(partitions).get(0).topics().get(0).partitions().size());
        final TestSlot unlike = ask(ApiKeys.OFFSET_FETCH, (short) 8, new OffsetFetchRequestData().setGroups(List.of(
            new OffsetFetchRequestData.OffsetFetchRequestGroup().setGroupId("g").setTopics(null),
            new OffsetFetchRequestData.OffsetFetchRequestGroup().setGroupId("g").setTopics(List.of()))));
        assertEquals(1, fetched(unlike).size());
        assertEquals(Errors.INVALID_REQUEST.code(), fetched(unlike).get(0).errorCode());
    }

    @Test
    void shouldRefuseTheGroupsThatDoNotFitIntoOneAnswer() {
        final int count = 5000;
        final String metadata = "m".repeat(4000);
        for (int i = 0; i < count; i++) {
            commit("g" + i, i, metadata);
            commitAll();
        }
        final TestSlot fetch = ask(ApiKeys.OFFSET_FETCH, (short) 8, new OffsetFetchRequestData().setGroups(
            IntStream.range(0, count).mapToObj(i -> new OffsetFetchRequestData.OffsetFetchRequestGroup()
                .setGroupId("g" + i).setTopics(null)).toList()));
        final List<OffsetFetchResponseData.OffsetFetchResponseGroup> groups = fetched(fetch);
        assertEquals(count, groups.size());
        assertEquals(Errors.NONE.code(), groups.get(0).errorCode());
        assertEquals(Errors.INVALID_REQUEST.code(), groups.get(count - 1).errorCode());
        assertTrue(fetch.body().remaining() < AnswerBudget.MAX_LENGTH, "length=" + fetch.body().remaining());
    }

    @Test
    void shouldRefuseTheClassicGroupsWhoseDescriptionsDoNotFitIntoOneAnswer() {
        final int count = 200;
        final byte[] metadata = new byte[100_000];
        final List<TestSlot> joins = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            final JoinGroupRequestData join = new JoinGroupRequestData().setGroupId("g" + i)
                .setProtocolType("consumer").setSessionTimeoutMs(600_000).setRebalanceTimeoutMs(600_000);
            join.protocols().add(
                new JoinGroupRequestData.JoinGroupRequestProtocol().setName("range").setMetadata(metadata));
            joins.add(ask(ApiKeys.JOIN_GROUP, (short) 3, join));
        }
        trio.nowNs += 10_000_000_000L; // others might have come
        for (int i = 0; i < count; i++) {
            settle(joins.get(i));
            final JoinGroupResponseData joined =
                new JoinGroupResponseData(new ByteBufferAccessor(joins.get(i).body()), (short) 3);
            settle(ask(ApiKeys.SYNC_GROUP, (short) 3, new SyncGroupRequestData().setGroupId("g" + i)
                .setGenerationId(joined.generationId()).setMemberId(joined.memberId())));
        }
        final TestSlot described = ask(ApiKeys.DESCRIBE_GROUPS, (short) 4, new DescribeGroupsRequestData()
            .setGroups(IntStream.range(0, count).mapToObj(i -> "g" + i).toList()));
        settle(described);
        final List<DescribeGroupsResponseData.DescribedGroup> groups = new DescribeGroupsResponseData(
            new ByteBufferAccessor(described.body()), (short) 4).groups();
        assertEquals(count, groups.size());
        assertEquals(Errors.NONE.code(), groups.get(0).errorCode());
        assertEquals(metadata.length, groups.get(0).members().get(0).memberMetadata().length);
        assertEquals(Errors.INVALID_REQUEST.code(), groups.get(count - 1).errorCode());
        assertTrue(described.body().remaining() < AnswerBudget.MAX_LENGTH, "length=" + described.body().remaining());
    }

    @Test
    void shouldRefuseTheConsumerGroupsWhoseDescriptionsDoNotFitIntoOneAnswer() {
        final int count = 320;
        final List<String> names = IntStream.range(0, 300).mapToObj(i -> "n".repeat(200) + i).toList();
        for (int i = 0; i < count; i++) {
            settle(ask(ApiKeys.CONSUMER_GROUP_HEARTBEAT, (short) 0, new ConsumerGroupHeartbeatRequestData()
                .setGroupId("g" + i).setMemberId("").setMemberEpoch(0).setRebalanceTimeoutMs(600_000)
                .setSubscribedTopicNames(names).setTopicPartitions(List.of())));
        }
        final TestSlot described = ask(ApiKeys.CONSUMER_GROUP_DESCRIBE, (short) 0,
            new ConsumerGroupDescribeRequestData()
                .setGroupIds(IntStream.range(0, count).mapToObj(i -> "g" + i).toList()));
        settle(described);
        final List<ConsumerGroupDescribeResponseData.DescribedGroup> groups = new ConsumerGroupDescribeResponseData(
            new ByteBufferAccessor(described.body().position(1)), (short) 0).groups();
        assertEquals(count, groups.size());
        assertEquals(Errors.NONE.code(), groups.get(0).errorCode());
        assertEquals(names.size(), groups.get(0).members().get(0).subscribedTopicNames().size());
        assertEquals(Errors.INVALID_REQUEST.code(), groups.get(count - 1).errorCode());
        assertTrue(described.body().remaining() < AnswerBudget.MAX_LENGTH, "length=" + described.body().remaining());
    }

    private void settle(final TestSlot slot) {
        for (int i = 0; i < 100 && !slot.isCompleted(); i++) {
            work();
            commitAll();
        }
    }

    private List<OffsetFetchResponseData.OffsetFetchResponseGroup> fetched(final TestSlot slot) {
        settle(slot);
        assertTrue(slot.isCompleted());
        return new OffsetFetchResponseData(new ByteBufferAccessor(slot.body().position(1)), (short) 8).groups();
    }

    private List<DescribeGroupsResponseData.DescribedGroup> described(final int version, final boolean isAsked) {
        final TestSlot slot = ask(ApiKeys.DESCRIBE_GROUPS, (short) version, new DescribeGroupsRequestData()
            .setGroups(List.of("g", "none")).setIncludeAuthorizedOperations(isAsked));
        settle(slot);
        final ByteBuffer body = slot.body();
        body.position(version < 5 ? 0 : 1); // the header's tagged fields
        return new DescribeGroupsResponseData(new ByteBufferAccessor(body), (short) version).groups();
    }

    private List<ConsumerGroupDescribeResponseData.DescribedGroup> describedConsumers(final boolean isAsked) {
        final TestSlot slot = ask(ApiKeys.CONSUMER_GROUP_DESCRIBE, (short) 1, new ConsumerGroupDescribeRequestData()
            .setGroupIds(List.of("c", "none")).setIncludeAuthorizedOperations(isAsked));
        settle(slot);
        return new ConsumerGroupDescribeResponseData(
            new ByteBufferAccessor(slot.body().position(1)), (short) 1).groups();
    }

    @Test
    void shouldTellWhatMayBeDoneWithAGroupWhenItIsAsked() {
        final int all = 3400; // what Kafka says without an authorizer
        final int notAsked = Integer.MIN_VALUE;
        commit("g", 7, "");
        settle(ask(ApiKeys.CONSUMER_GROUP_HEARTBEAT, (short) 0, new ConsumerGroupHeartbeatRequestData()
            .setGroupId("c").setMemberId("").setMemberEpoch(0).setRebalanceTimeoutMs(600_000)
            .setSubscribedTopicNames(List.of("t")).setTopicPartitions(List.of())));
        commitAll();
        assertEquals(notAsked, described(4, false).get(0).authorizedOperations());
        assertEquals(all, described(4, true).get(0).authorizedOperations());
        assertEquals(all, described(4, true).get(1).authorizedOperations(), "dead, which is no error");
        assertEquals(all, described(6, true).get(0).authorizedOperations());
        assertEquals(notAsked, described(6, true).get(1).authorizedOperations(), "an error");
        assertEquals(notAsked, describedConsumers(false).get(0).authorizedOperations());
        assertEquals(all, describedConsumers(true).get(0).authorizedOperations());
        assertEquals(notAsked, describedConsumers(true).get(1).authorizedOperations());
    }

    @Test
    void shouldCountTheMetadataOfAnOffsetInCharacters() {
        final int limit = 4096;
        final String sign = "\u6c34"; // three bytes in UTF-8
        final TestSlot longest = commit("g", 7, sign.repeat(limit));
        commitAll();
        assertEquals(Errors.NONE, errorOf(longest));
        assertEquals(Errors.OFFSET_METADATA_TOO_LARGE, errorOf(commit("g", 8, sign.repeat(limit + 1))));
        lose();
        takeOver();
        assertEquals(7, committed(askCommitted("g")), "it was in the log");
    }

    @Test
    void shouldDescribeAndDeleteAGroupOnceWhenItIsNamedAgainAndAgain() {
        commit("g", 7, "");
        commitAll();
        final List<String> again = Collections.nCopies(20_000, "g");
        final TestSlot described =
            ask(ApiKeys.DESCRIBE_GROUPS, (short) 4, new DescribeGroupsRequestData().setGroups(again));
        assertEquals(1, new DescribeGroupsResponseData(
            new ByteBufferAccessor(described.body()), (short) 4).groups().size());
        final TestSlot consumer = ask(ApiKeys.CONSUMER_GROUP_DESCRIBE, (short) 0,
            new ConsumerGroupDescribeRequestData().setGroupIds(again));
        assertEquals(1, new ConsumerGroupDescribeResponseData(
            new ByteBufferAccessor(consumer.body().position(1)), (short) 0).groups().size());
        final OffsetDeleteRequestData offsets = new OffsetDeleteRequestData().setGroupId("g");
        offsets.topics().add(new OffsetDeleteRequestData.OffsetDeleteRequestTopic().setName("t").setPartitions(
            Collections.nCopies(20_000, new OffsetDeleteRequestData.OffsetDeleteRequestPartition())));
        final TestSlot forgotten = ask(ApiKeys.OFFSET_DELETE, (short) 0, offsets);
        settle(forgotten);
        assertEquals(1, new OffsetDeleteResponseData(
            new ByteBufferAccessor(forgotten.body()), (short) 0).topics().find("t").partitions().size());
        final TestSlot deleted =
            ask(ApiKeys.DELETE_GROUPS, (short) 1, new DeleteGroupsRequestData().setGroupsNames(again));
        settle(deleted);
        assertEquals(1, new DeleteGroupsResponseData(
            new ByteBufferAccessor(deleted.body()), (short) 1).results().size());
    }
}
