package io.millrace.broker.metadata.cluster;

import java.io.File;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * What a node of the quorum is started with.
 *
 * @param memberId                 which of the members this node is, {@link #NO_MEMBER} for a client of the quorum
 * @param members                  all controllers, the same list on each: 1, 3 or 5
 * @param dataDir                  home of the Raft log and its snapshots, on a disk
 * @param aeronDir                 home of the driver's shared memory; deleted at start and on a clean close
 * @param sessionTimeoutNs         silence after which a broker's session is closed and the broker fenced
 * @param leaderHeartbeatTimeoutNs silence after which the members elect a new leader
 * @param electionTimeoutNs        how long a candidate waits for votes
 * @param logTermLength            term of the Raft log stream, bytes; three of them are in shared memory
 * @param snapshotIntervalLength   bytes of Raft log between snapshots
 * @param retainedLogLength        bytes of Raft log kept before the last snapshot, for members that were away
 * @param client                   ports of a node that is no member; null for a member
 */
public record ClusterMetadataConfiguration(
    int memberId, List<ClusterMember> members, File dataDir, String aeronDir, long sessionTimeoutNs,
    long leaderHeartbeatTimeoutNs, long electionTimeoutNs, int logTermLength, long snapshotIntervalLength,
    long retainedLogLength, ClusterMember client) {

    /** Of a node that is no controller: its broker is a client of the quorum. */
    public static final int NO_MEMBER = -1;

    /** Two seconds. */
    public static final long SESSION_TIMEOUT_DEFAULT_NS = TimeUnit.SECONDS.toNanos(2);
    /** One second. */
    public static final long LEADER_HEARTBEAT_TIMEOUT_DEFAULT_NS = TimeUnit.SECONDS.toNanos(1);
    /** Half a second. */
    public static final long ELECTION_TIMEOUT_DEFAULT_NS = TimeUnit.MILLISECONDS.toNanos(500);
    /** 1 MiB: a leader that was a follower holds two such logs, three terms each. */
    public static final int LOG_TERM_LENGTH_DEFAULT = 1024 * 1024;
    /** 4 MiB. */
    public static final long SNAPSHOT_INTERVAL_DEFAULT_LENGTH = 4L * 1024 * 1024;
    /** 32 MiB. */
    public static final long RETAINED_LOG_DEFAULT_LENGTH = 32L * 1024 * 1024;

    private static final int MAX_MEMBER_COUNT = 5;

    /** Checks the members. */
    public ClusterMetadataConfiguration {
        members = List.copyOf(members);
        final int count = members.size();
        if (count % 2 == 0 || count > MAX_MEMBER_COUNT) {
            throw new IllegalArgumentException("a quorum has 1, 3 or 5 controllers: members=" + count);
        }
        if (memberId == NO_MEMBER && client == null) {
            throw new IllegalArgumentException("a client of the quorum needs ports of its own: members=" + members);
        }
        if (memberId != NO_MEMBER && (memberId < 0 || memberId >= count || members.get(memberId).id() != memberId)) {
            throw new IllegalArgumentException(
                "this node is not at its place in the list of controllers: memberId=" + memberId + " members="
                    + members);
        }
    }

    /** A member's. */
    ClusterMetadataConfiguration(
        final int memberId, final List<ClusterMember> members, final File dataDir, final String aeronDir,
        final long sessionTimeoutNs, final long leaderHeartbeatTimeoutNs, final long electionTimeoutNs,
        final int logTermLength, final long snapshotIntervalLength, final long retainedLogLength) {
        this(memberId, members, dataDir, aeronDir, sessionTimeoutNs, leaderHeartbeatTimeoutNs, electionTimeoutNs,
            logTermLength, snapshotIntervalLength, retainedLogLength, null);
    }

    /**
     * {@return the same with another time-out of sessions, to which those between the members are fitted: what remains
     * of the one after the other is a broker's lease, see {@link SessionLease}}
     *
     * @param newSessionTimeoutNs silence after which a broker's session is closed
     */
    public ClusterMetadataConfiguration withSessionTimeoutNs(final long newSessionTimeoutNs) {
        return new ClusterMetadataConfiguration(memberId, members, dataDir, aeronDir, newSessionTimeoutNs,
            Math.min(leaderHeartbeatTimeoutNs, newSessionTimeoutNs / 2),
            Math.min(electionTimeoutNs, newSessionTimeoutNs / 4), logTermLength, snapshotIntervalLength,
            retainedLogLength, client);
    }

    /**
     * {@return the same for a node that is no member}
     *
     * @param newClient its ports
     */
    public ClusterMetadataConfiguration asClient(final ClusterMember newClient) {
        return new ClusterMetadataConfiguration(NO_MEMBER, members, dataDir, aeronDir, sessionTimeoutNs,
            leaderHeartbeatTimeoutNs, electionTimeoutNs, logTermLength, snapshotIntervalLength, retainedLogLength,
            newClient);
    }

    /**
     * {@return a configuration with every default}
     *
     * @param memberId which of the members this node is
     * @param members  all controllers
     * @param dataDir  on a disk
     * @param aeronDir in shared memory
     */
    public static ClusterMetadataConfiguration withDefaults(
        final int memberId, final List<ClusterMember> members, final File dataDir, final String aeronDir) {
        return new ClusterMetadataConfiguration(
            memberId, members, dataDir, aeronDir, SESSION_TIMEOUT_DEFAULT_NS, LEADER_HEARTBEAT_TIMEOUT_DEFAULT_NS,
            ELECTION_TIMEOUT_DEFAULT_NS, LOG_TERM_LENGTH_DEFAULT, SNAPSHOT_INTERVAL_DEFAULT_LENGTH,
            RETAINED_LOG_DEFAULT_LENGTH);
    }

    boolean isMember() {
        return memberId != NO_MEMBER;
    }

    ClusterMember self() {
        return isMember() ? members.get(memberId) : client;
    }
}
