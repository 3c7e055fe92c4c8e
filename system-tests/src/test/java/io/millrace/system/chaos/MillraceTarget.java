package io.millrace.system.chaos;

import java.io.IOException;
import java.util.List;

/** A cluster of the rig's own. Owned by the main thread. */
final class MillraceTarget implements FailoverTarget {
    private static final long START_TIMEOUT_S = 120;
    private static final long END_TIMEOUT_S = 60;

    private final ChaosCluster cluster;

    MillraceTarget(final ClusterSetup setup, final Leftovers leftovers) throws IOException, Wait.TooLateException {
        cluster = new ChaosCluster(setup, leftovers);
        cluster.startMissing();
        cluster.awaitWhole(START_TIMEOUT_S);
    }

    @Override
    public List<Address> brokers() {
        return cluster.nodes().stream().map(node -> new Address(node.id(), node.host(), node.port())).toList();
    }

    @Override
    public int metadataLeader() {
        final ChaosNode leader = cluster.metadataLeader();
        return leader == null ? -1 : leader.id();
    }

    @Override
    public void kill(final int nodeId) throws Wait.TooLateException {
        final ChaosNode node = cluster.nodeById(nodeId);
        node.sendKill();
        node.awaitKilled();
    }

    @Override
    public void terminate(final int nodeId) throws IOException {
        final ChaosNode node = cluster.nodeById(nodeId);
        node.allowEnd();
        node.signal("TERM");
    }

    @Override
    public void awaitEnd(final int nodeId) throws Wait.TooLateException {
        Wait.until(END_TIMEOUT_S, () -> "end of node " + nodeId, () -> !cluster.nodeById(nodeId).isRunning());
    }

    @Override
    public void start(final int nodeId) throws IOException {
        cluster.nodeById(nodeId).start();
    }

    @Override
    public void close() throws IOException {
        cluster.close();
    }
}
