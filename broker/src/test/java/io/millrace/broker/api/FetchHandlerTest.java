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
import io.millrace.engine.LogMarks;
import io.millrace.engine.PartitionNews;
import io.millrace.engine.PartitionReader;
import io.millrace.engine.ShardLog;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntConsumer;
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
    private static final int BATCH_LENGTH = 100;
    private static final int LONG_WAIT_MS = 60_000;

    private final List<Log> logs = new ArrayList<>();
    private final Map<Integer, Long> ends = new HashMap<>();
    private final Map<Integer, Long> highWatermarks = new HashMap<>();
    private final List<Integer> unreadable = new ArrayList<>();
    private final LocalShards localShards = new LocalShards();
    private final CommitInterest interest = new CommitInterest();
    private final TopicDirectory topics = new TopicDirectory(localShards, 1, 1 << 20);
    private final FetchHandler handler = new FetchHandler(topics, 1 << 20, interest, Runnable::run);
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
        assertEquals(0, handler.onChange());
        unreadable.add(idInShard(1));
        assertEquals(1, handler.onChange());
        assertEquals(List.of(Errors.NONE, Errors.KAFKA_STORAGE_ERROR), errors(slot));
        assertFalse(interest.isWanted());
    }

    @Test
    void shouldLookOnlyAtFetchesWhosePartitionsGotCommittedData() {
        final List<TestSlot> idle = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            idle.add(fetch(LONG_WAIT_MS, 0));
        }
        final TestSlot waiting = fetch(LONG_WAIT_MS, 1);
        for (int i = 0; i < 100; i++) {
            commit(idInShard(1) + 7_000); // a partition that nobody asked for
            assertEquals(0, handler.onCommits());
        }
        assertEquals(0, handler.lookCount());
        write(idInShard(1));
        assertEquals(0, handler.onCommits());
        assertEquals(0, handler.lookCount(), "written, but not committed");
        commit(idInShard(1));
        assertEquals(1, handler.onCommits());
        assertEquals(1, handler.lookCount());
        assertTrue(waiting.isCompleted());
        assertTrue(idle.stream().noneMatch(TestSlot::isCompleted));
        commit(idInShard(0));
        assertEquals(1_000, handler.onCommits());
        assertEquals(1_001, handler.lookCount());
        assertTrue(idle.stream().allMatch(TestSlot::isCompleted));
        assertFalse(interest.isWanted());
    }

    @Test
    void shouldEndTheWaitWhenWhatWasWrittenBeforeIsCommitted() {
        write(idInShard(1));
        final TestSlot slot = fetch(LONG_WAIT_MS);
        assertFalse(slot.isCompleted());
        assertEquals(0, handler.onCommits());
        commit(idInShard(1));
        assertEquals(1, handler.onCommits());
        assertTrue(slot.isCompleted());
    }

    @Test
    void shouldNoticeEachWriteWhenAFetchWaitsForMoreThanOne() {
        final TestSlot slot = fetch(LONG_WAIT_MS, 3 * BATCH_LENGTH, 0, 1);
        for (int i = 0; i < 2; i++) {
            commit(idInShard(i));
            assertEquals(0, handler.onCommits());
            assertEquals(i + 1, handler.lookCount());
        }
        commit(idInShard(0));
        assertEquals(1, handler.onCommits());
        assertTrue(slot.isCompleted());
    }

    @Test
    void shouldLookOnceWhenSeveralOfAFetchsPartitionsGotCommittedData() {
        final TestSlot slot = fetch(LONG_WAIT_MS, 5 * BATCH_LENGTH, 0, 1);
        commit(idInShard(0));
        commit(idInShard(1));
        assertEquals(0, handler.onCommits());
        assertEquals(1, handler.lookCount());
        commit(idInShard(0));
        commit(idInShard(1));
        commit(idInShard(1));
        assertEquals(1, handler.onCommits());
        assertEquals(2, handler.lookCount());
        assertTrue(slot.isCompleted());
    }

    @Test
    void shouldWaitForItsTimeOnlyWhenAFetchNamesAPartitionTwice() {
        final TestSlot other = fetch(LONG_WAIT_MS, 1);
        final TestSlot slot = fetch(LONG_WAIT_MS, 1, 0, 1, 0);
        commit(idInShard(0));
        assertEquals(0, handler.onCommits());
        assertEquals(0, handler.lookCount(), "else it costs the square of how often a partition is named");
        handler.onExpired(slot);
        assertTrue(slot.isCompleted());
        commit(idInShard(1));
        assertEquals(1, handler.onCommits());
        assertTrue(other.isCompleted());
        assertFalse(interest.isWanted());
    }

    @Test
    void shouldNotWaitForMoreThanAReplyMayHold() {
        final TestSlot slot = fetch(LONG_WAIT_MS, Integer.MAX_VALUE, 0);
        for (int i = 0; i * BATCH_LENGTH < 1 << 20; i++) {
            assertFalse(slot.isCompleted());
            commit(idInShard(0));
            handler.onCommits();
        }
        assertTrue(slot.isCompleted());
    }

    @Test
    void shouldTakeExpiredAndAbandonedFetchesOutOfEachPartition() {
        final List<TestSlot> slots = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            slots.add(fetch(LONG_WAIT_MS));
        }
        for (int i = 0; i < 300; i += 3) {
            handler.onExpired(slots.get(i));
            handler.onAbandoned(slots.get(i + 1));
        }
        commit(idInShard(1));
        assertEquals(100, handler.onCommits());
        assertEquals(100, handler.lookCount());
        assertTrue(slots.stream().allMatch(TestSlot::isCompleted));
    }

    @Test
    void shouldAnswerWithoutBatchesWhenNobodyWaits() {
        assertEquals(List.of(Errors.NONE, Errors.NONE), errors(fetch(0)));
    }

    @Test
    void shouldAnswerAtOnceWhenNoPartitionIsAskedFor() {
        final TestSlot slot = fetch(LONG_WAIT_MS, 1, new int[0]);
        assertTrue(slot.isCompleted(), "nothing can ever come");
        assertEquals(List.of(),
            new FetchResponseData(new ByteBufferAccessor(slot.body()), VERSION).responses(), "as Kafka");
        assertFalse(interest.isWanted());
    }

    private int idInShard(final int partition) {
        return topics.find("t").idInShard(partition);
    }

    private void write(final int idInShard) {
        ends.merge(idInShard, 1L, Long::sum);
        logs.forEach(log -> log.onWritten(idInShard));
    }

    private void commit(final int idInShard) {
        if (ends.getOrDefault(idInShard, 0L).equals(highWatermarks.getOrDefault(idInShard, 0L))) {
            write(idInShard);
        }
        highWatermarks.put(idInShard, ends.get(idInShard));
        logs.forEach(log -> log.marks.committedRelease(log.marks.committedAcquire() + 1));
    }

    private TestSlot fetch(final int maxWaitMs) {
        return fetch(maxWaitMs, 1, 0, 1);
    }

    private TestSlot fetch(final int maxWaitMs, final int partition) {
        return fetch(maxWaitMs, 1, partition);
    }

    private TestSlot fetch(final int maxWaitMs, final int minLength, final int... asked) {
        final List<FetchRequestData.FetchPartition> partitions = new ArrayList<>();
        for (final int i : asked) {
            partitions.add(new FetchRequestData.FetchPartition().setPartition(i).setPartitionMaxBytes(1 << 20));
        }
        final ByteBuffer bytes = MessageUtil.toByteBufferAccessor(new FetchRequestData().setReplicaId(-1)
            .setMaxWaitMs(maxWaitMs).setMinBytes(minLength).setMaxBytes(1 << 20).setTopics(List.of(
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
        final Log log = new Log();
        logs.add(log);
        return (ShardLog) Proxy.newProxyInstance(ShardLog.class.getClassLoader(), new Class<?>[] {ShardLog.class},
            (proxy, method, arguments) -> switch (method.getName()) {
                case "newPartitionReader" -> new Reader();
                case "marks" -> log.marks;
                case "news" -> log;
                default -> null;
            });
    }

    /** The marks and the news of a log. */
    private static final class Log implements PartitionNews {
        private final LogMarks marks = new LogMarks();
        private final Set<Integer> watched = new HashSet<>();
        private final List<Integer> written = new ArrayList<>();

        void onWritten(final int idInShard) {
            if (watched.remove(idInShard)) {
                written.add(idInShard);
            }
        }

        @Override
        public void watch(final int partitionId) {
            watched.add(partitionId);
        }

        @Override
        public int take(final IntConsumer consumer) {
            final List<Integer> taken = List.copyOf(written);
            written.clear();
            taken.forEach(consumer::accept);
            return taken.size();
        }
    }

    /** Empty partitions, and those whose index cannot be read. */
    private final class Reader implements PartitionReader {
        @Override
        public long logStartOffset(final int partitionId) {
            return 0;
        }

        @Override
        public long logEndOffset(final int partitionId) {
            return ends.getOrDefault(partitionId, 0L);
        }

        @Override
        public long highWatermark(final int partitionId) {
            if (unreadable.contains(partitionId)) {
                throw new UncheckedIOException(new IOException("index is damaged"));
            }
            return highWatermarks.getOrDefault(partitionId, 0L);
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
            int length = 0;
            for (long at = offset; at < highWatermark(partitionId) && length < maxLength; at++) {
                length += BATCH_LENGTH;
                if (!batches.onBatch(null, 0, BATCH_LENGTH, at, at + 1)) {
                    break;
                }
            }
            return length;
        }

        @Override
        public long maxTimestampMs(final int partitionId) {
            return Long.MIN_VALUE;
        }

        @Override
        public boolean findByTimestamp(
            final int partitionId, final long timestampMs, final long fromOffset, final BatchHandler batches) {
            return false;
        }

        @Override
        public void release() {
            // holds nothing
        }
    }
}
