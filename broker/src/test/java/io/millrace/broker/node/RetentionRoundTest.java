package io.millrace.broker.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.metadata.Commands;
import io.millrace.broker.metadata.InMemoryMetadataCluster;
import io.millrace.broker.metadata.InMemoryQuorum;
import io.millrace.broker.metadata.LivenessGate;
import io.millrace.broker.metadata.MetadataCommand;
import io.millrace.broker.metadata.TopicInfo;
import io.millrace.broker.shard.LocalShard;
import io.millrace.broker.shard.LocalShards;
import io.millrace.engine.ErrorCodes;
import io.millrace.engine.ShardIngress;
import io.millrace.engine.format.BatchDescriptor;
import io.millrace.engine.format.Checksums;
import io.millrace.engine.io.FileLogStorage;
import io.millrace.engine.log.LogSyncer;
import io.millrace.engine.log.SegmentMaintenance;
import io.millrace.engine.shard.SegmentedShardLog;
import io.millrace.engine.shard.ShardLogContext;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Topic t of three partitions in a shard of one node, on clocks that are turned by hand. */
class RetentionRoundTest {
    private static final long INTERVAL_NS = TimeUnit.SECONDS.toNanos(5);
    private static final long HOUR_MS = TimeUnit.HOURS.toMillis(1);
    private static final int EPOCH = 4;

    @TempDir
    private Path directory;
    private final InMemoryMetadataCluster cluster = new InMemoryMetadataCluster(TimeUnit.SECONDS.toNanos(2));
    private final LocalShards shards = new LocalShards();
    private final List<String> deleted = new ArrayList<>();
    private InMemoryQuorum quorum;
    private SegmentedShardLog log;
    private LocalShard shard;
    private RetentionRound round;
    private long nowNs;
    private long nowMs = 100 * HOUR_MS;

    @BeforeEach
    void start() throws IOException {
        quorum = cluster.connect((image, previous) -> { }, LivenessGate.ALWAYS);
        quorum.register(Commands.register(1, 1), (result) -> { });
        submit(Commands.create("t", 3, 1, Map.of("retention.ms", Long.toString(HOUR_MS))));
        log = new ShardLogContext().storage(new FileLogStorage(directory)).segmentLength(64 << 10)
            .ringCapacity(16 << 10).outcomes((replyId, error, base, logStart) -> { }).random(new SplittableRandom(1))
            .errorHandler((error) -> {
                throw new AssertionError(error);
            }).syncer(new LogSyncer(() -> nowNs)).maintenance(new SegmentMaintenance(() -> nowNs)).open();
        shard = new LocalShard(quorum.image().topic("t").shardId(0), log);
        shards.add(shard);
        lead();
        round = round(new RetentionRound.Policy(1, -1, -1, INTERVAL_NS));
    }

    @AfterEach
    void stop() {
        log.close();
        quorum.close();
    }

    private RetentionRound round(final RetentionRound.Policy policy) {
        final RetentionRound built = new RetentionRound(shards, policy, () -> nowMs, nowNs);
        built.onImage(quorum.image());
        return built;
    }

    private void submit(final MetadataCommand command) {
        quorum.submit(command, (result) -> { });
        for (int i = 0; i < 50; i++) {
            quorum.doWork(nowNs += TimeUnit.MILLISECONDS.toNanos(10));
        }
    }

    private void lead() {
        shard.leading(EPOCH, log.startLeading(EPOCH));
    }

    private void produce(final int partition, final long timestampMs) {
        final TopicInfo topic = quorum.image().topic("t");
        final int length = BatchDescriptor.HEADER_LENGTH + 100;
        final ShardIngress ingress = log.ingress();
        final int index = ingress.tryClaim(topic.partitionId(partition), length, 0, 1);
        assertTrue(index > 0);
        final UnsafeBuffer batch = new UnsafeBuffer(ingress.buffer(), index, length);
        batch.setMemory(0, length, (byte) 0);
        batch.putInt(BatchDescriptor.BATCH_LENGTH_FIELD_OFFSET, length - BatchDescriptor.LENGTH_OVERHEAD,
            ByteOrder.BIG_ENDIAN);
        batch.putByte(BatchDescriptor.MAGIC_FIELD_OFFSET, BatchDescriptor.MAGIC_V2);
        batch.putLong(BatchDescriptor.BASE_TIMESTAMP_FIELD_OFFSET, timestampMs, ByteOrder.BIG_ENDIAN);
        batch.putLong(BatchDescriptor.MAX_TIMESTAMP_FIELD_OFFSET, timestampMs, ByteOrder.BIG_ENDIAN);
        batch.putLong(BatchDescriptor.PRODUCER_ID_FIELD_OFFSET, -1, ByteOrder.BIG_ENDIAN);
        batch.putInt(BatchDescriptor.RECORDS_COUNT_FIELD_OFFSET, 1, ByteOrder.BIG_ENDIAN);
        BatchDescriptor.putCrc(batch, 0, new Checksums().batchCrc(batch, 0, length));
        ingress.commit(index);
        log.drain();
        log.commit(log.endPosition());
    }

    private void runRound() {
        nowNs += INTERVAL_NS;
        for (int i = 0; i < 10; i++) {
            round.doWork(nowNs);
        }
    }

    private long start(final int partition) {
        return log.newPartitionReader().logStartOffset(quorum.image().topic("t").partitionId(partition));
    }

    @Test
    void shouldForgetWhatIsOlderThanTheTopicSaysAndTellItInTheLog() {
        for (int i = 0; i < 4; i++) {
            produce(0, nowMs + i * HOUR_MS / 2);
            produce(1, -1);
        }
        runRound();
        assertEquals(0, start(0));
        nowMs += HOUR_MS + HOUR_MS / 2 + 1;
        final long end = log.endPosition();
        runRound();
        assertEquals(2, start(0));
        assertEquals(0, start(1), "no timestamp, no age");
        assertTrue(log.endPosition() > end, "a frame tells it");
        final long told = log.endPosition();
        runRound();
        assertEquals(told, log.endPosition(), "once");
    }

    @Test
    void shouldLookAtSizesMoreOftenThanAtAges() {
        submit(new MetadataCommand.AlterTopicConfig("t", Map.of("retention.bytes", "1000"), List.of()));
        round = round(new RetentionRound.Policy(1, -1, -1, 60 * INTERVAL_NS));
        runRound(); // from now on an age round is far away
        produce(0, nowMs - 2 * HOUR_MS);
        runRound();
        assertEquals(0, start(0), "records that come old stay for a while");
        for (int i = 0; i < 400; i++) {
            produce(1, nowMs);
        }
        runRound();
        assertTrue(start(1) > 0, "what is too much in whole segments goes soon");
        assertEquals(0, start(0));
        nowNs += 60 * INTERVAL_NS;
        runRound();
        assertEquals(1, start(0));
    }

    @Test
    void shouldLookOnlyAtWhatIsLedHereUnlessTheDiskIsFull() {
        produce(0, nowMs);
        nowMs += 2 * HOUR_MS;
        log.stopLeading();
        shard.leading(-1, 0);
        runRound();
        assertEquals(0, start(0), "the leader decides");
    }

    @Test
    void shouldHoldANodesLimitsWhereATopicHasNone() {
        produce(2, nowMs);
        produce(2, nowMs);
        nowMs += 2 * HOUR_MS;
        submit(new MetadataCommand.AlterTopicConfig("t", Map.of("retention.ms", "-1"), List.of()));
        round = round(new RetentionRound.Policy(1, -1, HOUR_MS, INTERVAL_NS));
        runRound();
        assertEquals(0, start(2), "the topic says without end");
        submit(new MetadataCommand.AlterTopicConfig("t", Map.of(), List.of("retention.ms")));
        round.onImage(quorum.image());
        runRound();
        assertEquals(2, start(2));
    }

    @Test
    void shouldDeleteRecordsOnceThatIsCommitted() {
        final TopicInfo topic = quorum.image().topic("t");
        for (int i = 0; i < 5; i++) {
            produce(1, nowMs);
        }
        final RecordDeletions deletions = new RecordDeletions(shards);
        delete(deletions, topic.partitionId(1), 3);
        assertEquals(List.of(), deleted);
        assertEquals(0, deletions.doWork(nowNs), "not committed");
        log.commit(log.endPosition());
        deletions.doWork(nowNs);
        assertEquals(List.of(ErrorCodes.NONE + ":3"), deleted);
        delete(deletions, topic.partitionId(1), 6);
        delete(deletions, topic.partitionId(1), -2);
        assertEquals(List.of("0:3", "1:-1", "1:-1"), deleted, "out of range");
        deleted.clear();
        delete(deletions, topic.partitionId(1), -1);
        delete(deletions, topic.partitionId(1), 2);
        log.commit(log.endPosition());
        deletions.doWork(nowNs);
        assertEquals(List.of("0:5", "0:5"), deleted, "all of it, and what is gone already");
        deleted.clear();
        produce(1, nowMs);
        delete(deletions, topic.partitionId(1), 6);
        deletions.doWork(nowNs + 2 * INTERVAL_NS);
        assertEquals(List.of("7:-1"), deleted, "in vain for so long");
        assertEquals(0, deletions.waitingCount());
        log.stopLeading();
        shard.leading(-1, 0);
        delete(deletions, topic.partitionId(1), 6);
        assertEquals("6:-1", deleted.get(1));
    }

    private void delete(final RecordDeletions deletions, final int partitionId, final long offset) {
        assertTrue(deletions.ask(shard.shardId(), partitionId, offset, nowNs + INTERVAL_NS,
            (error, logStartOffset) -> deleted.add(error + ":" + logStartOffset)));
        deletions.doWork(nowNs);
    }
}
