package io.millrace.load.run;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Finds the processes behind broker addresses of this machine through /proc; so it works for any broker. Stateless.
 */
final class LocalBrokers {
    private static final String LISTEN = "0A";
    private static final Pattern SPACES = Pattern.compile("\\s+");

    private LocalBrokers() {
    }

    /**
     * The processes of a cluster: all of them, or a reason why not.
     *
     * @param processIds every broker's, empty with a problem
     * @param problem    in words, null when they were found
     */
    record Found(List<Long> processIds, String problem) {
    }

    /**
     * {@return the processes that listen on these addresses}
     *
     * @param addresses of every broker of a cluster
     * @param proc      tells of processes
     */
    static Found find(final List<InetSocketAddress> addresses, final ProcFiles proc) {
        final Map<Integer, List<String>> sockets = new TreeMap<>();
        for (final InetSocketAddress address : addresses) {
            if (address.getAddress() == null || !address.getAddress().isLoopbackAddress()) {
                return new Found(List.of(), address + " is not on this machine's loopback interface");
            }
            sockets.put(address.getPort(), new ArrayList<>());
        }
        listening(proc.root().resolve("net/tcp"), sockets);
        listening(proc.root().resolve("net/tcp6"), sockets);
        final Map<String, Long> owners = owners(proc.root());
        final Set<Long> found = new TreeSet<>();
        for (final Map.Entry<Integer, List<String>> port : sockets.entrySet()) {
            final List<Long> listeners =
                port.getValue().stream().filter(owners::containsKey).map(owners::get).distinct().toList();
            if (listeners.isEmpty()) {
                return new Found(List.of(), "the process that listens on port " + port.getKey() + " cannot be seen "
                    + "from here; name every broker's process with --broker-pids");
            }
            found.addAll(listeners);
        }
        return new Found(List.copyOf(found), null);
    }

    private static void listening(final Path table, final Map<Integer, List<String>> sockets) {
        try {
            for (final String line : Files.readAllLines(table, StandardCharsets.US_ASCII)) {
                // sl local_address rem_address st tx:rx tr:when retrnsmt uid timeout inode
                final String[] fields = SPACES.split(line.trim());
                if (fields.length > 9 && LISTEN.equals(fields[3])) {
                    final List<String> ofPort =
                        sockets.get(Integer.parseInt(fields[1].substring(fields[1].indexOf(':') + 1), 16));
                    if (ofPort != null) {
                        ofPort.add("socket:[" + fields[9] + "]");
                    }
                }
            }
        } catch (final IOException | RuntimeException ex) {
            return; // not Linux, or no IPv6: what is missing is said by whoever looks for it
        }
    }

    private static Map<String, Long> owners(final Path root) {
        final Map<String, Long> owners = new HashMap<>();
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(root, "[0-9]*")) {
            for (final Path process : processes) {
                sockets(process, Long.valueOf(process.getFileName().toString()), owners);
            }
        } catch (final IOException | RuntimeException ex) {
            return owners;
        }
        return owners;
    }

    private static void sockets(final Path process, final Long processId, final Map<String, Long> owners) {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(process.resolve("fd"))) {
            for (final Path file : files) {
                final String target = targetOf(file);
                if (target.startsWith("socket:")) {
                    owners.put(target, processId);
                }
            }
        } catch (final IOException | RuntimeException ex) {
            return; // another user's process, or gone
        }
    }

    /** A busy broker closes files while they are listed: that one is gone, the others are not. */
    private static String targetOf(final Path file) {
        try {
            return Files.readSymbolicLink(file).toString();
        } catch (final IOException ex) {
            return "";
        }
    }
}
