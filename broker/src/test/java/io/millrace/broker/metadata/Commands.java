package io.millrace.broker.metadata;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** Commands as the tests need them. */
public final class Commands {
    private Commands() {
    }

    public static MetadataCommand.RegisterBroker register(final int brokerId, final long incarnation) {
        return new MetadataCommand.RegisterBroker(
            brokerId, "127.0.0.1", 9092 + brokerId, List.of("127.0.0.1:" + (20000 + brokerId), "127.0.0.1:1"),
            new UUID(1, incarnation), new UUID(2, 0), true, new UUID(incarnation, brokerId + 1));
    }

    public static MetadataCommand.BrokerReady ready(final int brokerId, final long brokerEpoch) {
        return new MetadataCommand.BrokerReady(brokerId, brokerEpoch);
    }

    public static MetadataCommand.CreateTopic create(final String name, final int partitions, final int factor) {
        return create(name, partitions, factor, Map.of());
    }

    public static MetadataCommand.CreateTopic create(
        final String name, final int partitions, final int factor, final Map<String, String> configs) {
        return new MetadataCommand.CreateTopic(
            UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8)), name, partitions, factor,
            null, configs, 1, false);
    }

    public static MetadataCommand.DeleteTopic delete(final String name) {
        return new MetadataCommand.DeleteTopic(name, null);
    }
}
