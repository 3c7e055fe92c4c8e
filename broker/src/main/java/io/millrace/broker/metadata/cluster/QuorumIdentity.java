package io.millrace.broker.metadata.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/**
 * Which cluster the Raft log in a directory is of: the file {@code cluster-id} beside it. Owned by the metadata thread.
 *
 * <p>Two ids matter: the log's own, unknown as long as there is no log, and the one that this node's data belongs to,
 * which may be known without a log.
 */
final class QuorumIdentity {
    private static final String FILE_NAME = "cluster-id";
    private static final String RECORDING_LOG = "recording.log";

    private final Path directory;
    private UUID expectedId;
    private UUID logId;

    /**
     * @param configuration of this node
     * @param dataId        of the cluster that the rest of this node's data belongs to, null when unknown
     */
    QuorumIdentity(final ClusterMetadataConfiguration configuration, final UUID dataId) {
        directory = configuration.dataDir().toPath();
        final UUID noted = read();
        if (noted != null && dataId != null && !noted.equals(dataId)) {
            throw new QuorumRefusedException("the metadata in " + directory + " belongs to cluster " + noted
                + ", the data beside it to cluster " + dataId + "; put back the one that was moved or exchanged");
        }
        expectedId = noted == null ? dataId : noted;
        final Path log = ClusterContexts.clusterDir(configuration).toPath().resolve(RECORDING_LOG);
        logId = Files.exists(log) ? expectedId : null;
    }

    /** {@return the cluster that this node belongs to, null when it is new} */
    UUID expectedId() {
        return expectedId;
    }

    /** {@return the cluster that its Raft log is of; null without a log, or while that is still unknown} */
    UUID logId() {
        return logId;
    }

    /** Takes note of what the quorum says; the first time on the disk. */
    void note(final UUID clusterId) {
        if (expectedId != null && !expectedId.equals(clusterId)) {
            throw new QuorumRefusedException("this node's data belongs to cluster " + expectedId
                + ", the metadata quorum is that of cluster " + clusterId
                + "; correct log.dirs or millrace.cluster.nodes");
        }
        if (!clusterId.equals(logId) || !Files.exists(directory.resolve(FILE_NAME))) {
            write(clusterId);
            expectedId = clusterId;
            logId = clusterId;
        }
    }

    private UUID read() {
        final Path file = directory.resolve(FILE_NAME);
        try {
            return !Files.exists(file) ? null
                : UUID.fromString(Files.readString(file, StandardCharsets.US_ASCII).trim());
        } catch (final IllegalArgumentException ex) {
            throw new QuorumRefusedException("damaged: " + file + " holds no UUID (" + ex.getMessage()
                + "); restore it, all controllers of a cluster have the same");
        } catch (final IOException ex) {
            throw new UncheckedIOException("cannot read " + file, ex);
        }
    }

    private void write(final UUID id) {
        final Path temporary = directory.resolve(FILE_NAME + ".tmp");
        try {
            Files.writeString(temporary, id + "\n", StandardCharsets.US_ASCII);
            try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
                channel.force(true);
            }
            Files.move(temporary, directory.resolve(FILE_NAME), StandardCopyOption.ATOMIC_MOVE,
                StandardCopyOption.REPLACE_EXISTING);
            try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
                channel.force(true);
            }
        } catch (final IOException ex) {
            throw new UncheckedIOException("cannot write " + directory.resolve(FILE_NAME), ex);
        }
    }
}
