package io.millrace.targets.rabbitmq;

import io.millrace.load.driver.Backend;
import io.millrace.load.driver.ConsumerSession;
import io.millrace.load.driver.LoadDriver;
import io.millrace.load.driver.RecordSource;
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
 * A RabbitMQ cluster with a stream per partition, named {@code TOPIC-PARTITION}.
 *
 * @param cluster that runs
 * @param spool   empty: streams keep what is read
 * @param clock   of the acknowledgements
 */
record StreamBackend(RabbitCluster cluster, Spool spool, NanoClock clock) implements Backend {
    @Override
    public TopicAdmin openAdmin() {
        return new ReopeningAdmin(() -> new RabbitAdmin(cluster, spool));
    }

    @Override
    public LoadDriver openDriver(final Workload workload, final String topic, final long runId) {
        return new PeerDriver(cluster.kind().driverName(), workload, topic, runId, clock, new Client(this));
    }

    @Override
    public RecordSource openSource() {
        return this::readAll;
    }

    private void readAll(
        final String topic, final long[] startOffsets, final long[] endOffsets, final RecordSource.Handler handler) {
        for (int p = 0; p < startOffsets.length && !handler.isStopped(); p++) {
            try (ConsumerSession reader = open(new String[] {PeerClient.streamName(topic, p)}, new int[] {p},
                new long[] {startOffsets[p]})) {
                Leftovers.read(reader, endOffsets[p] - startOffsets[p], handler);
            } catch (final Wire.WireException ex) {
                throw ex.toUnreachable();
            }
        }
    }

    private ConsumerSession open(final String[] streams, final int[] lanes, final long[] offsets) {
        return StreamReaders.open(cluster.streams(), streams, lanes, offsets);
    }

    /**
     * Opens connections for a run.
     *
     * @param backend they belong to
     */
    private record Client(StreamBackend backend) implements PeerClient {
        @Override
        public String description() {
            return "RabbitMQ's stream protocol: a sending thread has a connection to each server that leads one of its "
                + "streams, confirms asynchronous; no sub-batches; own client";
        }

        @Override
        public PublishProtocol publisher(final List<String> topics, final int partitions) {
            return new StreamPublisher(backend.cluster.streams(), PeerClient.streamNames(topics, partitions));
        }

        @Override
        public ConsumerSession consumer(
            final List<String> topics, final int partitions, final int[] lanes, final long[] startOffsets) {
            final String[] streams = PeerClient.streamNames(topics, partitions, lanes);
            return new ResumingReader(lanes, startOffsets, (laneIds, offsets) ->
                backend.open(streams, laneIds, offsets));
        }
    }
}
