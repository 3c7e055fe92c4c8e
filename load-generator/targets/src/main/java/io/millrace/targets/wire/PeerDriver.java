package io.millrace.targets.wire;

import io.millrace.load.driver.ConsumerSession;
import io.millrace.load.driver.DeliveryListener;
import io.millrace.load.driver.DriverSession;
import io.millrace.load.driver.LoadDriver;
import io.millrace.load.driver.TargetRefusedException;
import io.millrace.load.workload.Acks;
import io.millrace.load.workload.Compression;
import io.millrace.load.workload.Workload;
import java.util.List;
import org.agrona.concurrent.NanoClock;

/** Sends a workload through the client of another system. */
public final class PeerDriver implements LoadDriver {
    private final String name;
    private final Workload workload;
    private final List<String> topics;
    private final long runId;
    private final NanoClock clock;
    private final PeerClient client;

    /**
     * @param name     of the system
     * @param workload what is sent and how
     * @param topic    records go to; exists
     * @param runId    of every record
     * @param clock    of the acknowledgements
     * @param client   opens connections
     */
    public PeerDriver(
        final String name,
        final Workload workload,
        final String topic,
        final long runId,
        final NanoClock clock,
        final PeerClient client) {
        if (workload.compression() != Compression.NONE) {
            throw new TargetRefusedException("compression: value=" + workload.compression().word() + " is nothing that "
                + name + " has; pass --compression none", null);
        }
        if (workload.acks() == Acks.NONE) {
            throw new TargetRefusedException("acks: value=none is nothing that " + name + " is measured with: a record "
                + "counts when it is acknowledged; pass --acks leader or all", null);
        }
        this.name = name;
        this.workload = workload;
        topics = workload.topicNames(topic);
        this.runId = runId;
        this.clock = clock;
        this.client = client;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String description() {
        return client.description();
    }

    @Override
    public DriverSession open(final int[] producerIds, final DeliveryListener listener) {
        try {
            return new PeerSession(workload, topics, producerIds, runId, listener, clock, client);
        } catch (final Wire.WireException ex) {
            throw ex.toUnreachable();
        }
    }

    @Override
    public ConsumerSession openConsumer(final int[] lanes, final long[] startOffsets) {
        try {
            return client.consumer(topics, workload.partitions(), lanes, startOffsets);
        } catch (final Wire.WireException ex) {
            throw ex.toUnreachable();
        }
    }

    @Override
    public void close() {
    }
}
