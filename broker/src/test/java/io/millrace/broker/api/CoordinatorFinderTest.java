package io.millrace.broker.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.kafka.common.message.FindCoordinatorRequestData;
import org.apache.kafka.common.message.FindCoordinatorResponseData;
import org.apache.kafka.common.message.FindCoordinatorResponseData.Coordinator;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.protocol.MessageUtil;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How much may be asked of FindCoordinator at once, and what of it may wait. */
class CoordinatorFinderTest {
    private static final short VERSION = 6;

    private HandlerRig rig;

    @BeforeEach
    void open() throws IOException {
        rig = new HandlerRig();
    }

    private TestSlot find(final int count) {
        final FindCoordinatorRequestData request = new FindCoordinatorRequestData().setKeyType((byte) 0)
            .setCoordinatorKeys(IntStream.range(0, count).mapToObj(i -> "g" + i).toList());
        return rig.offer(request.apiKey(), VERSION, MessageUtil.toByteBufferAccessor(request, VERSION).buffer());
    }

    @Test
    void shouldLetOnlyFewKeysWaitForTheOffsetsTopic() {
        final TestSlot few = find(100);
        assertFalse(few.isCompleted(), "waits until the topic is there");
        final TestSlot many = find(101);
        assertTrue(many.isCompleted(), "is told to ask again");
        ((FindCoordinatorResponseData) rig.answer(many)).coordinators().forEach(one ->
            assertEquals(Errors.COORDINATOR_NOT_AVAILABLE.code(), one.errorCode()));
    }

    @Test
    void shouldRefuseKeysBeyondTheLimitAndAnswerTheRest() {
        final List<Coordinator> answers =
            ((FindCoordinatorResponseData) rig.answer(find(10_003))).coordinators();
        assertEquals(10_003, answers.size());
        assertEquals(Errors.COORDINATOR_NOT_AVAILABLE.code(), answers.get(9_999).errorCode());
        for (int i = 10_000; i < 10_003; i++) {
            assertEquals("g" + i, answers.get(i).key());
            assertEquals(Errors.INVALID_REQUEST.code(), answers.get(i).errorCode());
        }
    }
}
