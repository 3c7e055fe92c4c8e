package io.millrace.broker.replication;

import io.millrace.engine.ShardLog;
import io.millrace.transport.replication.ReplicaLink;
import java.util.random.RandomGenerator;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * One shard while this broker follows: aligns its log by epoch, appends what the leader sends, acks whole checked
 * frames. Owned by the engine thread.
 *
 * <p>Whatever is not of its leader's epoch and session is dropped. Bytes of its session that do not continue its log
 * end the session: it starts a handshake again, with a growing wait between two in vain.
 */
final class FollowerShard {
    private final int shardId;
    private final int leaderId;
    private final int epoch;
    private final boolean durable;
    private final ShardLog log;
    private final ReplicaLink link;
    private final ReplicationConfiguration configuration;
    private final RandomGenerator random;
    private final ShardGauges gauges;
    private final FrameAssembler assembler;
    private final UnsafeBuffer fetchFromBuffer = new UnsafeBuffer(new byte[FetchFromMessage.MAX_LENGTH]);

    // A session is open while the nonce is set; else a handshake is under way.
    private long nonce = ReplicaSession.NO_NONCE;
    private boolean inSync = true;
    private long brokerEpoch;
    private int handshakeId;
    private long nextHandshakeNs;
    private long retryNs;

    private long leaderCommitted;
    private long leaderSent;
    private long heardNs;
    private long progressNs;

    private boolean ackDue;
    private long ackedWritten;
    private long ackedSynced;
    private long ackNs;
    private long stagedWritten;
    private long stagedSynced;

    FollowerShard(
        final ShardAssignment assignment, final ShardLog log, final boolean durable, final ReplicaLink link,
        final ReplicationConfiguration configuration, final RandomGenerator random, final ShardGauges gauges,
        final long brokerEpoch, final long nowNs) {
        this.shardId = assignment.shardId();
        this.leaderId = assignment.leaderId();
        this.epoch = assignment.leaderEpoch();
        this.durable = durable;
        this.brokerEpoch = brokerEpoch;
        this.log = log;
        this.link = link;
        this.configuration = configuration;
        this.random = random;
        this.gauges = gauges;
        this.assembler = new FrameAssembler(configuration.maxFrameLength());
        this.handshakeId = random.nextInt(); // an answer meant for this broker before a restart does not match
        this.retryNs = configuration.handshakeRetryMinNs();
        this.nextHandshakeNs = nowNs;
    }

    /** Whether the quorum counts this replica as in sync, so that it could be elected. */
    void inSync(final boolean newInSync) {
        inSync = newInSync;
    }

    /** This broker has registered anew: the leader has to know for whom it vouches. */
    void brokerEpoch(final long newBrokerEpoch, final long nowNs) {
        if (newBrokerEpoch != brokerEpoch) {
            brokerEpoch = newBrokerEpoch;
            handshakeId++; // an answer that is under way was given to the registration before
            endSession(nowNs);
        }
    }

    int leaderId() {
        return leaderId;
    }

    int epoch() {
        return epoch;
    }

    // --- duty cycle

    int doWork(final long nowNs) {
        if (log.isOffline()) {
            return 0;
        }
        if (nonce == ReplicaSession.NO_NONCE) {
            return nowNs - nextHandshakeNs >= 0 ? askLeader(nowNs) : 0;
        }
        final boolean silent = nowNs - heardNs > configuration.sessionTimeoutNs();
        final boolean stalled = receivedPosition() < leaderSent
            && nowNs - progressNs > configuration.sessionTimeoutNs();
        if (silent || stalled) {
            endSession(nowNs);
            return 1;
        }
        return commit();
    }

    private int askLeader(final long nowNs) {
        handshakeId++;
        final int length = FetchFromMessage.encode(fetchFromBuffer, 0, shardId, epoch, handshakeId, brokerEpoch, log);
        if (link.offer(leaderId, ReplicaLink.CONTROL_STREAM, fetchFromBuffer, 0, length)
            == ReplicaLink.BACK_PRESSURED) {
            return 0;
        }
        nextHandshakeNs = nowNs + retryNs / 2 + random.nextLong(retryNs);
        retryNs = Math.min(2 * retryNs, configuration.handshakeRetryMaxNs());
        gauges.increment(ShardGauges.HANDSHAKE_COUNT);
        return 1;
    }

    /** Gives the session up; the first handshake after one that made progress goes out at once. */
    private void endSession(final long nowNs) {
        nonce = ReplicaSession.NO_NONCE;
        assembler.clear();
        ackDue = false;
        nextHandshakeNs = retryNs == configuration.handshakeRetryMinNs() ? nowNs : nowNs + random.nextLong(retryNs);
    }

    private int commit() {
        final long own = durable ? log.marks().syncedAcquire() : log.endPosition();
        final long position = Math.min(leaderCommitted, own);
        if (position <= log.marks().committedAcquire()) {
            return 0;
        }
        log.commit(position);
        return 1;
    }

    private long receivedPosition() {
        return log.endPosition() + assembler.length();
    }

    // --- handshake

    void onTruncate(final int fromBrokerId, final DirectBuffer buffer, final int index, final long nowNs) {
        if (!isAnswer(fromBrokerId, TruncateMessage.epoch(buffer, index), TruncateMessage.handshakeId(buffer, index))) {
            return;
        }
        final long position = TruncateMessage.position(buffer, index);
        if (position < log.startPosition() || position > log.endPosition()) {
            gauges.increment(ShardGauges.PROTOCOL_ERROR_COUNT);
            return;
        }
        final long cutPosition = log.cutPosition(position);
        if (cutPosition < position && inSync) {
            // Bytes that count as held are in quarantine there: asks again later, until they are repaired, or until
            // this replica has left the ISR and may fetch them as everybody does.
            return;
        }
        countCut(cutPosition);
        gauges.increment(ShardGauges.TRUNCATION_COUNT);
        log.truncate(cutPosition);
        nextHandshakeNs = nowNs; // ask again: the session starts where this log now ends
        askLeader(nowNs);
    }

    void onStart(final int fromBrokerId, final DirectBuffer buffer, final int index, final long nowNs) {
        if (!isAnswer(fromBrokerId, StartMessage.epoch(buffer, index), StartMessage.handshakeId(buffer, index))) {
            return;
        }
        if (StartMessage.position(buffer, index) != log.endPosition()) {
            gauges.increment(ShardGauges.PROTOCOL_ERROR_COUNT);
            return;
        }
        beginSession(StartMessage.nonce(buffer, index), nowNs);
    }

    void onReset(final int fromBrokerId, final DirectBuffer buffer, final int index, final long nowNs) {
        if (!isAnswer(fromBrokerId, ResetMessage.epoch(buffer, index), ResetMessage.handshakeId(buffer, index))) {
            return;
        }
        final long basePosition = ResetMessage.position(buffer, index);
        countCut(log.startPosition());
        gauges.increment(ShardGauges.RESET_COUNT);
        log.reset(basePosition);
        beginSession(ResetMessage.nonce(buffer, index), nowNs);
    }

    private boolean isAnswer(final int fromBrokerId, final int answerEpoch, final int answerHandshakeId) {
        return fromBrokerId == leaderId && answerEpoch == epoch && answerHandshakeId == handshakeId
            && nonce == ReplicaSession.NO_NONCE && !log.isOffline();
    }

    private void countCut(final long position) {
        if (position < log.marks().committedAcquire()) {
            gauges.increment(ShardGauges.COMMITTED_CUT_COUNT);
        }
    }

    private void beginSession(final long newNonce, final long nowNs) {
        if (log.isOffline()) {
            return; // the cut failed
        }
        nonce = newNonce;
        assembler.clear();
        leaderCommitted = 0;
        leaderSent = log.endPosition();
        heardNs = nowNs;
        progressNs = nowNs;
        ackDue = true;
    }

    // --- the leader's log

    void onChunk(final int fromBrokerId, final DirectBuffer buffer, final int index, final long nowNs) {
        if (!isOfSession(fromBrokerId, ChunkMessage.epoch(buffer, index), ChunkMessage.nonce(buffer, index))) {
            gauges.increment(ShardGauges.DROPPED_CHUNK_COUNT);
            return;
        }
        heardNs = nowNs;
        if (ChunkMessage.startPosition(buffer, index) != receivedPosition()) {
            gauges.increment(ShardGauges.DROPPED_CHUNK_COUNT);
            endSession(nowNs);
            return;
        }
        if (!take(buffer, index + ChunkMessage.BYTES_FIELD_OFFSET, ChunkMessage.length(buffer, index))) {
            gauges.increment(ShardGauges.CORRUPT_COUNT);
            retryNs = configuration.handshakeRetryMaxNs();
            endSession(nowNs);
            return;
        }
        progressNs = nowNs;
        retryNs = configuration.handshakeRetryMinNs();
        leaderCommitted = Math.max(leaderCommitted, ChunkMessage.committed(buffer, index));
        commit();
    }

    /** Appends the whole frames, straight from the link's memory unless one was split over chunks. */
    private boolean take(final DirectBuffer buffer, final int bytesIndex, final int length) {
        int index = bytesIndex;
        int rest = length;
        if (assembler.length() > 0) {
            final int taken = assembler.take(buffer, index, rest);
            if (taken == FrameAssembler.INVALID) {
                return false;
            }
            index += taken;
            rest -= taken;
            if (assembler.isComplete()) {
                final int frameLength = assembler.length();
                assembler.clear();
                if (log.append(assembler.buffer(), 0, frameLength) < 0) {
                    return false;
                }
            }
        }
        final int whole = assembler.wholeFramesLength(buffer, index, rest);
        if (whole == FrameAssembler.INVALID || whole > 0 && log.append(buffer, index, whole) < 0) {
            return false;
        }
        return rest == whole || assembler.take(buffer, index + whole, rest - whole) != FrameAssembler.INVALID;
    }

    void onHeartbeat(
        final int fromBrokerId, final int heartbeatEpoch, final long heartbeatNonce, final long committed,
        final long sent, final long nowNs) {
        if (!isOfSession(fromBrokerId, heartbeatEpoch, heartbeatNonce)) {
            return;
        }
        heardNs = nowNs;
        leaderCommitted = Math.max(leaderCommitted, committed);
        if (receivedPosition() >= leaderSent) {
            progressNs = nowNs; // it had all that was told before: the time to miss bytes begins now
        }
        leaderSent = Math.max(leaderSent, sent);
        ackDue = true;
    }

    private boolean isOfSession(final int fromBrokerId, final int messageEpoch, final long messageNonce) {
        return fromBrokerId == leaderId && messageEpoch == epoch && messageNonce == nonce
            && nonce != ReplicaSession.NO_NONCE && !log.isOffline();
    }

    // --- acks

    boolean isAckDue(final long nowNs) {
        if (nonce == ReplicaSession.NO_NONCE || log.isOffline()) {
            return false;
        }
        return ackDue || log.endPosition() != ackedWritten || log.marks().syncedAcquire() != ackedSynced && durable
            || nowNs - ackNs >= configuration.heartbeatIntervalNs();
    }

    void stageAck(final UnsafeBuffer buffer, final int entryIndex) {
        stagedSynced = log.marks().syncedAcquire(); // before written, which it must not pass
        stagedWritten = log.endPosition();
        AckMessage.encodeEntry(
            buffer, entryIndex, shardId, epoch, nonce, stagedWritten, Math.min(stagedSynced, stagedWritten));
    }

    void ackSent(final long nowNs) {
        ackDue = false;
        ackedWritten = stagedWritten;
        ackedSynced = stagedSynced;
        ackNs = nowNs;
    }
}
