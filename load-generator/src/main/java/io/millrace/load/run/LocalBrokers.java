package io.millrace.load.run;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Finds the processes behind local broker addresses, and what they have used so far, through /proc; so it works for
 * any broker on this machine. Where /proc cannot be read there is nothing to find and the cost stays unknown.
 */
final class LocalBrokers {
    private static final String LISTEN = "0A";
    private static final double TICKS_PER_S = 100.0; // USER_HZ, the same on every Linux
    private static final Pattern SPACES = Pattern.compile("\\s+");

    private LocalBrokers() {
    }

    /**
     * {@return ids of the processes that listen on these ports}
     *
     * @param addresses of brokers
     */
    static List<Long> processIds(final List<InetSocketAddress> addresses) {
        final Set<Integer> ports = new HashSet<>();
        addresses.stream().filter(a -> a.getAddress() != null && a.getAddress().isLoopbackAddress())
            .forEach(a -> ports.add(a.getPort()));
        final Set<String> sockets = new HashSet<>();
        listening(Path.of("/proc/net/tcp"), ports, sockets);
        listening(Path.of("/proc/net/tcp6"), ports, sockets);
        return sockets.isEmpty() ? List.of() : owners(sockets);
    }

    /**
     * {@return processor seconds these processes have used, -1 if one of them cannot be read}
     *
     * @param processIds the processes
     */
    static double cpuSeconds(final List<Long> processIds) {
        double seconds = 0;
        for (final long id : processIds) {
            try {
                final String stat = Files.readString(Path.of("/proc/" + id + "/stat"));
                // The name in parentheses may hold anything; utime and stime are the 12th and 13th field after it.
                final String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
                seconds += (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / TICKS_PER_S;
            } catch (final IOException | RuntimeException ex) {
                return -1;
            }
        }
        return seconds;
    }

    /**
     * {@return bytes these processes had written to disk, -1 if one of them cannot be read}
     *
     * @param processIds the processes
     */
    static long diskWriteLength(final List<Long> processIds) {
        long length = 0;
        for (final long id : processIds) {
            try {
                length += Files.readAllLines(Path.of("/proc/" + id + "/io")).stream()
                    .filter(line -> line.startsWith("write_bytes: "))
                    .mapToLong(line -> Long.parseLong(line.substring(line.indexOf(' ') + 1)))
                    .sum();
            } catch (final IOException | RuntimeException ex) {
                return -1;
            }
        }
        return length;
    }

    private static void listening(final Path table, final Set<Integer> ports, final Set<String> sockets) {
        try {
            for (final String line : Files.readAllLines(table, StandardCharsets.US_ASCII)) {
                // sl local_address rem_address st tx:rx tr:when retrnsmt uid timeout inode
                final String[] fields = SPACES.split(line.trim());
                if (fields.length > 9 && LISTEN.equals(fields[3])
                    && ports.contains(Integer.parseInt(fields[1].substring(fields[1].indexOf(':') + 1), 16))) {
                    sockets.add("socket:[" + fields[9] + "]");
                }
            }
        } catch (final IOException | RuntimeException ex) {
            sockets.clear();
        }
    }

    private static List<Long> owners(final Set<String> sockets) {
        final Set<Long> ids = new TreeSet<>();
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (final Path process : processes) {
                if (owns(process, sockets)) {
                    ids.add(Long.valueOf(process.getFileName().toString()));
                }
            }
        } catch (final IOException ex) {
            return List.of();
        }
        return new ArrayList<>(ids);
    }

    private static boolean owns(final Path process, final Set<String> sockets) {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(process.resolve("fd"))) {
            for (final Path file : files) {
                if (sockets.contains(Files.readSymbolicLink(file).toString())) {
                    return true;
                }
            }
        } catch (final IOException | RuntimeException ex) {
            return false; // another user's process, or gone
        }
        return false;
    }
}
