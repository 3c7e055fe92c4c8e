package io.millrace.load.driver.lean;

import io.millrace.transport.kafka.client.LeanAdmin;
import io.millrace.transport.kafka.message.InitProducerId;
import io.millrace.transport.kafka.message.Metadata;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Who leads which partition, and new producer ids, asked for by a thread of its own so that the sending thread never
 * waits for them. {@link #snapshot()} and the requests belong to the sending thread.
 */
final class ClusterView implements AutoCloseable {
    private static final long MIN_INTERVAL_NS = TimeUnit.MILLISECONDS.toNanos(50);
    private static final long IDLE_PARK_NS = TimeUnit.SECONDS.toNanos(1);
    private static final long CALL_TIMEOUT_NS = TimeUnit.SECONDS.toNanos(5);

    private final String bootstrap;
    private final List<String> topics;
    private final int partitions;
    private final Queue<IdRequest> idRequests = new ConcurrentLinkedQueue<>();
    private final Thread thread;
    private volatile Snapshot snapshot;
    private volatile boolean isRefreshWanted;
    private volatile boolean isRunning = true;

    ClusterView(
        final String bootstrap, final List<String> topics, final int partitions, final Snapshot first) {
        this.bootstrap = bootstrap;
        this.topics = topics;
        this.partitions = partitions;
        this.snapshot = first;
        thread = new Thread(this::work, "lean-metadata");
        thread.setDaemon(true);
        thread.start();
    }

    /** A producer id that was asked for; {@code isReady} is written last. */
    static final class IdRequest {
        private volatile InitProducerId.Response answer;

        /** {@return the answer, null until it is there} */
        InitProducerId.Response answer() {
            return answer;
        }
    }

    /**
     * What is known of the cluster.
     *
     * @param version counts up
     * @param leaders node id, by place among all partitions of all topics
     * @param brokers by node id
     */
    record Snapshot(long version, int[] leaders, Map<Integer, Metadata.Broker> brokers) {
        /** All topics of so many partitions each, one after the other; null unless all of them are known. */
        static Snapshot of(
            final Metadata.Response response, final List<String> topics, final int partitions, final long version) {
            final Map<Integer, Metadata.Broker> brokers = new HashMap<>();
            response.brokers().forEach(broker -> brokers.put(broker.nodeId(), broker));
            final int[] leaders = new int[topics.size() * partitions];
            int found = 0;
            for (final Metadata.Topic topic : response.topics()) {
                final int place = topics.indexOf(topic.name());
                if (place >= 0 && topic.errorCode() == 0 && topic.partitions().size() == partitions) {
                    topic.partitions().forEach(p -> leaders[place * partitions + p.partitionId()] = p.leaderId());
                    found++;
                }
            }
            return found == topics.size() ? new Snapshot(version, leaders, brokers) : null;
        }

        Metadata.Broker leader(final int partition) {
            return partition < leaders.length ? brokers.get(leaders[partition]) : null;
        }
    }

    Snapshot snapshot() {
        return snapshot;
    }

    void requestRefresh() {
        if (!isRefreshWanted) {
            isRefreshWanted = true;
            LockSupport.unpark(thread);
        }
    }

    IdRequest requestProducerId() {
        final IdRequest request = new IdRequest();
        idRequests.add(request);
        LockSupport.unpark(thread);
        return request;
    }

    @Override
    public void close() {
        isRunning = false;
        LockSupport.unpark(thread);
    }

    private void work() {
        LeanAdmin admin = null;
        while (isRunning) {
            if (!isRefreshWanted && idRequests.isEmpty()) {
                LockSupport.parkNanos(IDLE_PARK_NS);
                continue;
            }
            try {
                if (admin == null) {
                    admin = new LeanAdmin(bootstrap, LeanDriver.CLIENT_ID, CALL_TIMEOUT_NS);
                }
                answer(admin);
            } catch (final RuntimeException ex) {
                // The cluster does not answer now: what was asked for stays asked for.
                close(admin);
                admin = null;
            }
            LockSupport.parkNanos(MIN_INTERVAL_NS);
        }
        close(admin);
    }

    private void answer(final LeanAdmin admin) {
        if (isRefreshWanted) {
            final Snapshot fresh = Snapshot.of(admin.describe(topics), topics, partitions,
                snapshot.version() + 1);
            if (fresh != null) {
                snapshot = fresh;
            }
            isRefreshWanted = false;
        }
        for (IdRequest request = idRequests.peek(); request != null; request = idRequests.peek()) {
            request.answer = admin.initProducerId();
            idRequests.remove();
        }
    }

    private static void close(final LeanAdmin admin) {
        if (admin != null) {
            admin.close();
        }
    }
}
