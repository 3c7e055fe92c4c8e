package io.millrace.broker.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.metadata.Commands;
import io.millrace.broker.metadata.InMemoryMetadataCluster;
import io.millrace.broker.metadata.InMemoryQuorum;
import io.millrace.broker.metadata.LivenessGate;
import io.millrace.broker.metadata.MetadataCommand;
import io.millrace.broker.metadata.MetadataImage;
import io.millrace.broker.metadata.MetadataResult;
import io.millrace.broker.metadata.ShardInfo;
import io.millrace.broker.shard.CommitInterest;
import io.millrace.broker.shard.LocalShard;
import io.millrace.broker.shard.LocalShards;
import io.millrace.engine.PartitionReader;
import io.millrace.engine.ShardLog;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.protocol.MessageUtil;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FetchHandlerTest {
    private static final short VERSION = 4;
    private static final int PARTITION_COUNT = 2;
    private static final int LONG_WAIT_MS = 60_000;

    private final List<Integer> unreadable = new ArrayList<>();
    private final LocalShards localShards = new LocalShards();
    private final CommitInterest interest = new CommitInterest();
    private final TopicDirectory topics = new TopicDirectory(localShards, 1 << 20);
    private final FetchHandler handler = new FetchHandler(topics, 1 << 20, interest);
    private long nowNs = 1;

    @BeforeEach
    void createTopic() {
        final InMemoryQuorum quorum =
            new InMemoryMetadataCluster(1_000_000_000L).connect((image, previous) -> { }, LivenessGate.ALWAYS);
        final AtomicReference<MetadataResult> registered = new AtomicReference<>();
        quorum.register(Commands.register(1, 1), registered::set);
        for (int i = 0; i < 100 && registered.get() == null; i++) {
            quorum.doWork(nowNs += 1_000_000);
        }
        submit(quorum, Commands.create("t", PARTITION_COUNT, 1));
        final MetadataImage image = quorum.image();
        for (final ShardInfo shard : image.shards()) {
            final LocalShard local = new LocalShard(shard.id(), log());
            local.leading(shard.leaderEpoch(), 0);
            localShards.add(local);
        }
        topics.onImage(image);
    }

    private void submit(final InMemoryQuorum quorum, final MetadataCommand command) {
        final AtomicReference<MetadataResult> result = new AtomicReference<>();
        quorum.submit(command, result::set);
        quorum.doWork(nowNs += 1_000_000);
        assertNotNull(result.get());
        assertTrue(result.get().isOk(), result.get().message());
    }

    @Test
    void shouldAnswerWithAnErrorAtOnceWhenAnIndexCannotBeRead() {
        final int damaged = idInShard(0);
        unreadable.add(damaged);
        final TestSlot slot = fetch(LONG_WAIT_MS);
        assertTrue(slot.isCompleted(), "nothing to wait for");
        assertEquals(List.of(Errors.KAFKA_STORAGE_ERROR, Errors.NONE), errors(slot));
        assertFalse(interest.isWanted());
    }

    @Test
    void shouldEndTheWaitWithAnErrorWhenAnIndexCannotBeReadAnyMore() {
        final TestSlot slot = fetch(LONG_WAIT_MS);
        assertFalse(slot.isCompleted());
        assertTrue(interest.isWanted());
        assertEquals(0, handler.onProgress());
        unreadable.add(idInShard(1));
        assertEquals(1, handler.onProgress());
        assertEquals(List.of(Errors.NONE, Errors.KAFKA_STORAGE_ERROR), errors(slot));
        assertFalse(interest.isWanted());
    }

    @Test
    void shouldAnswerWithoutBatchesWhenNobodyWaits() {
        assertEquals(List.of(Errors.NONE, Errors.NONE), errors(fetch(0)));
    }

    private int idInShard(final int partition) {
        return topics.find("t").idInShard(partition);
    }

    private TestSlot fetch(final int maxWaitMs) {
        final List<FetchRequestData.FetchPartition> partitions = new ArrayList<>();
        for (int i = 0; i < PARTITION_COUNT; i++) {
            partitions.add(new FetchRequestData.FetchPartition().setPartition(i).setPartitionMaxBytes(1 << 20));
        }
        final ByteBuffer bytes = MessageUtil.toByteBufferAccessor(new FetchRequestData().setReplicaId(-1)
            .setMaxWaitMs(maxWaitMs).setMinBytes(1).setMaxBytes(1 << 20).setTopics(List.of(
                new FetchRequestData.FetchTopic().setTopic("t").setPartitions(partitions))), VERSION).buffer();
        final DirectBuffer request = new UnsafeBuffer(bytes, bytes.position(), bytes.remaining());
        final TestSlot slot = new TestSlot(ApiKeys.FETCH.id, VERSION, request);
        handler.onRequest(request, 0, request.capacity(), slot, nowNs);
        return slot;
    }

    private static List<Errors> errors(final TestSlot slot) {
        assertTrue(slot.isCompleted());
        return new FetchResponseData(new ByteBufferAccessor(slot.body()), VERSION).responses().get(0).partitions()
            .stream().map(partition -> Errors.forCode(partition.errorCode())).toList();
    }

    /** A log of which only its readers are asked for; its partitions are empty. */
    private ShardLog log() {
        return (ShardLog) Proxy.newProxyInstance(ShardLog.class.getClassLoader(), new Class<?>[] {ShardLog.class},
            (proxy, method, arguments) -> method.getName().equals("newPartitionReader") ? new Reader() : null);
    }

    /** Empty partitions, and those whose index cannot be read. */
    private final class Reader implements PartitionReader {
        @Override
        public long logStartOffset(final int partitionId) {
            return 0;
        }

        @Override
        public long logEndOffset(final int partitionId) {
            return 0;
        }

        @Override
        public long highWatermark(final int partitionId) {
            if (unreadable.contains(partitionId)) {
                throw new UncheckedIOException(new IOException("index is damaged"));
            }
            return 0;
        }

        @Override
        public int epochUpTo(final int epoch) {
            return epoch;
        }

        @Override
        public long epochEndOffset(final int partitionId, final int epoch) {
            return 0;
        }

        @Override
        public int read(final int partitionId, final long offset, final int maxLength, final BatchHandler batches) {
            return 0;
        }

        @Override
        public boolean findByTimestamp(final int partitionId, final long timestampMs, final BatchHandler batches) {
            return false;
        }

        @Override
        public void release() {
            // holds nothing
        }
    }
}
