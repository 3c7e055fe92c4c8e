package io.millrace.engine.io;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;

/** One directory of a file system; any thread. */
public final class FileLogStorage implements LogStorage {
    private final Path directory;

    /**
     * Makes the directory if it is missing, and the making durable.
     *
     * @param directory of one shard
     * @throws IOException when it cannot be made
     */
    public FileLogStorage(final Path directory) throws IOException {
        this.directory = directory.toAbsolutePath().normalize();
        try {
            createDurably(this.directory);
        } catch (final IOException ex) {
            throw FileLogFile.isDiskFull(ex) ? new DiskFullException("disk full: cannot create the directory "
                + this.directory + "; free space on that disk", ex) : ex;
        }
    }

    /** {@return the directory} */
    public Path directory() {
        return directory;
    }

    @Override
    public List<String> list() throws IOException {
        return regularFiles(directory);
    }

    /** {@return names of the files in a directory, sorted} */
    static List<String> regularFiles(final Path directory) throws IOException {
        final List<String> names = new ArrayList<>();
        try (Stream<Path> paths = Files.list(directory)) {
            paths.filter(Files::isRegularFile).forEach(path -> names.add(path.getFileName().toString()));
        }
        Collections.sort(names);
        return names;
    }

    @Override
    public LogFile open(final String name, final boolean create) throws IOException {
        final Path path = resolve(name);
        try {
            final FileChannel channel = create
                ? FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE)
                : FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
            return new FileLogFile(path, channel);
        } catch (final IOException ex) {
            throw FileLogFile.isDiskFull(ex)
                ? new DiskFullException("disk full: cannot create " + path + "; free space on that disk", ex) : ex;
        }
    }

    @Override
    public void rename(final String from, final String to) throws IOException {
        try {
            Files.move(
                resolve(from), resolve(to), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (final IOException ex) {
            throw FileLogFile.isDiskFull(ex) ? new DiskFullException("disk full: cannot rename " + resolve(from)
                + " to " + to + "; free space on that disk", ex) : ex;
        }
    }

    @Override
    public void delete(final String name) throws IOException {
        Files.deleteIfExists(resolve(name));
    }

    @Override
    public void syncDirectory() throws IOException {
        sync(directory);
    }

    @Override
    public long usableLength() throws IOException {
        final FileStore store = Files.getFileStore(directory);
        return store.getUsableSpace();
    }

    @Override
    public String toString() {
        return directory.toString();
    }

    private Path resolve(final String name) {
        if (name.isEmpty() || name.indexOf('/') >= 0 || name.indexOf('\\') >= 0 || name.startsWith("..")) {
            throw new IllegalArgumentException("not a plain file name: name=" + name);
        }
        return directory.resolve(name);
    }

    private static void createDurably(final Path directory) throws IOException {
        if (Files.isDirectory(directory)) {
            return;
        }
        final Path parent = directory.getParent();
        if (parent == null) {
            throw new NoSuchFileException(directory.toString());
        }
        createDurably(parent);
        Files.createDirectories(directory);
        sync(parent);
    }

    private static void sync(final Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
