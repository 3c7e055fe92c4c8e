package io.millrace.broker.api;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.IntStream;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetDeleteRequestData;
import org.apache.kafka.common.message.OffsetFetchRequestData;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.MessageUtil;
import org.junit.jupiter.api.Test;

/** What one request to a coordinator costs at most. */
class GroupRequestBoundsTest extends CoordinatorRig {
    private static final short FETCH_ALL_VERSION = 8;

    private void assertLittleHeap(final int version, final ApiMessage request) {
        commit("g", 7, "");
        commitAll();
        final TestSlot slot = new TestSlot(99, request.apiKey(), version,
            MessageUtil.toByteBufferAccessor(request, (short) version).buffer());
        slots.put(99L, slot);
        RequestBoundsTest.assertLittleHeap(request.getClass().getSimpleName(), handler, slot);
        for (int i = 0; i < 100 && !slot.isCompleted(); i++) {
            work();
            commitAll();
        }
        assertTrue(slot.isCompleted());
    }

    @Test
    void shouldTakeLittleHeapWhenManyOffsetsAreCommitted() {
        assertLittleHeap(COMMIT_VERSION, new OffsetCommitRequestData().setGroupId("g").setTopics(List.of(
            new OffsetCommitRequestData.OffsetCommitRequestTopic().setName("t").setPartitions(
                IntStream.range(0, 45_000).mapToObj(i -> new OffsetCommitRequestData.OffsetCommitRequestPartition()
                    .setPartitionIndex(i).setCommittedMetadata("")).toList()))));
    }

    @Test
    void shouldTakeLittleHeapWhenManyOffsetsAreAskedFor() {
        assertLittleHeap(FETCH_VERSION, new OffsetFetchRequestData().setGroupId("g").setTopics(List.of(
            new OffsetFetchRequestData.OffsetFetchRequestTopic().setName("t")
                .setPartitionIndexes(IntStream.range(0, 190_000).boxed().toList()))));
    }

    @Test
    void shouldTakeLittleHeapWhenOffsetsOfManyGroupsAreAskedFor() {
        assertLittleHeap(FETCH_ALL_VERSION, new OffsetFetchRequestData().setGroups(IntStream.range(0, 60_000)
            .mapToObj(i -> new OffsetFetchRequestData.OffsetFetchRequestGroup().setGroupId("g" + i).setTopics(null))
            .toList()));
    }

    @Test
    void shouldTakeLittleHeapWhenManyOffsetsAreDeleted() {
        final OffsetDeleteRequestData request = new OffsetDeleteRequestData().setGroupId("g");
        request.topics().add(new OffsetDeleteRequestData.OffsetDeleteRequestTopic().setName("t").setPartitions(
            IntStream.range(0, 190_000).mapToObj(i ->
                new OffsetDeleteRequestData.OffsetDeleteRequestPartition().setPartitionIndex(i)).toList()));
        assertLittleHeap(0, request);
    }
}
