package io.millrace.load.driver.lean;

import io.millrace.load.driver.TargetRefusedException;
import io.millrace.load.driver.TargetUnreachableException;
import io.millrace.load.driver.TopicAdmin;
import io.millrace.transport.kafka.client.LeanAdmin;
import io.millrace.transport.kafka.client.LeanClientException;
import io.millrace.transport.kafka.message.ListOffsets;
import io.millrace.transport.kafka.message.Metadata;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Topics over the lean admin client; owned by the thread that sets the run up. */
public final class LeanTopicAdmin implements TopicAdmin {
    private static final long TIMEOUT_NS = TimeUnit.SECONDS.toNanos(15);
    private static final short UNKNOWN_TOPIC = 3;

    private final LeanAdmin admin;

    /**
     * Connects.
     *
     * @param bootstrap brokers, host:port with commas
     */
    public LeanTopicAdmin(final String bootstrap) {
        try {
            admin = new LeanAdmin(bootstrap, LeanDriver.CLIENT_ID, TIMEOUT_NS);
        } catch (final LeanClientException ex) {
            throw new TargetUnreachableException("no broker answers at " + bootstrap + ": " + ex.getMessage()
                + "; check the address and that the cluster runs ('millrace cluster status')", ex);
        }
    }

    @Override
    public List<InetSocketAddress> brokers() {
        return translated(() -> admin.describe(List.of())).brokers().stream()
            .map(broker -> new InetSocketAddress(broker.host(), broker.port())).toList();
    }

    @Override
    public int partitionCount(final String topic) {
        // All topics rather than this one: asking for it by name could create it.
        for (final Metadata.Topic found : translated(admin::describeAll).topics()) {
            if (found.name().equals(topic)) {
                return found.partitions().size();
            }
        }
        return 0;
    }

    @Override
    public void create(
        final String topic, final int partitions, final int replicationFactor, final Map<String, String> configs) {
        translated(() -> {
            admin.createTopic(topic, partitions, replicationFactor, configs);
            return null;
        });
    }

    @Override
    public Map<String, String> configs(final String topic) {
        try {
            return admin.describeTopicConfigs(topic);
        } catch (final LeanClientException ex) {
            return Map.of(); // a cluster that does not tell can be measured all the same
        }
    }

    @Override
    public void delete(final String topic) {
        translated(() -> {
            try {
                admin.deleteTopic(topic);
            } catch (final LeanClientException ex) {
                if (ex.errorCode() != UNKNOWN_TOPIC) {
                    throw ex;
                }
            }
            return null;
        });
    }

    @Override
    public long[] endOffsets(final String topic, final int partitions) {
        return translated(() -> admin.listOffsets(topic, ListOffsets.LATEST));
    }

    @Override
    public ClusterNodes nodes(final String topic) {
        final Metadata.Response cluster = translated(() -> admin.describe(List.of(topic)));
        final Map<Integer, InetSocketAddress> addresses = new TreeMap<>();
        cluster.brokers().forEach(broker ->
            addresses.put(broker.nodeId(), new InetSocketAddress(broker.host(), broker.port())));
        for (final Metadata.Topic found : cluster.topics()) {
            for (final Metadata.Partition partition : found.partitions()) {
                if (partition.partitionId() == 0) {
                    return new ClusterNodes(addresses, cluster.controllerId(), partition.leaderId(),
                        partition.replicaIds());
                }
            }
        }
        return new ClusterNodes(addresses, cluster.controllerId(), -1, List.of());
    }

    @Override
    public void close() {
        admin.close();
    }

    private static <T> T translated(final Supplier<T> call) {
        try {
            return call.get();
        } catch (final LeanClientException ex) {
            if (ex.errorCode() != 0) {
                throw new TargetRefusedException(ex.getMessage(), ex);
            }
            throw new TargetUnreachableException(ex.getMessage(), ex);
        }
    }
}
