package io.millrace.broker.replication;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.sim.SimLink;
import io.millrace.broker.sim.SimNetwork;
import io.millrace.engine.DurabilityProfile;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;

/** Three brokers with one shard each in memory logs, a network without faults, and a clock that is turned by hand. */
final class ReplicationRig {
    record Proposal(int shardId, int leaderEpoch, int[] isr, long isrVersion) {
    }

    static final int SHARD = 7;
    static final int[] REPLICAS = {1, 2, 3};
    static final long STEP_NS = 100_000;

    final SplittableRandom random = new SplittableRandom(42);
    final SimNetwork network = new SimNetwork(random);
    final FakeShardLog[] logs = {null, new FakeShardLog(), new FakeShardLog(), new FakeShardLog()};
    final SimLink[] links = new SimLink[4];
    final ReplicationAgent[] agents = new ReplicationAgent[4];
    final ShardGauges[] gauges = new ShardGauges[4];
    final boolean[] paused = new boolean[4];
    final List<Proposal> proposals = new ArrayList<>();
    final DurabilityProfile profile;
    ReplicationConfiguration configuration = ReplicationConfiguration.defaults(1 << 20, 1_500);
    boolean proposalsAreSent = true;
    long[] lastIsrEpochs;
    long nowNs = 1_000_000_000L;

    ReplicationRig(final DurabilityProfile profile) {
        this.profile = profile;
        network.nowNs(nowNs);
    }

    static ReplicationRig replicated() {
        return new ReplicationRig(DurabilityProfile.REPLICATED);
    }

    void start(final int brokerId) {
        links[brokerId] = network.start(brokerId);
        agents[brokerId] = new ReplicationAgent(brokerId, links[brokerId], new IsrProposals() {
            @Override
            public boolean propose(final int shardId, final int epoch, final int[] isr, final long version) {
                proposals.add(new Proposal(shardId, epoch, isr, version));
                return proposalsAreSent;
            }

            @Override
            public boolean propose(final int shardId, final int epoch, final int[] isr, final long[] isrEpochs,
                final long version) {
                lastIsrEpochs = isrEpochs;
                return propose(shardId, epoch, isr, version);
            }
        }, configuration, random.split());
        gauges[brokerId] = agents[brokerId].addShard(SHARD, logs[brokerId], profile);
    }

    void kill(final int brokerId) {
        network.stop(brokerId);
        agents[brokerId] = null;
    }

    ReplicationRig startAll() {
        for (final int brokerId : REPLICAS) {
            start(brokerId);
        }
        return this;
    }

    void assign(final int brokerId, final int epoch, final long version, final int minIsr, final int... isr) {
        agents[brokerId].applyAssignment(
            new ShardAssignment(SHARD, 1, epoch, REPLICAS, isr, version, minIsr), nowNs);
    }

    void assignAll(final int epoch, final long version, final int minIsr, final int... isr) {
        for (final int brokerId : REPLICAS) {
            if (agents[brokerId] != null) {
                assign(brokerId, epoch, version, minIsr, isr);
            }
        }
    }

    void run(final long durationNs) {
        final long endNs = nowNs + durationNs;
        while (nowNs < endNs) {
            nowNs += STEP_NS;
            network.nowNs(nowNs);
            for (final int brokerId : REPLICAS) {
                if (agents[brokerId] != null && !paused[brokerId]) {
                    agents[brokerId].doWork(nowNs);
                }
            }
        }
    }

    void runMs(final long durationMs) {
        run(durationMs * 1_000_000);
    }

    void await(final String what, final BooleanSupplier condition) {
        for (int i = 0; i < 200_000 && !condition.getAsBoolean(); i++) {
            run(STEP_NS);
        }
        assertTrue(condition.getAsBoolean(), what);
    }

    long committed(final int brokerId) {
        return logs[brokerId].marks.committedAcquire();
    }
}
