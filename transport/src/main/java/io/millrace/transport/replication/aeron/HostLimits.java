package io.millrace.transport.replication.aeron;

import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.StandardSocketOptions;
import java.nio.channels.DatagramChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads what the machine grants: interface MTU, socket buffer, shared memory. Stateless. */
final class HostLimits {
    private static final int PLENTY = 16 << 20;

    private HostLimits() {
    }

    /** The SO_RCVBUF that the kernel grants, in the unit that Aeron compares its window with. */
    static int grantedSocketLength() throws IOException {
        try (DatagramChannel channel = DatagramChannel.open()) {
            channel.setOption(StandardSocketOptions.SO_RCVBUF, PLENTY);
            return channel.getOption(StandardSocketOptions.SO_RCVBUF);
        }
    }

    static int interfaceMtuLength(final String host) throws IOException {
        final InetAddress address = InetAddress.getByName(host);
        final NetworkInterface networkInterface = NetworkInterface.getByInetAddress(address);
        if (networkInterface == null) {
            throw new IOException("no network interface has the address " + host
                + "; name one of this machine's own addresses for replication");
        }
        return networkInterface.getMTU();
    }

    static Path existingParent(final Path path) {
        Path parent = path.toAbsolutePath();
        while (parent != null && !Files.exists(parent)) {
            parent = parent.getParent();
        }
        return parent == null ? path.getRoot() : parent;
    }

    static long totalLength(final Path path) throws IOException {
        return Files.getFileStore(existingParent(path)).getTotalSpace();
    }

    static long usableLength(final Path path) throws IOException {
        return Files.getFileStore(existingParent(path)).getUsableSpace();
    }
}
