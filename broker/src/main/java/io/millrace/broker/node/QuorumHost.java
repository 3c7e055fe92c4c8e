package io.millrace.broker.node;

import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.config.ClusterNode;
import io.millrace.broker.metadata.InMemoryMetadataCluster;
import io.millrace.broker.metadata.LivenessGate;
import io.millrace.broker.metadata.MetadataListener;
import io.millrace.broker.metadata.MetadataQuorum;
import io.millrace.broker.metadata.QuorumStatus;
import io.millrace.broker.metadata.cluster.ClusterMember;
import io.millrace.broker.metadata.cluster.ClusterMetadataConfiguration;
import io.millrace.broker.metadata.cluster.ClusterMetadataNode;
import io.millrace.broker.metadata.cluster.ClusterMetadataQuorum;
import io.millrace.engine.io.FileLogStorage;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.agrona.CloseHelper;

/**
 * The metadata quorum as this node reaches it, with this node's own part of it: a controller of the cluster, a client
 * of its controllers, or a quorum within this process for a node alone. Owned by the metadata thread; opened by the
 * starting thread before.
 */
final class QuorumHost implements AutoCloseable {
    static final String BUFFER_REMEDY = "free some, enlarge it (mount -o remount,size=1g /dev/shm), or name another "
        + "folder with millrace.aeron.dir";
    /** What driver, archive, consensus module and service occupy. */
    private static final long BUFFER_LENGTH = 16L << 20;
    private static final String METADATA = "metadata";
    private static final long STATUS_INTERVAL_NS = TimeUnit.MILLISECONDS.toNanos(200);

    private final int nodeId;
    private final List<ClusterNode> controllers;
    private final List<QuorumStatus.Controller> shownControllers;
    private final MetadataQuorum quorum;
    private final ClusterMetadataNode controller;
    private final AutoCloseable inProcess;
    private long statusNs;
    private volatile QuorumStatus status = QuorumStatus.UNKNOWN;

    private QuorumHost(final int nodeId, final List<ClusterNode> controllers, final MetadataQuorum quorum,
        final ClusterMetadataNode controller, final AutoCloseable inProcess) {
        this.nodeId = nodeId;
        this.controllers = controllers;
        this.shownControllers = List.copyOf(controllers.stream().map((node) -> new QuorumStatus.Controller(
            node.nodeId(), node.host(), node.metadataPort())).toList()); // of which a status makes no copy
        this.quorum = quorum;
        this.controller = controller;
        this.inProcess = inProcess;
    }

    static QuorumHost open(final BrokerConfig config, final DataDirectory directory, final MetadataListener listener,
        final LivenessGate gate, final NodeLog log) throws IOException {
        if (config.clusterNodes().size() < 2) {
            final InMemoryMetadataCluster cluster = InMemoryMetadataCluster.open(
                TimeUnit.MILLISECONDS.toNanos(config.sessionTimeoutMs()),
                new FileLogStorage(directory.metadataDirectory()));
            return new QuorumHost(config.nodeId(), List.of(), cluster.connect(listener, gate), null, cluster);
        }
        requireRoom(config);
        final ClusterMetadataNode controller = ClusterMetadataNode.launch(configuration(config, directory),
            directory.clusterId(), log::warn, (error) -> log.error("metadata quorum", error));
        return new QuorumHost(
            config.nodeId(), config.controllers(), controller.newQuorum(listener, gate), controller, null);
    }

    /** A mapped file without room behind it would end in a fault of the JVM instead of a message. */
    private static void requireRoom(final BrokerConfig config) throws IOException {
        final Path parent = config.aeronParentDirectory();
        Files.createDirectories(parent);
        // what a predecessor that was killed left there is deleted once it is certain that none is running
        final long usable = Files.getFileStore(parent).getUsableSpace()
            + lengthOf(LinkFactory.aeronDirectory(config, METADATA));
        if (usable < BUFFER_LENGTH) {
            throw new IOException("not enough space for the metadata quorum's buffers in " + parent + ": needed="
                + BUFFER_LENGTH + " bytes, free=" + usable + "; " + BUFFER_REMEDY);
        }
    }

    private static long lengthOf(final Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            return 0;
        }
        try (Stream<Path> files = Files.walk(directory)) {
            return files.map(Path::toFile).filter(File::isFile).mapToLong(File::length).sum();
        } catch (final UncheckedIOException ex) {
            return 0; // somebody deletes it right now
        }
    }

    /** Members are numbered by the order of their node ids. */
    private static ClusterMetadataConfiguration configuration(
        final BrokerConfig config, final DataDirectory directory) {
        final List<ClusterNode> nodes = config.controllers();
        final List<ClusterMember> members = new ArrayList<>();
        int memberId = ClusterMetadataConfiguration.NO_MEMBER;
        for (int i = 0; i < nodes.size(); i++) {
            members.add(member(i, nodes.get(i)));
            memberId = nodes.get(i).nodeId() == config.nodeId() ? i : memberId;
        }
        final ClusterMetadataConfiguration configuration = ClusterMetadataConfiguration.withDefaults(
            Math.max(0, memberId), members, directory.metadataDirectory().toFile(),
            LinkFactory.aeronDirectory(config, METADATA).toString())
            .withSessionTimeoutNs(TimeUnit.MILLISECONDS.toNanos(config.sessionTimeoutMs()));
        return memberId != ClusterMetadataConfiguration.NO_MEMBER ? configuration
            : configuration.asClient(member(members.size(), config.clusterNodes().stream()
                .filter((node) -> node.nodeId() == config.nodeId()).findFirst().orElseThrow()));
    }

    private static ClusterMember member(final int id, final ClusterNode node) {
        return new ClusterMember(id, node.host(), node.metadataPort());
    }

    MetadataQuorum quorum() {
        return quorum;
    }

    int doWork(final long nowNs) {
        int workCount = controller == null ? 0 : controller.doWork(nowNs);
        if (controller == null || controller.isAdmitted()) {
            workCount += quorum.doWork(nowNs);
        }
        if (status == QuorumStatus.UNKNOWN || nowNs - statusNs >= STATUS_INTERVAL_NS) {
            statusNs = nowNs;
            status = newStatus();
        }
        return workCount;
    }

    /** {@return what was known of the quorum a moment ago; any thread} */
    QuorumStatus status() {
        return status;
    }

    private QuorumStatus newStatus() {
        final boolean isController = controller != null && !controller.isTerminated();
        final QuorumStatus.Role role = isController ? controller.role() : QuorumStatus.Role.NONE;
        final int member = quorum instanceof ClusterMetadataQuorum session ? session.leaderMemberId() : -1;
        final int leader = role == QuorumStatus.Role.LEADER ? nodeId
            : member >= 0 && member < controllers.size() ? controllers.get(member).nodeId() : -1;
        return new QuorumStatus(shownControllers,
            role, leader, isController ? controller.termId() : -1, isController ? controller.commitPosition() : -1,
            quorum.state(), quorum.lastHeardNs());
    }

    /** {@return whether this node's part of the quorum has ended for good; the process must be started again} */
    boolean isTerminated() {
        return controller != null && controller.isTerminated()
            || quorum instanceof ClusterMetadataQuorum session && session.isTerminated();
    }

    @Override
    public void close() {
        CloseHelper.closeAll(quorum, controller, inProcess);
    }
}
