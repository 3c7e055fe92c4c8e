package io.millrace.broker.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.group.AnswerBudget;
import io.millrace.broker.metadata.MetadataTrio;
import io.millrace.broker.metadata.ShardInfo;
import io.millrace.broker.metadata.TopicInfo;
import io.millrace.broker.shard.CommitInterest;
import io.millrace.broker.shard.HandingOver;
import io.millrace.broker.shard.LeaderLease;
import io.millrace.broker.shard.LocalShard;
import io.millrace.broker.shard.LocalShards;
import io.millrace.engine.log.LogSyncer;
import io.millrace.engine.log.SegmentMaintenance;
import io.millrace.engine.shard.SegmentedShardLog;
import io.millrace.engine.shard.ShardLogContext;
import io.millrace.engine.sim.SimDisk;
import io.millrace.transport.kafka.server.RequestHandler;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.apache.kafka.common.message.ConsumerGroupDescribeRequestData;
import org.apache.kafka.common.message.ConsumerGroupDescribeResponseData;
import org.apache.kafka.common.message.DeleteGroupsRequestData;
import org.apache.kafka.common.message.DeleteGroupsResponseData;
import org.apache.kafka.common.message.DescribeGroupsRequestData;
import org.apache.kafka.common.message.DescribeGroupsResponseData;
import org.apache.kafka.common.message.FindCoordinatorRequestData;
import org.apache.kafka.common.message.FindCoordinatorResponseData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetCommitResponseData;
import org.apache.kafka.common.message.OffsetDeleteRequestData;
import org.apache.kafka.common.message.OffsetDeleteResponseData;
import org.apache.kafka.common.message.OffsetFetchRequestData;
import org.apache.kafka.common.message.OffsetFetchResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.protocol.Message;
import org.apache.kafka.common.protocol.MessageUtil;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A coordinator over a real log: what is answered when, while its leadership comes and goes. */
class GroupAnswersTest {
    private static final short COMMIT_VERSION = 7;
    private static final short FETCH_VERSION = 7;

    private final MetadataTrio trio = new MetadataTrio().startAll();
    private final LocalShards shards = new LocalShards();
    private final OutcomeQueue outcomes = new OutcomeQueue();
    private final Map<Long, TestSlot> slots = new HashMap<>();
    private final List<Long> deadBefore = new ArrayList<>();
    private ShardInfo shard;
    private int logEpoch;
    private SegmentedShardLog log;
    private LocalShard local;
    private BrokerRequestHandler handler;
    private long leaseEndNs = LeaderLease.ENDLESS_NS;
    private boolean isRandomBroken;
    private final List<String> failures = new ArrayList<>();

    @BeforeEach
    void lead() throws IOException {
        trio.createShard("t");
        trio.step();
        shard = trio.createShard(TopicInfo.OFFSETS_TOPIC);
        trio.step();
        final int leader = shard.leader();
        log = new ShardLogContext().storage(new SimDisk(1)).outcomes(outcomes).segmentLength(8 << 20)
            .ringCapacity(1 << 20).random(new SplittableRandom(1)).errorHandler(problem -> { })
            .syncer(new LogSyncer(() -> trio.nowNs)).maintenance(new SegmentMaintenance(() -> trio.nowNs)).open();
        final Properties properties = new Properties();
        properties.setProperty("node.id", Integer.toString(leader));
        properties.setProperty("log.dirs", "unused");
        handler = new BrokerRequestHandler(BrokerConfig.of(properties), shards, () -> trio.image(leader),
            trio.proxy(leader), new LeaderLease(() -> leaseEndNs), new HandingOver(), outcomes, new CommitInterest(),
            replyId -> slots.get(replyId >> TestSlot.ENTRY_BITS), () -> { }, () -> { }, Runnable::run,
            () -> trio.nowNs, () -> 1_000_000, random(), warning -> {
                throw new AssertionError(warning);
            });
        handler.failures((work, failure) -> failures.add(work));
        handler.recordDeletion((shardId, partitionId, offset, timeoutNs, answer) -> deadBefore.add(offset));
        local = new LocalShard(shard.id(), log);
        logEpoch = shard.leaderEpoch();
        shards.add(local);
        takeOver();
    }

    private RandomGenerator random() {
        final RandomGenerator source = new SplittableRandom(2);
        return () -> {
            if (isRandomBroken) {
                throw new IllegalStateException("made to fail");
            }
            return source.nextLong();
        };
    }

    private void takeOver() {
        local.leading(shard.leaderEpoch(), log.startLeading(logEpoch++));
        work();
        commitAll();
    }

    private void lose() {
        log.stopLeading();
        local.leading(-1, 0);
        work();
    }

    private void work() {
        handler.doWork(trio.nowNs);
        while (log.drain() > 0) {
            continue;
        }
        outcomes.publish();
        handler.doWork(trio.nowNs);
    }

    private void commitAll() {
        log.commit(log.endPosition());
        work();
    }

    private TestSlot ask(final ApiKeys api, final short version, final Message request) {
        final long id = slots.size() + 1;
        final TestSlot slot =
            new TestSlot(id, api.id, version, MessageUtil.toByteBufferAccessor(request, version).buffer());
        slots.put(id, slot);
        assertEquals(RequestHandler.ACCEPTED,
            handler.onRequest(null, slot.requestBuffer(), 0, slot.requestLength(), slot));
        return slot;
    }

    private TestSlot commit(final String group, final long offset, final String metadata) {
        final TestSlot slot = ask(ApiKeys.OFFSET_COMMIT, COMMIT_VERSION, new OffsetCommitRequestData()
            .setGroupId(group).setTopics(List.of(new OffsetCommitRequestData.OffsetCommitRequestTopic().setName("t")
                .setPartitions(List.of(new OffsetCommitRequestData.OffsetCommitRequestPartition()
                    .setPartitionIndex(0).setCommittedOffset(offset).setCommittedMetadata(metadata))))));
        work();
        return slot;
    }

    private static Errors errorOf(final TestSlot slot) {
        assertTrue(slot.isCompleted());
        return Errors.forCode(new OffsetCommitResponseData(new ByteBufferAccessor(slot.body()), COMMIT_VERSION)
            .topics().get(0).partitions().get(0).errorCode());
    }

    private TestSlot askCommitted(final String group) {
        return ask(ApiKeys.OFFSET_FETCH, FETCH_VERSION, new OffsetFetchRequestData().setGroupId(group).setTopics(
            List.of(new OffsetFetchRequestData.OffsetFetchRequestTopic().setName("t")
                .setPartitionIndexes(List.of(0)))));
    }

    private static long committed(final TestSlot slot) {
        assertTrue(slot.isCompleted());
        final ByteBuffer body = slot.body().position(1); // the header's tagged fields
        final OffsetFetchResponseData data = new OffsetFetchResponseData(new ByteBufferAccessor(body), FETCH_VERSION);
        assertEquals(Errors.NONE.code(), data.errorCode());
        return data.topics().get(0).partitions().get(0).committedOffset();
    }

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
