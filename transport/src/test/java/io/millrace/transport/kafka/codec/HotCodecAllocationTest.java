package io.millrace.transport.kafka.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.millrace.engine.io.LogFile;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.List;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Message;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whether the codecs of Produce and Fetch, in the old encoding and the flexible one, leave the heap alone. */
class HotCodecAllocationTest {
    private static final int COUNT = 20_000;
    private static final int PARTITION_COUNT = 150;
    private static final String TOPIC = "a-topic";
    private static final Uuid TOPIC_ID = new Uuid(1, 2);

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private final FixedTarget target = new FixedTarget();
    private final RequestHeader header = new RequestHeader();
    private final ProduceRequestCursor produce = new ProduceRequestCursor();
    private final ProduceResponseEncoder produceResponse = new ProduceResponseEncoder();
    private final FetchRequestCursor fetch = new FetchRequestCursor();
    private final FetchResponseEncoder fetchResponse = new FetchResponseEncoder();
    private long partitionCount;

    @ParameterizedTest
    @ValueSource(ints = {3, 8, 9, 12, 13})
    void shouldAllocateNothingPerProduceRequest(final int version) {
        final var topic = new ProduceRequestData.TopicProduceData();
        if (version >= ApiTable.PRODUCE_TOPIC_IDS) {
            topic.setTopicId(TOPIC_ID);
        } else {
            topic.setName(TOPIC);
        }
        for (int i = 0; i < PARTITION_COUNT; i++) {
            topic.partitionData().add(new ProduceRequestData.PartitionProduceData().setIndex(i)
                .setRecords(MemoryRecords.readableRecords(ByteBuffer.allocate(100))));
        }
        final ProduceRequestData request = new ProduceRequestData().setAcks((short) -1).setTimeoutMs(1);
        request.topicData().add(topic);
        check(request, ApiKeys.PRODUCE, version, this::answerProduce);
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 11, 12, 13, 18})
    void shouldAllocateNothingPerFetchRequest(final int version) {
        final var topic = new FetchRequestData.FetchTopic();
        if (version >= ApiTable.FETCH_TOPIC_IDS) {
            topic.setTopicId(TOPIC_ID);
        } else {
            topic.setTopic(TOPIC);
        }
        for (int i = 0; i < PARTITION_COUNT; i++) {
            topic.partitions().add(new FetchRequestData.FetchPartition().setPartition(i).setPartitionMaxBytes(100));
        }
        check(new FetchRequestData().setReplicaId(-1).setMaxWaitMs(1).setTopics(List.of(topic)), ApiKeys.FETCH,
            version, this::answerFetch);
    }

    private interface Answer {
        int answer(int version, UnsafeBuffer buffer, int index, int length);
    }

    private void check(final Message request, final ApiKeys api, final int version, final Answer answer) {
        final byte[] body = Fuzz.encode(request, version);
        final boolean isFlexible = api.requestHeaderVersion((short) version) >= 2;
        final ByteBuffer bytes = ByteBuffer.allocateDirect(10 + (isFlexible ? 1 : 0) + body.length);
        bytes.putShort(api.id).putShort((short) version).putInt(7).putShort((short) -1)
            .put(bytes.capacity() - body.length, body);
        final UnsafeBuffer buffer = new UnsafeBuffer(bytes);
        run(version, buffer, body.length, answer);
        partitionCount = 0;
        final long before = threads.getCurrentThreadAllocatedBytes();
        run(version, buffer, body.length, answer);
        final long allocated = threads.getCurrentThreadAllocatedBytes() - before;
        assertEquals((long) COUNT * PARTITION_COUNT, partitionCount);
        assertTrue(allocated < COUNT, "bytes allocated for " + COUNT + " requests: " + allocated);
    }

    private void run(final int version, final UnsafeBuffer buffer, final int length, final Answer answer) {
        for (int i = 0; i < COUNT; i++) {
            header.wrap(buffer, 0, buffer.capacity());
            answer.answer(version, buffer, buffer.capacity() - length, length);
        }
    }

    private int answerProduce(final int version, final UnsafeBuffer buffer, final int index, final int length) {
        produce.wrap(version, buffer, index, length);
        produceResponse.begin(target, version, produce.topicCount());
        while (produce.next()) {
            if (produce.isNewTopic()) {
                produceResponse.topic(
                    buffer, produce.topicIndex(), produce.topicLength(), produce.topicPartitionCount());
            }
            final int entry = produceResponse.partition(produce.partitionId());
            ProduceResponseEncoder.patch(target.memory, version, entry, (short) 0, 1, 2);
            partitionCount++;
        }
        return produceResponse.end();
    }

    private int answerFetch(final int version, final UnsafeBuffer buffer, final int index, final int length) {
        fetch.wrap(version, buffer, index, length);
        fetchResponse.begin(target, version, (short) 0, fetch.topicCount());
        while (fetch.next()) {
            if (fetch.isNewTopic()) {
                fetchResponse.topic(buffer, fetch.topicIndex(), fetch.topicLength(), fetch.topicPartitionCount());
            }
            fetchResponse.partition(fetch.partitionId(), (short) 0, 5, 0);
            fetchResponse.batch(null, 0, 1000);
            partitionCount++;
        }
        return fetchResponse.end();
    }

    /** Memory of one length, for which nothing need be remembered. */
    private static final class FixedTarget implements ReplyTarget {
        private final UnsafeBuffer memory = new UnsafeBuffer(ByteBuffer.allocateDirect(64 * 1024));

        @Override
        public MutableDirectBuffer ensureCapacity(final int capacity) {
            assertTrue(capacity <= memory.capacity());
            return memory;
        }

        @Override
        public void addRegion(final LogFile file, final long fileOffset, final int length) {
            // not sent
        }

        @Override
        public void placeRegions(final int atIndex) {
            // not sent
        }

        @Override
        public void clearRegions() {
            // there are none
        }
    }
}
