package io.millrace.transport.kafka.client;

import io.millrace.transport.kafka.codec.ApiTable;
import io.millrace.transport.kafka.message.InitProducerId;
import io.millrace.transport.kafka.message.Metadata;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.agrona.CloseHelper;
import org.agrona.concurrent.NanoClock;
import org.agrona.concurrent.SystemNanoClock;
import org.apache.kafka.common.message.InitProducerIdRequestData;
import org.apache.kafka.common.message.InitProducerIdResponseData;
import org.apache.kafka.common.message.ListOffsetsResponseData;
import org.apache.kafka.common.message.MetadataResponseData;

/**
 * The few blocking requests that a load needs around itself. Owned by one thread; every call has the same time-out and
 * throws {@link LeanClientException}, whose message names the address.
 */
public final class LeanAdmin implements AutoCloseable {
    private static final short UNKNOWN_TOPIC_OR_PARTITION = 3;
    private static final short LEADER_NOT_AVAILABLE = 5;
    private static final short NOT_LEADER_OR_FOLLOWER = 6;
    private static final short NOT_CONTROLLER = 41;
    private static final short OFFSET_NOT_AVAILABLE = 78;
    private static final long RETRY_PARK_NS = 50_000_000L;

    private final List<String> bootstrap;
    private final String clientId;
    private final long timeoutNs;
    private final NanoClock clock;
    private final Map<String, AdminWire> wires = new HashMap<>();

    /**
     * Connects to the first bootstrap server that answers.
     *
     * @param bootstrapServers host:port, several separated by commas
     * @param clientId         sent with every request
     * @param timeoutNs        of each call
     */
    public LeanAdmin(final String bootstrapServers, final String clientId, final long timeoutNs) {
        this(bootstrapServers, clientId, timeoutNs, SystemNanoClock.INSTANCE);
    }

    LeanAdmin(final String bootstrapServers, final String clientId, final long timeoutNs, final NanoClock clock) {
        this.bootstrap = parse(bootstrapServers);
        this.clientId = clientId;
        this.timeoutNs = timeoutNs;
        this.clock = clock;
        any(deadline());
    }

    /**
     * {@return brokers, controller and the named topics; topics that do not exist carry error 3}
     *
     * @param topics names; none asks for brokers only
     */
    public Metadata.Response describe(final List<String> topics) {
        return metadata(topics, deadline());
    }

    /** {@return brokers, controller and all topics} */
    public Metadata.Response describeAll() {
        return metadata(null, deadline());
    }

    /**
     * Creates a topic and waits until every partition has a leader.
     *
     * @param name              of the topic
     * @param partitionCount    partitions
     * @param replicationFactor replicas of each, -1 for the broker's default
     * @param configs           of the topic
     */
    public void createTopic(
        final String name,
        final int partitionCount,
        final int replicationFactor,
        final Map<String, String> configs) {
        final long deadlineNs = deadline();
        while (true) {
            final AdminWire wire = controller(deadlineNs);
            final short version = wire.version(ApiTable.CREATE_TOPICS, 2, 4);
            final var response = wire.call(ApiTable.CREATE_TOPICS, version,
                AdminMessages.createTopic(name, partitionCount, replicationFactor, configs, remainingMs(deadlineNs)),
                new org.apache.kafka.common.message.CreateTopicsResponseData(), deadlineNs);
            final var result = response.topics().find(name);
            final short error = result == null ? -1 : result.errorCode();
            if (error == 0) {
                break;
            }
            retryOrFail(error == NOT_CONTROLLER, deadlineNs, "creating topic " + name + " at " + wire.address(),
                error, result == null ? null : result.errorMessage());
        }
        awaitLeaders(name, deadlineNs);
    }

    /**
     * Deletes a topic; one that is not there is an error 3.
     *
     * @param name of the topic
     */
    public void deleteTopic(final String name) {
        final long deadlineNs = deadline();
        while (true) {
            final AdminWire wire = controller(deadlineNs);
            final short version = wire.version(ApiTable.DELETE_TOPICS, 1, 3);
            final var response = wire.call(ApiTable.DELETE_TOPICS, version,
                AdminMessages.deleteTopic(name, remainingMs(deadlineNs)),
                new org.apache.kafka.common.message.DeleteTopicsResponseData(), deadlineNs);
            final short error = response.responses().isEmpty() ? -1 :
                response.responses().iterator().next().errorCode();
            if (error == 0) {
                return;
            }
            retryOrFail(error == NOT_CONTROLLER, deadlineNs, "deleting topic " + name + " at " + wire.address(),
                error, null);
        }
    }

    /**
     * {@return the offset at a timestamp for each partition, by partition number; -1 where there is none}
     *
     * @param topic       to look into
     * @param timestampMs milliseconds since the epoch, or one of
     *                    {@link io.millrace.transport.kafka.message.ListOffsets}'s constants
     */
    public long[] listOffsets(final String topic, final long timestampMs) {
        final long deadlineNs = deadline();
        while (true) {
            final Metadata.Response cluster = metadata(List.of(topic), deadlineNs);
            final Metadata.Topic found = cluster.topics().get(0);
            if (found.errorCode() != 0) {
                retryOrFail(found.errorCode() == LEADER_NOT_AVAILABLE, deadlineNs, "describing topic " + topic,
                    found.errorCode(), null);
                continue;
            }
            final long[] offsets = new long[found.partitions().size()];
            short error = 0;
            for (final Metadata.Partition partition : found.partitions()) {
                error = error != 0 ? error :
                    listOffset(cluster, topic, partition, timestampMs, offsets, deadlineNs);
            }
            if (error == 0) {
                return offsets;
            }
            retryOrFail(error == NOT_LEADER_OR_FOLLOWER || error == LEADER_NOT_AVAILABLE ||
                error == OFFSET_NOT_AVAILABLE || error == UNKNOWN_TOPIC_OR_PARTITION,
                deadlineNs, "listing offsets of topic " + topic, error, null);
        }
    }

    /** {@return id and epoch for an idempotent producer} */
    public InitProducerId.Response initProducerId() {
        final long deadlineNs = deadline();
        while (true) {
            final AdminWire wire = any(deadlineNs);
            final short version = wire.version(ApiTable.INIT_PRODUCER_ID, 0, 1);
            final InitProducerIdResponseData data = wire.call(ApiTable.INIT_PRODUCER_ID, version,
                new InitProducerIdRequestData().setTransactionalId(null).setTransactionTimeoutMs(60_000),
                new InitProducerIdResponseData(), deadlineNs);
            if (data.errorCode() == 0) {
                return new InitProducerId.Response((short) 0, data.producerId(), data.producerEpoch());
            }
            // 14 and 15: the coordinator is loading or not there yet
            retryOrFail(data.errorCode() == 14 || data.errorCode() == 15, deadlineNs,
                "initialising a producer id at " + wire.address(), data.errorCode(), null);
        }
    }

    /**
     * {@return the topic's config values that the broker tells, by key}
     *
     * @param topic to describe
     */
    public Map<String, String> describeTopicConfigs(final String topic) {
        final long deadlineNs = deadline();
        final AdminWire wire = any(deadlineNs);
        final short version = wire.version(ApiTable.DESCRIBE_CONFIGS, 1, 3);
        final var result = wire.call(ApiTable.DESCRIBE_CONFIGS, version, AdminMessages.describeTopicConfigs(topic),
            new org.apache.kafka.common.message.DescribeConfigsResponseData(), deadlineNs).results().get(0);
        if (result.errorCode() != 0) {
            throw failure("describing configs of topic " + topic + " at " + wire.address(), result.errorCode(),
                result.errorMessage());
        }
        final Map<String, String> configs = new HashMap<>();
        result.configs().forEach(config -> configs.put(config.name(), config.value()));
        return configs;
    }

    @Override
    public void close() {
        CloseHelper.closeAll(wires.values());
        wires.clear();
    }

    private short listOffset(
        final Metadata.Response cluster,
        final String topic,
        final Metadata.Partition partition,
        final long timestampMs,
        final long[] offsets,
        final long deadlineNs) {
        final Metadata.Broker leader = broker(cluster, partition.leaderId());
        if (leader == null) {
            return LEADER_NOT_AVAILABLE;
        }
        final AdminWire wire = wire(leader.host(), leader.port(), deadlineNs);
        final short version = wire.version(ApiTable.LIST_OFFSETS, 1, 5);
        final ListOffsetsResponseData data = wire.call(ApiTable.LIST_OFFSETS, version,
            AdminMessages.listOffsets(topic, partition.partitionId(), timestampMs), new ListOffsetsResponseData(),
            deadlineNs);
        final var answer = data.topics().get(0).partitions().get(0);
        offsets[partition.partitionId()] = answer.offset();
        return answer.errorCode();
    }

    private void awaitLeaders(final String name, final long deadlineNs) {
        while (true) {
            final Metadata.Topic topic = metadata(List.of(name), deadlineNs).topics().get(0);
            final boolean led = topic.errorCode() == 0 && !topic.partitions().isEmpty() &&
                topic.partitions().stream().allMatch(p -> p.errorCode() == 0 && p.leaderId() >= 0);
            if (led) {
                return;
            }
            retryOrFail(true, deadlineNs, "waiting for leaders of topic " + name, LEADER_NOT_AVAILABLE, null);
        }
    }

    private Metadata.Response metadata(final List<String> topics, final long deadlineNs) {
        final AdminWire wire = any(deadlineNs);
        final short version = wire.version(ApiTable.METADATA, 1, 8);
        return AdminMessages.fromMetadata(wire.call(ApiTable.METADATA, version,
            AdminMessages.metadata(topics, version), new MetadataResponseData(), deadlineNs));
    }

    private AdminWire controller(final long deadlineNs) {
        final Metadata.Response cluster = metadata(List.of(), deadlineNs);
        final Metadata.Broker controller = broker(cluster, cluster.controllerId());
        return controller == null ? any(deadlineNs) : wire(controller.host(), controller.port(), deadlineNs);
    }

    private AdminWire any(final long deadlineNs) {
        LeanClientException last = null;
        for (final String server : bootstrap) {
            final int colon = server.lastIndexOf(':');
            try {
                return wire(server.substring(0, colon), Integer.parseInt(server.substring(colon + 1)), deadlineNs);
            } catch (final LeanClientException e) {
                last = e;
            }
        }
        throw last;
    }

    private AdminWire wire(final String host, final int port, final long deadlineNs) {
        final String address = host + ":" + port;
        final AdminWire open = wires.get(address);
        if (open != null && !open.isClosed()) {
            return open;
        }
        final AdminWire wire = new AdminWire(host, port, clientId, clock, deadlineNs);
        wires.put(address, wire);
        return wire;
    }

    private void retryOrFail(
        final boolean retriable, final long deadlineNs, final String what, final short error, final String message) {
        if (!retriable || clock.nanoTime() + RETRY_PARK_NS - deadlineNs > 0) {
            throw failure(what, error, message);
        }
        LockSupport.parkNanos(RETRY_PARK_NS);
    }

    private LeanClientException failure(final String what, final short error, final String message) {
        return new LeanClientException(what + " failed: error " + error + " " + AdminMessages.errorName(error) +
            (message == null ? "" : ": " + message), error);
    }

    private long deadline() {
        return clock.nanoTime() + timeoutNs;
    }

    private int remainingMs(final long deadlineNs) {
        return (int) Math.max(1, TimeUnit.NANOSECONDS.toMillis(deadlineNs - clock.nanoTime()));
    }

    private static Metadata.Broker broker(final Metadata.Response cluster, final int nodeId) {
        for (final Metadata.Broker broker : cluster.brokers()) {
            if (broker.nodeId() == nodeId) {
                return broker;
            }
        }
        return null;
    }

    private static List<String> parse(final String bootstrapServers) {
        final List<String> servers = new ArrayList<>();
        for (final String part : bootstrapServers.split(",")) {
            final String server = part.trim();
            if (!server.matches(".+:[0-9]{1,5}")) {
                throw new LeanClientException("bootstrap server must be host:port: \"" + server + "\"");
            }
            servers.add(server);
        }
        return servers;
    }
}
