package io.millrace.transport.kafka.codec;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.transport.kafka.message.CreateTopics;
import io.millrace.transport.kafka.message.DeleteTopics;
import io.millrace.transport.kafka.message.DescribeConfigs;
import io.millrace.transport.kafka.message.FindCoordinator;
import io.millrace.transport.kafka.message.InitProducerId;
import io.millrace.transport.kafka.message.ListOffsets;
import io.millrace.transport.kafka.message.Metadata;
import io.millrace.transport.kafka.message.OffsetCommit;
import io.millrace.transport.kafka.message.OffsetFetch;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.function.ToIntFunction;
import java.util.random.RandomGenerator;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.CreateTopicsResponseData;
import org.apache.kafka.common.message.DeleteTopicsRequestData;
import org.apache.kafka.common.message.DeleteTopicsResponseData;
import org.apache.kafka.common.message.DescribeConfigsRequestData;
import org.apache.kafka.common.message.DescribeConfigsResponseData;
import org.apache.kafka.common.message.FindCoordinatorRequestData;
import org.apache.kafka.common.message.FindCoordinatorResponseData;
import org.apache.kafka.common.message.InitProducerIdRequestData;
import org.apache.kafka.common.message.InitProducerIdResponseData;
import org.apache.kafka.common.message.ListOffsetsRequestData;
import org.apache.kafka.common.message.ListOffsetsResponseData;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetCommitResponseData;
import org.apache.kafka.common.message.OffsetFetchRequestData;
import org.apache.kafka.common.message.OffsetFetchResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Message;
import org.junit.jupiter.api.Test;

class ColdCodecsTest {
    /** One of the decoders. */
    private interface Decoder<T> {
        T decode(int version, DirectBuffer buffer, int index, int length);
    }

    @Test
    void shouldTellAllTopicsFromNoneInMetadataOfEveryVersion() {
        for (int version = 0; version <= 13; version++) {
            final MetadataRequestData none = new MetadataRequestData().setTopics(List.of());
            final Metadata.Request request = decode(ClusterCodec::decodeMetadata, none, version);
            assertEquals(version == 0 ? null : List.of(), request.topics());
            assertTrue(request.autoTopicCreationAllowed());
            if (version > 0) {
                assertNull(decode(ClusterCodec::decodeMetadata, none.setTopics(null), version).topics());
            }
            final MetadataRequestData two = new MetadataRequestData().setTopics(List.of(
                new MetadataRequestData.MetadataRequestTopic().setName("a"),
                new MetadataRequestData.MetadataRequestTopic().setName("b")));
            two.setAllowAutoTopicCreation(version < 4);
            assertEquals(new Metadata.Request(List.of(new Metadata.RequestTopic(null, "a"),
                new Metadata.RequestTopic(null, "b")), version < 4, false, false),
                decode(ClusterCodec::decodeMetadata, two, version));
        }
    }

    @Test
    void shouldDecodeEveryOtherRequest() {
        final ListOffsetsRequestData offsets = new ListOffsetsRequestData().setReplicaId(-1).setTopics(List.of(
            new ListOffsetsRequestData.ListOffsetsTopic().setName("t").setPartitions(List.of(
                new ListOffsetsRequestData.ListOffsetsPartition().setPartitionIndex(3).setTimestamp(-2)))));
        assertEquals(new ListOffsets.Request(-1, (byte) 0, List.of(new ListOffsets.RequestTopic("t",
            List.of(new ListOffsets.RequestPartition(3, -1, -2))))),
            decode(ListOffsetsCodec::decodeListOffsets, offsets, 5));
        final CreateTopicsRequestData create = new CreateTopicsRequestData().setTimeoutMs(7).setValidateOnly(true);
        final var topic = new CreateTopicsRequestData.CreatableTopic().setName("t").setNumPartitions(-1)
            .setReplicationFactor((short) -1);
        topic.configs().add(new CreateTopicsRequestData.CreatableTopicConfig().setName("k").setValue("v"));
        topic.assignments().add(new CreateTopicsRequestData.CreatableReplicaAssignment()
            .setPartitionIndex(0).setBrokerIds(List.of(1, 2)));
        create.topics().add(topic);
        assertEquals(new CreateTopics.Request(List.of(new CreateTopics.RequestTopic("t", -1, (short) -1,
            List.of(new CreateTopics.Assignment(0, List.of(1, 2))), Map.of("k", "v"))), 7, true),
            decode(TopicCodec::decodeCreateTopics, create, 4));
        assertEquals(new DeleteTopics.Request(List.of(new DeleteTopics.RequestTopic("a", null),
            new DeleteTopics.RequestTopic("b", null)), 9), decode(TopicCodec::decodeDeleteTopics,
            new DeleteTopicsRequestData().setTopicNames(List.of("a", "b")).setTimeoutMs(9), 3));
        assertEquals(new DescribeConfigs.Request(
            List.of(new DescribeConfigs.RequestResource((byte) 2, "t", null)), false, false),
            decode(ConfigCodec::decodeDescribeConfigs, new DescribeConfigsRequestData().setResources(List.of(
                new DescribeConfigsRequestData.DescribeConfigsResource().setResourceType((byte) 2)
                    .setResourceName("t").setConfigurationKeys(null))), 1));
        assertEquals(new InitProducerId.Request(null, 60), decode(ProducerIdCodec::decodeInitProducerId,
            new InitProducerIdRequestData().setTransactionalId(null).setTransactionTimeoutMs(60), 1));
        assertEquals(new FindCoordinator.Request(List.of("g"), (byte) 0), decode(GroupCodec::decodeFindCoordinator,
            new FindCoordinatorRequestData().setKey("g"), 0));
        assertEquals(new OffsetFetch.Request(List.of(new OffsetFetch.RequestGroup("g", null, -1, null)),
            false), decode(GroupCodec::decodeOffsetFetch,
            new OffsetFetchRequestData().setGroupId("g").setTopics(null), 5));
        assertEquals(new OffsetCommit.Request("g", -1, "", null, List.of(new OffsetCommit.RequestTopic("t", null,
            List.of(new OffsetCommit.RequestPartition(1, 5, -1, "m"))))), decode(GroupCodec::decodeOffsetCommit,
            new OffsetCommitRequestData().setGroupId("g").setTopics(List.of(
                new OffsetCommitRequestData.OffsetCommitRequestTopic().setName("t").setPartitions(List.of(
                    new OffsetCommitRequestData.OffsetCommitRequestPartition()
                        .setPartitionIndex(1).setCommittedOffset(5).setCommittedMetadata("m"))))), 2));
    }

    @Test
    void shouldWriteWhatKafkaReadsInEveryVersion() throws IOException {
        for (int v = 0; v <= 13; v++) {
            final int version = v;
            final MetadataResponseData data = read(new MetadataResponseData(), version,
                t -> ClusterCodec.encode(version,
                new Metadata.Response(List.of(new Metadata.Broker(2, "h", 9093)), "c", 2, List.of(new Metadata.Topic(
                    (short) 0, "t", false, List.of(new Metadata.Partition(
                        (short) 5, 0, -1, 4, List.of(1, 2), List.of(2), List.of(1)))))), t));
            assertEquals(9093, data.brokers().find(2).port());
            final var partition = data.topics().find("t").partitions().get(0);
            assertEquals(5, partition.errorCode());
            assertEquals(List.of(2), partition.isrNodes());
            assertEquals(version >= 7 ? 4 : -1, partition.leaderEpoch());
        }
        for (int v = 1; v <= 5; v++) {
            final int version = v;
            final var data = read(new ListOffsetsResponseData(), version, t -> ListOffsetsCodec.encode(version,
                new ListOffsets.Response(List.of(new ListOffsets.ResponseTopic("t",
                    List.of(new ListOffsets.ResponsePartition(1, (short) 0, 8, 77, 3))))), t));
            assertEquals(77, data.topics().get(0).partitions().get(0).offset());
        }
        for (int v = 1; v <= 3; v++) {
            final int version = v;
            assertEquals(3, read(new DeleteTopicsResponseData(), version, t -> TopicCodec.encode(version,
                new DeleteTopics.Response(List.of(new DeleteTopics.ResponseTopic("t", (short) 3))), t))
                .responses().find("t").errorCode());
            final var config = read(new DescribeConfigsResponseData(), version, t -> ConfigCodec.encode(version,
                new DescribeConfigs.Response(List.of(new DescribeConfigs.ResponseResource((short) 0, null, (byte) 2,
                    "t", List.of(new DescribeConfigs.Config("k", null, true, (byte) 5, true, (byte) 3))))), t))
                .results().get(0).configs().get(0);
            assertEquals(5, config.configSource());
            assertEquals(version >= 3 ? 3 : 0, config.configType());
        }
        for (int v = 2; v <= 4; v++) {
            final int version = v;
            assertEquals("why", read(new CreateTopicsResponseData(), version, t -> TopicCodec.encode(version,
                new CreateTopics.Response(List.of(new CreateTopics.ResponseTopic("t", (short) 36, "why"))), t))
                .topics().find("t").errorMessage());
        }
        for (int v = 0; v <= 2; v++) {
            final int version = v;
            assertEquals(15, read(new FindCoordinatorResponseData(), version, t -> GroupCodec.encode(version,
                new FindCoordinator.Response(List.of(
                    new FindCoordinator.Coordinator("g", (short) 15, "none", -1, "", -1))), t)).errorCode());
        }
        for (int v = 0; v <= 1; v++) {
            final int version = v;
            assertEquals(99, read(new InitProducerIdResponseData(), version, t -> ProducerIdCodec.encode(version,
                new InitProducerId.Response((short) 0, 99, (short) 1), t)).producerId());
        }
        for (int v = 2; v <= 7; v++) {
            final int version = v;
            assertEquals(22, read(new OffsetCommitResponseData(), version, t -> GroupCodec.encode(version,
                new OffsetCommit.Response(List.of(new OffsetCommit.ResponseTopic("t", null,
                    List.of(new OffsetCommit.ResponsePartition(0, (short) 22))))), t))
                .topics().get(0).partitions().get(0).errorCode());
            assertEquals(-1, read(new OffsetFetchResponseData(), version, t -> GroupCodec.encode(version,
                new OffsetFetch.Response(List.of(new OffsetFetch.ResponseGroup("g", (short) 0, List.of(
                    new OffsetFetch.ResponseTopic("t", null,
                        List.of(new OffsetFetch.ResponsePartition(0, -1, -1, "", (short) 0))))))), t))
                .topics().get(0).partitions().get(0).committedOffset());
        }
    }

    @Test
    void shouldKnowWhichVersionsHaveTaggedFieldsInTheirHeaders() {
        for (int row = 0; row < ApiTable.count(); row++) {
            final short apiKey = ApiTable.apiKey(row);
            for (short version = ApiTable.minVersion(apiKey); version <= ApiTable.maxVersion(apiKey); version++) {
                assertEquals(ApiKeys.forId(apiKey).requestHeaderVersion(version) >= 2,
                    ApiTable.isFlexible(apiKey, version), ApiTable.name(apiKey) + " " + version);
            }
        }
    }

    @Test
    void shouldThrowNothingButOurExceptionWhenBytesAreNoise() {
        final long seed = Fuzz.newSeed();
        final RandomGenerator random = Fuzz.random(seed);
        final List<Decoder<?>> decoders = List.of(ClusterCodec::decodeMetadata, ListOffsetsCodec::decodeListOffsets,
            TopicCodec::decodeCreateTopics, TopicCodec::decodeDeleteTopics, ConfigCodec::decodeDescribeConfigs,
            ProducerIdCodec::decodeInitProducerId, GroupCodec::decodeFindCoordinator, GroupCodec::decodeOffsetCommit,
            GroupCodec::decodeOffsetFetch, GroupCodec::decodeOffsetDelete, MembershipCodec::decodeJoin,
            MembershipCodec::decodeSync, MembershipCodec::decodeHeartbeat, MembershipCodec::decodeLeave,
            GroupAdminCodec::decodeList, GroupAdminCodec::decodeDescribe, GroupAdminCodec::decodeDelete,
            ConsumerGroupCodec::decodeHeartbeat, ConsumerGroupCodec::decodeDescribe);
        for (int round = 0; round < 4_000; round++) {
            final byte[] bytes = Fuzz.bytes(random, random.nextInt(60));
            if (random.nextBoolean()) {
                // small numbers lead deeper into the structures than random ones
                for (int i = 0; i < bytes.length; i++) {
                    bytes[i] = (byte) (bytes[i] & (i % 2 == 0 ? 0 : 3));
                }
            }
            for (final Decoder<?> decoder : decoders) {
                try {
                    decoder.decode(random.nextInt(-1, 9), new UnsafeBuffer(bytes), 0, bytes.length);
                } catch (final MalformedRequestException e) {
                    assertTrue(e.getMessage().length() > 10, "seed=" + seed);
                }
            }
        }
    }

    private static <T> T decode(final Decoder<T> decoder, final Message message, final int version) {
        final byte[] bytes = Fuzz.encode(message, version);
        final UnsafeBuffer buffer = Fuzz.surrounded(bytes, 11);
        for (int length = 0; length < bytes.length; length++) {
            final int cut = length;
            assertThrows(MalformedRequestException.class, () -> decoder.decode(version, buffer, 11, cut));
        }
        assertDoesNotThrow(() -> decoder.decode(version, buffer, 11, bytes.length + 1), "as librdkafka does");
        return decoder.decode(version, buffer, 11, bytes.length);
    }

    private static <T extends Message> T read(
        final T message, final int version, final ToIntFunction<ReplyTarget> encode) throws IOException {
        final ArrayReplyTarget target = new ArrayReplyTarget();
        final int end = encode.applyAsInt(target);
        final ByteBufferAccessor body = new ByteBufferAccessor(target.body(end));
        if (message instanceof ApiMessage response && ApiTable.isFlexible(response.apiKey(), version)) {
            assertEquals(0, body.readByte(), "tagged fields of the header");
        }
        message.read(body, (short) version);
        assertEquals(0, body.remaining());
        return message;
    }
}
