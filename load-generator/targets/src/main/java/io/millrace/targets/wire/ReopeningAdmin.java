package io.millrace.targets.wire;

import io.millrace.load.driver.TargetUnreachableException;
import io.millrace.load.driver.TopicAdmin;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Topics over a connection that is opened again for the next call when it is lost: faults come between the first call
 * of a run and its last. Owned by the thread that sets a run up.
 */
public final class ReopeningAdmin implements TopicAdmin {
    private final Supplier<TopicAdmin> opener;
    private TopicAdmin admin;

    /**
     * Connects.
     *
     * @param opener connects, throwing {@link Wire.WireException} or {@link TargetUnreachableException}
     */
    public ReopeningAdmin(final Supplier<TopicAdmin> opener) {
        this.opener = opener;
        call(ignored -> null);
    }

    @Override
    public List<InetSocketAddress> brokers() {
        return call(TopicAdmin::brokers);
    }

    @Override
    public boolean hasReplicas() {
        return call(TopicAdmin::hasReplicas);
    }

    @Override
    public int partitionCount(final String topic) {
        return call(to -> to.partitionCount(topic));
    }

    @Override
    public void create(
        final String topic, final int partitions, final int replicationFactor, final Map<String, String> configs) {
        call(to -> {
            to.create(topic, partitions, replicationFactor, configs);
            return null;
        });
    }

    @Override
    public Map<String, String> configs(final String topic) {
        return call(to -> to.configs(topic));
    }

    @Override
    public void delete(final String topic) {
        call(to -> {
            to.delete(topic);
            return null;
        });
    }

    @Override
    public long[] endOffsets(final String topic, final int partitions) {
        return call(to -> to.endOffsets(topic, partitions));
    }

    @Override
    public ClusterNodes nodes(final String topic) {
        return call(to -> to.nodes(topic));
    }

    @Override
    public void close() {
        if (admin != null) {
            admin.close();
        }
    }

    private <T> T call(final Function<TopicAdmin, T> what) {
        try {
            if (admin == null) {
                admin = opener.get();
            }
            return what.apply(admin);
        } catch (final Wire.WireException ex) {
            drop();
            throw ex.toUnreachable();
        } catch (final TargetUnreachableException ex) {
            drop();
            throw ex;
        }
    }

    private void drop() {
        if (admin != null) {
            admin.close();
            admin = null;
        }
    }
}
