package io.millrace.broker.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.metadata.MetadataTrio;
import io.millrace.broker.metadata.ShardInfo;
import io.millrace.broker.metadata.TopicInfo;
import io.millrace.broker.shard.CommitInterest;
import io.millrace.broker.shard.HandingOver;
import io.millrace.broker.shard.LeaderLease;
import io.millrace.broker.shard.LocalShard;
import io.millrace.broker.shard.LocalShards;
import io.millrace.engine.shard.SegmentedShardLog;
import io.millrace.transport.kafka.server.RequestHandler;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetCommitResponseData;
import org.apache.kafka.common.message.OffsetFetchRequestData;
import org.apache.kafka.common.message.OffsetFetchResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.protocol.Message;
import org.apache.kafka.common.protocol.MessageUtil;
import org.junit.jupiter.api.BeforeEach;

/** A coordinator over a real log, with an in-memory quorum of three brokers, on a clock that is turned by hand. */
abstract class CoordinatorRig {
    static final short COMMIT_VERSION = 7;
    static final short FETCH_VERSION = 7;

    final MetadataTrio trio = new MetadataTrio().startAll();
    final LocalShards shards = new LocalShards();
    final OutcomeQueue outcomes = new OutcomeQueue();
    final Map<Long, TestSlot> slots = new HashMap<>();
    final List<Long> deadBefore = new ArrayList<>();
    ShardInfo shard;
    int logEpoch;
    SegmentedShardLog log;
    LocalShard local;
    BrokerRequestHandler handler;
    long leaseEndNs = LeaderLease.ENDLESS_NS;
    boolean isRandomBroken;
    final List<String> failures = new ArrayList<>();

    @BeforeEach
    void lead() throws IOException {
        trio.createShard("t");
        trio.step();
        shard = trio.createShard(TopicInfo.OFFSETS_TOPIC);
        trio.step();
        final int leader = shard.leader();
        log = SimLogs.open(outcomes, () -> trio.nowNs, 8 << 20);
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

    RandomGenerator random() {
        final RandomGenerator source = new SplittableRandom(2);
        return () -> {
            if (isRandomBroken) {
                throw new IllegalStateException("made to fail");
            }
            return source.nextLong();
        };
    }

    void takeOver() {
        local.leading(shard.leaderEpoch(), log.startLeading(logEpoch++));
        work();
        commitAll();
    }

    void lose() {
        log.stopLeading();
        local.leading(-1, 0);
        work();
    }

    void work() {
        handler.doWork(trio.nowNs);
        while (log.drain() > 0) {
            continue;
        }
        outcomes.publish();
        handler.doWork(trio.nowNs);
    }

    void commitAll() {
        log.commit(log.endPosition());
        work();
    }

    TestSlot ask(final ApiKeys api, final short version, final Message request) {
        final long id = slots.size() + 1;
        final TestSlot slot =
            new TestSlot(id, api.id, version, MessageUtil.toByteBufferAccessor(request, version).buffer());
        slots.put(id, slot);
        assertEquals(RequestHandler.ACCEPTED,
            handler.onRequest(null, slot.requestBuffer(), 0, slot.requestLength(), slot));
        return slot;
    }

    TestSlot commit(final String group, final long offset, final String metadata) {
        final TestSlot slot = ask(ApiKeys.OFFSET_COMMIT, COMMIT_VERSION, new OffsetCommitRequestData()
            .setGroupId(group).setTopics(List.of(new OffsetCommitRequestData.OffsetCommitRequestTopic().setName("t")
                .setPartitions(List.of(new OffsetCommitRequestData.OffsetCommitRequestPartition()
                    .setPartitionIndex(0).setCommittedOffset(offset).setCommittedMetadata(metadata))))));
        work();
        return slot;
    }

    static Errors errorOf(final TestSlot slot) {
        assertTrue(slot.isCompleted());
        return Errors.forCode(new OffsetCommitResponseData(new ByteBufferAccessor(slot.body()), COMMIT_VERSION)
            .topics().get(0).partitions().get(0).errorCode());
    }

    TestSlot askCommitted(final String group) {
        return ask(ApiKeys.OFFSET_FETCH, FETCH_VERSION, new OffsetFetchRequestData().setGroupId(group).setTopics(
            List.of(new OffsetFetchRequestData.OffsetFetchRequestTopic().setName("t")
                .setPartitionIndexes(List.of(0)))));
    }

    static long committed(final TestSlot slot) {
        assertTrue(slot.isCompleted());
        final ByteBuffer body = slot.body().position(1); // the header's tagged fields
        final OffsetFetchResponseData data = new OffsetFetchResponseData(new ByteBufferAccessor(body), FETCH_VERSION);
        assertEquals(Errors.NONE.code(), data.errorCode());
        return data.topics().get(0).partitions().get(0).committedOffset();
    }
}
