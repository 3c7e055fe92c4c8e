package io.millrace.engine.rig;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * A folder for one benchmark's files, removed when it is closed. Owned by the thread that sets the benchmark up.
 *
 * <p>It lies in {@code -Dbenchmark.dir=DIR} (of the fork: {@code -jvmArgsAppend -Dbenchmark.dir=DIR}), else in the
 * target folder of the module when JMH was started in the source tree, else in {@code java.io.tmpdir}. Mind that the
 * last one may be memory: what a disk does is measured only on a disk. {@link #inMemory} is for what belongs there.
 */
public final class Scratch implements AutoCloseable {
    /** Benchmarks keep fewer bytes than this at a time; less room than twice that is refused. */
    public static final long MAX_LENGTH = 2L * 1024 * 1024 * 1024;

    private static final Path SHARED_MEMORY = Path.of("/dev/shm");
    private static final String MEMORY_PREFIX = "millrace-benchmark-";

    private final Path directory;
    private final Thread leftoverDeleter = new Thread(this::deleteLeftovers, "scratch");

    /**
     * Makes the folder.
     *
     * @param name begins the folder's name
     * @throws IOException when it cannot be made, or when the disk has little room
     */
    public Scratch(final String name) throws IOException {
        final Path parent = parent();
        Files.createDirectories(parent);
        final long usableLength = Files.getFileStore(parent).getUsableSpace();
        if (usableLength < 2 * MAX_LENGTH) {
            throw new IOException("too little room for a benchmark: " + parent.toAbsolutePath() + " has " + usableLength
                + " bytes, " + 2 * MAX_LENGTH + " are wanted; name another folder: -jvmArgsAppend -Dbenchmark.dir=DIR");
        }
        directory = Files.createTempDirectory(parent.toAbsolutePath(), name + "-");
        Runtime.getRuntime().addShutdownHook(leftoverDeleter);
    }

    private Scratch(final Path directory) {
        this.directory = directory;
        Runtime.getRuntime().addShutdownHook(leftoverDeleter);
    }

    /**
     * {@return a folder for the buffers of media drivers, in shared memory where there is some}
     *
     * @throws IOException when it cannot be made
     */
    public static Scratch inMemory() throws IOException {
        return new Scratch(Files.isWritable(SHARED_MEMORY) ? Files.createTempDirectory(SHARED_MEMORY, MEMORY_PREFIX)
            : Files.createTempDirectory(MEMORY_PREFIX));
    }

    /** {@return the folder} */
    public Path directory() {
        return directory;
    }

    /**
     * Brings everything in the folder's files to the disk, mapped ones included; files that vanish meanwhile are left
     * out.
     *
     * @throws IOException when that fails
     */
    public void sync() throws IOException {
        final List<Path> files;
        try (Stream<Path> all = Files.list(directory)) {
            files = all.filter(Files::isRegularFile).toList();
        }
        for (final Path file : files) {
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                channel.force(false);
            } catch (final NoSuchFileException ex) {
                continue; // given back just now
            }
        }
    }

    @Override
    public void close() throws IOException {
        try {
            Runtime.getRuntime().removeShutdownHook(leftoverDeleter);
        } catch (final IllegalStateException ex) {
            return; // it is deleting just now
        }
        delete(directory);
    }

    /** When a benchmark fails or is stopped, JMH tears nothing down. */
    private void deleteLeftovers() {
        try {
            delete(directory);
        } catch (final IOException ex) {
            System.err.println("scratch folder left behind: " + directory + ": " + ex);
        }
    }

    /**
     * Deletes a folder with all that is in it.
     *
     * @param root may be missing
     * @throws IOException when that fails
     */
    public static void delete(final Path root) throws IOException {
        if (Files.exists(root)) {
            final List<Path> paths;
            try (Stream<Path> walk = Files.walk(root)) {
                paths = walk.sorted(Comparator.reverseOrder()).toList();
            } catch (final NoSuchFileException ex) {
                throw new IOException("somebody else deletes in " + root, ex);
            }
            for (final Path path : paths) {
                Files.deleteIfExists(path);
            }
        }
    }

    private static Path parent() {
        final String named = System.getProperty("benchmark.dir");
        final Path module = Path.of("jmh-benchmarks", "target");
        final Path parent;
        if (named != null && !named.isBlank()) {
            parent = Path.of(named);
        } else if (Files.isDirectory(module)) {
            parent = module.resolve("scratch");
        } else {
            parent = Path.of(System.getProperty("java.io.tmpdir"));
        }
        return parent;
    }
}
