package io.millrace.targets.store;

import io.millrace.load.driver.TargetRefusedException;
import io.millrace.load.driver.TopicAdmin;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Directories as topics: one for each, with one for each partition in it. Owned by the thread that sets a run up. */
final class StoreAdmin implements TopicAdmin {
    private final String name;
    private final Path root;
    private final LaneStore store;
    /** Counting means reading: each goes on from where it was the last time. */
    private final Map<Path, Counted> counted = new HashMap<>();

    StoreAdmin(final String name, final Path root, final LaneStore store) {
        this.name = name;
        this.root = root;
        this.store = store;
    }

    static Path directory(final Path root, final String topic, final int partition) {
        return root.resolve(topic).resolve(String.valueOf(partition));
    }

    @Override
    public List<InetSocketAddress> brokers() {
        return List.of();
    }

    @Override
    public boolean hasReplicas() {
        return false;
    }

    @Override
    public int partitionCount(final String topic) {
        int count = 0;
        while (Files.isDirectory(directory(root, topic, count))) {
            count++;
        }
        return count;
    }

    @Override
    public void create(
        final String topic, final int partitions, final int replicationFactor, final Map<String, String> configs) {
        if (!configs.isEmpty()) {
            throw new TargetRefusedException("topic: configs=" + configs.keySet() + " are nothing target " + name
                + " has; leave them out", null);
        }
        try {
            for (int p = 0; p < partitions; p++) {
                Files.createDirectories(directory(root, topic, p));
            }
        } catch (final IOException ex) {
            throw new UncheckedIOException("cannot make directories of topic " + topic + " in " + root, ex);
        }
    }

    @Override
    public Map<String, String> configs(final String topic) {
        return Map.of();
    }

    @Override
    public void delete(final String topic) {
        close();
        final Path directory = root.resolve(topic);
        if (!Files.exists(directory)) {
            return;
        }
        try (Stream<Path> tree = Files.walk(directory)) {
            for (final Path entry : tree.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.delete(entry);
            }
        } catch (final IOException ex) {
            throw new UncheckedIOException("cannot delete " + directory, ex);
        }
    }

    @Override
    public long[] endOffsets(final String topic, final int partitions) {
        final long[] ends = new long[partitions];
        for (int p = 0; p < partitions; p++) {
            ends[p] = counted.computeIfAbsent(directory(root, topic, p), path -> new Counted(store.reader(path)))
                .count();
        }
        return ends;
    }

    @Override
    public void close() {
        counted.values().forEach(entry -> entry.reader.close());
        counted.clear();
    }

    /** Counts one partition. */
    private static final class Counted {
        private final LaneStore.Reader reader;
        private long count;

        Counted(final LaneStore.Reader reader) {
            this.reader = reader;
        }

        long count() {
            count += reader.skip(Long.MAX_VALUE);
            return count;
        }
    }
}
