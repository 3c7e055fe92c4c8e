package io.millrace.broker.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.CreateTopicsResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.protocol.MessageUtil;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A request that cannot be answered costs nobody else anything. */
class ContainmentTest {
    private static final short CREATE_VERSION = 4;

    private final List<String> failures = new ArrayList<>();
    private HandlerRig rig;

    @BeforeEach
    void start() throws IOException {
        rig = new HandlerRig();
        rig.handler.failures((work, failure) -> failures.add(work));
    }

    private static CreateTopicsRequestData creation(final String name) {
        final CreateTopicsRequestData request = new CreateTopicsRequestData().setTimeoutMs(10_000);
        request.topics().add(new CreateTopicsRequestData.CreatableTopic()
            .setName(name).setNumPartitions(1).setReplicationFactor((short) 3));
        return request;
    }

    private TestSlot offer(final String name) {
        return rig.offer(ApiKeys.CREATE_TOPICS.id, CREATE_VERSION,
            MessageUtil.toByteBufferAccessor(creation(name), CREATE_VERSION).buffer());
    }

    @Test
    void shouldAnswerOthersWhenAnAnswerOfTheQuorumCannotBePassedOn() {
        final TestSlot broken = offer("a");
        broken.isBroken = true;
        final TestSlot whole = offer("b");
        final CreateTopicsResponseData answer = (CreateTopicsResponseData) rig.answer(whole);
        assertEquals(Errors.NONE.code(), answer.topics().find("b").errorCode());
        assertNotNull(broken.crash);
        assertEquals(List.of(), failures, "it was the request's own affair");
        assertEquals(Errors.NONE.code(),
            ((CreateTopicsResponseData) rig.ask(CREATE_VERSION, creation("c"))).topics().find("c").errorCode());
    }

    @Test
    void shouldGoOnWhenAPartOfTheDutyCycleFails() {
        final Containment containment = new Containment();
        containment.failures((work, failure) -> failures.add(work + ": " + failure.getMessage()));
        assertEquals(0, containment.run("something", () -> {
            throw new IllegalStateException("made to fail");
        }));
        assertEquals(3, containment.run("something else", () -> 3));
        assertEquals(List.of("something: made to fail"), failures);
    }
}
