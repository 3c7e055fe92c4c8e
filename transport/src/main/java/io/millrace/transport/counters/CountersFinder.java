package io.millrace.transport.counters;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Where counters files are, by node, by data directory and by process. Stateless. */
public final class CountersFinder {
    /** Name of the link in a node's data directory that leads to its counters. */
    public static final String LINK_NAME = "counters";

    private static final Path SHARED_MEMORY = Path.of("/dev/shm");
    private static final String PREFIX = "millrace-";
    private static final String SUFFIX = "-counters";
    private static final int MAX_MAP_LINES = 100_000;
    private static final int MAX_FILES = 1_000;

    private CountersFinder() {
    }

    /**
     * {@return the name of a node's counters file}
     *
     * @param port   it listens on
     * @param nodeId its id
     */
    public static String fileName(final int port, final int nodeId) {
        return PREFIX + port + "-" + nodeId + SUFFIX;
    }

    /**
     * {@return the counters that a process has mapped; empty when it is no node of ours, or of another user}
     *
     * @param pid the process
     */
    public static Optional<Path> ofProcess(final long pid) {
        return ofMaps(Path.of("/proc", Long.toString(pid), "maps"));
    }

    static Optional<Path> ofMaps(final Path maps) {
        try (BufferedReader reader = Files.newBufferedReader(maps, StandardCharsets.ISO_8859_1)) {
            for (int i = 0; i < MAX_MAP_LINES; i++) {
                final String line = reader.readLine();
                if (line == null) {
                    break;
                }
                final int at = line.indexOf('/');
                if (at >= 0 && isCounters(line.substring(line.lastIndexOf('/') + 1))) {
                    return Optional.of(Path.of(line.substring(at)));
                }
            }
        } catch (final IOException | RuntimeException ex) {
            return Optional.empty();
        }
        return Optional.empty();
    }

    /**
     * {@return the counters of the nodes below a directory: a node's data directory or that of a local cluster}
     *
     * @param directory to look in
     * @throws IOException when it cannot be read
     */
    public static List<Path> inDirectory(final Path directory) throws IOException {
        final Path link = directory.resolve(LINK_NAME);
        if (Files.exists(link)) {
            return List.of(link.toRealPath());
        }
        try (Stream<Path> links = Files.find(directory, 3,
            (path, attributes) -> path.endsWith(Path.of("data", LINK_NAME)) && Files.exists(path))) {
            return links.sorted().limit(MAX_FILES).toList();
        }
    }

    /**
     * {@return the counters of all nodes of this machine that keep them in shared memory}
     *
     * @throws IOException when it cannot be read
     */
    public static List<Path> all() throws IOException {
        return Files.isDirectory(SHARED_MEMORY) ? allIn(SHARED_MEMORY) : List.of();
    }

    static List<Path> allIn(final Path directory) throws IOException {
        final List<Path> found = new java.util.ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, PREFIX + "*" + SUFFIX)) {
            for (final Path file : files) {
                if (found.size() < MAX_FILES) {
                    found.add(file);
                }
            }
        }
        found.sort(null);
        return found;
    }

    private static boolean isCounters(final String name) {
        return name.startsWith(PREFIX) && name.endsWith(SUFFIX);
    }
}
