package io.millrace.broker.api;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.shard.LocalShards;
import io.millrace.transport.kafka.message.Metadata;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Properties;
import java.util.UUID;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Test;

/** What a node says of topics before it has heard of its own registration: librdkafka forgets an unknown topic. */
class BeforeRegistrationTest {
    private static final short VERSION = 13;

    @Test
    void shouldAskClientsToComeAgainWhenItMayNotHaveHeardOfATopic() {
        final Properties properties = new Properties();
        properties.setProperty("node.id", "1");
        properties.setProperty("log.dirs", "unused");
        final BrokerConfig config = BrokerConfig.of(properties);
        final MetadataHandler handler =
            new MetadataHandler(config, new TopicDirectory(new LocalShards(), 1, 1 << 20), null, null);
        final TestSlot slot = new TestSlot(1, ApiKeys.METADATA.id, VERSION, ByteBuffer.allocate(0));
        handler.handle(new Metadata.Request(List.of(new Metadata.RequestTopic(null, "by-name"),
            new Metadata.RequestTopic(new UUID(1, 2), null)), true, false, false), slot);
        final ByteBufferAccessor body = new ByteBufferAccessor(slot.body());
        assertEquals(0, body.readByte(), "tagged fields of the header");
        assertEquals(List.of(Errors.LEADER_NOT_AVAILABLE.code(), Errors.LEADER_NOT_AVAILABLE.code()),
            new MetadataResponseData(body, VERSION).topics().stream().map(topic -> topic.errorCode()).toList());
    }

    @Test
    void shouldSendClientsToAnotherNodeWhenTheyReadOrWriteWhatItMayNotHaveHeardOf() {
        final TopicDirectory topics = new TopicDirectory(new LocalShards(), 1, 1 << 20);
        assertEquals(Errors.NOT_LEADER_OR_FOLLOWER.code(), topics.unknownTopic(false));
        assertEquals(Errors.NOT_LEADER_OR_FOLLOWER.code(), topics.unknownTopic(true));
    }
}
