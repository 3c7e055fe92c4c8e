package io.millrace.transport.replication.aeron;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.DatagramChannel;

/** Looks for UDP ports on loopback that nobody uses now. */
final class FreePorts {
    private static final int FIRST = 20_000;
    private static final int LAST = 32_000;
    private static final int COUNT = 2 * ReplicaPorts.PORTS_PER_BROKER;

    private FreePorts() {
    }

    /** {@return the first port of as many as two brokers need} */
    static int twoBrokers() throws IOException {
        final int start = FIRST + (int) (ProcessHandle.current().pid() % 200) * COUNT;
        for (int base = start; base < LAST; base += COUNT) {
            if (areFree(base)) {
                return base;
            }
        }
        throw new IOException("no " + COUNT + " free UDP ports in a row from " + start + " to " + LAST
            + "; end what uses them");
    }

    private static boolean areFree(final int base) {
        for (int i = 0; i < COUNT; i++) {
            try (DatagramChannel channel = DatagramChannel.open()) {
                channel.bind(new InetSocketAddress("127.0.0.1", base + i));
            } catch (final IOException ex) {
                return false;
            }
        }
        return true;
    }
}
