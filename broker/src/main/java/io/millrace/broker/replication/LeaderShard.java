package io.millrace.broker.replication;

import io.millrace.broker.replication.ReplicaSession.State;
import io.millrace.engine.ShardLog;
import io.millrace.transport.replication.ReplicaLink;
import java.util.random.RandomGenerator;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * One shard while this broker leads it: a session per follower, the ISR, the committed mark. Owned by the engine
 * thread.
 *
 * <p>Commit = lowest acked position over the maximal ISR, this log among them; only with min.insync.replicas in the
 * ISR, only from this epoch's start frame on, only by acks given in this epoch to the present session of each follower.
 */
final class LeaderShard {
    private final int shardId;
    private final int brokerId;
    private final int epoch;
    private final long epochStartEnd;
    private final int minIsr;
    private final boolean durable;
    private final ShardLog log;
    private final ReplicaLink link;
    private final ReplicationConfiguration configuration;
    private final RandomGenerator random;
    private final ChunkFiller filler;
    private final ShardGauges gauges;
    private final InSyncReplicas isr;
    private final ReplicaSession[] sessions;
    private final int selfIndex;
    private final UnsafeBuffer replyBuffer = new UnsafeBuffer(new byte[StartMessage.LENGTH]);

    private int firstSession;
    private long dutyNs;

    LeaderShard(
        final int brokerId, final ShardAssignment assignment, final ShardLog log, final boolean durable,
        final long epochStartEnd, final ReplicaLink link, final IsrProposals proposals, final ChunkFiller filler,
        final ReplicationConfiguration configuration, final RandomGenerator random, final ShardGauges gauges,
        final long nowNs) {
        this.shardId = assignment.shardId();
        this.brokerId = brokerId;
        this.epoch = assignment.leaderEpoch();
        this.epochStartEnd = epochStartEnd;
        this.minIsr = assignment.minIsr();
        this.durable = durable;
        this.log = log;
        this.link = link;
        this.configuration = configuration;
        this.random = random;
        this.filler = filler;
        this.gauges = gauges;
        this.isr = new InSyncReplicas(assignment, proposals, this::brokerEpochOf, configuration.proposalRetryNs());
        this.dutyNs = nowNs;
        final int[] replicas = assignment.replicas();
        int self = -1;
        sessions = new ReplicaSession[replicas.length - 1];
        for (int i = 0, next = 0; i < replicas.length; i++) {
            if (replicas[i] == brokerId) {
                self = i;
            } else if (next < sessions.length) {
                sessions[next++] = new ReplicaSession(replicas[i], i, log.endPosition(), nowNs);
            }
        }
        if (self < 0) {
            throw new IllegalArgumentException(
                "the leader is none of the shard's replicas: shardId=" + shardId + " brokerId=" + brokerId);
        }
        selfIndex = self;
        log.admitAcksAll(isr.count() >= minIsr);
    }

    int shardId() {
        return shardId;
    }

    int epoch() {
        return epoch;
    }

    InSyncReplicas isr() {
        return isr;
    }

    ReplicaSession[] sessions() {
        return sessions;
    }

    /** Takes an ISR the quorum accepted in this epoch. */
    void acceptIsr(final int[] members, final long version) {
        if (isr.accept(members, version)) {
            log.admitAcksAll(isr.count() >= minIsr);
        }
    }

    // --- duty cycle

    int doWork(final long nowNs, final boolean leaseHeld) {
        final long gapNs = nowNs - dutyNs;
        dutyNs = nowNs;
        if (gapNs > configuration.lagTimeMaxNs() / 4) {
            for (final ReplicaSession session : sessions) {
                session.forgive(gapNs);
            }
        }
        if (log.isOffline()) {
            return 0;
        }
        int workCount = leaseHeld ? commit() : 0;
        final int count = sessions.length;
        filler.beginRound();
        firstSession = count == 0 || ++firstSession >= count ? 0 : firstSession; // nobody is always first
        for (int i = 0; i < count; i++) {
            final int next = firstSession + i;
            workCount += send(sessions[next < count ? next : next - count]);
        }
        judge(nowNs);
        publishGauges();
        return workCount;
    }

    private int commit() {
        if (isr.count() < minIsr) {
            return 0;
        }
        long position = durable ? log.marks().syncedAcquire() : log.endPosition();
        for (final ReplicaSession session : sessions) {
            if (isr.isMaximalMember(session.replicaIndex)) {
                position = Math.min(position, durable ? session.ackedSynced() : session.ackedWritten());
            }
        }
        if (position < epochStartEnd || position <= log.marks().committedAcquire()) {
            return 0;
        }
        log.commit(position);
        return 1;
    }

    /** Proposes who is to be in the ISR. */
    private void judge(final long nowNs) {
        final long committed = log.marks().committedAcquire();
        final long end = log.endPosition();
        int wanted = 1 << selfIndex;
        int lost = 0;
        for (final ReplicaSession session : sessions) {
            session.trackLag(end, nowNs);
            final boolean near = session.isCaughtUpWithin(configuration.lagTimeMaxNs(), nowNs);
            final boolean fits = isr.isAccepted(session.replicaIndex)
                ? session.knownEnd() == ReplicaSession.UNKNOWN || session.knownEnd() >= committed // else it lost data
                : session.isStreaming() && hasReached(session, Math.max(committed, epochStartEnd));
            if (near && fits) {
                wanted |= 1 << session.replicaIndex;
            }
            final long known = session.knownEnd();
            lost |= known != ReplicaSession.UNKNOWN && known < committed ? 1 << session.replicaIndex : 0;
        }
        if (isr.want(wanted, lost, nowNs)) {
            gauges.increment(ShardGauges.PROPOSAL_COUNT);
        }
    }

    /** {@return whether a follower has all of this log, and nobody has put anything into the ring meanwhile} */
    boolean hasEverything(final int followerId) {
        final ReplicaSession session = sessionOf(followerId);
        return session != null && session.isStreaming() && hasReached(session, log.endPosition())
            && log.ingress().occupiedLength() == 0;
    }

    private boolean hasReached(final ReplicaSession session, final long position) {
        return session.ackedWritten() >= position && (!durable || session.ackedSynced() >= position);
    }

    private void publishGauges() {
        gauges.set(ShardGauges.ISR_MASK, isr.accepted());
        gauges.set(ShardGauges.MAXIMAL_ISR_MASK, isr.maximal());
        final long end = log.endPosition();
        for (final ReplicaSession session : sessions) {
            final long known = session.knownEnd();
            gauges.lagLength(session.replicaIndex, known == ReplicaSession.UNKNOWN ? -1 : Math.max(0, end - known));
        }
        gauges.lagLength(selfIndex, 0);
    }

    // --- handshake

    void onFetchFrom(final int fromBrokerId, final DirectBuffer buffer, final int index) {
        final ReplicaSession session = sessionOf(fromBrokerId);
        if (session == null || FetchFromMessage.epoch(buffer, index) != epoch || log.isOffline()) {
            return;
        }
        final int handshakeId = FetchFromMessage.handshakeId(buffer, index);
        final long followerEnd = FetchFromMessage.endPosition(buffer, index);
        if (followerEnd == session.knownEnd() && followerEnd < log.endPosition()) {
            log.suspect(followerEnd); // it comes back without a byte more: what this log sends there may be damaged
        }
        session.brokerEpoch(FetchFromMessage.brokerEpoch(buffer, index));
        final long agreed = EpochAlignment.agreedPosition(log, buffer, index);
        if (agreed == EpochAlignment.RESET) {
            session.starting(true, handshakeId, log.startPosition(), newNonce(), log.startPosition());
        } else if (agreed < followerEnd) {
            session.truncating(handshakeId, agreed, agreed);
        } else {
            session.starting(false, handshakeId, agreed, newNonce(), followerEnd);
        }
        reply(session);
    }

    private long newNonce() {
        long nonce = random.nextLong();
        while (nonce == ReplicaSession.NO_NONCE) {
            nonce = random.nextLong();
        }
        return nonce;
    }

    private int reply(final ReplicaSession session) {
        final byte type = session.replyType();
        final int handshakeId = session.handshakeId();
        final long position = session.replyPosition();
        final int length;
        if (type == MessageHeader.TRUNCATE) {
            TruncateMessage.encode(replyBuffer, 0, shardId, epoch, handshakeId, position);
            length = TruncateMessage.LENGTH;
        } else if (type == MessageHeader.START) {
            StartMessage.encode(replyBuffer, 0, shardId, epoch, handshakeId, position, session.nonce());
            length = StartMessage.LENGTH;
        } else {
            ResetMessage.encode(replyBuffer, 0, shardId, epoch, handshakeId, position, session.nonce());
            length = ResetMessage.LENGTH;
        }
        if (link.offer(session.brokerId, ReplicaLink.CONTROL_STREAM, replyBuffer, 0, length) > 0) {
            session.replySent();
            return 1;
        }
        return 0;
    }

    void onAck(
        final int fromBrokerId, final int ackEpoch, final long nonce, final long written, final long synced,
        final long nowNs) {
        final ReplicaSession session = sessionOf(fromBrokerId);
        if (session == null || ackEpoch != epoch || nonce != session.nonce() || nonce == ReplicaSession.NO_NONCE) {
            gauges.increment(ShardGauges.IGNORED_ACK_COUNT);
            return;
        }
        if (!session.isPlausible(written, synced, log.endPosition())) {
            gauges.increment(ShardGauges.PROTOCOL_ERROR_COUNT);
            session.waiting();
            return;
        }
        session.acked(written, synced, nowNs);
        if (session.state() == State.STARTING) {
            final long lag = log.endPosition() - written;
            session.streaming(lag <= configuration.liveLagLength());
        }
    }

    private long brokerEpochOf(final int replicaIndex) {
        for (final ReplicaSession session : sessions) {
            if (session.replicaIndex == replicaIndex) {
                return session.brokerEpoch();
            }
        }
        return ReplicaSession.UNKNOWN; // this broker itself
    }

    private ReplicaSession sessionOf(final int followerId) {
        for (final ReplicaSession session : sessions) {
            if (session.brokerId == followerId) {
                return session;
            }
        }
        return null;
    }

    // --- sending

    private int send(final ReplicaSession session) {
        if (session.replyType() != 0) {
            return reply(session);
        }
        if (!session.isStreaming()) {
            return 0;
        }
        int workCount = 0;
        long budget = configuration.dutyCycleSendLength();
        while (budget > 0 && advanceBoundary(session)) {
            final int sent = sendChunk(session);
            if (sent <= 0) {
                break;
            }
            budget -= sent;
            workCount++;
        }
        return workCount;
    }

    /**
     * Sees to it that there is something to send on the session's stream.
     *
     * @return false when there is nothing, or when the stream has to change and not all is acked
     */
    private boolean advanceBoundary(final ReplicaSession session) {
        final long sent = session.sentPosition();
        if (sent < session.boundaryPosition()) {
            return true;
        }
        final long end = log.endPosition();
        final boolean live = session.state() == State.LIVE;
        if (live ? end - session.ackedWritten() > configuration.catchUpLagLength()
            : end - sent <= configuration.liveLagLength()) {
            if (session.ackedWritten() < sent) {
                return false;
            }
            session.switchStream();
            gauges.increment(ShardGauges.STREAM_SWITCH_COUNT);
        }
        session.boundaryPosition(end);
        return sent < end;
    }

    private int sendChunk(final ReplicaSession session) {
        final long position = session.sentPosition();
        if (position < log.startPosition()) {
            session.waiting(); // retention was faster; the follower hears no more of this session and asks again
            return 0;
        }
        if (position >= session.epochLimit()) {
            session.epochLimit(epochLimit(position));
        }
        final int stream = session.state() == State.LIVE ? ReplicaLink.LIVE_STREAM : ReplicaLink.CATCH_UP_STREAM;
        final long available = Math.min(session.boundaryPosition(), session.epochLimit()) - position;
        final int length = (int) Math.min(available, link.maxMessageLength(stream) - ChunkMessage.BYTES_FIELD_OFFSET);
        if (position + length - session.ackedWritten() > configuration.maxInFlightLength()) {
            return 0;
        }
        filler.prepare(log, shardId, epoch, session.nonce(), position, log.marks().committedAcquire());
        final long result = link.claim(session.brokerId, stream, ChunkMessage.BYTES_FIELD_OFFSET + length, filler);
        if (result <= 0 || filler.readLength() == 0) {
            return 0;
        }
        session.sent(filler.readLength());
        return filler.readLength();
    }

    private long epochLimit(final long position) {
        long limit = Long.MAX_VALUE;
        for (int i = log.epochCount() - 1; i >= 0; i--) {
            final long start = log.epochStartAt(i);
            if (start <= position) {
                break;
            }
            limit = start;
        }
        return limit;
    }

    // --- heartbeats

    void stageHeartbeat(final ReplicaSession session, final UnsafeBuffer buffer, final int entryIndex) {
        final long sent = session.isStreaming() ? session.sentPosition() : session.replyPosition();
        HeartbeatMessage.encodeEntry(
            buffer, entryIndex, shardId, epoch, session.nonce(), log.marks().committedAcquire(), sent);
        session.stageHeartbeat();
    }

    @Override
    public String toString() {
        return "LeaderShard{shardId=" + shardId + " brokerId=" + brokerId + " epoch=" + epoch + '}';
    }
}
