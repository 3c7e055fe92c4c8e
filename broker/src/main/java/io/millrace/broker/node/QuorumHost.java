package io.millrace.broker.node;

import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.config.ClusterNode;
import io.millrace.broker.metadata.InMemoryMetadataCluster;
import io.millrace.broker.metadata.LivenessGate;
import io.millrace.broker.metadata.MetadataListener;
import io.millrace.broker.metadata.MetadataQuorum;
import io.millrace.broker.metadata.cluster.ClusterMember;
import io.millrace.broker.metadata.cluster.ClusterMetadataConfiguration;
import io.millrace.broker.metadata.cluster.ClusterMetadataNode;
import io.millrace.engine.io.FileLogStorage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.agrona.CloseHelper;

/**
 * The metadata quorum as this node reaches it, with this node's own part of it: a controller of the cluster, or a
 * quorum within this process for a node alone. Owned by the metadata thread; opened by the starting thread before.
 */
final class QuorumHost implements AutoCloseable {
    private final MetadataQuorum quorum;
    private final ClusterMetadataNode controller;
    private final AutoCloseable inProcess;

    private QuorumHost(
        final MetadataQuorum quorum, final ClusterMetadataNode controller, final AutoCloseable inProcess) {
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
            return new QuorumHost(cluster.connect(listener, gate), null, cluster);
        }
        final ClusterMetadataNode controller = ClusterMetadataNode.launch(
            configuration(config, directory), (error) -> log.error("metadata quorum", error));
        return new QuorumHost(controller.newQuorum(listener, gate), controller, null);
    }

    /** Members are numbered by the order of their node ids. */
    private static ClusterMetadataConfiguration configuration(
        final BrokerConfig config, final DataDirectory directory) {
        final List<ClusterNode> nodes = config.clusterNodes().stream()
            .sorted(Comparator.comparingInt(ClusterNode::nodeId)).toList();
        final List<ClusterMember> members = new ArrayList<>();
        int memberId = -1;
        for (int i = 0; i < nodes.size(); i++) {
            members.add(new ClusterMember(i, nodes.get(i).host(), nodes.get(i).metadataPort()));
            memberId = nodes.get(i).nodeId() == config.nodeId() ? i : memberId;
        }
        final ClusterMetadataConfiguration defaults = ClusterMetadataConfiguration.withDefaults(memberId, members,
            directory.metadataDirectory().toFile(), LinkFactory.aeronDirectory(config, "metadata").toString());
        return new ClusterMetadataConfiguration(memberId, members, defaults.dataDir(), defaults.aeronDir(),
            TimeUnit.MILLISECONDS.toNanos(config.sessionTimeoutMs()), defaults.leaderHeartbeatTimeoutNs(),
            defaults.electionTimeoutNs(), defaults.logTermLength(), defaults.snapshotIntervalLength(),
            defaults.retainedLogLength());
    }

    MetadataQuorum quorum() {
        return quorum;
    }

    int doWork(final long nowNs) {
        return (controller == null ? 0 : controller.doWork(nowNs)) + quorum.doWork(nowNs);
    }

    /** {@return whether this node's controller has ended for good; the process must be started again} */
    boolean isTerminated() {
        return controller != null && controller.isTerminated();
    }

    @Override
    public void close() {
        CloseHelper.closeAll(quorum, controller, inProcess);
    }
}
