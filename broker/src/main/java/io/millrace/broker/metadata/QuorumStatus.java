package io.millrace.broker.metadata;

import java.util.List;

/**
 * What one node knows of the metadata quorum itself, for people.
 *
 * @param controllers    all of them; empty for a node alone
 * @param role           this node's part
 * @param leaderNodeId   the controller that leads as far as this node knows, -1 for none
 * @param termId         of the quorum's leadership as this node knows it, -1 for none
 * @param commitPosition of the Raft log on this controller, -1 when it is none
 * @param session        what this broker's session is at
 * @param heardNs        when the quorum was last heard of, in the node's monotonic time
 */
public record QuorumStatus(
    List<Controller> controllers, Role role, int leaderNodeId, long termId, long commitPosition,
    MetadataQuorum.State session, long heardNs) {

    /** Nothing is known yet. */
    public static final QuorumStatus UNKNOWN =
        new QuorumStatus(List.of(), Role.NONE, -1, -1, -1, MetadataQuorum.State.CONNECTING, 0);

    /** Takes its own copy of the list. */
    public QuorumStatus {
        controllers = List.copyOf(controllers);
    }

    /** A node's part in the quorum. */
    public enum Role {
        /** No controller: a client of the quorum. */
        NONE,
        /** It leads: commands are decided here first. */
        LEADER,
        /** It follows the leader. */
        FOLLOWER,
        /** It asks for votes, or waits for a leader. */
        CANDIDATE
    }

    /**
     * A controller as the configuration names it.
     *
     * @param nodeId       its node.id
     * @param host         where it is
     * @param metadataPort first of its UDP ports
     */
    public record Controller(int nodeId, String host, int metadataPort) {
    }
}
