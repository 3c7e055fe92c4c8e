package io.millrace.load.command;

import io.millrace.load.workload.WorkloadException;
import java.net.InetAddress;
import java.net.UnknownHostException;

/** Looks at broker addresses as the user wrote them. */
final class Addresses {
    private Addresses() {
    }

    /**
     * Refuses what is no list of host:port.
     *
     * @param bootstrap as the user wrote it
     */
    static void check(final String bootstrap) {
        for (final String address : bootstrap.split(",", -1)) {
            if (!address.trim().matches("[^\\s:]+:[0-9]{1,5}|\\[[0-9a-fA-F:.]+]:[0-9]{1,5}")) {
                throw new WorkloadException("bootstrap-server: value=" + bootstrap + " is not host:port, several with "
                    + "commas, such as 127.0.0.1:9092");
            }
        }
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
