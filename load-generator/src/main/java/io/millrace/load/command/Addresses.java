package io.millrace.load.command;

import io.millrace.load.workload.WorkloadException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Looks at broker addresses as the user wrote them. */
final class Addresses {
    private static final long MAX_FILE_LENGTH = 1 << 20;
    private static final int MAX_PORT = 65_535;

    private Addresses() {
    }

    /**
     * Refuses what is no list of host:port.
     *
     * @param bootstrap as the user wrote it
     */
    static void check(final String bootstrap) {
        check("bootstrap-server", bootstrap, "127.0.0.1:9092");
    }

    /**
     * Refuses what is no list of host:port.
     *
     * @param name    of the option
     * @param text    as the user wrote it
     * @param example of what it could be
     */
    static void check(final String name, final String text, final String example) {
        for (final String address : text.split(",", -1)) {
            if (!address.trim().matches("[^\\s:]+:[0-9]{1,5}|\\[[0-9a-fA-F:.]+]:[0-9]{1,5}")
                || Integer.parseInt(address.trim().substring(address.trim().lastIndexOf(':') + 1)) > MAX_PORT) {
                throw new WorkloadException(name + ": value=" + text + " is not host:port, several with commas, such "
                    + "as " + example + "; ports end at " + MAX_PORT);
            }
        }
    }

    /**
     * {@return the addresses in a file: one a line, or the list that OpenMessaging Benchmark calls workers}
     *
     * @param file to read
     */
    static List<String> inFile(final Path file) {
        try {
            if (Files.size(file) > MAX_FILE_LENGTH) {
                throw new WorkloadException("workers-file: value=" + file + " is longer than " + MAX_FILE_LENGTH
                    + " bytes; it holds an address a line");
            }
            final List<String> found = Files.readAllLines(file).stream()
                .map(line -> line.replaceAll("#.*|^\\s*-|[\"']", "").trim()).filter(line -> !line.isEmpty()
                    && !line.equals("workers:")).map(line -> line.replaceAll("^http://|/$", "")).toList();
            if (found.isEmpty()) {
                throw new WorkloadException("workers-file: value=" + file + " names no worker; an address a line, "
                    + "such as 127.0.0.1:9410");
            }
            return found;
        } catch (final IOException ex) {
            throw new WorkloadException("workers-file: value=" + file + " cannot be read: " + ex + "; name another");
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
