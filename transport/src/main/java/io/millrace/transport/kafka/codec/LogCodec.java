package io.millrace.transport.kafka.codec;

import io.millrace.transport.kafka.message.DeleteRecords;
import io.millrace.transport.kafka.message.DescribeLogDirs;
import io.millrace.transport.kafka.message.OffsetForLeaderEpoch;
import java.util.ArrayList;
import java.util.List;
import org.agrona.DirectBuffer;
import org.apache.kafka.common.message.DeleteRecordsRequestData;
import org.apache.kafka.common.message.DeleteRecordsResponseData;
import org.apache.kafka.common.message.DescribeLogDirsRequestData;
import org.apache.kafka.common.message.DescribeLogDirsResponseData;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData;
import org.apache.kafka.common.message.OffsetForLeaderEpochResponseData;

/** What is in the logs: ends of epochs, records deleted, lengths. Stateless, any thread. */
public final class LogCodec {
    private LogCodec() {
    }

    /**
     * {@return a decoded OffsetForLeaderEpoch request}
     *
     * @param version of the request
     * @param buffer  holds it
     * @param index   of the body
     * @param length  of the body
     */
    public static OffsetForLeaderEpoch.Request decodeOffsetForLeaderEpoch(
        final int version, final DirectBuffer buffer, final int index, final int length) {
        final OffsetForLeaderEpochRequestData data =
            ColdMessages.decode(new OffsetForLeaderEpochRequestData(), version, buffer, index, length);
        final List<OffsetForLeaderEpoch.RequestTopic> topics = new ArrayList<>();
        data.topics().forEach(topic -> {
            final List<OffsetForLeaderEpoch.RequestPartition> partitions = new ArrayList<>();
            topic.partitions().forEach(p -> partitions.add(new OffsetForLeaderEpoch.RequestPartition(
                p.partition(), p.currentLeaderEpoch(), p.leaderEpoch())));
            topics.add(new OffsetForLeaderEpoch.RequestTopic(topic.topic(), partitions));
        });
        return new OffsetForLeaderEpoch.Request(data.replicaId(), topics);
    }

    /**
     * {@return a decoded DeleteRecords request}
     *
     * @param version of the request
     * @param buffer  holds it
     * @param index   of the body
     * @param length  of the body
     */
    public static DeleteRecords.Request decodeDeleteRecords(
        final int version, final DirectBuffer buffer, final int index, final int length) {
        final DeleteRecordsRequestData data =
            ColdMessages.decode(new DeleteRecordsRequestData(), version, buffer, index, length);
        final List<DeleteRecords.RequestTopic> topics = new ArrayList<>();
        data.topics().forEach(topic -> {
            final List<DeleteRecords.RequestPartition> partitions = new ArrayList<>();
            topic.partitions().forEach(p -> partitions.add(
                new DeleteRecords.RequestPartition(p.partitionIndex(), p.offset())));
            topics.add(new DeleteRecords.RequestTopic(topic.name(), partitions));
        });
        return new DeleteRecords.Request(topics, data.timeoutMs());
    }

    /**
     * {@return a decoded DescribeLogDirs request}
     *
     * @param version of the request
     * @param buffer  holds it
     * @param index   of the body
     * @param length  of the body
     */
    public static DescribeLogDirs.Request decodeDescribeLogDirs(
        final int version, final DirectBuffer buffer, final int index, final int length) {
        final DescribeLogDirsRequestData data =
            ColdMessages.decode(new DescribeLogDirsRequestData(), version, buffer, index, length);
        List<DescribeLogDirs.RequestTopic> topics = null;
        if (data.topics() != null) {
            topics = new ArrayList<>();
            for (final DescribeLogDirsRequestData.DescribableLogDirTopic topic : data.topics()) {
                topics.add(new DescribeLogDirs.RequestTopic(topic.topic(), List.copyOf(topic.partitions())));
            }
        }
        return new DescribeLogDirs.Request(topics);
    }

    /**
     * {@return end index of an encoded OffsetForLeaderEpoch response}
     *
     * @param version  of the request
     * @param response to encode
     * @param target   takes it
     */
    public static int encode(
        final int version, final OffsetForLeaderEpoch.Response response, final ReplyTarget target) {
        final OffsetForLeaderEpochResponseData data = new OffsetForLeaderEpochResponseData().setTopics(
            new OffsetForLeaderEpochResponseData.OffsetForLeaderTopicResultCollection(
                HashedLists.room(response.topics(), topic -> topic.name().hashCode())));
        for (final OffsetForLeaderEpoch.ResponseTopic topic : response.topics()) {
            final OffsetForLeaderEpochResponseData.OffsetForLeaderTopicResult out =
                new OffsetForLeaderEpochResponseData.OffsetForLeaderTopicResult().setTopic(topic.name());
            for (final OffsetForLeaderEpoch.ResponsePartition partition : topic.partitions()) {
                out.partitions().add(new OffsetForLeaderEpochResponseData.EpochEndOffset()
                    .setPartition(partition.partitionId())
                    .setErrorCode(partition.errorCode())
                    .setLeaderEpoch(partition.leaderEpoch())
                    .setEndOffset(partition.endOffset()));
            }
            data.topics().add(out);
        }
        return ColdMessages.write(data, version, target);
    }

    /**
     * {@return end index of an encoded DeleteRecords response}
     *
     * @param version  of the request
     * @param response to encode
     * @param target   takes it
     */
    public static int encode(
        final int version, final DeleteRecords.Response response, final ReplyTarget target) {
        final HashedLists lists = new HashedLists();
        final DeleteRecordsResponseData data = new DeleteRecordsResponseData().setTopics(
            new DeleteRecordsResponseData.DeleteRecordsTopicResultCollection(
                lists.roomFor(response.topics(), topic -> topic.name().hashCode())));
        for (final DeleteRecords.ResponseTopic topic : response.topics()) {
            final DeleteRecordsResponseData.DeleteRecordsTopicResult out =
                new DeleteRecordsResponseData.DeleteRecordsTopicResult().setName(topic.name()).setPartitions(
                    new DeleteRecordsResponseData.DeleteRecordsPartitionResultCollection(lists.roomFor(
                        topic.partitions(), DeleteRecords.ResponsePartition::partitionId)));
            for (final DeleteRecords.ResponsePartition partition : topic.partitions()) {
                out.partitions().add(new DeleteRecordsResponseData.DeleteRecordsPartitionResult()
                    .setPartitionIndex(partition.partitionId())
                    .setLowWatermark(partition.lowWatermark())
                    .setErrorCode(partition.errorCode()));
            }
            data.topics().add(out);
        }
        return ColdMessages.write(data, version, target);
    }

    /**
     * {@return end index of an encoded DescribeLogDirs response}
     *
     * @param version  of the request
     * @param response to encode
     * @param target   takes it
     */
    public static int encode(
        final int version, final DescribeLogDirs.Response response, final ReplyTarget target) {
        final DescribeLogDirsResponseData data = new DescribeLogDirsResponseData().setErrorCode(response.errorCode());
        for (final DescribeLogDirs.Directory directory : response.directories()) {
            final List<DescribeLogDirsResponseData.DescribeLogDirsTopic> topics = new ArrayList<>();
            for (final DescribeLogDirs.Topic topic : directory.topics()) {
                final List<DescribeLogDirsResponseData.DescribeLogDirsPartition> partitions = new ArrayList<>();
                for (final DescribeLogDirs.Partition partition : topic.partitions()) {
                    partitions.add(new DescribeLogDirsResponseData.DescribeLogDirsPartition()
                        .setPartitionIndex(partition.partitionId())
                        .setPartitionSize(partition.length())
                        .setOffsetLag(partition.offsetLag()));
                }
                topics.add(new DescribeLogDirsResponseData.DescribeLogDirsTopic()
                    .setName(topic.name()).setPartitions(partitions));
            }
            data.results().add(new DescribeLogDirsResponseData.DescribeLogDirsResult()
                .setErrorCode(directory.errorCode())
                .setLogDir(directory.path())
                .setTopics(topics)
                .setTotalBytes(directory.totalLength())
                .setUsableBytes(directory.usableLength()));
        }
        return ColdMessages.write(data, version, target);
    }
}
