package io.millrace.broker.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.millrace.broker.metadata.MetadataCommand;
import io.millrace.engine.DurabilityProfile;
import io.millrace.transport.kafka.codec.MalformedRequestException;
import io.millrace.transport.kafka.server.KafkaServerContext;
import io.millrace.transport.kafka.server.RequestHandler;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.DeleteRecordsRequestData;
import org.apache.kafka.common.message.DescribeLogDirsRequestData;
import org.apache.kafka.common.message.DescribeQuorumRequestData;
import org.apache.kafka.common.message.ElectLeadersRequestData;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.ListOffsetsRequestData;
import org.apache.kafka.common.message.ListOffsetsResponseData;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.protocol.MessageUtil;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What one request may ask for, and what it costs at most. */
class RequestBoundsTest {
    private static final int WIDE_COUNT = 10_000;
    private static final short METADATA_VERSION = 13;
    private static final short LIST_OFFSETS_VERSION = 1;
    /** Half the smallest heap that the launcher gives a broker; nothing of this stays. */
    private static final long MAX_ALLOCATION_LENGTH = 96L << 20;

    private HandlerRig rig;

    @BeforeEach
    void open() throws IOException {
        rig = new HandlerRig();
    }

    private void createWide() {
        assertTrue(rig.trio.submit(rig.leader, new MetadataCommand.CreateTopic(new UUID(5, 5), "wide", WIDE_COUNT, 3,
            DurabilityProfile.REPLICATED, Map.of(), 1, false)).isOk());
        rig.work();
    }

    private TestSlot offer(final int version, final ApiMessage request) {
        final ByteBuffer body = MessageUtil.toByteBufferAccessor(request, (short) version).buffer();
        assertTrue(body.remaining() < KafkaServerContext.MAX_COLD_REQUEST_LENGTH_DEFAULT, "longer is not read at all");
        return rig.offer(request.apiKey(), (short) version, body);
    }

    private TestSlot metadata(final int count) {
        final List<MetadataRequestData.MetadataRequestTopic> topics = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            topics.add(new MetadataRequestData.MetadataRequestTopic().setTopicId(new Uuid(5, 5)).setName("alias" + i));
        }
        return offer(METADATA_VERSION, new MetadataRequestData().setTopics(topics));
    }

    @Test
    void shouldRefuseMetadataOfMorePartitionsThanThereMayBe() {
        createWide();
        final MetadataResponseData most = (MetadataResponseData) rig.answer(metadata(20));
        assertEquals(20 * WIDE_COUNT, most.topics().stream().mapToInt(topic -> topic.partitions().size()).sum());
        assertThrows(MalformedRequestException.class, () -> metadata(21));
    }

    private TestSlot lookUp(final int partitionCount) {
        final ListOffsetsRequestData request = new ListOffsetsRequestData().setReplicaId(-1);
        request.topics().add(new ListOffsetsRequestData.ListOffsetsTopic().setName(HandlerRig.TOPIC).setPartitions(
            IntStream.range(0, partitionCount).mapToObj(i -> new ListOffsetsRequestData.ListOffsetsPartition()
                .setPartitionIndex(i).setTimestamp(0)).toList()));
        return offer(LIST_OFFSETS_VERSION, request);
    }

    private Errors errorOfFirst(final TestSlot slot) {
        return Errors.forCode(((ListOffsetsResponseData) rig.answer(slot)).topics().get(0).partitions().get(0)
            .errorCode());
    }

    @Test
    void shouldLookUpTimestampsForSoManyPartitionsAtATimeOnly() {
        final List<TestSlot> slots = IntStream.range(0, 4).mapToObj(i -> lookUp(66_000)).toList();
        assertTrue(slots.get(3).isCompleted(), "refused at once");
        assertEquals(Errors.REQUEST_TIMED_OUT, errorOfFirst(slots.get(3)));
        for (int i = 0; i < 3; i++) {
            assertEquals(Errors.NONE, errorOfFirst(slots.get(i)));
        }
        final TestSlot again = lookUp(66_000);
        assertEquals(Errors.NONE, errorOfFirst(again), "the others are done");
    }

    /** A request that names as many partitions as its length or its number of fields allows. */
    record Large(String name, int version, ApiMessage request) {
        @Override
        public String toString() {
            return name;
        }
    }

    static List<Large> largeRequests() {
        final List<Large> all = new ArrayList<>();
        all.add(new Large("Fetch", 4, new FetchRequestData().setMaxWaitMs(0).setMinBytes(0).setTopics(List.of(
            new FetchRequestData.FetchTopic().setTopic(HandlerRig.TOPIC).setPartitions(
                IntStream.range(0, 60_000).mapToObj(i -> new FetchRequestData.FetchPartition().setPartition(i)
                    .setPartitionMaxBytes(1)).toList())))));
        all.add(new Large("ListOffsets", LIST_OFFSETS_VERSION, new ListOffsetsRequestData().setTopics(List.of(
            new ListOffsetsRequestData.ListOffsetsTopic().setName(HandlerRig.TOPIC).setPartitions(
                IntStream.range(0, 85_000).mapToObj(i -> new ListOffsetsRequestData.ListOffsetsPartition()
                    .setPartitionIndex(i).setTimestamp(-1)).toList())))));
        final OffsetForLeaderEpochRequestData epochs = new OffsetForLeaderEpochRequestData().setReplicaId(-1);
        epochs.topics().add(new OffsetForLeaderEpochRequestData.OffsetForLeaderTopic().setTopic(HandlerRig.TOPIC)
            .setPartitions(IntStream.range(0, 60_000).mapToObj(i ->
                new OffsetForLeaderEpochRequestData.OffsetForLeaderPartition().setPartition(i)).toList()));
        all.add(new Large("OffsetForLeaderEpoch", 3, epochs));
        all.add(new Large("DeleteRecords", 1, new DeleteRecordsRequestData().setTimeoutMs(1).setTopics(List.of(
            new DeleteRecordsRequestData.DeleteRecordsTopic().setName(HandlerRig.TOPIC).setPartitions(
                IntStream.range(0, 80_000).mapToObj(i -> new DeleteRecordsRequestData.DeleteRecordsPartition()
                    .setPartitionIndex(i)).toList())))));
        final List<Integer> ids = IntStream.range(0, 190_000).boxed().toList();
        final DescribeLogDirsRequestData dirs = new DescribeLogDirsRequestData();
        dirs.setTopics(new DescribeLogDirsRequestData.DescribableLogDirTopicCollection());
        dirs.topics().add(new DescribeLogDirsRequestData.DescribableLogDirTopic().setTopic(HandlerRig.TOPIC)
            .setPartitions(ids));
        all.add(new Large("DescribeLogDirs", 1, dirs));
        all.add(new Large("DescribeQuorum", 0, new DescribeQuorumRequestData().setTopics(List.of(
            new DescribeQuorumRequestData.TopicData().setTopicName("__cluster_metadata").setPartitions(
                IntStream.range(0, 95_000).mapToObj(i -> new DescribeQuorumRequestData.PartitionData()
                    .setPartitionIndex(i)).toList())))));
        final ElectLeadersRequestData elections = new ElectLeadersRequestData().setTimeoutMs(1);
        elections.setTopicPartitions(new ElectLeadersRequestData.TopicPartitionsCollection());
        elections.topicPartitions().add(new ElectLeadersRequestData.TopicPartitions().setTopic(HandlerRig.TOPIC)
            .setPartitions(ids));
        all.add(new Large("ElectLeaders", 0, elections));
        return all;
    }

    @ParameterizedTest
    @MethodSource("largeRequests")
    void shouldTakeLittleHeapForOneRequestThatNamesManyPartitions(final Large large) {
        final ByteBuffer body = MessageUtil.toByteBufferAccessor(large.request, (short) large.version).buffer();
        assertLittleHeap(large.name, rig.handler, new TestSlot(99, large.request.apiKey(), large.version, body));
    }

    /** All that is allocated counts, whether or not it could be collected before the end. */
    static void assertLittleHeap(final String name, final RequestHandler handler, final TestSlot slot) {
        assertTrue(slot.requestLength() < KafkaServerContext.MAX_COLD_REQUEST_LENGTH_DEFAULT,
            "length=" + slot.requestLength());
        final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        final long before = threads.getCurrentThreadAllocatedBytes();
        handler.onRequest(null, slot.requestBuffer(), 0, slot.requestLength(), slot);
        final long length = threads.getCurrentThreadAllocatedBytes() - before;
        assertTrue(length < MAX_ALLOCATION_LENGTH, name + " allocates " + length);
    }
}
