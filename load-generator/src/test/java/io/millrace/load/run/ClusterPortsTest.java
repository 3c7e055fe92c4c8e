package io.millrace.load.run;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;

class ClusterPortsTest {
    private static final int NODE_COUNT = 3;
    private static final int PORTS_PER_CLUSTER = 60;

    @Test
    void shouldNotTakeABasePortWhenAnotherClustersNodesMeetThere() throws IOException {
        int basePort = 28_000;
        while (!ClusterProcess.isFree(basePort, NODE_COUNT)) {
            basePort += NODE_COUNT;
        }
        try (DatagramSocket taken = new DatagramSocket(null)) {
            taken.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), basePort + 1_000 + 25));
            assertFalse(ClusterProcess.isFree(basePort, NODE_COUNT));
            assertFalse(ClusterProcess.isFree(basePort + 10, NODE_COUNT), "its ranges overlap");
            assertTrue(taken.isBound());
        }
        try (DatagramSocket taken = new DatagramSocket(null)) {
            taken.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(),
                basePort + 2_000 + PORTS_PER_CLUSTER - 1));
            assertFalse(ClusterProcess.isFree(basePort, NODE_COUNT));
            assertTrue(taken.isBound());
        }
    }
}
