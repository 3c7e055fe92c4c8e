package io.millrace.load.command;

import java.net.InetAddress;
import java.net.UnknownHostException;

/** Looks at broker addresses as the user wrote them. */
final class Addresses {
    private Addresses() {
    }

    /**
     * {@return true if every address is of this machine's loopback interface}
     *
     * @param bootstrap host:port with commas
     */
    static boolean areLoopback(final String bootstrap) {
        for (final String address : bootstrap.split(",")) {
            final int colon = address.lastIndexOf(':');
            final String host = colon < 0 ? address : address.substring(0, colon);
            try {
                if (!InetAddress.getByName(host.trim()).isLoopbackAddress()) {
                    return false;
                }
            } catch (final UnknownHostException ex) {
                return false;
            }
        }
        return true;
    }
}
