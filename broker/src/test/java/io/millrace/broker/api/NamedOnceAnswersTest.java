package io.millrace.broker.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.millrace.broker.metadata.TopicInfo;
import java.io.IOException;
import java.util.Collections;
import java.util.List;
import org.apache.kafka.common.message.CreatePartitionsRequestData;
import org.apache.kafka.common.message.CreatePartitionsResponseData;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.CreateTopicsResponseData;
import org.apache.kafka.common.message.DeleteTopicsRequestData;
import org.apache.kafka.common.message.DeleteTopicsResponseData;
import org.apache.kafka.common.message.DescribeLogDirsRequestData;
import org.apache.kafka.common.message.DescribeLogDirsResponseData;
import org.apache.kafka.common.message.DescribeTopicPartitionsRequestData;
import org.apache.kafka.common.message.DescribeTopicPartitionsResponseData;
import org.apache.kafka.common.message.ListOffsetsRequestData;
import org.apache.kafka.common.message.ListOffsetsResponseData;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData;
import org.apache.kafka.common.message.OffsetForLeaderEpochResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Requests that name the same topic or partition again and again: the answer names it once. */
class NamedOnceAnswersTest {
    private static final int COUNT = 200;

    private HandlerRig rig;

    @BeforeEach
    void start() throws IOException {
        rig = new HandlerRig();
    }

    private TopicInfo topic(final String name) {
        return rig.trio.image(rig.leader).topic(name);
    }

    @Test
    void shouldRefuseToCreateATopicWhenItIsNamedTwice() {
        final CreateTopicsRequestData request = new CreateTopicsRequestData().setTimeoutMs(1000);
        for (int i = 0; i < COUNT; i++) {
            request.topics().mustAdd(new CreateTopicsRequestData.CreatableTopic()
                .setName("fresh").setNumPartitions(1).setReplicationFactor((short) 3));
        }
        final var answers = ((CreateTopicsResponseData) rig.ask((short) 7, request)).topics();
        assertEquals(1, answers.size());
        assertEquals(Errors.INVALID_REQUEST.code(), answers.find("fresh").errorCode());
        assertNull(topic("fresh"));
    }

    @Test
    void shouldRefuseToEnlargeATopicWhenItIsNamedTwice() {
        final CreatePartitionsRequestData request = new CreatePartitionsRequestData().setTimeoutMs(1000);
        for (int i = 0; i < COUNT; i++) {
            request.topics().mustAdd(
                new CreatePartitionsRequestData.CreatePartitionsTopic().setName("t").setCount(2 + i));
        }
        final var answers = ((CreatePartitionsResponseData) rig.ask((short) 3, request)).results();
        assertEquals(1, answers.size());
        assertEquals(Errors.INVALID_REQUEST.code(), answers.get(0).errorCode());
        assertEquals(1, topic("t").partitionCount());
    }

    @Test
    void shouldRefuseToDeleteATopicWhenItIsNamedTwice() {
        final var answers = ((DeleteTopicsResponseData) rig.ask((short) 6, new DeleteTopicsRequestData()
            .setTimeoutMs(1000).setTopics(Collections.nCopies(COUNT,
                new DeleteTopicsRequestData.DeleteTopicState().setName("t"))))).responses();
        assertEquals(1, answers.size());
        assertEquals(Errors.INVALID_REQUEST.code(), answers.iterator().next().errorCode());
        assertEquals("t", topic("t").name());
    }

    @Test
    void shouldRefuseAPartitionsOffsetWhenItIsNamedTwice() {
        final var partition = new ListOffsetsRequestData.ListOffsetsPartition().setPartitionIndex(0).setTimestamp(-1);
        final var answers = ((ListOffsetsResponseData) rig.ask((short) 7, new ListOffsetsRequestData().setTopics(
            Collections.nCopies(COUNT, new ListOffsetsRequestData.ListOffsetsTopic().setName("t").setPartitions(
                List.of(partition)))))).topics();
        assertEquals(1, answers.size());
        assertEquals(1, answers.get(0).partitions().size());
        assertEquals(Errors.INVALID_REQUEST.code(), answers.get(0).partitions().get(0).errorCode());
    }

    @Test
    void shouldRefuseAPartitionsEpochWhenItIsNamedTwice() {
        final var request = new OffsetForLeaderEpochRequestData();
        final var asked = new OffsetForLeaderEpochRequestData.OffsetForLeaderTopic().setTopic("t");
        asked.setPartitions(Collections.nCopies(COUNT,
            new OffsetForLeaderEpochRequestData.OffsetForLeaderPartition().setPartition(0).setLeaderEpoch(1)));
        request.topics().add(asked);
        final var answers = ((OffsetForLeaderEpochResponseData) rig.ask((short) 4, request)).topics().find("t");
        assertEquals(1, answers.partitions().size());
        assertEquals(Errors.INVALID_REQUEST.code(), answers.partitions().get(0).errorCode());
    }

    @Test
    void shouldDescribeATopicOnceWhenItIsNamedAgainAndAgain() {
        final var request = new DescribeLogDirsRequestData();
        request.topics().add(new DescribeLogDirsRequestData.DescribableLogDirTopic().setTopic("t")
            .setPartitions(Collections.nCopies(COUNT, 0)));
        final var directories = ((DescribeLogDirsResponseData) rig.ask((short) 4, request)).results();
        assertEquals(1, directories.get(0).topics().size());
        assertEquals(1, directories.get(0).topics().get(0).partitions().size());
        final var topics = ((DescribeTopicPartitionsResponseData) rig.ask((short) 0,
            new DescribeTopicPartitionsRequestData().setTopics(Collections.nCopies(COUNT,
                new DescribeTopicPartitionsRequestData.TopicRequest().setName("t"))))).topics();
        assertEquals(1, topics.size());
        assertEquals(1, topics.iterator().next().partitions().size());
    }
}
