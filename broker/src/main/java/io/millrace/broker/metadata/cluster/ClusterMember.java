package io.millrace.broker.metadata.cluster;

import java.net.InetSocketAddress;
import java.util.List;

/**
 * One controller of the quorum and its UDP ports, all counted from one base port.
 *
 * <pre>
 * base     who holds which cluster's metadata, asked before a node takes part
 *      + 1 ingress (sessions of brokers) | + 2 consensus | + 3 log | + 4 catch-up | + 5 archive control
 *      + 6 log control | + 7 egress of this node's own session | + 8 log replication
 * </pre>
 *
 * @param id       of the member: 0, 1, 2 ... in the order all nodes agree on
 * @param host     numeric address or name, reachable by all members
 * @param basePort of the ports above
 */
public record ClusterMember(int id, String host, int basePort) {
    /** How many ports a member takes, from its base port on. */
    public static final int PORT_COUNT = 9;

    private static final int INGRESS = 1;
    private static final int CONSENSUS = 2;
    private static final int LOG = 3;
    private static final int CATCH_UP = 4;
    private static final int ARCHIVE = 5;
    private static final int LOG_CONTROL = 6;
    private static final int EGRESS = 7;
    private static final int REPLICATION = 8;
    private static final int MAX_PORT = 65_535;

    /** Checks the ports. */
    public ClusterMember {
        if (id < 0 || host.isEmpty() || basePort < 0 || basePort + PORT_COUNT > MAX_PORT) {
            throw new IllegalArgumentException("member is not valid: id=" + id + " host=" + host + " basePort="
                + basePort + ": base ports go from 0 to " + (MAX_PORT - PORT_COUNT));
        }
    }

    /** {@return where it is asked; the name is looked up anew each time} */
    InetSocketAddress admissionAddress() {
        return new InetSocketAddress(host, basePort);
    }

    String archiveControl() {
        return endpoint(ARCHIVE);
    }

    String logControl() {
        return endpoint(LOG_CONTROL);
    }

    String egress() {
        return endpoint(EGRESS);
    }

    String replication() {
        return endpoint(REPLICATION);
    }

    private String endpoint(final int port) {
        return host + ":" + (basePort + port);
    }

    /** {@return the members as Aeron Cluster wants them} */
    static String toClusterMembers(final List<ClusterMember> members) {
        final StringBuilder text = new StringBuilder();
        for (final ClusterMember member : members) {
            text.append(member.id).append(',').append(member.endpoint(INGRESS))
                .append(',').append(member.endpoint(CONSENSUS)).append(',').append(member.endpoint(LOG))
                .append(',').append(member.endpoint(CATCH_UP)).append(',').append(member.endpoint(ARCHIVE))
                .append('|');
        }
        return text.toString();
    }

    /** {@return the ingress endpoints as Aeron Cluster's client wants them} */
    static String toIngressEndpoints(final List<ClusterMember> members) {
        final StringBuilder text = new StringBuilder();
        for (final ClusterMember member : members) {
            text.append(text.length() == 0 ? "" : ",").append(member.id).append('=')
                .append(member.endpoint(INGRESS));
        }
        return text.toString();
    }
}
