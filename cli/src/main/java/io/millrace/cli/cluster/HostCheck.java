package io.millrace.cli.cluster;

import io.millrace.cli.exit.UserError;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketException;

/** Checks before a start that the ports the nodes will ask for are free, so that the refusal names the remedy. */
final class HostCheck {
    private static final int OTHER_BASE_PORT = 19_092;

    private HostCheck() {
    }

    static void requireFreePorts(final ClusterLayout layout, final int nodeId) throws IOException {
        requireFreeTcp(layout, layout.kafkaPort(nodeId), "Kafka clients of node " + nodeId);
        for (int i = 0; i < ClusterLayout.REPLICATION_PORT_COUNT; i++) {
            requireFreeUdp(layout, layout.replicationPort(nodeId) + i, "replication of node " + nodeId);
        }
        for (int i = 0; i < ClusterLayout.METADATA_PORT_COUNT; i++) {
            requireFreeUdp(layout, layout.metadataPort(nodeId) + i, "metadata of node " + nodeId);
        }
    }

    static boolean isFreeTcp(final int port) {
        try (ServerSocket socket = new ServerSocket()) {
            // as the broker does: a connection of a former broker that lingers is no obstacle
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getByName(ClusterLayout.HOST), port));
            return true;
        } catch (final IOException taken) {
            return false;
        }
    }

    private static void requireFreeTcp(final ClusterLayout layout, final int port, final String purpose) {
        if (!isFreeTcp(port)) {
            throw portInUse(layout, "TCP", port, purpose);
        }
    }

    private static void requireFreeUdp(final ClusterLayout layout, final int port, final String purpose)
        throws IOException {
        try (DatagramSocket socket = new DatagramSocket(null)) {
            socket.bind(new InetSocketAddress(InetAddress.getByName(ClusterLayout.HOST), port));
        } catch (final SocketException taken) {
            throw portInUse(layout, "UDP", port, purpose);
        }
    }

    private static UserError portInUse(
        final ClusterLayout layout, final String protocol, final int port, final String purpose) {
        final int otherBasePort = layout.basePort() == OTHER_BASE_PORT ? 2 * OTHER_BASE_PORT : OTHER_BASE_PORT;
        return new UserError(protocol + " port in use: " + ClusterLayout.HOST + ":" + port + " (for " + purpose + ")",
            "Stop what uses it ('ss -lnp' names it), or pass another --base-port, for example --base-port "
                + otherBasePort + ".");
    }
}
