package io.millrace.broker.sim;

import io.millrace.broker.replication.ReplicationConfiguration;
import io.millrace.engine.ErrorCodes;
import io.millrace.engine.ShardIngress;
import io.millrace.transport.replication.ReplicaLink;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Supplier;

/**
 * A cluster of three brokers in one thread on virtual time: real shard logs on simulated disks, real replication over a
 * simulated network, a metadata authority, producers. First faults, then a healed cluster that has to converge.
 */
final class Simulation {
    /** An invariant does not hold. */
    static final class Violation extends AssertionError {
        private static final long serialVersionUID = 1;

        Violation(final String message) {
            super(message);
        }
    }

    private record Attempt(SimClient client, SimBatch batch, long generation) {
    }

    private static final int[] ACKS = {-1, 1, -1, 0};
    private static final int MAX_FRAME_LENGTH = 24 << 10;
    private static final long CONVERGENCE_NS = 20_000_000_000L;
    private static final long SOUND_CHECK_INTERVAL_NS = 200_000_000L;

    private final SimOptions options;
    private final SplittableRandom random;
    private final SimScheduler scheduler;
    private final SimNetwork network;
    private final SimMetadata metadata;
    private final SimCounters counters = new SimCounters();
    private final ReplicationConfiguration configuration = SimNode.configuration(MAX_FRAME_LENGTH);
    private final SimNode[] nodes = new SimNode[SimOptions.BROKER_COUNT + 1];
    private final SimMetadata.Shard[] shards;
    private final ShadowLog[] committed;
    private final List<SimClient> clients = new ArrayList<>();
    private final Map<Long, Attempt> attempts = new HashMap<>();
    private final SimFaults faults;
    private final Set<Long> ackedAll = new HashSet<>();
    private long lastReplyId;
    private long nextSoundCheckNs;

    Simulation(final SimOptions options) {
        this.options = options;
        random = new SplittableRandom(options.seed());
        scheduler = new SimScheduler(random.split());
        network = new SimNetwork(random.split());
        network.delay(20_000, options.maxDelayNs());
        network.maxChunkMessageLength(options.maxChunkMessageLength());
        network.windowLength(options.windowLength());
        shards = new SimMetadata.Shard[options.shardCount()];
        committed = new ShadowLog[options.shardCount()];
        for (int i = 0; i < shards.length; i++) {
            shards[i] = new SimMetadata.Shard(i, i + 1, new int[] {1, 2, 3});
            committed[i] = new ShadowLog();
        }
        metadata = new SimMetadata(scheduler, random.split(), counters, nodes, shards);
        for (int id = 1; id < nodes.length; id++) {
            final SimStore[] stores = new SimStore[shards.length];
            for (int i = 0; i < stores.length; i++) {
                stores[i] = new EngineStore(options, "shard-" + i + "@" + id, scheduler::nowNs, random.split());
            }
            nodes[id] = new SimNode(this, random.split(), id, stores);
        }
        for (int i = 0; i < 3 * shards.length; i++) {
            clients.add(new SimClient(this, random.split(), i + 1, i % shards.length, ACKS[i % ACKS.length]));
        }
        faults = new SimFaults(this, nodes, random.split());
    }

    /** {@return the trace hash; throws a {@link Violation} when something does not hold} */
    long run() {
        try {
            for (int id = 1; id < nodes.length; id++) {
                nodes[id].start();
            }
            clients.forEach(SimClient::run);
            faults.start();
            runUntil(options.durationNs());
            faults.heal();
            clients.forEach(SimClient::finish);
            final long limitNs = scheduler.nowNs() + CONVERGENCE_NS;
            while (!hasConverged() && step(limitNs)) {
                continue;
            }
            nextSoundCheckNs = 0;
            check(hasConverged(), () -> "no convergence within " + CONVERGENCE_NS + " ns: " + state());
            checkEnd();
            return scheduler.traceHash();
        } catch (final Violation | RuntimeException ex) {
            ex.addSuppressed(new Violation("at " + scheduler.nowNs() + " ns of " + options + state()));
            throw ex;
        } finally {
            close();
        }
    }

    private void runUntil(final long limitNs) {
        while (step(limitNs)) {
            continue;
        }
    }

    private boolean step(final long limitNs) {
        final boolean ran = scheduler.runNext(limitNs);
        network.nowNs(scheduler.nowNs());
        if (ran) {
            counters.events++;
            for (int id = 1; id < nodes.length; id++) {
                for (int i = 0; i < shards.length; i++) {
                    nodes[id].replica(i).checkMarks();
                }
            }
        }
        return ran;
    }

    private void close() {
        counters.runs = 1;
        counters.partitions += network.counters().partitions;
        counters.messagesLost += network.counters().messagesLost;
        counters.backPressured += network.counters().backPressured;
        counters.catchUpMessages += network.counters().catchUpMessages;
    }

    // --- what the parts ask for

    SimOptions options() {
        return options;
    }

    SimScheduler scheduler() {
        return scheduler;
    }

    SimNetwork network() {
        return network;
    }

    SimMetadata metadata() {
        return metadata;
    }

    SimCounters counters() {
        return counters;
    }

    ReplicationConfiguration replicationConfiguration() {
        return configuration;
    }

    SimReplica replica(final int brokerId, final int shardId) {
        return nodes[brokerId].replica(shardId);
    }

    boolean isRepairChunkSpoiled() {
        return faults.isRepairChunkSpoiled();
    }

    /** {@return everything ever committed of a shard} */
    ShadowLog committed(final int shardId) {
        return committed[shardId];
    }

    // --- producing

    /** {@return what the ring said, {@link ShardIngress#NOT_LEADING} when nobody answers} */
    int produce(final SimClient client, final SimBatch batch, final long generation) {
        final SimNode leader = nodes[shards[client.shardId].leaderId];
        if (!leader.isUp() || leader.isPaused()) {
            return ShardIngress.NOT_LEADING;
        }
        final long replyId = client.acks == 0 ? 0 : ++lastReplyId;
        final ShardIngress ingress = leader.replica(client.shardId).log().ingress();
        final int index = ingress.tryClaim(client.partitionId(), batch.length(), replyId, client.acks);
        if (index >= 0) {
            ingress.buffer().putBytes(index, batch.buffer, 0, batch.length());
            ingress.commit(index);
            attempts.put(replyId, new Attempt(client, batch, generation));
        }
        return index;
    }

    void onOutcome(
        final SimNode node, final int shardId, final long replyId, final short errorCode, final long baseOffset) {
        final Attempt attempt = attempts.remove(replyId);
        check(attempt != null, () -> "an outcome nobody waits for: replyId=" + replyId);
        scheduler.trace(replyId << 8 | errorCode);
        if (errorCode == ErrorCodes.NONE) {
            checkAck(node, shardId, attempt, baseOffset);
        }
        if (faults.isReplyLost()) {
            return;
        }
        final long atNs = attempt.client.nextResponseNs(random.nextLong(options.maxDelayNs()));
        scheduler.after(atNs - scheduler.nowNs(), () ->
            attempt.client.onResponse(attempt.batch, attempt.generation, errorCode));
    }

    private void checkAck(final SimNode node, final int shardId, final Attempt attempt, final long baseOffset) {
        final SimReplica leader = node.replica(shardId);
        leader.catchUp();
        final ShadowLog.Frame kept = leader.shadow().frameOf(attempt.batch.id);
        // A batch sent twice may be answered when retention has given it back.
        final ShadowLog.Frame frame = kept != null ? kept : committed[shardId].frameOf(attempt.batch.id);
        check(frame != null && frame.baseOffset() == baseOffset,
            () -> "acked what is not in the log: batch " + attempt.batch.id + " offset " + baseOffset + ": " + frame);
        check(leader.held() >= frame.end(), () -> "acked what is not held: " + frame + " held=" + leader.held());
        if (attempt.client.acks == -1) {
            counters.ackedAll++;
            counters.duplicatesAnswered += ackedAll.add(attempt.batch.id) ? 0 : 1;
            check(frame.end() <= committed[shardId].end(), () -> "acked as all what is not committed: " + frame);
            check(leader.epoch() == leader.log().lastEpoch(), () -> "acked by a leader that is none: " + frame);
            checkCommit(shards[shardId], leader.epoch(), frame.end());
        } else {
            counters.ackedLeader++;
        }
    }

    // --- invariants

    /** Who is in the ISR, by what the authority has accepted, must hold what a leader commits; and enough must. */
    void checkCommit(final SimMetadata.Shard shard, final int leaderEpoch, final long position) {
        int holders = 0;
        for (final int member : shard.replicas) {
            final SimReplica replica = nodes[member].replica(shard.id);
            final boolean inSync = shard.isInSync(member);
            if (inSync) {
                replica.checkHeld(leaderEpoch, position);
            }
            holders += replica.held() >= position || inSync && replica.isExcused() ? 1 : 0;
        }
        check(holders >= SimOptions.MIN_ISR, "shard " + shard.id + " commits with too few replicas: " + holders);
    }

    void check(final boolean holds, final String message) {
        if (!holds) {
            fail(message);
        }
    }

    void check(final boolean holds, final Supplier<String> message) {
        if (!holds) {
            fail(message.get());
        }
    }

    void fail(final String message) {
        throw new Violation(message);
    }

    private boolean hasConverged() {
        for (final SimMetadata.Shard shard : shards) {
            final long end = nodes[shard.leaderId].replica(shard.id).shadow().end();
            if (shard.isr.length < shard.replicas.length || committed[shard.id].end() != end) {
                return false;
            }
            for (final int member : shard.replicas) {
                final SimReplica replica = nodes[member].replica(shard.id);
                if (replica.log() == null || replica.log().endPosition() != end
                    || replica.log().marks().committedAcquire() != end) {
                    return false;
                }
            }
        }
        return clients.stream().allMatch(SimClient::isDone) && (!options.bitRot() || isSound());
    }

    /** Dear, so it is asked now and then only. */
    private boolean isSound() {
        if (scheduler.nowNs() < nextSoundCheckNs) {
            return false;
        }
        nextSoundCheckNs = scheduler.nowNs() + SOUND_CHECK_INTERVAL_NS;
        for (int id = 1; id < nodes.length; id++) {
            for (final SimMetadata.Shard shard : shards) {
                if (!nodes[id].isSound(shard.id)) {
                    return false;
                }
            }
        }
        return true;
    }

    private void checkEnd() {
        for (int id = 1; id < nodes.length; id++) {
            nodes[id].finish();
            for (final SimMetadata.Shard shard : shards) {
                final ShadowLog read = new ShadowLog();
                final SimReplica replica = nodes[id].replica(shard.id);
                read.reset(replica.log().startPosition());
                read.catchUp(replica.log());
                final ShadowLog all = committed[shard.id];
                final int brokerId = id;
                check(read.end() == all.end() && read.difference(all, read.base(), all.end()) < 0,
                    () -> "shard " + shard.id + " of broker " + brokerId + " differs in the end");
            }
        }
        for (final SimClient client : clients) {
            checkClient(client);
        }
        for (final ShadowLog all : committed) {
            counters.segments += all.frames().stream().filter(frame -> frame.type() == 3).count();
        }
    }

    private void checkClient(final SimClient client) {
        final Map<Long, Integer> found = new HashMap<>();
        long lastId = -1;
        for (final ShadowLog.Frame frame : committed[client.shardId].frames()) {
            if (frame.batchId() / 1_000_000L == client.id && frame.batchId() >= 0) {
                found.merge(frame.batchId(), 1, Integer::sum);
                final long previousId = lastId;
                check(frame.batchId() > previousId, () -> "client " + client.id + " finds " + frame.batchId()
                    + " behind " + previousId);
                lastId = frame.batchId();
            }
        }
        ackedAll.stream().filter(id -> id / 1_000_000L == client.id).forEach(id ->
            check(found.getOrDefault(id, 0) == 1, () -> "client " + client.id + " was answered " + id
                + " and it is there " + found.getOrDefault(id, 0) + " times"));
        for (final SimBatch batch : client.acked()) {
            check(found.getOrDefault(batch.id, 0) == 1, () -> "client " + client.id + " was acked " + batch.id
                + " and finds it " + found.getOrDefault(batch.id, 0) + " times");
        }
    }

    private String state() {
        final StringBuilder text = new StringBuilder();
        for (final SimMetadata.Shard shard : shards) {
            text.append("\n shard ").append(shard.id).append(" epoch ").append(shard.epoch).append(" isr ")
                .append(Arrays.toString(shard.isr)).append(" version ").append(shard.version)
                .append(" committed ").append(committed[shard.id].end());
            for (final int member : shard.replicas) {
                final SimReplica replica = nodes[member].replica(shard.id);
                text.append(" | ").append(member).append(nodes[member].isUp() ? " up" : " down").append(" epoch ")
                    .append(replica.epoch()).append(" end ").append(replica.shadow().end()).append(" held ")
                    .append(replica.held());
            }
        }
        clients.forEach(client -> text.append(client.isDone() ? "" : "\n waiting: " + client));
        return text.toString();
    }

    /** Kills streams between brokers, for the faults. */
    void killSession(final int from, final int to) {
        network.killSession(from, to, random.nextInt(ReplicaLink.STREAM_COUNT));
    }
}
