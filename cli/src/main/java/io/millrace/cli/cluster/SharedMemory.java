package io.millrace.cli.cluster;

import io.millrace.cli.exit.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The brokers' Aeron buffers: what they need, and what a broker that was killed leaves behind. A broker removes its own
 * when it ends in order, and takes them over when it starts.
 */
final class SharedMemory {
    private static final Path DEFAULT_DIRECTORY = Path.of("/dev/shm");
    private static final String DIRECTORY_KEY = "millrace.aeron.dir";
    /** What the two Aeron drivers of one node and their log buffers occupy when they have to be content with little. */
    private static final long LENGTH_PER_NODE = 64L << 20;
    private static final int MEBIBYTE_SHIFT = 20;

    private SharedMemory() {
    }

    /** Where the brokers keep their buffers: in memory, unless their properties say another place. */
    private static Path directory(final Map<String, String> overrides) {
        final String other = overrides.getOrDefault(DIRECTORY_KEY, "");
        return other.isEmpty() ? DEFAULT_DIRECTORY : Path.of(other).toAbsolutePath();
    }

    static void require(final ClusterLayout layout, final List<Integer> nodeIds, final Map<String, String> overrides)
        throws IOException {
        final Path directory = directory(overrides);
        if (!Files.isDirectory(directory)) {
            return;
        }
        long free = Files.getFileStore(directory).getUsableSpace();
        for (final int nodeId : nodeIds) {
            for (final Path leftOver : ofNode(directory, layout, nodeId)) {
                free += length(leftOver);
            }
        }
        final long needed = nodeIds.size() * LENGTH_PER_NODE;
        if (free < needed) {
            throw new UserError(
                "too little room for the brokers' buffers: " + directory + " has " + (free >> MEBIBYTE_SHIFT)
                    + " MiB free, " + nodeIds.size() + " brokers need " + (needed >> MEBIBYTE_SHIFT) + " MiB",
                "Remove what is left over in " + directory + ", enlarge it: mount -o remount,size=512m " + directory
                    + " (in a container: --shm-size=512m), or name another place: --set " + DIRECTORY_KEY + "=DIR.");
        }
    }

    /** Removes what a node that was killed left behind, unless another cluster's broker has its port by now. */
    static void clean(final ClusterLayout layout, final int nodeId, final Map<String, String> overrides)
        throws IOException {
        if (!HostCheck.isFreeTcp(layout.kafkaPort(nodeId))) {
            return;
        }
        final Path directory = directory(overrides);
        for (final Path leftOver : ofNode(directory, layout, nodeId)) {
            try (Stream<Path> files = Files.walk(leftOver)) {
                for (final Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }

    /** The broker names its directories millrace-PORT-ID-PURPOSE. */
    private static List<Path> ofNode(final Path directory, final ClusterLayout layout, final int nodeId)
        throws IOException {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        final String prefix = "millrace-" + layout.kafkaPort(nodeId) + "-" + nodeId + "-";
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.getFileName().toString().startsWith(prefix)).toList();
        }
    }

    private static long length(final Path directory) throws IOException {
        long length = 0;
        try (Stream<Path> files = Files.walk(directory)) {
            for (final Path file : files.filter(Files::isRegularFile).toList()) {
                try {
                    length += Files.size(file);
                } catch (final NoSuchFileException ended) {
                    continue;
                }
            }
        }
        return length;
    }
}
