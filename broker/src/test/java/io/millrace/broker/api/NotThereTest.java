package io.millrace.broker.api;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.List;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.CreatePartitionsRequestData;
import org.apache.kafka.common.message.CreatePartitionsResponseData;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.CreateTopicsResponseData;
import org.apache.kafka.common.message.FindCoordinatorRequestData;
import org.apache.kafka.common.message.FindCoordinatorResponseData;
import org.apache.kafka.common.message.InitProducerIdRequestData;
import org.apache.kafka.common.message.InitProducerIdResponseData;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What is not there is answered as docs/kafka-compatibility.md says; see AdminAnswersTest for configs and ACLs, and
 * NotServedTest for what is not advertised.
 */
class NotThereTest {
    private HandlerRig rig;

    @BeforeEach
    void start() throws IOException {
        rig = new HandlerRig();
    }

    private Errors produce(final String transactionalId, final MemoryRecords records) {
        final ProduceRequestData.TopicProduceDataCollection topics =
            new ProduceRequestData.TopicProduceDataCollection();
        topics.add(new ProduceRequestData.TopicProduceData().setName(HandlerRig.TOPIC).setPartitionData(
            List.of(new ProduceRequestData.PartitionProduceData().setIndex(0).setRecords(records))));
        final ProduceResponseData answer = (ProduceResponseData) rig.ask((short) 9, new ProduceRequestData()
            .setTransactionalId(transactionalId).setAcks((short) 1).setTimeoutMs(1000).setTopicData(topics));
        return Errors.forCode(answer.responses().iterator().next().partitionResponses().get(0).errorCode());
    }

    @Test
    void shouldRefuseTransactions() {
        final SimpleRecord record = new SimpleRecord(new byte[10]);
        assertEquals(Errors.NONE, produce(null, MemoryRecords.withRecords(Compression.NONE, record)));
        assertEquals(Errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
            produce("x", MemoryRecords.withRecords(Compression.NONE, record)));
        assertEquals(Errors.INVALID_RECORD, produce(null, MemoryRecords.withTransactionalRecords(
            Compression.NONE, 7, (short) 0, 0, record)));
        assertEquals(Errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED.code(), ((InitProducerIdResponseData) rig.ask(
            (short) 5, new InitProducerIdRequestData().setTransactionalId("x").setTransactionTimeoutMs(1000)))
            .errorCode());
        final FindCoordinatorResponseData coordinator = (FindCoordinatorResponseData) rig.ask((short) 6,
            new FindCoordinatorRequestData().setKeyType((byte) 1).setCoordinatorKeys(List.of("x")));
        assertEquals(Errors.INVALID_REQUEST.code(), coordinator.coordinators().get(0).errorCode());
    }

    @Test
    void shouldRefuseExplicitReplicaAssignments() {
        final CreateTopicsRequestData create = new CreateTopicsRequestData().setTimeoutMs(1000);
        final CreateTopicsRequestData.CreatableTopic topic = new CreateTopicsRequestData.CreatableTopic()
            .setName("assigned").setNumPartitions(-1).setReplicationFactor((short) -1);
        topic.assignments().add(new CreateTopicsRequestData.CreatableReplicaAssignment()
            .setPartitionIndex(0).setBrokerIds(List.of(1, 2, 3)));
        create.topics().add(topic);
        assertEquals(Errors.INVALID_REPLICA_ASSIGNMENT.code(),
            ((CreateTopicsResponseData) rig.ask((short) 7, create)).topics().find("assigned").errorCode());
        final CreatePartitionsRequestData enlarge = new CreatePartitionsRequestData().setTimeoutMs(1000);
        enlarge.topics().add(new CreatePartitionsRequestData.CreatePartitionsTopic().setName(HandlerRig.TOPIC)
            .setCount(2).setAssignments(List.of(
                new CreatePartitionsRequestData.CreatePartitionsAssignment().setBrokerIds(List.of(1, 2, 3)))));
        assertEquals(Errors.INVALID_REPLICA_ASSIGNMENT.code(),
            ((CreatePartitionsResponseData) rig.ask((short) 3, enlarge)).results().get(0).errorCode());
    }
}
