package io.millrace.broker.node;

import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.config.ClusterNode;
import io.millrace.transport.replication.ReplicaLink;
import io.millrace.transport.replication.aeron.AeronLinkConfiguration;
import io.millrace.transport.replication.aeron.AeronReplicaLink;
import io.millrace.transport.replication.aeron.ReplicaPeer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Opens the replication link that a configuration asks for. Stateless. */
final class LinkFactory {
    private LinkFactory() {
    }

    static ReplicaLink open(final BrokerConfig config, final NodeLog log) throws IOException {
        final List<ClusterNode> nodes = config.clusterNodes();
        if (nodes.size() < 2) {
            return new StandaloneLink();
        }
        final AeronReplicaLink link = AeronReplicaLink.open(new AeronLinkConfiguration(
            peer(nodes.stream().filter((node) -> node.nodeId() == config.nodeId()).findFirst().orElseThrow()),
            nodes.stream().filter((node) -> node.nodeId() != config.nodeId()).map(LinkFactory::peer).toList(),
            aeronDirectory(config, "replication"),
            config.replicationMtuLength(), config.replicationWindowLength(), config.replicationTermLength(),
            config.replicationSocketLimit()),
            (error) -> log.error("replication link", error));
        link.warnings().forEach(log::warn);
        log.info("replication link: " + link.description());
        return link;
    }

    /** {@return a folder for one Aeron driver of this node, its own as the listener's port is} */
    static Path aeronDirectory(final BrokerConfig config, final String purpose) {
        return config.aeronParentDirectory().resolve(
            "millrace-" + config.listener().port() + "-" + config.nodeId() + "-" + purpose);
    }

    private static ReplicaPeer peer(final ClusterNode node) {
        return new ReplicaPeer(node.nodeId(), node.host(), node.replicationPort());
    }
}
