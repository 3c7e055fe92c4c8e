package io.millrace.load.driver;

import io.millrace.load.workload.Payload;
import io.millrace.load.workload.RecordHeader;
import io.millrace.load.workload.Workload;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.agrona.concurrent.NanoClock;

/**
 * Acknowledges every record at once: the floor of the harness. It patches and checksums each record as the others do,
 * then throws it away. Nothing it measures says anything about a log.
 */
public final class NullDriver implements LoadDriver {
    private final Workload workload;
    private final long runId;
    private final NanoClock clock;
    private final Payload payload;

    /**
     * @param workload record length, partitions and seed
     * @param runId    goes into each record
     * @param clock    of the acknowledgements
     */
    public NullDriver(final Workload workload, final long runId, final NanoClock clock) {
        this.workload = workload;
        this.runId = runId;
        this.clock = clock;
        payload = Payload.of(workload.payload(), workload.seed());
    }

    @Override
    public String name() {
        return "null";
    }

    @Override
    public String description() {
        return "null driver: acknowledges at once, stores nothing";
    }

    @Override
    public DriverSession open(final int[] producerIds, final DeliveryListener listener) {
        return new NullSession(producerIds, listener);
    }

    @Override
    public void close() {
    }

    /** Owned by the sending thread. */
    private final class NullSession implements DriverSession {
        private final NullProducer[] producers;

        NullSession(final int[] producerIds, final DeliveryListener listener) {
            producers = new NullProducer[producerIds.length];
            for (int i = 0; i < producers.length; i++) {
                producers[i] = new NullProducer(producerIds[i], listener);
            }
        }

        @Override
        public DriverProducer producer(final int index) {
            return producers[index];
        }

        @Override
        public int poll(final long nowNs) {
            return 0;
        }

        @Override
        public int inFlightCount() {
            return 0;
        }

        @Override
        public void drain() {
        }

        @Override
        public void close() {
        }
    }

    /** Owned by the sending thread. */
    private final class NullProducer implements DriverProducer {
        private final int producerId;
        private final DeliveryListener listener;
        private final ByteBuffer record =
            ByteBuffer.allocate(workload.lengths().maxLength());
        private final CRC32C crc = new CRC32C();
        private final int[] nextSequence = new int[workload.laneCount()];
        private int partition;

        NullProducer(final int producerId, final DeliveryListener listener) {
            this.producerId = producerId;
            this.listener = listener;
            payload.fill(producerId, record, 0, record.capacity());
        }

        @Override
        public boolean offer(final long dueNs, final long nowNs) {
            final int to = partition;
            partition = to + 1 == nextSequence.length ? 0 : to + 1;
            final int sequence = nextSequence[to]++;
            RecordHeader.prepare(record, 0, runId, producerId, to);
            RecordHeader.patch(
                record, 0, workload.lengths().length(producerId, to, sequence), sequence, dueNs, crc);
            listener.onSent(producerId, to, sequence, dueNs, nowNs);
            listener.onAcked(producerId, to, sequence, dueNs, nowNs, clock.nanoTime());
            return true;
        }
    }
}
