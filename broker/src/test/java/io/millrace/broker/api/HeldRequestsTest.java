package io.millrace.broker.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.metadata.MetadataImage;
import java.io.IOException;
import org.apache.kafka.common.message.DescribeClusterRequestData;
import org.apache.kafka.common.message.DescribeClusterResponseData;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.MessageUtil;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A node that was just started is asked about a cluster that it has not heard of yet. */
class HeldRequestsTest {
    private static final short METADATA_VERSION = 12;
    private static final short DESCRIBE_VERSION = 2;

    private HandlerRig rig;

    @BeforeEach
    void startWithoutImage() throws IOException {
        rig = new HandlerRig();
        rig.shown = MetadataImage.EMPTY;
        rig.work();
    }

    private TestSlot offer(final short version, final ApiMessage request) {
        return rig.offer(request.apiKey(), version, MessageUtil.toByteBufferAccessor(request, version).buffer());
    }

    @Test
    void shouldAnswerWithAllBrokersWhenItHasHeardOfThem() {
        final TestSlot metadata = offer(METADATA_VERSION, new MetadataRequestData().setTopics(null));
        final TestSlot described = offer(DESCRIBE_VERSION, new DescribeClusterRequestData());
        rig.work();
        assertFalse(metadata.isCompleted() || described.isCompleted());
        rig.shown = null;
        rig.work();
        assertTrue(metadata.isCompleted() && described.isCompleted());
        final MetadataResponseData answer = (MetadataResponseData) rig.answer(metadata);
        assertEquals(3, answer.brokers().size());
        assertEquals(0, answer.topics().find(HandlerRig.TOPIC).errorCode());
        assertEquals(3, ((DescribeClusterResponseData) rig.answer(described)).brokers().size());
    }

    @Test
    void shouldSendTheClientAwayWhenItHearsOfNothing() {
        final TestSlot slot = offer(METADATA_VERSION, new MetadataRequestData().setTopics(null));
        final String reason = assertThrows(AssertionError.class, () -> rig.handler.onExpired(slot)).getMessage();
        assertTrue(reason.contains("a majority of its controllers must run"), reason);
        rig.shown = null;
        rig.work();
        assertFalse(slot.isCompleted(), "its connection was closed");
    }
}
