package io.millrace.broker.sim;

import io.millrace.broker.replication.RepairPort;
import io.millrace.broker.replication.ReplicationAgent;
import io.millrace.broker.replication.ReplicationConfiguration;
import io.millrace.broker.replication.ShardAssignment;
import io.millrace.broker.replication.ShardGauges;
import io.millrace.broker.scrub.ScrubAgent;
import io.millrace.broker.scrub.ScrubConfiguration;
import io.millrace.broker.scrub.ScrubEvents;
import io.millrace.engine.DurabilityProfile;
import io.millrace.engine.ProduceOutcomes;
import io.millrace.engine.shard.SegmentedShardLog;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.random.RandomGenerator;

/** One broker: a process that comes and goes, and disks that stay. */
final class SimNode {
    private static final ScrubConfiguration SCRUB =
        new ScrubConfiguration(64L << 20, 600, 64L << 20, 100_000_000L);
    private static final ScrubEvents SILENT = new ScrubEvents() {
        @Override
        public void info(final String message) {
            // counted
        }

        @Override
        public void warn(final String message) {
            // counted
        }
    };

    final int id;
    private final SimReader reader;
    private final Simulation simulation;
    private final RandomGenerator random;
    private final SimStore[] stores;
    private final SimReplica[] replicas;
    private final ArrayDeque<ShardAssignment> inbox = new ArrayDeque<>();

    private ReplicationAgent agent;
    private ScrubAgent scrub;
    private ShardGauges[] gauges;
    private int incarnation;
    private boolean up;
    private boolean paused;

    SimNode(final Simulation simulation, final RandomGenerator random, final int id, final SimStore[] stores) {
        this.simulation = simulation;
        this.random = random;
        this.id = id;
        this.stores = stores;
        reader = new SimReader(simulation, random);
        replicas = new SimReplica[stores.length];
        for (int shardId = 0; shardId < stores.length; shardId++) {
            replicas[shardId] = new SimReplica(simulation, id, shardId);
        }
    }

    SimReplica replica(final int shardId) {
        return replicas[shardId];
    }

    int incarnation() {
        return incarnation;
    }

    boolean isUp() {
        return up;
    }

    boolean isPaused() {
        return paused;
    }

    void start() {
        incarnation++;
        up = true;
        paused = false;
        final SimLink link = simulation.network().start(id);
        link.interceptor(new SimInterceptor(simulation, this));
        final RepairPort port = new RepairPort(() -> { }, () -> { });
        agent = new ReplicationAgent(id, link, this::propose, simulation.replicationConfiguration(), random)
            .repairs(port);
        scrub = new ScrubAgent(SCRUB, () -> simulation.scheduler().nowNs() / 1_000_000L, port, SILENT);
        gauges = new ShardGauges[replicas.length];
        for (int shardId = 0; shardId < replicas.length; shardId++) {
            final SegmentedShardLog log = stores[shardId].open(outcomes(shardId));
            addToScrub(shardId, log);
            replicas[shardId].open(log);
            gauges[shardId] = agent.addShard(shardId, replicas[shardId].log(),
                simulation.options().durable() ? DurabilityProfile.DURABLE : DurabilityProfile.REPLICATED);
        }
        if (simulation.options().mutant() == Mutant.TRUNCATE_TO_COMMITTED) {
            truncateToCommitted();
        }
        simulation.metadata().register(id, incarnation);
        final int startedIncarnation = incarnation;
        simulation.scheduler().after(random.nextLong(1_000_000), () -> duty(startedIncarnation));
        simulation.scheduler().after(random.nextLong(1_000_000), () -> background(startedIncarnation));
    }

    private void addToScrub(final int shardId, final SegmentedShardLog log) {
        try {
            scrub.add(shardId, true, log);
        } catch (final IOException ex) {
            throw new UncheckedIOException(ex);
        }
    }

    private void truncateToCommitted() {
        for (int shardId = 0; shardId < replicas.length; shardId++) {
            if (simulation.metadata().shard(shardId).leaderId != id) {
                final ObservedLog log = replicas[shardId].log();
                log.truncate(Math.max(log.startPosition(), log.marks().committedAcquire()));
            }
        }
    }

    private boolean propose(final int shardId, final int leaderEpoch, final int[] isr, final long version) {
        if (simulation.options().mutant() == Mutant.SHRINK_BEFORE_ACCEPTED
            && isr.length < simulation.metadata().shard(shardId).isr.length) {
            onAssignment(new ShardAssignment(shardId, id, leaderEpoch, simulation.metadata().shard(shardId).replicas,
                isr, version + 1, SimOptions.MIN_ISR));
        }
        return simulation.metadata().propose(id, shardId, leaderEpoch, isr, version);
    }

    private ProduceOutcomes outcomes(final int shardId) {
        final int ofIncarnation = incarnation;
        return (replyId, errorCode, baseOffset, logStartOffset) -> {
            if (ofIncarnation == incarnation && up) {
                simulation.onOutcome(this, shardId, replyId, errorCode, baseOffset);
            }
        };
    }

    // --- faults

    boolean rot(final int shardId, final RandomGenerator rotRandom) {
        return stores[shardId].rot(rotRandom);
    }

    boolean isSound(final int shardId) {
        return stores[shardId].isSound();
    }

    /** The process is gone; with a power loss so is what was not synced. */
    void stop(final boolean powerLoss) {
        collectGauges();
        up = false;
        incarnation++;
        inbox.clear();
        simulation.network().stop(id);
        for (int shardId = 0; shardId < replicas.length; shardId++) {
            replicas[shardId].onStop(powerLoss);
            if (powerLoss) {
                stores[shardId].powerLoss();
            } else {
                stores[shardId].kill();
            }
        }
        agent = null;
    }

    void pause(final boolean newPaused) {
        paused = newPaused;
    }

    private void collectGauges() {
        final SimCounters counters = simulation.counters();
        counters.quarantined += scrub.totals().quarantinedCount();
        counters.repaired += scrub.totals().repairedCount();
        counters.failedFetches += scrub.totals().failedFetchCount();
        for (final ShardGauges gauge : gauges) {
            counters.truncations += gauge.get(ShardGauges.TRUNCATION_COUNT);
            counters.resets += gauge.get(ShardGauges.RESET_COUNT);
            counters.handshakes += gauge.get(ShardGauges.HANDSHAKE_COUNT);
            counters.droppedChunks += gauge.get(ShardGauges.DROPPED_CHUNK_COUNT);
            counters.ignoredAcks += gauge.get(ShardGauges.IGNORED_ACK_COUNT);
            simulation.check(gauge.get(ShardGauges.PROTOCOL_ERROR_COUNT) == 0
                || simulation.options().mutant() != Mutant.NONE, "broker " + id + " saw a protocol error");
        }
    }

    void finish() {
        if (up) {
            collectGauges();
        }
    }

    // --- life

    void onAssignment(final ShardAssignment assignment) {
        if (up) {
            inbox.add(assignment);
        }
    }

    private void duty(final int ofIncarnation) {
        if (ofIncarnation != incarnation) {
            return;
        }
        int workCount = 0;
        if (!paused) {
            workCount = work();
        }
        final long pauseNs = workCount > 0 ? random.nextLong(10_000, 200_000) : random.nextLong(200_000, 1_500_000);
        simulation.scheduler().after(pauseNs, () -> duty(ofIncarnation));
    }

    private int work() {
        final long nowNs = simulation.scheduler().nowNs();
        int workCount = 0;
        if (!simulation.metadata().hasSession(id) && random.nextInt(20) == 0) {
            simulation.metadata().register(id, incarnation);
        }
        while (!inbox.isEmpty()) {
            ShardAssignment assignment = inbox.poll();
            if (simulation.options().mutant() == Mutant.COMMIT_BELOW_MIN_ISR) {
                assignment = new ShardAssignment(assignment.shardId(), assignment.leaderId(), assignment.leaderEpoch(),
                    assignment.replicas(), assignment.isr(), assignment.isrVersion(), 1);
            }
            agent.applyAssignment(assignment, nowNs);
            replicas[assignment.shardId()].onAssignment(assignment);
            workCount++;
        }
        for (final SimReplica replica : replicas) {
            workCount += replica.log().drain();
            if (simulation.options().retention() && random.nextInt(50) == 0) {
                replica.retain();
            }
        }
        workCount += agent.doWork(nowNs);
        for (final SimReplica replica : replicas) {
            replica.catchUp();
        }
        if (simulation.options().bitRot() && random.nextInt(5) == 0) {
            final int shardId = random.nextInt(replicas.length);
            if (gauges[shardId].get(ShardGauges.ROLE) == ShardGauges.ROLE_LEADER) {
                reader.read(replicas[shardId], shardId);
            }
        }
        return workCount;
    }

    private void background(final int ofIncarnation) {
        if (ofIncarnation != incarnation) {
            return;
        }
        if (!paused) {
            for (final SimStore store : stores) {
                store.background(simulation.scheduler().nowNs());
            }
            if (simulation.options().bitRot()) {
                scrub.doWork(simulation.scheduler().nowNs());
            }
        }
        simulation.scheduler().after(random.nextLong(100_000, 5_000_000), () -> background(ofIncarnation));
    }

    static ReplicationConfiguration configuration(final int maxFrameLength) {
        final long ms = 1_000_000;
        return new ReplicationConfiguration(
            400 * ms, 20 * ms, 200 * ms, 5 * ms, 80 * ms, 60 * ms, maxFrameLength, 2 * maxFrameLength, 16 << 10,
            24 << 10, 96 << 10, 32);
    }
}
