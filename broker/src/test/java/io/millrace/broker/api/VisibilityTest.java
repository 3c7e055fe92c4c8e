package io.millrace.broker.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.shard.AppliedMetadata;
import java.io.IOException;
import java.util.List;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.CreateTopicsResponseData;
import org.apache.kafka.common.message.DeleteTopicsRequestData;
import org.apache.kafka.common.message.DeleteTopicsResponseData;
import org.apache.kafka.common.message.DescribeQuorumRequestData;
import org.apache.kafka.common.message.DescribeQuorumResponseData;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.protocol.MessageUtil;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who created a topic may ask any broker for it next. */
class VisibilityTest {
    private static final int MANY_COUNT = 100;
    private static final short CREATE_VERSION = 4;
    private static final short DELETE_VERSION = 3;

    private HandlerRig rig;
    private AppliedMetadata applied;
    private int firstPeer;
    private int secondPeer;

    @BeforeEach
    void start() throws IOException {
        rig = new HandlerRig();
        firstPeer = 1 + rig.leader % 3;
        secondPeer = 1 + firstPeer % 3;
        applied = new AppliedMetadata(firstPeer, secondPeer, 7); // of which nobody has heard yet
        rig.handler.appliedMetadata(applied);
    }

    private TestSlot offer(final short version, final ApiMessage request) {
        return rig.offer(request.apiKey(), version, MessageUtil.toByteBufferAccessor(request, version).buffer());
    }

    private TestSlot create(final String name, final int timeoutMs) {
        final CreateTopicsRequestData request = new CreateTopicsRequestData().setTimeoutMs(timeoutMs);
        request.topics().add(new CreateTopicsRequestData.CreatableTopic()
            .setName(name).setNumPartitions(1).setReplicationFactor((short) 3));
        return offer(CREATE_VERSION, request);
    }

    private void work() {
        for (int i = 0; i < 5; i++) {
            rig.commitAll();
        }
    }

    private void tell(final int brokerId, final long version) {
        assertTrue(applied.onPeer(brokerId, version, rig.trio.nowNs));
        rig.handler.doWork(rig.trio.nowNs);
    }

    private Errors errorOf(final TestSlot slot, final String topic) {
        return Errors.forCode(((CreateTopicsResponseData) rig.answer(slot)).topics().find(topic).errorCode());
    }

    @Test
    void shouldAnswerWhenEveryLiveBrokerKnowsTheNewTopic() {
        final TestSlot slot = create("a", 30_000);
        work();
        final long version = rig.trio.image(rig.leader).version();
        assertFalse(slot.isCompleted());
        tell(firstPeer, version);
        assertFalse(slot.isCompleted());
        tell(secondPeer, version - 1);
        assertFalse(slot.isCompleted(), "that one is a step behind");
        tell(secondPeer, version);
        assertTrue(slot.isCompleted());
        assertEquals(Errors.NONE, errorOf(slot, "a"));
    }

    @Test
    void shouldNotWaitLongForABrokerThatIsSlowToHear() {
        final TestSlot slot = create("a", 30_000);
        work();
        assertFalse(slot.isCompleted());
        rig.trio.nowNs += 600_000_000L;
        rig.handler.doWork(rig.trio.nowNs);
        assertTrue(slot.isCompleted());
        assertEquals(Errors.NONE, errorOf(slot, "a"));
    }

    @Test
    void shouldWaitOnceForABrokerThatSaysNothingHoweverManyRequestsCreateTopics() {
        final TestSlot first = create("a", 30_000);
        work();
        tell(secondPeer, rig.trio.image(rig.leader).version());
        rig.trio.nowNs += 600_000_000L;
        rig.handler.doWork(rig.trio.nowNs);
        assertTrue(first.isCompleted());
        final TestSlot second = create("b", 30_000);
        work();
        assertFalse(second.isCompleted(), "the other broker is waited for");
        tell(secondPeer, rig.trio.image(rig.leader).version());
        assertTrue(second.isCompleted(), "the silent one is not waited for again");
        final long before = rig.trio.image(rig.leader).version();
        rig.trio.nowNs++;
        tell(firstPeer, before);
        final TestSlot third = create("c", 30_000);
        work();
        tell(secondPeer, rig.trio.image(rig.leader).version());
        assertFalse(third.isCompleted(), "it was heard of");
        tell(firstPeer, rig.trio.image(rig.leader).version());
        assertTrue(third.isCompleted());
    }

    @Test
    void shouldWaitOnceForASlowBrokerHoweverManyTopicsARequestCreates() {
        final CreateTopicsRequestData request = new CreateTopicsRequestData().setTimeoutMs(30_000);
        for (int i = 0; i < MANY_COUNT; i++) {
            request.topics().add(new CreateTopicsRequestData.CreatableTopic()
                .setName("many-" + i).setNumPartitions(1).setReplicationFactor((short) 3));
        }
        final TestSlot slot = offer(CREATE_VERSION, request);
        work();
        assertFalse(slot.isCompleted());
        rig.trio.nowNs += 600_000_000L;
        rig.handler.doWork(rig.trio.nowNs);
        assertTrue(slot.isCompleted());
        ((CreateTopicsResponseData) rig.answer(slot)).topics().forEach(
            topic -> assertEquals(Errors.NONE.code(), topic.errorCode()));
    }

    @Test
    void shouldAnswerADeletionWhenEveryLiveBrokerKnowsOfIt() {
        final DeleteTopicsRequestData request = new DeleteTopicsRequestData().setTimeoutMs(30_000);
        request.topicNames().add(HandlerRig.TOPIC);
        final TestSlot slot = offer(DELETE_VERSION, request);
        work();
        assertFalse(slot.isCompleted());
        final long version = rig.trio.image(rig.leader).version();
        tell(firstPeer, version);
        tell(secondPeer, version);
        assertTrue(slot.isCompleted());
        assertEquals(Errors.NONE.code(),
            ((DeleteTopicsResponseData) rig.answer(slot)).responses().find(HandlerRig.TOPIC).errorCode());
    }

    @Test
    void shouldDescribeHowFarEachBrokerIsWithTheMetadata() {
        work();
        final long version = rig.trio.image(rig.leader).version();
        tell(firstPeer, version - 1);
        final DescribeQuorumRequestData request = new DescribeQuorumRequestData();
        request.topics().add(new DescribeQuorumRequestData.TopicData().setTopicName("__cluster_metadata")
            .setPartitions(List.of(new DescribeQuorumRequestData.PartitionData().setPartitionIndex(0))));
        final DescribeQuorumResponseData.PartitionData answer =
            ((DescribeQuorumResponseData) rig.ask((short) 2, request)).topics().get(0).partitions().get(0);
        assertEquals(version, answer.highWatermark());
        assertEquals(version, answer.currentVoters().get(0).logEndOffset());
        for (final DescribeQuorumResponseData.ReplicaState observer : answer.observers()) {
            assertEquals(observer.replicaId() == firstPeer ? version - 1 : -1, observer.logEndOffset());
            assertEquals(-1, observer.lastCaughtUpTimestamp());
        }
    }

    @Test
    void shouldTellPeersItsOwnVersionOnlyWhenItLeadsWhatItIsToLead() {
        work();
        final long before = applied.own();
        final TestSlot slot = create("a", 30_000);
        work();
        final long version = rig.trio.image(rig.leader).version();
        assertTrue(version > before);
        assertEquals(version, applied.own());
        rig.local.leading(-1, 0); // as if its log were not open yet
        create("b", 30_000);
        work();
        assertTrue(rig.trio.image(rig.leader).version() > version);
        assertEquals(version, applied.own());
        assertFalse(slot.isCompleted());
    }
}
