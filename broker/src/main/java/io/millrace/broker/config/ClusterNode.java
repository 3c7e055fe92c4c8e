package io.millrace.broker.config;

/**
 * One member of the cluster as every node's file lists it: {@code id@host:replicationPort:metadataPort}.
 *
 * @param nodeId          the member's node.id
 * @param host            where replication and metadata listen
 * @param replicationPort first of its replication UDP ports (15 from there on)
 * @param metadataPort    first of its metadata UDP ports (10 from there on)
 */
public record ClusterNode(int nodeId, String host, int replicationPort, int metadataPort) {
    static ClusterNode parse(final String text) {
        final int at = text.indexOf('@');
        final int lastColon = text.lastIndexOf(':');
        final int firstColon = lastColon < 0 ? -1 : text.lastIndexOf(':', lastColon - 1);
        if (at < 1 || firstColon < at) {
            throw new IllegalArgumentException("expected id@host:replicationPort:metadataPort but found " + text);
        }
        return new ClusterNode(Integer.parseInt(text.substring(0, at)), text.substring(at + 1, firstColon),
            Integer.parseInt(text.substring(firstColon + 1, lastColon)),
            Integer.parseInt(text.substring(lastColon + 1)));
    }

    @Override
    public String toString() {
        return nodeId + "@" + host + ":" + replicationPort + ":" + metadataPort;
    }
}
