package io.millrace.transport.kafka.codec;

import io.millrace.transport.kafka.message.ListOffsets;
import java.util.ArrayList;
import java.util.List;
import org.agrona.DirectBuffer;
import org.apache.kafka.common.message.ListOffsetsRequestData;
import org.apache.kafka.common.message.ListOffsetsResponseData;
import org.apache.kafka.common.protocol.ApiMessage;

/**
 * ListOffsets. Stateless, any thread;
 * {@link ColdMessages} has what all such codecs keep to.
 */
public final class ListOffsetsCodec {
    private ListOffsetsCodec() {
    }

    /**
     * {@return a decoded ListOffsets request}
     *
     * @param version of the request
     * @param buffer  holds it
     * @param index   of the body
     * @param length  of the body
     */
    public static ListOffsets.Request decodeListOffsets(
        final int version, final DirectBuffer buffer, final int index, final int length) {
        final ListOffsetsRequestData data =
            ColdMessages.decode(new ListOffsetsRequestData(), version, buffer, index, length);
        final List<ListOffsets.RequestTopic> topics = new ArrayList<>();
        data.topics().forEach(topic -> {
            final List<ListOffsets.RequestPartition> partitions = new ArrayList<>();
            topic.partitions().forEach(p -> partitions.add(
                new ListOffsets.RequestPartition(p.partitionIndex(), p.currentLeaderEpoch(), p.timestamp())));
            topics.add(new ListOffsets.RequestTopic(topic.name(), partitions));
        });
        return new ListOffsets.Request(data.replicaId(), data.isolationLevel(), topics);
    }

    /**
     * {@return end index of an encoded ListOffsets response}
     *
     * @param version  of the request
     * @param response to encode
     * @param target   takes it
     */
    public static int encode(final int version, final ListOffsets.Response response, final ReplyTarget target) {
        return ColdMessages.write(listOffsets(version, response), version, target);
    }

    private static ApiMessage listOffsets(final int version, final ListOffsets.Response response) {
        final ListOffsetsResponseData data = new ListOffsetsResponseData();
        for (final ListOffsets.ResponseTopic topic : response.topics()) {
            final ListOffsetsResponseData.ListOffsetsTopicResponse out =
                new ListOffsetsResponseData.ListOffsetsTopicResponse().setName(topic.name());
            for (final ListOffsets.ResponsePartition partition : topic.partitions()) {
                out.partitions().add(new ListOffsetsResponseData.ListOffsetsPartitionResponse()
                    .setPartitionIndex(partition.partitionId())
                    .setErrorCode(partition.errorCode())
                    .setTimestamp(partition.timestampMs())
                    .setOffset(partition.offset())
                    .setLeaderEpoch(version >= 4 ? partition.leaderEpoch() : -1));
            }
            data.topics().add(out);
        }
        return data;
    }
}
