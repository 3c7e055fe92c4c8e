package io.millrace.transport.kafka.codec;

import io.millrace.transport.kafka.message.FindCoordinator;
import io.millrace.transport.kafka.message.OffsetCommit;
import io.millrace.transport.kafka.message.OffsetFetch;
import java.util.ArrayList;
import java.util.List;
import org.agrona.DirectBuffer;
import org.apache.kafka.common.message.FindCoordinatorRequestData;
import org.apache.kafka.common.message.FindCoordinatorResponseData;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetCommitResponseData;
import org.apache.kafka.common.message.OffsetFetchRequestData;
import org.apache.kafka.common.message.OffsetFetchResponseData;
import org.apache.kafka.common.protocol.ApiMessage;

/**
 * FindCoordinator and the requests of consumer groups. Stateless, any thread;
 * {@link ColdMessages} has what all such codecs keep to.
 */
public final class GroupCodec {
    private GroupCodec() {
    }

    /**
     * {@return a decoded FindCoordinator request}
     *
     * @param version of the request
     * @param buffer  holds it
     * @param index   of the body
     * @param length  of the body
     */
    public static FindCoordinator.Request decodeFindCoordinator(
        final int version, final DirectBuffer buffer, final int index, final int length) {
        final FindCoordinatorRequestData data =
            ColdMessages.decode(new FindCoordinatorRequestData(), version, buffer, index, length);
        return new FindCoordinator.Request(data.key(), data.keyType());
    }

    /**
     * {@return a decoded OffsetCommit request}
     *
     * @param version of the request
     * @param buffer  holds it
     * @param index   of the body
     * @param length  of the body
     */
    public static OffsetCommit.Request decodeOffsetCommit(
        final int version, final DirectBuffer buffer, final int index, final int length) {
        final OffsetCommitRequestData data =
            ColdMessages.decode(new OffsetCommitRequestData(), version, buffer, index, length);
        final List<OffsetCommit.RequestTopic> topics = new ArrayList<>();
        data.topics().forEach(topic -> {
            final List<OffsetCommit.RequestPartition> partitions = new ArrayList<>();
            topic.partitions().forEach(p -> partitions.add(new OffsetCommit.RequestPartition(p.partitionIndex(),
                p.committedOffset(), p.committedLeaderEpoch(), p.committedMetadata())));
            topics.add(new OffsetCommit.RequestTopic(topic.name(), partitions));
        });
        return new OffsetCommit.Request(data.groupId(), data.generationIdOrMemberEpoch(), data.memberId(),
            data.groupInstanceId(), topics);
    }

    /**
     * {@return a decoded OffsetFetch request}
     *
     * @param version of the request
     * @param buffer  holds it
     * @param index   of the body
     * @param length  of the body
     */
    public static OffsetFetch.Request decodeOffsetFetch(
        final int version, final DirectBuffer buffer, final int index, final int length) {
        final OffsetFetchRequestData data =
            ColdMessages.decode(new OffsetFetchRequestData(), version, buffer, index, length);
        if (data.topics() == null) {
            return new OffsetFetch.Request(data.groupId(), null, data.requireStable());
        }
        final List<OffsetFetch.RequestTopic> topics = new ArrayList<>();
        data.topics().forEach(topic -> topics.add(
            new OffsetFetch.RequestTopic(topic.name(), List.copyOf(topic.partitionIndexes()))));
        return new OffsetFetch.Request(data.groupId(), topics, data.requireStable());
    }

    /**
     * {@return end index of an encoded FindCoordinator response}
     *
     * @param version  of the request
     * @param response to encode
     * @param target   takes it
     */
    public static int encode(final int version, final FindCoordinator.Response response, final ReplyTarget target) {
        return ColdMessages.write(findCoordinator(version, response), version, target);
    }

    /**
     * {@return end index of an encoded OffsetCommit response}
     *
     * @param version  of the request
     * @param response to encode
     * @param target   takes it
     */
    public static int encode(final int version, final OffsetCommit.Response response, final ReplyTarget target) {
        return ColdMessages.write(offsetCommit(response), version, target);
    }

    /**
     * {@return end index of an encoded OffsetFetch response}
     *
     * @param version  of the request
     * @param response to encode
     * @param target   takes it
     */
    public static int encode(final int version, final OffsetFetch.Response response, final ReplyTarget target) {
        return ColdMessages.write(offsetFetch(version, response), version, target);
    }

    private static ApiMessage findCoordinator(final int version, final FindCoordinator.Response response) {
        return new FindCoordinatorResponseData()
            .setErrorCode(response.errorCode())
            .setErrorMessage(version >= 1 ? response.errorMessage() : "")
            .setNodeId(response.nodeId())
            .setHost(response.host())
            .setPort(response.port());
    }

    private static ApiMessage offsetCommit(final OffsetCommit.Response response) {
        final OffsetCommitResponseData data = new OffsetCommitResponseData();
        for (final OffsetCommit.ResponseTopic topic : response.topics()) {
            final OffsetCommitResponseData.OffsetCommitResponseTopic out =
                new OffsetCommitResponseData.OffsetCommitResponseTopic().setName(topic.name());
            for (final OffsetCommit.ResponsePartition partition : topic.partitions()) {
                out.partitions().add(new OffsetCommitResponseData.OffsetCommitResponsePartition()
                    .setPartitionIndex(partition.partitionId())
                    .setErrorCode(partition.errorCode()));
            }
            data.topics().add(out);
        }
        return data;
    }

    private static ApiMessage offsetFetch(final int version, final OffsetFetch.Response response) {
        final OffsetFetchResponseData data = new OffsetFetchResponseData();
        if (version >= 2) {
            data.setErrorCode(response.errorCode());
        }
        for (final OffsetFetch.ResponseTopic topic : response.topics()) {
            final OffsetFetchResponseData.OffsetFetchResponseTopic out =
                new OffsetFetchResponseData.OffsetFetchResponseTopic().setName(topic.name());
            for (final OffsetFetch.ResponsePartition partition : topic.partitions()) {
                out.partitions().add(new OffsetFetchResponseData.OffsetFetchResponsePartition()
                    .setPartitionIndex(partition.partitionId())
                    .setCommittedOffset(partition.offset())
                    .setCommittedLeaderEpoch(version >= 5 ? partition.leaderEpoch() : -1)
                    .setMetadata(partition.metadata())
                    .setErrorCode(partition.errorCode()));
            }
            data.topics().add(out);
        }
        return data;
    }
}
