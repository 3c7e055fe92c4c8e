package io.millrace.targets.rabbitmq;

import io.millrace.load.driver.Backend;
import io.millrace.load.driver.ConsumerSession;
import io.millrace.load.driver.LoadDriver;
import io.millrace.load.driver.RecordSource;
import io.millrace.load.driver.TargetRefusedException;
import io.millrace.load.driver.TopicAdmin;
import io.millrace.load.workload.Workload;
import io.millrace.targets.wire.Leftovers;
import io.millrace.targets.wire.PeerClient;
import io.millrace.targets.wire.PeerDriver;
import io.millrace.targets.wire.PublishProtocol;
import io.millrace.targets.wire.ReopeningAdmin;
import io.millrace.targets.wire.ResumingReader;
import io.millrace.targets.wire.Wire;
import java.util.List;
import org.agrona.concurrent.NanoClock;

/**
 * A RabbitMQ cluster with a quorum queue per partition, named {@code TOPIC-PARTITION}.
 *
 * @param cluster that runs
 * @param spool   of what consumers take
 * @param clock   of the acknowledgements
 */
record RabbitBackend(RabbitCluster cluster, Spool spool, NanoClock clock) implements Backend {
    @Override
    public TopicAdmin openAdmin() {
        return new ReopeningAdmin(() -> new RabbitAdmin(cluster, spool));
    }

    @Override
    public LoadDriver openDriver(final Workload workload, final String topic, final long runId) {
        if (workload.topic() != null) {
            throw new TargetRefusedException("topic: value=" + workload.topic() + " names a queue that would be "
                + "emptied by reading it back; leave --topic out", null);
        }
        return new PeerDriver(cluster.kind().driverName(), workload, topic, runId, clock, new Client(this));
    }

    @Override
    public RecordSource openSource() {
        return this::readAll;
    }

    /** What consumers took is in the spool; the rest is still in the queue, which this empties. */
    private void readAll(
        final String topic, final long[] startOffsets, final long[] endOffsets, final RecordSource.Handler handler) {
        for (int p = 0; p < startOffsets.length && !handler.isStopped(); p++) {
            final String queue = PeerClient.streamName(topic, p);
            long left = endOffsets[p] - startOffsets[p];
            if (spool.has(queue)) {
                left = spool.read(queue, p, left, handler);
            }
            if (left > 0) {
                try (QueueReader reader = new QueueReader(AmqpLink.connect(cluster.addresses()), new String[] {queue},
                    new int[] {p}, null)) {
                    Leftovers.read(reader, left, handler);
                } catch (final Wire.WireException ex) {
                    throw ex.toUnreachable();
                }
            }
        }
    }

    /**
     * Opens connections for a run.
     *
     * @param backend they belong to
     */
    private record Client(RabbitBackend backend) implements PeerClient {
        @Override
        public String description() {
            return "a persistent message for each record over one AMQP 0-9-1 connection and channel a sending thread "
                + "to one server, publisher confirms asynchronous; consumers acknowledge, prefetch 500; own client";
        }

        @Override
        public PublishProtocol publisher(final List<String> topics, final int partitions) {
            return new QueuePublisher(AmqpLink.connect(backend.cluster.addresses()),
                PeerClient.streamNames(topics, partitions));
        }

        @Override
        public ConsumerSession consumer(
            final List<String> topics, final int partitions, final int[] lanes, final long[] startOffsets) {
            final String[] queues = PeerClient.streamNames(topics, partitions, lanes);
            final Spool.Writer writer = backend.spool.writer(queues);
            return new ResumingReader(lanes, startOffsets, (laneIds, offsets) ->
                new QueueReader(AmqpLink.connect(backend.cluster.addresses()), queues, laneIds, writer),
                writer::close);
        }
    }
}
