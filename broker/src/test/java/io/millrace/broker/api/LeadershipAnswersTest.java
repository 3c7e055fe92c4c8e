package io.millrace.broker.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.metadata.MetadataCommand;
import io.millrace.broker.metadata.MetadataTrio;
import io.millrace.broker.metadata.ShardInfo;
import io.millrace.broker.shard.CommitInterest;
import io.millrace.broker.shard.HandingOver;
import io.millrace.broker.shard.LeaderLease;
import io.millrace.broker.shard.LocalShard;
import io.millrace.broker.shard.LocalShards;
import io.millrace.engine.shard.SegmentedShardLog;
import io.millrace.transport.kafka.server.RequestHandler;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.SplittableRandom;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.ListOffsetsRequestData;
import org.apache.kafka.common.message.ListOffsetsResponseData;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData;
import org.apache.kafka.common.message.OffsetForLeaderEpochResponseData;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.protocol.Message;
import org.apache.kafka.common.protocol.MessageUtil;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.apache.kafka.common.requests.ListOffsetsRequest;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What clients are told while leaders change, by the handlers themselves over a real log. */
class LeadershipAnswersTest {
    private static final String TOPIC = "t";
    private static final short PRODUCE_VERSION = 7;
    private static final short FETCH_VERSION = 11;
    private static final short METADATA_VERSION = 7;
    private static final long RECORD_MS = 1_000;

    private final MetadataTrio trio = new MetadataTrio().startAll();
    private final LocalShards shards = new LocalShards();
    private final OutcomeQueue outcomes = new OutcomeQueue();
    private final HandingOver handingOver = new HandingOver();
    private final Map<Long, TestSlot> slots = new HashMap<>();
    private ShardInfo shard;
    private int leader;
    private SegmentedShardLog log;
    private LocalShard local;
    private BrokerRequestHandler handler;
    private long leaseEndNs = LeaderLease.ENDLESS_NS;

    @BeforeEach
    void lead() throws IOException {
        shard = trio.createShard(TOPIC);
        trio.step();
        leader = shard.leader();
        log = SimLogs.open(outcomes, () -> trio.nowNs, 1 << 20);
        final Properties properties = new Properties();
        properties.setProperty("node.id", Integer.toString(leader));
        properties.setProperty("log.dirs", "unused");
        handler = new BrokerRequestHandler(BrokerConfig.of(properties), shards, () -> trio.image(leader),
            trio.proxy(leader), new LeaderLease(() -> leaseEndNs), handingOver, outcomes, new CommitInterest(),
            replyId -> slots.get(replyId >> TestSlot.ENTRY_BITS), () -> { }, () -> { }, Runnable::run, () -> trio.nowNs,
            () -> 0,
            new SplittableRandom(2), warning -> { });
        final long epochStartEnd = log.startLeading(shard.leaderEpoch());
        local = new LocalShard(shard.id(), log);
        local.leading(shard.leaderEpoch(), epochStartEnd);
        shards.add(local);
        handler.doWork(trio.nowNs);
    }

    private TestSlot ask(final ApiKeys api, final short version, final Message request) {
        final long id = slots.size() + 1;
        final TestSlot slot =
            new TestSlot(id, api.id, version, MessageUtil.toByteBufferAccessor(request, version).buffer());
        slots.put(id, slot);
        assertEquals(RequestHandler.ACCEPTED, offer(slot));
        return slot;
    }

    private int offer(final TestSlot slot) {
        return handler.onRequest(null, slot.requestBuffer(), 0, slot.requestLength(), slot);
    }

    private static ProduceRequestData produceRequest(final int acks) {
        final ProduceRequestData.TopicProduceDataCollection topics =
            new ProduceRequestData.TopicProduceDataCollection();
        topics.add(new ProduceRequestData.TopicProduceData().setName(TOPIC).setPartitionData(
            List.of(new ProduceRequestData.PartitionProduceData().setIndex(0)
                .setRecords(MemoryRecords.withRecords(Compression.NONE, new SimpleRecord(RECORD_MS, new byte[10]))))));
        return new ProduceRequestData().setAcks((short) acks).setTimeoutMs(30_000).setTopicData(topics);
    }

    private TestSlot produce(final int acks) {
        final TestSlot slot = ask(ApiKeys.PRODUCE, PRODUCE_VERSION, produceRequest(acks));
        work();
        return slot;
    }

    private void work() {
        log.drain();
        outcomes.publish();
        handler.doWork(trio.nowNs);
    }

    private void commitAll() {
        log.commit(log.endPosition());
        work();
    }

    private static Errors errorOfProduce(final TestSlot slot) {
        assertTrue(slot.isCompleted());
        return Errors.forCode(new ProduceResponseData(new ByteBufferAccessor(slot.body()), PRODUCE_VERSION)
            .responses().iterator().next().partitionResponses().get(0).errorCode());
    }

    private TestSlot fetch(final long offset, final int maxWaitMs) {
        return ask(ApiKeys.FETCH, FETCH_VERSION, new FetchRequestData().setMaxWaitMs(maxWaitMs).setMinBytes(1)
            .setMaxBytes(1 << 20).setSessionEpoch(-1).setTopics(List.of(new FetchRequestData.FetchTopic()
                .setTopic(TOPIC).setPartitions(List.of(new FetchRequestData.FetchPartition().setPartition(0)
                    .setFetchOffset(offset).setPartitionMaxBytes(1 << 20))))));
    }

    private static FetchResponseData.PartitionData fetched(final TestSlot slot) {
        assertTrue(slot.isCompleted());
        return new FetchResponseData(new ByteBufferAccessor(slot.body()), FETCH_VERSION).responses().get(0)
            .partitions().get(0);
    }

    private ListOffsetsResponseData.ListOffsetsPartitionResponse listed(final int version, final long timestampMs) {
        final TestSlot slot = ask(ApiKeys.LIST_OFFSETS, (short) version, new ListOffsetsRequestData().setReplicaId(-1)
            .setTopics(List.of(new ListOffsetsRequestData.ListOffsetsTopic().setName(TOPIC).setPartitions(List.of(
                new ListOffsetsRequestData.ListOffsetsPartition().setPartitionIndex(0).setTimestamp(timestampMs))))));
        work(); // what is looked up elsewhere comes back
        assertTrue(slot.isCompleted());
        final ByteBuffer body = slot.body();
        body.position(version < 6 ? 0 : 1); // the header's tagged fields
        return new ListOffsetsResponseData(new ByteBufferAccessor(body), (short) version)
            .topics().get(0).partitions().get(0);
    }

    private Errors listError(final int version, final long timestampMs) {
        return Errors.forCode(listed(version, timestampMs).errorCode());
    }

    private Errors latestOffset(final int version) {
        return listError(version, ListOffsetsRequest.LATEST_TIMESTAMP);
    }

    private OffsetForLeaderEpochResponseData.EpochEndOffset epochEnd(final int epoch) {
        final OffsetForLeaderEpochRequestData request = new OffsetForLeaderEpochRequestData().setReplicaId(-1);
        request.topics().add(new OffsetForLeaderEpochRequestData.OffsetForLeaderTopic().setTopic(TOPIC).setPartitions(
            List.of(new OffsetForLeaderEpochRequestData.OffsetForLeaderPartition().setPartition(0)
                .setCurrentLeaderEpoch(-1).setLeaderEpoch(epoch))));
        final TestSlot slot = ask(ApiKeys.OFFSET_FOR_LEADER_EPOCH, (short) 3, request);
        assertTrue(slot.isCompleted());
        return new OffsetForLeaderEpochResponseData(new ByteBufferAccessor(slot.body()), (short) 3)
            .topics().find(TOPIC).partitions().get(0);
    }

    /** With too few replicas in sync, a new leader may be in this state until another broker is back. */
    @Test
    void shouldTellWhatDoesNotDependOnTheEndBeforeTheEpochHasCommitted() {
        assertEquals(Errors.NONE, errorOfProduce(produce(1)));
        assertEquals(Errors.NONE, errorOfProduce(produce(1)));
        commitAll();
        assertEquals(Errors.NONE, errorOfProduce(produce(1)));
        log.stopLeading();
        local.leading(shard.leaderEpoch(), log.startLeading(shard.leaderEpoch() + 1));
        work();
        assertEquals(Errors.OFFSET_NOT_AVAILABLE, latestOffset(5));
        assertEquals(Errors.NONE, listError(5, ListOffsetsRequest.EARLIEST_TIMESTAMP));
        assertEquals(0, listed(5, ListOffsetsRequest.EARLIEST_TIMESTAMP).offset());
        assertEquals(Errors.NONE, listError(9, ListOffsetsRequest.EARLIEST_LOCAL_TIMESTAMP));
        assertEquals(0, listed(5, RECORD_MS).offset(), "whatever comes behind, it is the first one");
        assertEquals(Errors.OFFSET_NOT_AVAILABLE, listError(5, RECORD_MS + 1), "it may be among what is to come");
        assertEquals(Errors.LEADER_NOT_AVAILABLE, listError(4, RECORD_MS + 1));
        assertEquals(Errors.OFFSET_NOT_AVAILABLE, listError(7, ListOffsetsRequest.MAX_TIMESTAMP));
        assertEquals(Errors.NONE.code(), epochEnd(shard.leaderEpoch()).errorCode());
        assertEquals(3, epochEnd(shard.leaderEpoch()).endOffset(), "its own log is the truth, committed or not");
        commitAll();
        assertEquals(3, listed(5, ListOffsetsRequest.LATEST_TIMESTAMP).offset());
        assertEquals(Errors.NONE, listError(5, RECORD_MS + 1));
        assertEquals(-1, listed(5, RECORD_MS + 1).offset());
        assertEquals(Errors.NONE, listError(7, ListOffsetsRequest.MAX_TIMESTAMP));
        assertEquals(3, epochEnd(shard.leaderEpoch()).endOffset());
    }

    private void changeIsr(final List<Integer> isr) {
        final ShardInfo now = trio.image(leader).shard(shard.id());
        assertTrue(trio.submit(leader, new MetadataCommand.ChangeIsr(
            now.id(), leader, now.leaderEpoch(), now.isrVersion(), isr)).isOk());
        work();
    }

    @Test
    void shouldRefuseEverythingWhenTheLeaseHasEnded() {
        commitAll();
        assertEquals(Errors.NONE, errorOfProduce(produce(1)));
        leaseEndNs = trio.nowNs;
        assertEquals(Errors.NOT_LEADER_OR_FOLLOWER, errorOfProduce(produce(1)));
        assertEquals(Errors.NOT_LEADER_OR_FOLLOWER, errorOfProduce(produce(-1)));
        assertEquals(Errors.NOT_LEADER_OR_FOLLOWER.code(), fetched(fetch(0, 0)).errorCode());
        assertEquals(Errors.NOT_LEADER_OR_FOLLOWER, latestOffset(5));
        leaseEndNs = trio.nowNs + 1;
        assertEquals(Errors.NONE, errorOfProduce(produce(1)));
    }

    @Test
    void shouldNotTellTheEndBeforeTheEpochHasCommitted() {
        assertEquals(Errors.NONE, errorOfProduce(produce(1)));
        assertEquals(Errors.OFFSET_NOT_AVAILABLE, latestOffset(5));
        assertEquals(Errors.LEADER_NOT_AVAILABLE, latestOffset(4));
        final FetchResponseData.PartitionData early = fetched(fetch(1, 0));
        assertEquals(Errors.NONE.code(), early.errorCode());
        assertEquals(-1, early.highWatermark(), "a client that has read up to there must not take 0 for the end");
        commitAll();
        assertEquals(Errors.NONE, latestOffset(5));
        assertEquals(1, fetched(fetch(1, 0)).highWatermark());
    }

    @Test
    void shouldAskForTheTopicsOwnNumberOfReplicasAtAdmissionAndAtTheAck() {
        commitAll();
        assertTrue(trio.submit(leader, new MetadataCommand.AlterTopicConfig(
            TOPIC, Map.of("min.insync.replicas", "3"), List.of())).isOk());
        work();
        final TestSlot waiting = produce(-1);
        assertFalse(waiting.isCompleted());
        final List<Integer> two = List.of(1, 2, 3).stream().filter(id -> id != 1 + leader % 3).toList();
        changeIsr(two);
        commitAll();
        assertEquals(Errors.NOT_ENOUGH_REPLICAS_AFTER_APPEND, errorOfProduce(waiting));
        assertEquals(Errors.NOT_ENOUGH_REPLICAS, errorOfProduce(produce(-1)));
        assertEquals(Errors.NONE, errorOfProduce(produce(1)));
        changeIsr(List.of(1, 2, 3));
        final TestSlot enough = produce(-1);
        commitAll();
        assertEquals(Errors.NONE, errorOfProduce(enough));
    }

    @Test
    void shouldRefuseAcksOfAllOnlyWhenATopicAsksForMoreReplicasThanThereAre() {
        commitAll();
        assertTrue(trio.submit(leader, new MetadataCommand.AlterTopicConfig(
            TOPIC, Map.of("min.insync.replicas", "4"), List.of())).isOk());
        work();
        assertEquals(Errors.NOT_ENOUGH_REPLICAS, errorOfProduce(produce(-1)));
        assertEquals(Errors.NONE, errorOfProduce(produce(1)));
        commitAll();
        assertEquals(1, fetched(fetch(1, 0)).highWatermark(), "it can be read");
    }

    @Test
    void shouldAnswerWhoWaitsWhenLeadershipIsLost() {
        commitAll();
        final TestSlot waitingFetch = fetch(0, 10_000);
        final TestSlot waitingProduce = produce(-1);
        assertFalse(waitingFetch.isCompleted() || waitingProduce.isCompleted());
        log.stopLeading();
        local.leading(-1, 0);
        work();
        assertEquals(Errors.NOT_LEADER_OR_FOLLOWER, errorOfProduce(waitingProduce));
        assertEquals(Errors.NOT_LEADER_OR_FOLLOWER.code(), fetched(waitingFetch).errorCode());
        assertEquals(Errors.NOT_LEADER_OR_FOLLOWER, errorOfProduce(produce(1)));
        assertEquals(Errors.NOT_LEADER_OR_FOLLOWER.code(), fetched(fetch(99, 0)).errorCode(), "not out of range");
    }

    @Test
    void shouldLetProducersWaitForTheNewLeaderOnlyWhileHandingOver() {
        log.stopLeading();
        local.leading(-1, 0);
        handingOver.set(true);
        final TestSlot slot = new TestSlot(9, ApiKeys.PRODUCE.id, PRODUCE_VERSION,
            MessageUtil.toByteBufferAccessor(produceRequest(1), PRODUCE_VERSION).buffer());
        assertEquals(RequestHandler.BACK_PRESSURE, offer(slot));
        handingOver.set(false);
        assertEquals(RequestHandler.ACCEPTED, offer(slot));
        assertEquals(Errors.NOT_LEADER_OR_FOLLOWER, errorOfProduce(slot));
    }

    @Test
    void shouldNameNoLeaderWhenNobodyLeads() {
        for (int id = 1; id <= 3; id++) {
            if (id != leader) {
                trio.stop(id);
            }
        }
        final int asked = leader;
        trio.stop(asked);
        trio.start(1 + asked % 3, false);
        leader = 1 + asked % 3; // it is not in the ISR, so it does not lead
        handler.doWork(trio.nowNs);
        final TestSlot slot = ask(ApiKeys.METADATA, METADATA_VERSION, new MetadataRequestData().setTopics(
            List.of(new MetadataRequestData.MetadataRequestTopic().setName(TOPIC))));
        final MetadataResponseData.MetadataResponsePartition partition =
            new MetadataResponseData(new ByteBufferAccessor(slot.body()), METADATA_VERSION).topics().find(TOPIC)
                .partitions().get(0);
        assertEquals(Errors.LEADER_NOT_AVAILABLE.code(), partition.errorCode());
        assertEquals(-1, partition.leaderId());
    }
}
