package io.millrace.targets.rabbitmq;

import io.millrace.targets.wire.Wire;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Asks where streams are led; no state. */
final class StreamTopology {
    private static final int NAMES_PER_REQUEST = 20;

    private StreamTopology() {
    }

    /**
     * {@return the server that leads each stream; throws while one has no leader}
     *
     * @param addresses of the servers; the first that answers is asked
     * @param streams   to look for
     */
    static InetSocketAddress[] leaders(final List<InetSocketAddress> addresses, final String[] streams) {
        final InetSocketAddress[] leaders = new InetSocketAddress[streams.length];
        try (StreamLink link = Wire.first(addresses, address -> StreamLink.connect(address, null))) {
            for (int from = 0; from < streams.length; from += NAMES_PER_REQUEST) {
                final int to = Math.min(streams.length, from + NAMES_PER_REQUEST);
                final Map<String, Place> found = ask(link, streams, from, to);
                for (int i = from; i < to; i++) {
                    final Place place = found.get(streams[i]);
                    if (place == null || place.leader() == null) {
                        throw new Wire.WireException("rabbitmq: stream " + streams[i] + " has no leader", null);
                    }
                    leaders[i] = place.leader();
                }
            }
        }
        return leaders;
    }

    /**
     * Where a stream is.
     *
     * @param leader   null if it has none
     * @param replicas beside it
     */
    record Place(InetSocketAddress leader, List<InetSocketAddress> replicas) {
    }

    /**
     * {@return where one stream is}
     *
     * @param addresses of the servers; the first that answers is asked
     * @param stream    to look for
     */
    static Place place(final List<InetSocketAddress> addresses, final String stream) {
        try (StreamLink link = Wire.first(addresses, address -> StreamLink.connect(address, null))) {
            return ask(link, new String[] {stream}, 0, 1).getOrDefault(stream, new Place(null, List.of()));
        }
    }

    private static Map<String, Place> ask(
        final StreamLink link, final String[] streams, final int from, final int to) {
        final ByteBuffer out = link.request(StreamLink.METADATA).putInt(to - from);
        for (int i = from; i < to; i++) {
            StreamLink.text(out, streams[i]);
        }
        final StreamLink.Reply reply = link.answer(out, StreamLink.METADATA);
        final ByteBuffer in = reply.in();
        int index = reply.index() + Integer.BYTES;
        final int brokerCount = in.getInt(index);
        index += Integer.BYTES;
        final Map<Short, InetSocketAddress> brokers = new HashMap<>();
        for (int i = 0; i < brokerCount; i++) {
            final short reference = in.getShort(index);
            final int port = StreamLink.afterText(in, index + Short.BYTES);
            brokers.put(reference, new InetSocketAddress(InetAddress.getLoopbackAddress(), in.getInt(port)));
            index = port + Integer.BYTES;
        }
        final int streamCount = in.getInt(index);
        index += Integer.BYTES;
        final Map<String, Place> places = new HashMap<>();
        for (int i = 0; i < streamCount; i++) {
            final String name = StreamLink.text(in, index);
            index = StreamLink.afterText(in, index);
            final InetSocketAddress leader =
                in.getShort(index) == StreamLink.OK ? brokers.get(in.getShort(index + Short.BYTES)) : null;
            index += 2 * Short.BYTES;
            final int replicaCount = in.getInt(index);
            index += Integer.BYTES;
            final List<InetSocketAddress> replicas = new ArrayList<>();
            for (int r = 0; r < replicaCount; r++) {
                final InetSocketAddress replica = brokers.get(in.getShort(index + r * Short.BYTES));
                if (replica != null) {
                    replicas.add(replica);
                }
            }
            index += replicaCount * Short.BYTES;
            places.put(name, new Place(leader, replicas));
        }
        return places;
    }
}
