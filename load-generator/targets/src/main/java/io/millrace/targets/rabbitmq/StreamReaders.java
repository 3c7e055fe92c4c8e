package io.millrace.targets.rabbitmq;

import io.millrace.load.driver.ConsumerSession;
import io.millrace.load.driver.RecordSource;
import io.millrace.targets.wire.Wire;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.agrona.CloseHelper;

/** Reads each stream from the server that leads it; owned by the thread that polls it. */
final class StreamReaders implements ConsumerSession {
    private static final long NS_PER_MS = 1_000_000L;

    private final Selector selector;
    private final List<StreamReader> readers = new ArrayList<>();

    private StreamReaders() {
        try {
            selector = Selector.open();
        } catch (final IOException ex) {
            throw new Wire.WireException("no selector: " + ex.getMessage(), ex);
        }
    }

    static StreamReaders open(
        final List<InetSocketAddress> addresses, final String[] streams, final int[] lanes, final long[] offsets) {
        final InetSocketAddress[] leaders = StreamTopology.leaders(addresses, streams);
        final Map<InetSocketAddress, List<Integer>> byLeader = new LinkedHashMap<>();
        for (int i = 0; i < streams.length; i++) {
            byLeader.computeIfAbsent(leaders[i], leader -> new ArrayList<>()).add(i);
        }
        final StreamReaders all = new StreamReaders();
        try {
            byLeader.forEach((leader, places) -> all.readers.add(new StreamReader(
                StreamLink.connect(leader, all.selector),
                places.stream().map(place -> streams[place]).toArray(String[]::new),
                places.stream().mapToInt(place -> lanes[place]).toArray(),
                places.stream().mapToLong(place -> offsets[place]).toArray())));
            return all;
        } catch (final RuntimeException ex) {
            all.close();
            throw ex;
        }
    }

    @Override
    public int poll(final long maxNs, final RecordSource.Handler handler) {
        final long deadlineNs = System.nanoTime() + maxNs;
        while (true) {
            int taken = 0;
            for (int i = 0; i < readers.size(); i++) {
                taken += readers.get(i).poll(0, handler);
            }
            final long leftNs = deadlineNs - System.nanoTime();
            if (taken > 0 || leftNs <= 0) {
                return taken;
            }
            readers.get(0).wire().await(Math.max(NS_PER_MS, leftNs)); // which is to await all of them
        }
    }

    @Override
    public void close() {
        CloseHelper.closeAll(readers);
        CloseHelper.quietClose(selector);
    }
}
