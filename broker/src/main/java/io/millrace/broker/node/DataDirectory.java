package io.millrace.broker.node;

import io.millrace.engine.io.DirectoryLock;
import io.millrace.engine.io.FileProblems;
import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Properties;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.zip.CRC32C;
import org.agrona.CloseHelper;

/**
 * A node's data directory: locked, of a known format, of one node and one cluster. Owned by the starting thread; the
 * cluster id is noted by the metadata thread.
 *
 * <p>{@code meta.properties} names format version, node and cluster, with a checksum of all that; {@code boot-id} the
 * boot of the machine under which it was last used; {@code clean-shutdown} exists while the node is down after an
 * orderly stop.
 */
final class DataDirectory implements AutoCloseable {
    private static final String FORMAT_VERSION = "2";
    /** Without frames that tell log starts. What it wrote is read as it is; this version does not know of them. */
    private static final String FORMAT_VERSION_BEFORE = "1";
    private static final String META = "meta.properties";
    private static final String VERSION_KEY = "version";
    private static final String NODE_ID_KEY = "node.id";
    private static final String CLUSTER_ID_KEY = "cluster.id";
    private static final String CLUSTER_NODES_KEY = "cluster.nodes";
    private static final String CONTROLLERS_KEY = "cluster.controllers";
    private static final String CHECKSUM_KEY = "checksum";
    private static final String BOOT_ID = "boot-id";
    private static final String CLEAN_SHUTDOWN = "clean-shutdown";
    private static final long START_LENGTH = 8L << 20;
    private static final String SHARD_PREFIX = "shard-";
    private static final Path KERNEL_BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");

    private final Path path;
    private final Properties meta = new Properties();
    private final DirectoryLock lock;
    private final UUID bootId;
    private final boolean clean;
    private volatile boolean bootNoted;
    private UUID clusterId;

    private DataDirectory(final Path path, final int nodeId, final String clusterNodes, final String controllers,
        final DirectoryLock lock) throws IOException {
        this.path = path;
        this.lock = lock;
        this.clusterId = readMeta(nodeId, clusterNodes, controllers);
        this.bootId = currentBootId();
        final Path bootFile = path.resolve(BOOT_ID);
        // whatever else stands there is another boot: less is taken for granted then
        final boolean sameBoot = Files.exists(bootFile)
            && Files.readString(bootFile, StandardCharsets.ISO_8859_1).trim().equals(bootId.toString());
        this.clean = sameBoot || Files.exists(path.resolve(CLEAN_SHUTDOWN));
        if (clean) {
            noteBoot(); // before the note of the orderly stop goes
        }
        if (Files.deleteIfExists(path.resolve(CLEAN_SHUTDOWN))) {
            syncDirectory(); // a power cut must not bring it back
        }
    }

    /**
     * {@return the directory, locked}
     *
     * @param path         of it
     * @param nodeId       of this node
     * @param clusterNodes all nodes, as configured
     * @param controllers  ids of the controllers, ascending, separated by commas
     * @throws NodeStartException when it belongs to another node or cluster, or cannot be used
     */
    static DataDirectory open(final Path path, final int nodeId, final String clusterNodes, final String controllers)
        throws NodeStartException {
        DirectoryLock lock = null;
        try {
            Files.createDirectories(path);
            requireRoom(path);
            lock = DirectoryLock.acquire(path);
            return new DataDirectory(path, nodeId, clusterNodes, controllers, lock);
        } catch (final IOException ex) {
            CloseHelper.quietClose(lock);
            throw new NodeStartException(
                "cannot use the data directory log.dirs=" + path + ": " + FileProblems.describe(ex), ex);
        } catch (final IllegalStateException ex) {
            CloseHelper.quietClose(lock);
            throw new NodeStartException("cannot use the data directory log.dirs=" + path + ": " + ex.getMessage(), ex);
        }
    }

    /** What a start writes before it can serve anything; the metadata quorum does not survive a disk without it. */
    private static void requireRoom(final Path path) throws IOException {
        final long usable = Files.getFileStore(path).getUsableSpace();
        if (usable < START_LENGTH) {
            throw new IOException("disk full: free=" + usable + " bytes, a start needs " + START_LENGTH
                + "; free space on that disk, then start this node again");
        }
    }

    /** Checks whose directory this is, or notes it the first time; before anything in it is used. */
    private UUID readMeta(final int nodeId, final String clusterNodes, final String controllers) throws IOException {
        final Path file = path.resolve(META);
        if (!Files.exists(file)) {
            meta.setProperty(VERSION_KEY, FORMAT_VERSION);
            meta.setProperty(NODE_ID_KEY, Integer.toString(nodeId));
            meta.setProperty(CLUSTER_NODES_KEY, clusterNodes);
            meta.setProperty(CONTROLLERS_KEY, controllers);
            storeMeta();
            return null;
        }
        loadMeta(file);
        final String version = meta.getProperty(VERSION_KEY);
        if (!FORMAT_VERSION.equals(version) && !FORMAT_VERSION_BEFORE.equals(version)) {
            throw new IOException(file + " says format version=" + version + ", this build reads "
                + FORMAT_VERSION_BEFORE + " and " + FORMAT_VERSION
                + "; use the build that wrote it, or an empty directory");
        }
        if (!Integer.toString(nodeId).equals(meta.getProperty(NODE_ID_KEY))) {
            throw new IOException("it belongs to node.id=" + meta.getProperty(NODE_ID_KEY) + ", this node is node.id="
                + nodeId + "; correct node.id or log.dirs");
        }
        if (!clusterNodes.equals(meta.getProperty(CLUSTER_NODES_KEY))) {
            throw new IOException("it belongs to another cluster: millrace.cluster.nodes="
                + meta.getProperty(CLUSTER_NODES_KEY) + " there, " + clusterNodes + " here; correct log.dirs or "
                + "millrace.cluster.nodes, or, if this cluster has really moved, edit " + file + " on every node and "
                + "remove its line " + CHECKSUM_KEY);
        }
        checkControllers(clusterNodes, controllers);
        if (FORMAT_VERSION_BEFORE.equals(version)) {
            meta.setProperty(VERSION_KEY, FORMAT_VERSION); // before the first frame that an older build cannot read
            storeMeta();
        }
        final String id = meta.getProperty(CLUSTER_ID_KEY);
        try {
            return id == null ? null : UUID.fromString(id);
        } catch (final IllegalArgumentException ex) {
            throw new IOException(file + " says " + CLUSTER_ID_KEY + "=" + id + ", which is no UUID; correct it", ex);
        }
    }

    /** A directory without a note is from when every node was a controller. */
    private void checkControllers(final String clusterNodes, final String controllers) throws IOException {
        final String everyNode = Arrays.stream(clusterNodes.split(",")).filter((node) -> !node.isEmpty())
            .map((node) -> Integer.valueOf(node.substring(0, node.indexOf('@')))).sorted().map(String::valueOf)
            .collect(Collectors.joining(","));
        final String noted = meta.getProperty(CONTROLLERS_KEY, everyNode);
        if (!noted.equals(controllers)) {
            throw new IOException("its metadata quorum has other controllers: nodes " + noted + " there, " + controllers
                + " here, and a quorum cannot change them; set millrace.cluster.controllers=" + noted
                + ", or correct log.dirs");
        }
    }

    /** A file without a checksum is taken as it is: somebody edited it. */
    private void loadMeta(final Path file) throws IOException {
        try (Reader reader = Files.newBufferedReader(file, StandardCharsets.ISO_8859_1)) {
            meta.load(reader);
        } catch (final IllegalArgumentException ex) {
            throw new IOException(file + " is damaged: " + ex.getMessage() + "; restore it from a backup", ex);
        }
        final String checksum = meta.getProperty(CHECKSUM_KEY);
        if (checksum != null && !checksum.equals(checksum(meta))) {
            throw new IOException(file + " is damaged, or was edited: " + CHECKSUM_KEY + "=" + checksum + " there, "
                + checksum(meta) + " of what it says (" + new TreeMap<>(meta) + "); correct it, then remove its line "
                + CHECKSUM_KEY);
        }
    }

    /** CRC32C of the other entries, in the order of their keys. */
    private static String checksum(final Properties properties) {
        final CRC32C crc = new CRC32C();
        new TreeMap<>(properties).forEach((key, value) -> {
            if (!CHECKSUM_KEY.equals(key)) {
                crc.update((key + "=" + value + "\n").getBytes(StandardCharsets.UTF_8));
            }
        });
        return Long.toHexString(crc.getValue());
    }

    private void storeMeta() throws IOException {
        meta.setProperty(CHECKSUM_KEY, checksum(meta));
        final Path temporary = path.resolve(META + ".tmp");
        try (Writer writer = Files.newBufferedWriter(temporary, StandardCharsets.ISO_8859_1)) {
            meta.store(writer, "Millrace node");
        }
        replaceDurably(temporary, META);
    }

    private static UUID currentBootId() throws IOException {
        return Files.exists(KERNEL_BOOT_ID) ? UUID.fromString(Files.readString(KERNEL_BOOT_ID).trim())
            : new UUID(0, 0);
    }

    /** Checks the cluster's id, or notes it the first time. */
    void verifyClusterId(final UUID id) throws IOException {
        if (clusterId == null) {
            meta.setProperty(CLUSTER_ID_KEY, id.toString());
            storeMeta();
            clusterId = id;
        } else if (!clusterId.equals(id)) {
            throw new IOException("the data directory log.dirs=" + path + " belongs to cluster " + clusterId
                + ", but millrace.cluster.nodes reaches cluster " + id + "; correct one of the two");
        }
    }

    /**
     * The quorum has accepted the registration, so it knows whether the pages survived. Not before may a later start in
     * this boot of the machine say that they did: this one may end while there is no quorum.
     */
    void noteRegistered() throws IOException {
        if (!bootNoted) {
            noteBoot();
        }
    }

    private void noteBoot() throws IOException {
        writeDurably(BOOT_ID, bootId.toString());
        bootNoted = true;
    }

    /** Notes an orderly stop, unless the quorum does not know yet of a less orderly one; once every log is closed. */
    void markClean() throws IOException {
        if (bootNoted) {
            writeDurably(CLEAN_SHUTDOWN, "");
        }
    }

    private void writeDurably(final String name, final String text) throws IOException {
        writeDurably(path, name, text);
    }

    /** Replaces a file as a whole, so that a crash leaves either the old one or the new one. */
    static void writeDurably(final Path directory, final String name, final String text) throws IOException {
        final Path temporary = directory.resolve(name + ".tmp");
        Files.writeString(temporary, text, StandardCharsets.UTF_8);
        replaceDurably(directory, temporary, name);
    }

    private void replaceDurably(final Path temporary, final String name) throws IOException {
        replaceDurably(path, temporary, name);
    }

    private static void replaceDurably(final Path directory, final Path temporary, final String name)
        throws IOException {
        try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
        Files.move(
            temporary, directory.resolve(name), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        syncDirectory(directory);
    }

    private void syncDirectory() throws IOException {
        syncDirectory(path);
    }

    private static void syncDirectory(final Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    Path path() {
        return path;
    }

    Path shardDirectory(final int shardId) {
        return path.resolve(SHARD_PREFIX + shardId);
    }

    Path metadataDirectory() {
        return path.resolve("metadata");
    }

    UUID bootId() {
        return bootId;
    }

    /** {@return the cluster's id as last noted, null for a new directory} */
    UUID clusterId() {
        return clusterId;
    }

    /** {@return whether everything written before is still there: an orderly stop, or the same boot of the machine} */
    boolean isClean() {
        return clean;
    }

    @Override
    public void close() throws IOException {
        lock.close();
    }
}
