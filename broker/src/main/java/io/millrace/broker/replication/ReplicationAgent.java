package io.millrace.broker.replication;

import io.millrace.broker.shard.AppliedMetadata;
import io.millrace.broker.shard.LeaderLease;
import io.millrace.engine.Admission;
import io.millrace.engine.DurabilityProfile;
import io.millrace.engine.ShardLog;
import io.millrace.transport.replication.ReplicaLink;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.agrona.DirectBuffer;
import org.agrona.collections.Int2ObjectHashMap;

/**
 * The replication of one broker: all the shards it leads and follows, over one link. Owned by the engine thread.
 *
 * <p>The engine thread's duty cycle: {@link #checkLease}, {@link ShardLog#drain} of each led shard, then
 * {@link #doWork}, which polls the link, commits, sends, acks and at last runs the link's own duty cycle. The agent
 * owns neither the link nor the logs.
 */
public final class ReplicationAgent {
    private static final long RESIGN_WAIT_MIN_NS = TimeUnit.SECONDS.toNanos(1);
    private static final long RESIGN_WAIT_MAX_NS = TimeUnit.SECONDS.toNanos(30);

    private final int brokerId;
    private final ReplicaLink link;
    private final IsrProposals proposals;
    private final ReplicationConfiguration configuration;
    private final RandomGenerator random;
    private final ChunkFiller filler = new ChunkFiller();
    private final ReplicaLink.MessageHandler messageHandler = this::onMessage; // one for all polls
    private final Int2ObjectHashMap<ReplicatedShard> shardById = new Int2ObjectHashMap<>();
    private final ControlBatch acks;
    private final ControlBatch heartbeats;
    private final FollowerShard[] stagedFollowers;
    private final ReplicaSession[] stagedSessions;

    private ReplicatedShard[] shards = new ReplicatedShard[0];
    private int[] peerIds = new int[0];
    private int firstShard;
    private long nowNs;
    private LeaderLease lease = LeaderLease.ENDLESS;
    private boolean leaseHeld = true;
    private boolean waitingRefused;
    private long leaseLostNs;
    private boolean heldBack;
    private long brokerEpoch = ReplicaSession.UNKNOWN;
    private long unknownMessageCount;
    private RepairSession repairs;
    private AppliedExchange applied;

    /**
     * Builds the agent; nothing is sent before an assignment says so.
     *
     * @param brokerId      this broker
     * @param link          to its peers
     * @param proposals     where ISR changes are asked for
     * @param configuration times and bounds
     * @param random        for session nonces and for spreading retries
     */
    public ReplicationAgent(
        final int brokerId, final ReplicaLink link, final IsrProposals proposals,
        final ReplicationConfiguration configuration, final RandomGenerator random) {
        this.brokerId = brokerId;
        this.link = link;
        this.proposals = proposals;
        this.configuration = configuration;
        this.random = random;
        this.acks = new ControlBatch(MessageHeader.ACK, link);
        this.heartbeats = new ControlBatch(MessageHeader.HEARTBEAT, link);
        this.stagedFollowers = new FollowerShard[acks.capacity()];
        this.stagedSessions = new ReplicaSession[heartbeats.capacity()];
    }

    /**
     * Lets replicas fetch damaged segments from each other; without it such messages are not known.
     *
     * @param port shared with the maintenance of this broker
     * @return this
     */
    public ReplicationAgent repairs(final RepairPort port) {
        repairs = new RepairSession(brokerId, link, port, random, shardId -> {
            final ReplicatedShard shard = shardById.get(shardId);
            return shard == null ? null : shard.assignment;
        });
        return this;
    }

    /**
     * Lets this broker and its peers tell each other what metadata they answer with; without it such messages are not
     * known.
     *
     * @param versions of all of them
     * @param onNews   called when a peer has said something new
     * @return this
     */
    public ReplicationAgent applied(final AppliedMetadata versions, final Runnable onNews) {
        applied = new AppliedExchange(link, versions, onNews, configuration.heartbeatIntervalNs());
        return this;
    }

    /**
     * Sets until when this broker may act as a leader; an endless lease unless set.
     *
     * @param newLease asked in each duty cycle
     * @return this
     */
    public ReplicationAgent lease(final LeaderLease newLease) {
        lease = newLease;
        return this;
    }

    /**
     * Notes under which epoch this broker is registered; leaders are told anew when it has changed.
     *
     * @param newBrokerEpoch of the present registration
     * @param newNowNs       monotonic time
     */
    public void brokerEpoch(final long newBrokerEpoch, final long newNowNs) {
        brokerEpoch = newBrokerEpoch;
        for (final ReplicatedShard shard : shards) {
            if (shard.follower != null) {
                shard.follower.brokerEpoch(newBrokerEpoch, newNowNs);
            }
        }
    }

    // --- assignments, cold

    /**
     * Takes a shard whose log is open and recovered; it is idle until an assignment comes.
     *
     * @param shardId its id
     * @param log     its log, owned by the caller
     * @param profile of its class
     * @return its gauges
     */
    public ShardGauges addShard(final int shardId, final ShardLog log, final DurabilityProfile profile) {
        if (shardById.containsKey(shardId)) {
            throw new IllegalArgumentException("the shard is there already: shardId=" + shardId);
        }
        final ReplicatedShard shard = new ReplicatedShard(shardId, log, profile);
        shardById.put(shardId, shard);
        shards = Arrays.copyOf(shards, shards.length + 1);
        shards[shards.length - 1] = shard;
        return shard.gauges;
    }

    /**
     * Lets go of a shard; stops leading it first. Its log is the caller's to close.
     *
     * @param shardId its id; one that is not there is no error
     */
    public void removeShard(final int shardId) {
        final ReplicatedShard shard = shardById.remove(shardId);
        if (shard != null) {
            shard.stop();
            shards = Arrays.stream(shards).filter(s -> s != shard).toArray(ReplicatedShard[]::new);
            collectPeers();
        }
    }

    /**
     * Takes what the metadata says about a shard: leads under a new epoch, follows, or only notes a new ISR. An older
     * epoch than the one known is ignored.
     *
     * <p>A broker whose log already holds the epoch it is to lead (it restarted and the quorum has not noticed) does
     * not lead: see {@link ShardGauges#AWAITS_EPOCH}.
     *
     * @param assignment of a shard added before
     * @param newNowNs   monotonic time
     */
    public void applyAssignment(final ShardAssignment assignment, final long newNowNs) {
        final ReplicatedShard shard = shardById.get(assignment.shardId());
        if (shard == null) {
            throw new IllegalArgumentException("add the shard first: shardId=" + assignment.shardId());
        }
        nowNs = newNowNs;
        if (shard.assignment != null && assignment.leaderEpoch() < shard.assignment.leaderEpoch()) {
            return;
        }
        if (shard.isSameLeadership(assignment)) {
            shard.assignment = assignment;
            if (shard.leader != null) {
                shard.leader.acceptIsr(assignment.isr(), assignment.isrVersion());
                move(shard);
            } else if (shard.follower != null) {
                shard.follower.inSync(Arrays.stream(assignment.isr()).anyMatch(id -> id == brokerId));
            }
            return;
        }
        shard.stop();
        shard.assignment = assignment;
        shard.gauges.set(ShardGauges.LEADER_EPOCH, assignment.leaderEpoch());
        collectPeers();
        if (assignment.leaderId() == brokerId) {
            if (shard.log.lastEpoch() >= assignment.leaderEpoch()) {
                // What this epoch means is already in logs elsewhere; a second start of it could part them.
                shard.gauges.set(ShardGauges.AWAITS_EPOCH, 1);
            } else {
                lead(shard);
            }
        } else if (assignment.leaderId() != ShardAssignment.NO_LEADER) {
            shard.gauges.set(ShardGauges.ROLE, ShardGauges.ROLE_FOLLOWER);
            shard.follower = new FollowerShard(
                assignment, shard.log, shard.durable, link, configuration, random, shard.gauges, brokerEpoch,
                nowNs);
            shard.follower.inSync(Arrays.stream(assignment.isr()).anyMatch(id -> id == brokerId));
        }
    }

    private void lead(final ReplicatedShard shard) {
        final ShardAssignment assignment = shard.assignment;
        shard.leadingDue = false;
        final long epochStartEnd = shard.log.startLeading(assignment.leaderEpoch());
        if (epochStartEnd < 0) {
            shard.leadingDue = !shard.log.isOffline(); // a full disk may get room again, a ring may be given back
            shard.nextLeadingNs = nowNs + configuration.proposalRetryNs();
            resign(shard, epochStartEnd);
            return;
        }
        shard.resignWaitNs = 0;
        shard.gauges.set(ShardGauges.ROLE, ShardGauges.ROLE_LEADER);
        shard.leader = new LeaderShard(
            brokerId, assignment, shard.log, shard.durable, epochStartEnd, link, proposals, filler, configuration,
            random, shard.gauges, nowNs);
        if (admission(shard) != Admission.OPEN) {
            shard.log.admission(admission(shard));
        }
        move(shard);
    }

    /** Begins to hand a leadership over, or ends that, as the assignment says. */
    private void move(final ReplicatedShard shard) {
        final int toBrokerId = shard.assignment.movingTo();
        final int present = shard.move == null ? ShardAssignment.NO_LEADER : shard.move.toBrokerId();
        if (toBrokerId != present) {
            shard.move = toBrokerId == ShardAssignment.NO_LEADER ? null : new LeadershipMove(toBrokerId, nowNs);
            shard.log.admission(admission(shard));
        }
    }

    private int workOnMove(final ReplicatedShard shard) {
        final boolean wasHolding = shard.move.isHolding();
        if (!shard.move.doWork(leaseHeld && shard.leader.hasEverything(shard.move.toBrokerId()), nowNs)) {
            return 0;
        }
        if (shard.move.isHolding() != wasHolding) {
            shard.log.admission(admission(shard));
        }
        proposals.finishMove(shard.shardId, shard.leader.epoch(), shard.move.outcome());
        return 1;
    }

    /** Another replica may have room; it is asked for at once the first time, then more and more seldom. */
    private void resign(final ReplicatedShard shard, final long reason) {
        if (shard.resignWaitNs != 0 && nowNs - shard.nextResignNs < 0) {
            return;
        }
        shard.resignWaitNs = shard.resignWaitNs == 0
            ? RESIGN_WAIT_MIN_NS : Math.min(2 * shard.resignWaitNs, RESIGN_WAIT_MAX_NS);
        shard.nextResignNs = nowNs + shard.resignWaitNs;
        proposals.resign(shard.shardId, shard.assignment.leaderEpoch(), reason);
    }

    /**
     * Looks at the clock before anything is taken, committed or answered. When the lease has ended, what comes in is
     * refused with NOT_LEADER_OR_FOLLOWER and nothing is committed; what waits for an ack goes on waiting for a while,
     * for the lease may come back in the same epoch, and is then refused too.
     *
     * @param newNowNs monotonic time
     * @return whether the lease is held
     */
    public boolean checkLease(final long newNowNs) {
        final boolean held = lease.isHeld(newNowNs);
        if (held != leaseHeld) {
            leaseHeld = held;
            leaseLostNs = newNowNs;
            waitingRefused = false;
            admitAll();
        } else if (!held && !waitingRefused && newNowNs - leaseLostNs >= configuration.lagTimeMaxNs()) {
            waitingRefused = true;
            for (final ReplicatedShard shard : shards) {
                if (shard.leader != null) {
                    shard.log.refuseWaiting();
                }
            }
        }
        return held;
    }

    /**
     * Lets producers wait outside, so that followers get all there is before leadership is handed over.
     *
     * @param newHeldBack false to take what waits there
     */
    public void holdBack(final boolean newHeldBack) {
        heldBack = newHeldBack;
        admitAll();
    }

    private Admission admission(final ReplicatedShard shard) {
        if (!leaseHeld) {
            return Admission.REFUSED;
        }
        return heldBack || shard.move != null && shard.move.isHolding() ? Admission.HELD : Admission.OPEN;
    }

    private void admitAll() {
        for (final ReplicatedShard shard : shards) {
            if (shard.leader != null) {
                shard.log.admission(admission(shard));
            }
        }
    }

    /** Stops leading everything, so that waiting producers get an answer. */
    public void stop() {
        for (final ReplicatedShard shard : shards) {
            shard.stop();
        }
    }

    /** {@return messages that belong to no shard here, or that cannot be read} */
    public long unknownMessageCount() {
        return unknownMessageCount;
    }

    private void collectPeers() {
        peerIds = Arrays.stream(shards)
            .filter(shard -> shard.assignment != null)
            .flatMapToInt(shard -> Arrays.stream(shard.assignment.replicas()))
            .filter(id -> id != brokerId)
            .distinct()
            .sorted()
            .toArray();
    }

    // --- duty cycle

    /**
     * The duty cycle; never blocks.
     *
     * @param newNowNs monotonic time
     * @return work count
     */
    public int doWork(final long newNowNs) {
        nowNs = newNowNs;
        checkLease(newNowNs);
        int workCount = link.poll(messageHandler, configuration.pollMessageCount());
        final int count = shards.length;
        firstShard = ++firstShard >= count ? 0 : firstShard; // no shard always goes first
        for (int i = 0; i < count; i++) {
            final int next = firstShard + i;
            workCount += workOn(shards[next < count ? next : next - count]);
        }
        for (final int peerId : peerIds) {
            workCount += sendAcks(peerId);
            workCount += sendHeartbeats(peerId);
        }
        workCount += repairs == null ? 0 : repairs.doWork(nowNs);
        workCount += applied == null ? 0 : applied.doWork(nowNs);
        return workCount + link.doWork(nowNs);
    }

    private int workOn(final ReplicatedShard shard) {
        int workCount = 0;
        if (shard.leader != null) {
            workCount = shard.leader.doWork(nowNs, leaseHeld);
            workCount += shard.move == null ? 0 : workOnMove(shard);
        } else if (shard.follower != null) {
            workCount = shard.follower.doWork(nowNs);
        } else if (shard.leadingDue && nowNs - shard.nextLeadingNs >= 0) {
            lead(shard);
            workCount = 1;
        }
        shard.publishMarks();
        return workCount;
    }

    private int sendAcks(final int peerId) {
        int workCount = 0;
        for (final ReplicatedShard shard : shards) {
            final FollowerShard follower = shard.follower;
            if (follower != null && follower.leaderId() == peerId && follower.isAckDue(nowNs)) {
                stagedFollowers[acks.count()] = follower;
                follower.stageAck(acks.buffer(), acks.nextEntryIndex());
                workCount += acks.isFull() ? flushAcks(peerId) : 0;
            }
        }
        return workCount + flushAcks(peerId);
    }

    private int flushAcks(final int peerId) {
        final int count = acks.count();
        if (count == 0 || !acks.send(peerId)) {
            return 0; // still due: staged again in the next duty cycle
        }
        for (int i = 0; i < count; i++) {
            stagedFollowers[i].ackSent(nowNs);
        }
        return count;
    }

    private int sendHeartbeats(final int peerId) {
        int workCount = 0;
        for (final ReplicatedShard shard : shards) {
            if (shard.leader == null) {
                continue;
            }
            for (final ReplicaSession session : shard.leader.sessions()) {
                if (session.brokerId == peerId && session.isHeartbeatDue(configuration.heartbeatIntervalNs(), nowNs)) {
                    stagedSessions[heartbeats.count()] = session;
                    shard.leader.stageHeartbeat(session, heartbeats.buffer(), heartbeats.nextEntryIndex());
                    workCount += heartbeats.isFull() ? flushHeartbeats(peerId) : 0;
                }
            }
        }
        return workCount + flushHeartbeats(peerId);
    }

    private int flushHeartbeats(final int peerId) {
        final int count = heartbeats.count();
        if (count == 0 || !heartbeats.send(peerId)) {
            return 0;
        }
        for (int i = 0; i < count; i++) {
            stagedSessions[i].heartbeatSent(nowNs);
        }
        return count;
    }

    // --- messages

    private void onMessage(
        final int fromBrokerId, final int stream, final DirectBuffer buffer, final int index, final int length) {
        if (length < MessageHeader.LENGTH || MessageHeader.version(buffer, index) != MessageHeader.VERSION) {
            unknownMessageCount++;
            return;
        }
        switch (MessageHeader.type(buffer, index)) {
            case MessageHeader.ACK -> onAcks(fromBrokerId, buffer, index, length);
            case MessageHeader.HEARTBEAT -> onHeartbeats(fromBrokerId, buffer, index, length);
            case MessageHeader.REPAIR_REQUEST, MessageHeader.REPAIR_CHUNK, MessageHeader.REPAIR_REFUSED -> {
                if (repairs == null || !repairs.onMessage(fromBrokerId, buffer, index, length, nowNs)) {
                    unknownMessageCount++;
                }
            }
            case MessageHeader.APPLIED -> {
                if (applied == null || length < AppliedMessage.LENGTH) {
                    unknownMessageCount++;
                } else {
                    applied.onMessage(fromBrokerId, buffer, index, nowNs);
                }
            }
            default -> onShardMessage(fromBrokerId, buffer, index, length);
        }
    }

    private void onShardMessage(
        final int fromBrokerId, final DirectBuffer buffer, final int index, final int length) {
        final ReplicatedShard shard = shardById.get(MessageHeader.shardId(buffer, index));
        final byte type = MessageHeader.type(buffer, index);
        if (shard == null) {
            unknownMessageCount++;
        } else if (type == MessageHeader.CHUNK && ChunkMessage.isWhole(buffer, index, length)) {
            if (shard.follower != null) {
                shard.follower.onChunk(fromBrokerId, buffer, index, nowNs);
            }
        } else if (type == MessageHeader.FETCH_FROM && FetchFromMessage.isWhole(buffer, index, length)) {
            if (shard.leader != null) {
                shard.leader.onFetchFrom(fromBrokerId, buffer, index);
            }
        } else if (type == MessageHeader.TRUNCATE && length >= TruncateMessage.LENGTH) {
            if (shard.follower != null) {
                shard.follower.onTruncate(fromBrokerId, buffer, index, nowNs);
            }
        } else if (type == MessageHeader.START && length >= StartMessage.LENGTH) {
            if (shard.follower != null) {
                shard.follower.onStart(fromBrokerId, buffer, index, nowNs);
            }
        } else if (type == MessageHeader.RESET && length >= ResetMessage.LENGTH) {
            if (shard.follower != null) {
                shard.follower.onReset(fromBrokerId, buffer, index, nowNs);
            }
        } else {
            unknownMessageCount++;
        }
    }

    private void onAcks(final int fromBrokerId, final DirectBuffer buffer, final int index, final int length) {
        if (!AckMessage.isWhole(buffer, index, length)) {
            unknownMessageCount++;
            return;
        }
        for (int i = 0, count = MessageHeader.entryCount(buffer, index); i < count; i++) {
            final int entryIndex = AckMessage.entryIndex(index, i);
            final ReplicatedShard shard = shardById.get(AckMessage.shardId(buffer, entryIndex));
            if (shard != null && shard.leader != null) {
                shard.leader.onAck(
                    fromBrokerId, AckMessage.epoch(buffer, entryIndex), AckMessage.nonce(buffer, entryIndex),
                    AckMessage.written(buffer, entryIndex), AckMessage.synced(buffer, entryIndex), nowNs);
            }
        }
    }

    private void onHeartbeats(final int fromBrokerId, final DirectBuffer buffer, final int index, final int length) {
        if (!HeartbeatMessage.isWhole(buffer, index, length)) {
            unknownMessageCount++;
            return;
        }
        for (int i = 0, count = MessageHeader.entryCount(buffer, index); i < count; i++) {
            final int entryIndex = HeartbeatMessage.entryIndex(index, i);
            final ReplicatedShard shard = shardById.get(HeartbeatMessage.shardId(buffer, entryIndex));
            if (shard != null && shard.follower != null) {
                shard.follower.onHeartbeat(
                    fromBrokerId, HeartbeatMessage.epoch(buffer, entryIndex),
                    HeartbeatMessage.nonce(buffer, entryIndex), HeartbeatMessage.committed(buffer, entryIndex),
                    HeartbeatMessage.sent(buffer, entryIndex), nowNs);
            }
        }
    }
}
