package io.millrace.targets.nats;

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
import java.net.InetSocketAddress;
import java.util.List;
import org.agrona.concurrent.NanoClock;

/**
 * NATS JetStream: a stream per partition, named {@code TOPIC-PARTITION} as is its one subject.
 *
 * @param addresses of the servers; clients use the first that answers
 * @param clock     of the acknowledgements
 */
record NatsBackend(List<InetSocketAddress> addresses, NanoClock clock) implements Backend {
    @Override
    public TopicAdmin openAdmin() {
        return new ReopeningAdmin(() -> new NatsAdmin(addresses, NatsAdmin.TIMEOUT_S));
    }

    @Override
    public LoadDriver openDriver(final Workload workload, final String topic, final long runId) {
        return new PeerDriver("nats", workload, topic, runId, clock, new Client(addresses));
    }

    @Override
    public RecordSource openSource() {
        return this::readAll;
    }

    private void readAll(
        final String topic, final long[] startOffsets, final long[] endOffsets, final RecordSource.Handler handler) {
        try (NatsAdmin admin = new NatsAdmin(addresses, NatsAdmin.TIMEOUT_S)) {
            for (int p = 0; p < startOffsets.length && !handler.isStopped(); p++) {
                try (NatsReader reader = new NatsReader(NatsLink.connect(addresses), admin,
                    new String[] {PeerClient.streamName(topic, p)}, new int[] {p}, new long[] {startOffsets[p]})) {
                    Leftovers.read(reader, endOffsets[p] - startOffsets[p], handler);
                }
            }
        } catch (final Wire.WireException ex) {
            throw ex.toUnreachable();
        }
    }

    /**
     * Opens connections for a run.
     *
     * @param addresses of the servers
     */
    private record Client(List<InetSocketAddress> addresses) implements PeerClient {
        @Override
        public String description() {
            return "a message for each record over one connection a sending thread to one server, answers "
                + "asynchronous; own client";
        }

        @Override
        public PublishProtocol publisher(final List<String> topics, final int partitions) {
            return new NatsPublisher(NatsLink.connect(addresses), PeerClient.streamNames(topics, partitions));
        }

        @Override
        public ConsumerSession consumer(
            final List<String> topics, final int partitions, final int[] lanes, final long[] startOffsets) {
            final String[] streams = PeerClient.streamNames(topics, partitions, lanes);
            return new ResumingReader(lanes, startOffsets, (laneIds, offsets) -> {
                try (NatsAdmin admin = new NatsAdmin(addresses, NatsAdmin.TIMEOUT_S)) {
                    return new NatsReader(NatsLink.connect(addresses), admin, streams, laneIds, offsets);
                }
            });
        }
    }
}
