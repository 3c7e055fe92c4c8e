package io.millrace.broker.replication;

/**
 * What a leader knows of one follower of one shard. Owned by the engine thread.
 *
 * <pre>
 *   WAITING --FETCH_FROM--> TRUNCATING --FETCH_FROM--> STARTING --ACK of this session--> CATCHING_UP, LIVE
 *      |                                                  ^                                    |
 *      +-------------------FETCH_FROM--------------------+------------FETCH_FROM--------------+
 * </pre>
 *
 * <p>Catching up and live are two streams without an order between them: a session changes from one to the other only
 * at a frame's end with everything sent acked.
 */
final class ReplicaSession {
    /** Where a session is. */
    enum State { WAITING, TRUNCATING, STARTING, CATCHING_UP, LIVE }

    static final long UNKNOWN = -1;
    static final long NO_NONCE = 0;

    final int brokerId;
    final int replicaIndex;

    private State state = State.WAITING;
    private long nonce = NO_NONCE;
    private long brokerEpoch = UNKNOWN;
    private long ackedWritten = UNKNOWN;
    private long ackedSynced = UNKNOWN;
    private long knownEnd = UNKNOWN;

    // The reply to the last FETCH_FROM, until the link has taken it.
    private byte replyType;
    private int handshakeId;
    private long replyPosition;

    private long sentPosition;
    private long boundaryPosition;
    private long epochLimit;
    private long heartbeatNs;
    private long stagedHeartbeatNonce;

    private long heardNs;
    private long caughtUpNs;
    private long markPosition;
    private long markNs;

    ReplicaSession(final int brokerId, final int replicaIndex, final long leaderEnd, final long nowNs) {
        this.brokerId = brokerId;
        this.replicaIndex = replicaIndex;
        this.heardNs = nowNs;
        this.caughtUpNs = nowNs; // a new leader gives everyone a full lag time
        this.heartbeatNs = nowNs;
        this.markPosition = leaderEnd;
        this.markNs = nowNs;
    }

    State state() {
        return state;
    }

    long nonce() {
        return nonce;
    }

    /** {@return the follower's written mark as acked in this session, {@link #UNKNOWN} before that} */
    long ackedWritten() {
        return ackedWritten;
    }

    long ackedSynced() {
        return ackedSynced;
    }

    /** {@return the last end position the follower told in this epoch, in whatever session} */
    long knownEnd() {
        return knownEnd;
    }

    /** {@return the registration of the follower that began this session} */
    long brokerEpoch() {
        return brokerEpoch;
    }

    void brokerEpoch(final long newBrokerEpoch) {
        brokerEpoch = newBrokerEpoch;
    }

    boolean isStreaming() {
        return state == State.LIVE || state == State.CATCHING_UP;
    }

    // --- handshake

    void truncating(final int newHandshakeId, final long position, final long followerEnd) {
        begin(State.TRUNCATING, newHandshakeId, position, followerEnd);
        replyType = MessageHeader.TRUNCATE;
    }

    void starting(
        final boolean reset, final int newHandshakeId, final long position, final long newNonce,
        final long followerEnd) {
        begin(State.STARTING, newHandshakeId, position, followerEnd);
        replyType = reset ? MessageHeader.RESET : MessageHeader.START;
        nonce = newNonce;
    }

    void waiting() {
        begin(State.WAITING, 0, 0, knownEnd);
        replyType = 0;
    }

    private void begin(
        final State newState, final int newHandshakeId, final long position, final long followerEnd) {
        state = newState;
        nonce = NO_NONCE;
        ackedWritten = UNKNOWN;
        ackedSynced = UNKNOWN;
        knownEnd = followerEnd;
        handshakeId = newHandshakeId;
        replyPosition = position;
    }

    /** {@return type of the reply that is still to be sent, 0 for none} */
    byte replyType() {
        return replyType;
    }

    int handshakeId() {
        return handshakeId;
    }

    long replyPosition() {
        return replyPosition;
    }

    void replySent() {
        replyType = 0;
    }

    // --- acks

    /** {@return whether these can be the follower's marks in this session} */
    boolean isPlausible(final long written, final long synced, final long leaderEnd) {
        final long least = state == State.STARTING ? replyPosition : ackedWritten;
        return written >= least && written <= leaderEnd && synced <= written;
    }

    void acked(final long written, final long synced, final long nowNs) {
        ackedWritten = written;
        ackedSynced = synced;
        knownEnd = written;
        heardNs = nowNs;
    }

    void streaming(final boolean live) {
        state = live ? State.LIVE : State.CATCHING_UP;
        sentPosition = ackedWritten;
        boundaryPosition = ackedWritten;
        epochLimit = ackedWritten;
    }

    void switchStream() {
        state = state == State.LIVE ? State.CATCHING_UP : State.LIVE;
    }

    /**
     * Notes when the follower last had all the leader had: the leader's end is marked now and then, and once the mark
     * is acked the follower was caught up at the moment of marking.
     */
    void trackLag(final long leaderEnd, final long nowNs) {
        if (ackedWritten == UNKNOWN) {
            return;
        }
        if (ackedWritten >= leaderEnd) {
            // Not now but when it was heard: a dead follower of an idle shard falls behind as well.
            caughtUpNs = Math.max(caughtUpNs, heardNs);
            markPosition = leaderEnd;
            markNs = nowNs;
        } else if (ackedWritten >= markPosition) {
            caughtUpNs = Math.max(caughtUpNs, Math.min(markNs, heardNs));
            markPosition = leaderEnd;
            markNs = nowNs;
        }
    }

    boolean isCaughtUpWithin(final long lagTimeMaxNs, final long nowNs) {
        return nowNs - caughtUpNs <= lagTimeMaxNs;
    }

    /** A leader that stood still for a while judges nobody by that time. */
    void forgive(final long gapNs) {
        caughtUpNs += gapNs;
        heardNs += gapNs;
        markNs += gapNs;
    }

    // --- sending

    long sentPosition() {
        return sentPosition;
    }

    void sent(final int length) {
        sentPosition += length;
    }

    /** {@return the end of a frame at or behind what was sent; nothing is sent past it} */
    long boundaryPosition() {
        return boundaryPosition;
    }

    void boundaryPosition(final long position) {
        boundaryPosition = position;
    }

    /** {@return where the epoch that is being sent ends} */
    long epochLimit() {
        return epochLimit;
    }

    void epochLimit(final long position) {
        epochLimit = position;
    }

    boolean isHeartbeatDue(final long intervalNs, final long nowNs) {
        return nonce != NO_NONCE && replyType == 0 && nowNs - heartbeatNs >= intervalNs;
    }

    void stageHeartbeat() {
        stagedHeartbeatNonce = nonce;
    }

    void heartbeatSent(final long nowNs) {
        if (stagedHeartbeatNonce == nonce) {
            heartbeatNs = nowNs;
        }
    }
}
