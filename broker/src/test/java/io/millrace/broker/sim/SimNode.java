package io.millrace.broker.sim;

import io.millrace.broker.metadata.BrokerInfo;
import io.millrace.broker.metadata.MetadataCommand;
import io.millrace.broker.metadata.MetadataImage;
import io.millrace.broker.metadata.ShardInfo;
import io.millrace.broker.replication.IsrProposals;
import io.millrace.broker.replication.RepairPort;
import io.millrace.broker.replication.ReplicationAgent;
import io.millrace.broker.replication.ReplicationConfiguration;
import io.millrace.broker.replication.ShardAssignment;
import io.millrace.broker.replication.ShardGauges;
import io.millrace.broker.scrub.ScrubAgent;
import io.millrace.broker.scrub.ScrubConfiguration;
import io.millrace.broker.scrub.ScrubEvents;
import io.millrace.broker.shard.LeaderLease;
import io.millrace.engine.DurabilityProfile;
import io.millrace.engine.ProduceOutcomes;
import io.millrace.engine.shard.SegmentedShardLog;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/** One broker: a process that comes and goes, a machine that may lose power, and disks that stay. */
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
    private final Simulation simulation;
    private final RandomGenerator random;
    private final SimClock clock;
    private final SimSession session;
    private final LeaderLease lease;
    private final SimRegistration registration;
    private final SimFrontDoor frontDoor;
    private final SimStore[] stores;
    private final SimReplica[] replicas;
    private final ShardGauges[] gauges;

    private ReplicationAgent agent;
    private ScrubAgent scrub;
    private MetadataImage image = MetadataImage.EMPTY;
    private int incarnation;
    private boolean up;
    private boolean paused;

    SimNode(final Simulation simulation, final RandomGenerator random, final int id, final SimClock clock,
        final SimStore[] stores) {
        this.simulation = simulation;
        this.random = random;
        this.id = id;
        this.clock = clock;
        this.stores = stores;
        session = new SimSession(simulation, id);
        lease = simulation.options().mutant() == Mutant.IGNORE_LEASE ? LeaderLease.ENDLESS
            : new LeaderLease(session::leaseEndNs);
        registration = new SimRegistration(simulation, this, session, random);
        frontDoor = new SimFrontDoor(simulation, this, random);
        replicas = new SimReplica[stores.length];
        gauges = new ShardGauges[stores.length];
        for (int shardId = 0; shardId < stores.length; shardId++) {
            replicas[shardId] = new SimReplica(simulation, id, shardId);
        }
    }

    SimReplica replica(final int shardId) {
        return replicas[shardId];
    }

    SimStore store(final int shardId) {
        return stores[shardId];
    }

    SimSession session() {
        return session;
    }

    SimFrontDoor frontDoor() {
        return frontDoor;
    }

    SimRegistration registration() {
        return registration;
    }

    MetadataImage image() {
        return image;
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

    long localNs() {
        return clock.nanoTime();
    }

    /** {@return whether this broker leads a shard and may act as its leader now} */
    boolean leads(final int shardId) {
        return replicas[shardId].log() != null && gauges[shardId] != null
            && gauges[shardId].get(ShardGauges.ROLE) == ShardGauges.ROLE_LEADER
            && lease.isHeld(clock.nanoTime());
    }

    // --- life

    void start() {
        incarnation++;
        simulation.tell(() -> "broker " + id + " starts");
        up = true;
        paused = false;
        final SimLink link = simulation.network().start(id);
        link.interceptor(new SimInterceptor(simulation, this));
        final RepairPort port = new RepairPort(() -> { }, () -> { });
        agent = new ReplicationAgent(id, link, new Proposals(), simulation.replicationConfiguration(), random)
            .repairs(port).lease(lease);
        scrub = new ScrubAgent(SCRUB, () -> simulation.scheduler().nowNs() / 1_000_000L, port, SILENT);
        image = MetadataImage.EMPTY;
        session.start(incarnation, clock.nanoTime());
        registration.start(incarnation);
        final int started = incarnation;
        simulation.scheduler().after(random.nextLong(1_000_000), () -> engineDuty(started));
        simulation.scheduler().after(random.nextLong(5_000_000), () -> metadataDuty(started));
        simulation.scheduler().after(random.nextLong(1_000_000), () -> background(started));
    }

    /** The process is gone; with a power loss so is what was not synced. */
    void stop(final boolean powerLoss) {
        end();
        for (int shardId = 0; shardId < replicas.length; shardId++) {
            if (replicas[shardId].log() != null) {
                replicas[shardId].onStop();
            }
            if (powerLoss) {
                replicas[shardId].onPowerLoss();
                stores[shardId].powerLoss();
            } else {
                stores[shardId].kill();
            }
        }
        if (powerLoss) {
            registration.onPowerLoss();
        }
    }

    /** The process ends in order: logs are closed, the session too. */
    void close() {
        agent.stop();
        for (final SimReplica replica : replicas) {
            if (replica.log() != null) {
                replica.log().close();
            }
        }
        registration.onCleanShutdown();
        session.close();
        stop(false);
    }

    private void end() {
        simulation.tell(() -> "broker " + id + " ends");
        collectGauges();
        up = false;
        paused = false;
        incarnation++;
        frontDoor.stop();
        simulation.network().stop(id);
        agent = null;
        Arrays.fill(gauges, null);
    }

    /** Power goes while the process is already gone. */
    void losePowerWhileDown() {
        for (int shardId = 0; shardId < replicas.length; shardId++) {
            replicas[shardId].onPowerLoss();
            stores[shardId].powerLoss();
        }
        registration.onPowerLoss();
    }

    void pause(final boolean newPaused) {
        paused = newPaused;
    }

    private void collectGauges() {
        final SimCounters counters = simulation.counters();
        counters.count("segments set aside", scrub.totals().quarantinedCount());
        counters.count("segments repaired", scrub.totals().repairedCount());
        counters.count("repairs that failed", scrub.totals().failedFetchCount());
        for (final ShardGauges gauge : gauges) {
            if (gauge != null) {
                counters.count("truncations", gauge.get(ShardGauges.TRUNCATION_COUNT));
                counters.count("resets", gauge.get(ShardGauges.RESET_COUNT));
                counters.count("handshakes", gauge.get(ShardGauges.HANDSHAKE_COUNT));
                counters.count("chunks dropped", gauge.get(ShardGauges.DROPPED_CHUNK_COUNT));
                counters.count("acks ignored", gauge.get(ShardGauges.IGNORED_ACK_COUNT));
                simulation.check(gauge.get(ShardGauges.PROTOCOL_ERROR_COUNT) == 0
                    || simulation.options().mutant() != Mutant.NONE, "broker " + id + " saw a protocol error");
            }
        }
    }

    void finish() {
        if (up) {
            collectGauges();
        }
    }

    // --- the metadata thread

    private void metadataDuty(final int ofIncarnation) {
        if (ofIncarnation != incarnation) {
            return;
        }
        if (!paused) {
            session.doWork(clock.nanoTime());
            registration.doWork();
        }
        simulation.scheduler().after(random.nextLong(1_000_000, 6_000_000), () -> metadataDuty(ofIncarnation));
    }

    private final class Proposals implements IsrProposals {
        @Override
        public boolean propose(final int shardId, final int leaderEpoch, final int[] isr, final long version) {
            throw new AssertionError("asked without the epochs of its members");
        }

        @Override
        public boolean propose(final int shardId, final int leaderEpoch, final int[] isr, final long[] isrEpochs,
            final int[] lost, final long version) {
            return session.isOpen() && proposeOpen(shardId, leaderEpoch, isr, isrEpochs, lost, version);
        }

        @Override
        public void finishMove(final int shardId, final int leaderEpoch, final int toBrokerId) {
            if (session.isOpen()) {
                finishMoveOpen(shardId, leaderEpoch, toBrokerId);
            }
        }
    }

    private void finishMoveOpen(final int shardId, final int leaderEpoch, final int toBrokerId) {
        simulation.counters().count(toBrokerId < 0 ? "hand-overs given up" : "hand-overs");
        session.submit(new MetadataCommand.FinishMove(shardId, id, leaderEpoch, toBrokerId), clock.nanoTime(),
            result -> { });
    }

    private boolean proposeOpen(final int shardId, final int leaderEpoch, final int[] isr, final long[] isrEpochs,
        final int[] lost, final long version) {
        final ShardInfo shard = image.shard(shardId);
        if (simulation.options().mutant() == Mutant.SHRINK_BEFORE_ACCEPTED && isr.length < shard.isr().size()) {
            agent.applyAssignment(new ShardAssignment(shardId, id, leaderEpoch,
                ints(shard.replicas()), isr, version + 1, SimOptions.MIN_ISR), clock.nanoTime());
        }
        simulation.counters().count("ISR proposals");
        final List<Integer> members = Arrays.stream(isr).boxed().toList();
        for (int i = 0; i < isr.length; i++) {
            final BrokerInfo member = image.broker(isr[i]);
            if (!shard.isr().contains(isr[i])
                && (!member.isAssignable() || member.epoch() != isrEpochs[i])) {
                return false;
            }
        }
        session.submit(new MetadataCommand.ChangeIsr(shardId, id, leaderEpoch, version, members,
            Arrays.stream(isrEpochs).boxed().toList(), Arrays.stream(lost).boxed().toList()), clock.nanoTime(),
            result -> simulation.counters().count("ISR proposals refused", result.isOk() ? 0 : 1));
        return true;
    }

    // --- the engine thread

    private void engineDuty(final int ofIncarnation) {
        if (ofIncarnation != incarnation) {
            return;
        }
        int workCount = 0;
        if (!paused) {
            workCount = work();
        }
        if (ofIncarnation == incarnation) {
            final long pauseNs =
                workCount > 0 ? random.nextLong(10_000, 200_000) : random.nextLong(200_000, 1_500_000);
            simulation.scheduler().after(pauseNs, () -> engineDuty(ofIncarnation));
        }
    }

    private int work() {
        final long nowNs = clock.nanoTime();
        if (!agent.checkLease(nowNs)) {
            simulation.counters().count("duty cycles without a lease");
        }
        int workCount = 0;
        final MetadataImage newest = session.image();
        if (newest != image && isRegisteredIn(newest)) {
            if (!onImage(newest, nowNs)) {
                simulation.faults().onDiskFailed(this);
                return 0;
            }
            workCount++;
        }
        workCount += frontDoor.doWork();
        for (final SimReplica replica : replicas) {
            if (replica.log() == null) {
                continue;
            }
            workCount += replica.log().drain();
            if (replica.log().isOffline()) {
                simulation.faults().onDiskFailed(this);
                return 0;
            }
            if (simulation.options().retention() && random.nextInt(50) == 0) {
                replica.retain();
            }
        }
        workCount += agent.doWork(nowNs);
        for (final SimReplica replica : replicas) {
            replica.catchUp();
        }
        return workCount;
    }

    /** What was decided before this process registered is not meant for it. */
    private boolean isRegisteredIn(final MetadataImage newest) {
        final BrokerInfo self = newest.broker(id);
        return self != null && (simulation.options().mutant() == Mutant.LEAD_BEFORE_REGISTERED
            || self.incarnationId().equals(registration.incarnationId()));
    }

    /** {@return false when a log cannot be opened} */
    private boolean onImage(final MetadataImage newest, final long nowNs) {
        final MetadataImage previous = image;
        image = newest;
        agent.brokerEpoch(newest.broker(id).epoch(), nowNs);
        for (int shardId = 0; shardId < replicas.length; shardId++) {
            final ShardInfo shard = newest.shard(shardId);
            if (shard == null) {
                continue;
            }
            if (replicas[shardId].log() == null && !openShard(shardId)) {
                return false;
            }
            if (!shard.equals(previous.shard(shardId))) {
                assign(shard, nowNs);
            }
        }
        return true;
    }

    private boolean openShard(final int shardId) {
        final SegmentedShardLog log;
        try {
            log = stores[shardId].open(outcomes(shardId));
            scrub.add(shardId, true, log);
        } catch (final IOException ex) {
            simulation.check(simulation.options().has(FaultKind.SYNC_ERROR), () -> "a log does not open: " + ex);
            return false;
        }
        replicas[shardId].open(log);
        gauges[shardId] = agent.addShard(shardId, replicas[shardId].log(),
            simulation.options().durable() ? DurabilityProfile.DURABLE : DurabilityProfile.REPLICATED);
        replicas[shardId].gauges(gauges[shardId]);
        if (simulation.options().mutant() == Mutant.TRUNCATE_TO_COMMITTED) {
            log.truncate(Math.max(log.startPosition(), log.marks().committedAcquire()));
        }
        return true;
    }

    private void assign(final ShardInfo shard, final long nowNs) {
        final int minIsr = simulation.options().mutant() == Mutant.COMMIT_BELOW_MIN_ISR ? 1 : SimOptions.MIN_ISR;
        replicas[shard.id()].onAssignment(shard.leaderEpoch());
        agent.applyAssignment(new ShardAssignment(shard.id(), shard.leader(), shard.leaderEpoch(),
            ints(shard.replicas()), ints(shard.isr()), shard.isrVersion(), minIsr, shard.movingTo()), nowNs);
        replicas[shard.id()].catchUp();
    }

    private ProduceOutcomes outcomes(final int shardId) {
        final int ofIncarnation = incarnation;
        return (replyId, errorCode, baseOffset, logStartOffset) -> {
            if (ofIncarnation == incarnation && up) {
                frontDoor.onOutcome(shardId, replyId, errorCode, baseOffset);
            }
        };
    }

    private static int[] ints(final List<Integer> values) {
        return values.stream().mapToInt(Integer::intValue).toArray();
    }

    // --- syncer and maintenance threads

    private void background(final int ofIncarnation) {
        if (ofIncarnation != incarnation) {
            return;
        }
        if (!paused) {
            for (int shardId = 0; shardId < stores.length; shardId++) {
                if (replicas[shardId].log() != null) {
                    stores[shardId].background();
                }
            }
            if (simulation.options().bitRot()) {
                scrub.doWork(clock.nanoTime());
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
