package io.millrace.broker.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.shard.CommitInterest;
import io.millrace.broker.shard.HandingOver;
import io.millrace.broker.shard.LocalShards;
import io.millrace.transport.kafka.message.Metadata;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Properties;
import java.util.UUID;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.protocol.Message;
import org.apache.kafka.common.protocol.MessageUtil;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a node says of topics before it has heard of its own registration: librdkafka forgets an unknown topic. */
class BeforeRegistrationTest {
    private static final short VERSION = 13;

    private final TopicDirectory topics = new TopicDirectory(new LocalShards(), 1, 1 << 20);

    @Test
    void shouldAskClientsToComeAgainWhenItMayNotHaveHeardOfATopic() {
        final Properties properties = new Properties();
        properties.setProperty("node.id", "1");
        properties.setProperty("log.dirs", "unused");
        final BrokerConfig config = BrokerConfig.of(properties);
        final MetadataHandler handler =
            new MetadataHandler(config, topics, null, null);
        final TestSlot slot = new TestSlot(1, ApiKeys.METADATA.id, VERSION, ByteBuffer.allocate(0));
        handler.handle(new Metadata.Request(List.of(new Metadata.RequestTopic(null, "by-name"),
            new Metadata.RequestTopic(new UUID(1, 2), null)), true, false, false), slot);
        final ByteBufferAccessor body = new ByteBufferAccessor(slot.body());
        assertEquals(0, body.readByte(), "tagged fields of the header");
        assertEquals(List.of(Errors.LEADER_NOT_AVAILABLE.code(), Errors.LEADER_NOT_AVAILABLE.code()),
            new MetadataResponseData(body, VERSION).topics().stream().map(topic -> topic.errorCode()).toList());
    }

    @ParameterizedTest
    @ValueSource(shorts = {11, 12, 16, 18})
    void shouldSendReadersToAnotherNodeWhenItMayNotHaveHeardOfATopic(final short version) {
        final FetchRequestData request = new FetchRequestData().setReplicaId(-1).setMaxBytes(1 << 20).setTopics(List.of(
            new FetchRequestData.FetchTopic().setTopic(version < 13 ? "t" : "")
                .setTopicId(version < 13 ? Uuid.ZERO_UUID : new Uuid(1, 2))
                .setPartitions(List.of(new FetchRequestData.FetchPartition().setPartitionMaxBytes(1 << 20)))));
        final TestSlot slot = slot(ApiKeys.FETCH, version, request);
        new FetchHandler(topics, 1 << 20, new CommitInterest(), Runnable::run)
            .onRequest(slot.requestBuffer(), 0, slot.requestLength(), slot, 1);
        assertEquals(Errors.NOT_LEADER_OR_FOLLOWER.code(), new FetchResponseData(body(slot, version >= 12), version)
            .responses().get(0).partitions().get(0).errorCode());
    }

    @ParameterizedTest
    @ValueSource(shorts = {8, 9, 10, 13})
    void shouldSendWritersToAnotherNodeWhenItMayNotHaveHeardOfATopic(final short version) {
        final ProduceRequestData request = new ProduceRequestData().setAcks((short) -1).setTimeoutMs(1000);
        request.topicData().add(new ProduceRequestData.TopicProduceData().setName(version < 13 ? "t" : "")
            .setTopicId(version < 13 ? Uuid.ZERO_UUID : new Uuid(1, 2))
            .setPartitionData(List.of(new ProduceRequestData.PartitionProduceData().setIndex(0)
                .setRecords(MemoryRecords.withRecords(Compression.NONE, new SimpleRecord(new byte[10]))))));
        final TestSlot slot = slot(ApiKeys.PRODUCE, version, request);
        new ProduceHandler(topics, new OutcomeQueue(), id -> slot, () -> { }, new HandingOver())
            .onRequest(slot.requestBuffer(), 0, slot.requestLength(), slot, 1);
        assertEquals(Errors.NOT_LEADER_OR_FOLLOWER.code(), new ProduceResponseData(body(slot, version >= 9), version)
            .responses().iterator().next().partitionResponses().get(0).errorCode());
    }

    private static TestSlot slot(final ApiKeys api, final short version, final Message request) {
        return new TestSlot(1, api.id, version, MessageUtil.toByteBufferAccessor(request, version).buffer());
    }

    private static ByteBufferAccessor body(final TestSlot slot, final boolean isFlexible) {
        assertTrue(slot.isCompleted());
        return new ByteBufferAccessor(slot.body().position(isFlexible ? 1 : 0));
    }
}
