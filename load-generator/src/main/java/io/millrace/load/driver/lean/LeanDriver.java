package io.millrace.load.driver.lean;

import io.millrace.load.driver.ConsumerSession;
import io.millrace.load.driver.DeliveryListener;
import io.millrace.load.driver.DriverSession;
import io.millrace.load.driver.LoadDriver;
import io.millrace.load.driver.TargetUnreachableException;
import io.millrace.load.workload.Acks;
import io.millrace.load.workload.Payload;
import io.millrace.load.workload.Units;
import io.millrace.load.workload.Workload;
import io.millrace.transport.kafka.client.LeanAdmin;
import io.millrace.transport.kafka.client.LeanClientException;
import io.millrace.transport.kafka.message.InitProducerId;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.agrona.concurrent.NanoClock;

/** Our own driver over the Kafka protocol; see the package. */
public final class LeanDriver implements LoadDriver {
    static final String CLIENT_ID = "millrace-bench";

    private static final long CALL_TIMEOUT_NS = TimeUnit.SECONDS.toNanos(30);
    private static final long RETRY_NS = TimeUnit.MILLISECONDS.toNanos(50);

    private final Workload workload;
    private final String bootstrap;
    private final List<String> topics;
    private final Payload payload;
    private final long runId;
    private final NanoClock clock;

    /**
     * @param workload  what is sent and how
     * @param bootstrap brokers, host:port with commas
     * @param topic     records go to; exists
     * @param runId     of every record
     * @param clock     of the acknowledgements
     */
    public LeanDriver(
        final Workload workload,
        final String bootstrap,
        final String topic,
        final long runId,
        final NanoClock clock) {
        this.workload = workload;
        this.bootstrap = bootstrap;
        topics = workload.topicNames(topic);
        payload = Payload.of(workload.payload(), workload.seed());
        this.runId = runId;
        this.clock = clock;
    }

    @Override
    public String name() {
        return "lean";
    }

    @Override
    public String description() {
        return "lean driver: " + (workload.acks() == Acks.NONE ? "not idempotent" : "idempotent")
            + ", at most " + Lane.MAX_IN_FLIGHT + " batches in flight per producer and partition, batches of up to "
            + BatchPool.recordsPerBatch(workload) + " records, "
            + (workload.compression().isStream() ? "a codec that allocates for each batch, " : "")
            + workload.connections() + " connection(s) per broker and thread"
            + (isConsumerShared() ? "; consumers ask for each partition every "
            + Units.duration(LeanConsumer.restNs(workload.laneCount())) + " at most" : "");
    }

    /** More partitions than that share fetches. */
    private boolean isConsumerShared() {
        return workload.consumers() > 0
            && (workload.laneCount() + workload.consumers() - 1) / workload.consumers() > LeanConsumer.MAX_SINGLE;
    }

    @Override
    public DriverSession open(final int[] producerIds, final DeliveryListener listener) {
        try (LeanAdmin admin = new LeanAdmin(bootstrap, CLIENT_ID, CALL_TIMEOUT_NS)) {
            final ClusterView view = new ClusterView(bootstrap, topics, workload.partitions(), firstSnapshot(admin));
            final List<InitProducerId.Response> kafkaIds = new ArrayList<>();
            for (int i = 0; i < producerIds.length; i++) {
                kafkaIds.add(workload.acks() == Acks.NONE
                    ? new InitProducerId.Response((short) 0, -1, (short) -1)
                    : admin.initProducerId());
            }
            final LeanSession session =
                new LeanSession(workload, runId, topics, payload, producerIds, kafkaIds, view, listener, clock);
            try {
                session.connect();
            } catch (final RuntimeException ex) {
                session.close();
                throw ex;
            }
            return session;
        } catch (final LeanClientException ex) {
            throw new TargetUnreachableException(ex.getMessage(), ex);
        }
    }

    @Override
    public ConsumerSession openConsumer(final int[] lanes, final long[] startOffsets) {
        return new LeanConsumer(bootstrap, topics, workload.partitions(), lanes, startOffsets, clock);
    }

    @Override
    public void close() {
    }

    /** A broker may learn of a topic a little after it was created. */
    private ClusterView.Snapshot firstSnapshot(final LeanAdmin admin) {
        final long deadlineNs = clock.nanoTime() + CALL_TIMEOUT_NS;
        while (true) {
            final ClusterView.Snapshot snapshot =
                ClusterView.Snapshot.of(admin.describe(topics), topics, workload.partitions(), 1);
            if (snapshot != null) {
                return snapshot;
            }
            if (clock.nanoTime() - deadlineNs > 0) {
                throw new TargetUnreachableException("topic " + topics + " is not to be seen at " + bootstrap
                    + " within " + TimeUnit.NANOSECONDS.toSeconds(CALL_TIMEOUT_NS) + " s; is the cluster healthy?",
                    null);
            }
            LockSupport.parkNanos(RETRY_NS);
        }
    }
}
