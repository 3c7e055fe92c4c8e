package io.millrace.broker.api;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.metadata.MetadataCommand;
import io.millrace.broker.metadata.MetadataImage;
import io.millrace.broker.metadata.MetadataTrio;
import io.millrace.broker.metadata.QuorumStatus;
import io.millrace.broker.metadata.ShardInfo;
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
import io.millrace.transport.kafka.codec.ApiTable;
import io.millrace.transport.kafka.server.RequestHandler;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.SplittableRandom;
import org.apache.kafka.common.message.ApiMessageType;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.MessageUtil;

/** The handlers of the first leader of three brokers, over a real log and an in-memory quorum. */
final class HandlerRig {
    static final String TOPIC = "t";

    final MetadataTrio trio = new MetadataTrio().startAll();
    final ShardInfo shard;
    final int leader;
    final SegmentedShardLog log;
    final LocalShard local;
    final BrokerRequestHandler handler;
    /** What the handlers see in place of the quorum's newest, null for that. */
    MetadataImage shown;
    private final OutcomeQueue outcomes = new OutcomeQueue();
    private final Map<Long, TestSlot> slots = new HashMap<>();

    HandlerRig() throws IOException {
        final LocalShards shards = new LocalShards();
        shard = trio.createShard(TOPIC);
        trio.step();
        leader = shard.leader();
        log = new ShardLogContext().storage(new SimDisk(1)).outcomes(outcomes).segmentLength(1 << 20)
            .ringCapacity(1 << 20).random(new SplittableRandom(1)).errorHandler(problem -> { })
            .syncer(new LogSyncer(() -> trio.nowNs)).maintenance(new SegmentMaintenance(() -> trio.nowNs)).open();
        final Properties properties = new Properties();
        properties.setProperty("node.id", Integer.toString(leader));
        properties.setProperty("log.dirs", "unused");
        handler = new BrokerRequestHandler(BrokerConfig.of(properties), shards,
            () -> shown == null ? trio.image(leader) : shown,
            trio.proxy(leader), new LeaderLease(() -> LeaderLease.ENDLESS_NS), new HandingOver(), outcomes,
            new CommitInterest(), replyId -> slots.get(replyId >> TestSlot.ENTRY_BITS), () -> { }, () -> { },
            Runnable::run, () -> trio.nowNs, () -> trio.nowNs / 1_000_000, new SplittableRandom(2), warning -> { });
        handler.serveControl(leader, () -> QuorumStatus.UNKNOWN, List::of, warning -> { });
        handler.recordDeletion((shardId, partitionId, offset, timeoutNs, result) -> {
            result.onResult((short) 0, offset);
            return true;
        });
        local = new LocalShard(shard.id(), log);
        lead(shard.leaderEpoch());
        shards.add(local);
        handler.doWork(trio.nowNs);
    }

    void lead(final int epoch) {
        local.leading(epoch, log.startLeading(epoch));
        commitAll();
    }

    /** Lets another broker lead and then this one again. {@return the new epoch} */
    int leadAnew() {
        log.stopLeading();
        local.leading(-1, 0);
        for (final int id : List.of(1 + leader % 3, leader)) {
            final ShardInfo now = trio.image(leader).shard(shard.id());
            assertTrue(trio.submit(leader, new MetadataCommand.ElectLeader(
                shard.id(), id, MetadataCommand.ElectionKind.PREFERRED)).isOk());
            assertTrue(trio.submit(now.leader(), new MetadataCommand.FinishMove(
                shard.id(), now.leader(), now.leaderEpoch(), id)).isOk());
            for (int i = 0; i < 10; i++) {
                trio.step(); // until this node's image has it too
            }
        }
        final int epoch = trio.image(leader).shard(shard.id()).leaderEpoch();
        lead(epoch);
        return epoch;
    }

    void work() {
        trio.step();
        log.drain();
        outcomes.publish();
        handler.doWork(trio.nowNs);
    }

    void commitAll() {
        log.commit(log.endPosition());
        work();
    }

    TestSlot offer(final short apiKey, final short version, final ByteBuffer body) {
        final long id = slots.size() + 1;
        final TestSlot slot = new TestSlot(id, apiKey, version, body);
        slots.put(id, slot);
        assertTrue(handler.onRequest(null, slot.requestBuffer(), 0, slot.requestLength(), slot)
            == RequestHandler.ACCEPTED);
        return slot;
    }

    /** Asks, lets everybody work for a while, and if that is not enough lets the request's time run out. */
    ApiMessage ask(final short version, final ApiMessage request) {
        return answer(offer(request.apiKey(), version, MessageUtil.toByteBufferAccessor(request, version).buffer()));
    }

    ApiMessage answer(final TestSlot slot) {
        for (int i = 0; i < 20 && !slot.isCompleted(); i++) {
            commitAll();
        }
        if (!slot.isCompleted()) {
            handler.onExpired(slot);
        }
        assertTrue(slot.isCompleted());
        final ByteBufferAccessor body = new ByteBufferAccessor(slot.body());
        if (ApiTable.isFlexible(slot.apiKey(), slot.apiVersion())) {
            assertTrue(body.readByte() == 0, "tagged fields of the header");
        }
        final ApiMessage response = ApiMessageType.fromApiKey(slot.apiKey()).newResponse();
        response.read(body, slot.apiVersion());
        assertTrue(body.remaining() == 0, "bytes left after the response: " + body.remaining());
        return response;
    }
}
