package io.millrace.transport.kafka.codec;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.transport.kafka.message.ConsumerGroupDescribe;
import io.millrace.transport.kafka.message.ConsumerGroupHeartbeat;
import io.millrace.transport.kafka.message.DeleteGroups;
import io.millrace.transport.kafka.message.DescribeGroups;
import io.millrace.transport.kafka.message.FindCoordinator;
import io.millrace.transport.kafka.message.Heartbeat;
import io.millrace.transport.kafka.message.JoinGroup;
import io.millrace.transport.kafka.message.LeaveGroup;
import io.millrace.transport.kafka.message.ListGroups;
import io.millrace.transport.kafka.message.Metadata;
import io.millrace.transport.kafka.message.OffsetCommit;
import io.millrace.transport.kafka.message.OffsetDelete;
import io.millrace.transport.kafka.message.OffsetFetch;
import io.millrace.transport.kafka.message.SyncGroup;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.UUID;
import java.util.function.ToIntFunction;
import org.agrona.concurrent.UnsafeBuffer;
import org.apache.kafka.common.message.ConsumerGroupDescribeResponseData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;
import org.apache.kafka.common.message.DeleteGroupsResponseData;
import org.apache.kafka.common.message.DescribeGroupsResponseData;
import org.apache.kafka.common.message.FindCoordinatorResponseData;
import org.apache.kafka.common.message.HeartbeatResponseData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.LeaveGroupRequestData;
import org.apache.kafka.common.message.LeaveGroupResponseData;
import org.apache.kafka.common.message.ListGroupsResponseData;
import org.apache.kafka.common.message.OffsetCommitResponseData;
import org.apache.kafka.common.message.OffsetDeleteResponseData;
import org.apache.kafka.common.message.OffsetFetchResponseData;
import org.apache.kafka.common.message.SyncGroupResponseData;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.MessageUtil;
import org.junit.jupiter.api.Test;

/** Answers of consumer groups in every version, read by Kafka's own classes. */
class GroupCodecsTest {
    private static final UUID TOPIC = new UUID(3, 4);

    private static <T extends ApiMessage> T read(
        final T data, final int version, final ToIntFunction<ReplyTarget> encoder) {
        final ArrayReplyTarget target = new ArrayReplyTarget();
        final int end = encoder.applyAsInt(target);
        final int from = ReplyTarget.BODY_INDEX + (ApiTable.isFlexible(data.apiKey(), version) ? 1 : 0);
        final byte[] bytes = new byte[end - from];
        target.ensureCapacity(end).getBytes(from, bytes);
        final ByteBufferAccessor accessor = new ByteBufferAccessor(ByteBuffer.wrap(bytes));
        data.read(accessor, (short)version);
        assertEquals(0, accessor.remaining());
        return data;
    }

    private static UnsafeBuffer bytes(final ApiMessage message, final int version) {
        final ByteBuffer buffer = MessageUtil.toByteBufferAccessor(message, (short)version).buffer();
        return new UnsafeBuffer(buffer.slice());
    }

    private interface Check {
        void of(int version);
    }

    private static void inEveryVersion(final short apiKey, final Check check) {
        for (int version = ApiTable.minVersion(apiKey); version <= ApiTable.maxVersion(apiKey); version++) {
            check.of(version);
        }
    }

    @Test
    void shouldWriteMembershipAnswersThatKafkaReads() {
        inEveryVersion(ApiTable.JOIN_GROUP, v -> {
            final JoinGroupResponseData joined = read(new JoinGroupResponseData(), v, t -> MembershipCodec.encode(v,
                new JoinGroup.Response((short)0, 3, "consumer", "range", "m", false, "m",
                    List.of(new JoinGroup.Member("m", "i", new byte[] {1}))), t));
            assertEquals(3, joined.generationId());
            assertEquals(v >= 5 ? "i" : null, joined.members().get(0).groupInstanceId());
            assertEquals(79, read(new JoinGroupResponseData(), v, t -> MembershipCodec.encode(v,
                new JoinGroup.Response((short)79, -1, null, null, "", false, "m", List.of()), t)).errorCode());
        });
        inEveryVersion(ApiTable.SYNC_GROUP, v -> assertArrayEquals(new byte[] {7},
            read(new SyncGroupResponseData(), v, t -> MembershipCodec.encode(v,
                new SyncGroup.Response((short)0, null, null, new byte[] {7}), t)).assignment()));
        inEveryVersion(ApiTable.HEARTBEAT, v -> assertEquals(27, read(new HeartbeatResponseData(), v,
            t -> MembershipCodec.encode(v, new Heartbeat.Response((short)27), t)).errorCode()));
        inEveryVersion(ApiTable.LEAVE_GROUP, v -> {
            final LeaveGroupResponseData left = read(new LeaveGroupResponseData(), v, t -> MembershipCodec.encode(v,
                new LeaveGroup.Response((short)0, List.of(new LeaveGroup.MemberResponse("m", null, (short)25))), t));
            assertEquals(25, v < 3 ? left.errorCode() : left.members().get(0).errorCode());
        });
    }

    @Test
    void shouldReadMembershipRequestsThatKafkaWrites() {
        inEveryVersion(ApiTable.JOIN_GROUP, v -> {
            final JoinGroupRequestData data = new JoinGroupRequestData().setGroupId("g").setSessionTimeoutMs(7000)
                .setProtocolType("consumer");
            data.protocols().add(new JoinGroupRequestData.JoinGroupRequestProtocol()
                .setName("range").setMetadata(new byte[] {5}));
            final UnsafeBuffer buffer = bytes(v >= 1 ? data.setRebalanceTimeoutMs(9000) : data, v);
            final JoinGroup.Request request = MembershipCodec.decodeJoin(v, buffer, 0, buffer.capacity());
            assertEquals(v == 0 ? 7000 : 9000, request.rebalanceTimeoutMs());
            assertEquals(v >= 4, request.isMemberIdRequired());
            assertEquals("range", request.protocols().get(0).name());
        });
        inEveryVersion(ApiTable.LEAVE_GROUP, v -> {
            final LeaveGroupRequestData data = new LeaveGroupRequestData().setGroupId("g");
            final UnsafeBuffer buffer = bytes(v < 3 ? data.setMemberId("m")
                : data.setMembers(List.of(new LeaveGroupRequestData.MemberIdentity().setMemberId("m"))), v);
            assertEquals(new LeaveGroup.Request("g", List.of(new LeaveGroup.Member("m", null))),
                MembershipCodec.decodeLeave(v, buffer, 0, buffer.capacity()));
        });
    }

    @Test
    void shouldWriteOffsetAnswersThatKafkaReads() {
        inEveryVersion(ApiTable.FIND_COORDINATOR, v -> {
            final FindCoordinatorResponseData found = read(new FindCoordinatorResponseData(), v,
                t -> GroupCodec.encode(v, new FindCoordinator.Response(List.of(
                    new FindCoordinator.Coordinator("g", (short)0, "", 2, "h", 9093))), t));
            assertEquals(9093, v < 4 ? found.port() : found.coordinators().get(0).port());
            if (v >= 1 && v < 4) {
                assertEquals("NONE", found.errorMessage(), "as Kafka's brokers say it");
            }
        });
        inEveryVersion(ApiTable.OFFSET_COMMIT, v -> assertEquals(22, read(new OffsetCommitResponseData(), v,
            t -> GroupCodec.encode(v, new OffsetCommit.Response(List.of(new OffsetCommit.ResponseTopic(
                "t", TOPIC, List.of(new OffsetCommit.ResponsePartition(0, (short)22))))), t))
            .topics().get(0).partitions().get(0).errorCode()));
        inEveryVersion(ApiTable.OFFSET_FETCH, v -> {
            final OffsetFetchResponseData fetched = read(new OffsetFetchResponseData(), v,
                t -> GroupCodec.encode(v, new OffsetFetch.Response(List.of(new OffsetFetch.ResponseGroup("g", (short)0,
                    List.of(new OffsetFetch.ResponseTopic("t", TOPIC,
                        List.of(new OffsetFetch.ResponsePartition(0, 17, 1, "m", (short)0))))))), t));
            assertEquals(17, v < 8 ? fetched.topics().get(0).partitions().get(0).committedOffset()
                : fetched.groups().get(0).topics().get(0).partitions().get(0).committedOffset());
        });
        inEveryVersion(ApiTable.OFFSET_DELETE, v -> assertEquals(86, read(new OffsetDeleteResponseData(), v,
            t -> GroupCodec.encode(v, new OffsetDelete.Response((short)0, List.of(new OffsetDelete.ResponseTopic(
                "t", List.of(new OffsetDelete.ResponsePartition(1, (short)86))))), t))
            .topics().find("t").partitions().find(1).errorCode()));
    }

    @Test
    void shouldWriteWhatAdministratorsRead() {
        inEveryVersion(ApiTable.LIST_GROUPS, v -> assertEquals(v >= 4 ? "Stable" : "",
            read(new ListGroupsResponseData(), v, t -> GroupAdminCodec.encode(v, new ListGroups.Response((short)0,
                List.of(new ListGroups.Group("g", "consumer", "Stable", "Classic"))), t)).groups().get(0)
                .groupState()));
        inEveryVersion(ApiTable.DESCRIBE_GROUPS, v -> {
            final DescribeGroupsResponseData described = read(new DescribeGroupsResponseData(), v,
                t -> GroupAdminCodec.encode(v, new DescribeGroups.Response(List.of(
                    new DescribeGroups.Group((short)69, "gone", "g", "Dead", "", "", List.of()),
                    new DescribeGroups.Group((short)0, null, "h", "Stable", "consumer", "range", List.of(
                        new DescribeGroups.Member("m", null, "c", "/h", new byte[0], new byte[] {1})))),
                    v < 3 ? Metadata.OPERATIONS_NOT_ASKED : 8), t));
            assertEquals(v < 6 ? 0 : 69, described.groups().get(0).errorCode());
            assertEquals("c", described.groups().get(1).members().get(0).clientId());
            assertEquals(v < 3 ? Metadata.OPERATIONS_NOT_ASKED : 8, described.groups().get(1).authorizedOperations());
        });
        inEveryVersion(ApiTable.DELETE_GROUPS, v -> assertEquals(68, read(new DeleteGroupsResponseData(), v,
            t -> GroupAdminCodec.encode(v, new DeleteGroups.Response(List.of(
                new DeleteGroups.Result("g", (short)68, null))), t)).results().find("g").errorCode()));
    }

    @Test
    void shouldWriteTheConsumerProtocolAsKafkaReadsIt() {
        inEveryVersion(ApiTable.CONSUMER_GROUP_HEARTBEAT, v -> {
            final ConsumerGroupHeartbeatResponseData beat = read(new ConsumerGroupHeartbeatResponseData(), v,
                t -> ConsumerGroupCodec.encode(v, new ConsumerGroupHeartbeat.Response((short)0, null, "m", 4, 5000,
                    List.of(new ConsumerGroupHeartbeat.TopicPartitions(TOPIC, List.of(1, 2)))), t));
            assertEquals(List.of(1, 2), beat.assignment().topicPartitions().get(0).partitions());
            assertEquals(TOPIC.getLeastSignificantBits(),
                beat.assignment().topicPartitions().get(0).topicId().getLeastSignificantBits());
        });
        inEveryVersion(ApiTable.CONSUMER_GROUP_DESCRIBE, v -> assertEquals("t",
            read(new ConsumerGroupDescribeResponseData(), v, t -> ConsumerGroupCodec.encode(v,
                new ConsumerGroupDescribe.Response(List.of(new ConsumerGroupDescribe.Group((short)0, null, "g",
                    "Stable", 2, 2, "uniform", List.of(new ConsumerGroupDescribe.Member("m", null, null, 2, "c", "/h",
                        List.of("t"), null, List.of(new ConsumerGroupDescribe.TopicPartitions(
                            TOPIC, "t", List.of(0))), List.of(), false)))), 8), t))
                .groups().get(0).members().get(0).assignment().topicPartitions().get(0).topicName()));
    }
}
