package io.millrace.targets.redis;

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
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import org.agrona.concurrent.NanoClock;

/**
 * One Redis server: a stream per partition, named {@code TOPIC-PARTITION}.
 *
 * @param address of the server
 * @param clock   of the acknowledgements
 */
record RedisBackend(InetSocketAddress address, NanoClock clock) implements Backend {
    private static final long TIMEOUT_S = 15;

    @Override
    public TopicAdmin openAdmin() {
        return new ReopeningAdmin(() -> new Admin(Wire.connect(address), address));
    }

    @Override
    public LoadDriver openDriver(final Workload workload, final String topic, final long runId) {
        return new PeerDriver("redis", workload, topic, runId, clock, new Client(address));
    }

    @Override
    public RecordSource openSource() {
        return this::readAll;
    }

    private void readAll(
        final String topic, final long[] startOffsets, final long[] endOffsets, final RecordSource.Handler handler) {
        for (int p = 0; p < startOffsets.length && !handler.isStopped(); p++) {
            try (RedisReader reader = new RedisReader(Wire.connect(address),
                new String[] {PeerClient.streamName(topic, p)}, new int[] {p}, new long[] {startOffsets[p]})) {
                Leftovers.read(reader, endOffsets[p] - startOffsets[p], handler);
            } catch (final Wire.WireException ex) {
                throw ex.toUnreachable();
            }
        }
    }

    /**
     * Opens connections for a run.
     *
     * @param address of the server
     */
    private record Client(InetSocketAddress address) implements PeerClient {
        @Override
        public String description() {
            return "XADD for each record over one connection a sending thread, pipelined; own client (RESP2)";
        }

        @Override
        public PublishProtocol publisher(final List<String> topics, final int partitions) {
            return new RedisPublisher(Wire.connect(address), PeerClient.streamNames(topics, partitions));
        }

        @Override
        public ConsumerSession consumer(
            final List<String> topics, final int partitions, final int[] lanes, final long[] startOffsets) {
            final String[] streams = PeerClient.streamNames(topics, partitions, lanes);
            return new ResumingReader(lanes, startOffsets, (laneIds, offsets) ->
                new RedisReader(Wire.connect(address), streams, laneIds, offsets));
        }
    }

    /**
     * Streams as topics; owned by the thread that sets a run up.
     *
     * @param wire    to the server
     * @param address of the server
     */
    private record Admin(Wire wire, InetSocketAddress address) implements TopicAdmin {
        @Override
        public List<InetSocketAddress> brokers() {
            return List.of(address);
        }

        @Override
        public boolean hasReplicas() {
            return false;
        }

        @Override
        public int partitionCount(final String topic) {
            int count = 0;
            while (number("EXISTS", PeerClient.streamName(topic, count)) > 0) {
                count++;
            }
            return count;
        }

        @Override
        public void create(
            final String topic, final int partitions, final int replicationFactor, final Map<String, String> configs) {
            if (!configs.isEmpty()) {
                throw new TargetRefusedException("topic: configs=" + configs.keySet() + " are nothing a Redis stream "
                    + "has; leave them out", null);
            }
            for (int p = 0; p < partitions; p++) {
                // the way to make an empty stream: a group that makes it, and is not needed any more
                ask("XGROUP", "CREATE", PeerClient.streamName(topic, p), "maker", "$", "MKSTREAM");
                ask("XGROUP", "DESTROY", PeerClient.streamName(topic, p), "maker");
            }
        }

        @Override
        public Map<String, String> configs(final String topic) {
            return Map.of();
        }

        @Override
        public void delete(final String topic) {
            for (int p = 0; number("DEL", PeerClient.streamName(topic, p)) > 0; p++) {
                continue;
            }
        }

        @Override
        public long[] endOffsets(final String topic, final int partitions) {
            final long[] ends = new long[partitions];
            for (int p = 0; p < partitions; p++) {
                ends[p] = number("XLEN", PeerClient.streamName(topic, p));
            }
            return ends;
        }

        /** One server is everything there is. */
        @Override
        public ClusterNodes nodes(final String topic) {
            return new ClusterNodes(Map.of(1, address), -1, 1, List.of(1));
        }

        @Override
        public void close() {
            wire.close();
        }

        private long number(final String... words) {
            return Long.parseLong(ask(words));
        }

        private String ask(final String... words) {
            try {
                Resp.command(wire, words);
                final long deadline = Wire.deadline(TIMEOUT_S);
                wire.more(deadline);
                int end = Resp.end(wire.in(), wire.in().position());
                while (end < 0) {
                    wire.more(deadline);
                    end = Resp.end(wire.in(), wire.in().position());
                }
                final ByteBuffer in = wire.in();
                final int start = in.position();
                in.position(end);
                final String text = Resp.text(in, start);
                if (in.get(start) == '-') {
                    throw new TargetRefusedException("redis, " + String.join(" ", words) + ": " + text, null);
                }
                return text;
            } catch (final Wire.WireException ex) {
                throw ex.toUnreachable();
            }
        }
    }
}
