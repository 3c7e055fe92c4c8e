package io.millrace.broker.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/** Makes the faults a run asks for, and undoes them all in the end. */
final class SimFaults {
    private static final long MS = 1_000_000;
    private static final long QUORUM_SESSION_NS = 500 * MS;

    private final Simulation simulation;
    private final SimNode[] nodes;
    private final RandomGenerator random;
    private final List<Runnable> kinds = new ArrayList<>();
    /** Per shard the one broker whose copy rots: two sound copies are left. */
    private final int[] rottingIds;
    private boolean healed;

    SimFaults(final Simulation simulation, final SimNode[] nodes, final RandomGenerator random) {
        this.simulation = simulation;
        this.nodes = nodes;
        this.random = random;
        final SimOptions options = simulation.options();
        add(options.kills(), this::kill);
        add(options.powerLosses(), this::powerLoss);
        add(options.pauses(), this::pause);
        add(options.partitions(), this::partition);
        add(options.sessionKills(), this::killSession);
        add(options.backPressure(), this::backPressure);
        add(options.quorumTrouble(), this::quorumTrouble);
        add(options.bitRot(), this::rot);
        rottingIds = new int[options.shardCount()];
        for (int i = 0; i < rottingIds.length; i++) {
            rottingIds[i] = 1 + (int) (options.seed() / 3 + i) % SimOptions.BROKER_COUNT;
        }
    }

    private void add(final boolean enabled, final Runnable kind) {
        if (enabled) {
            kinds.add(kind);
        }
    }

    void start() {
        if (!kinds.isEmpty()) {
            next();
        }
    }

    private void next() {
        simulation.scheduler().after(random.nextLong(20 * MS, 300 * MS), () -> {
            if (!healed) {
                kinds.get(random.nextInt(kinds.size())).run();
                next();
            }
        });
    }

    boolean isReplyLost() {
        return !healed && !kinds.isEmpty() && random.nextInt(50) == 0;
    }

    void heal() {
        healed = true;
        simulation.network().healAll();
        simulation.metadata().proposalsGetLost(false);
        for (int id = 1; id < nodes.length; id++) {
            simulation.metadata().cutOff(id, false);
            nodes[id].pause(false);
            if (!nodes[id].isUp()) {
                nodes[id].start();
            }
        }
    }

    private void after(final long minMs, final long maxMs, final Runnable action) {
        simulation.scheduler().after(random.nextLong(minMs * MS, maxMs * MS), () -> {
            if (!healed) {
                action.run();
            }
        });
    }

    private SimNode anyNode() {
        return nodes[1 + random.nextInt(SimOptions.BROKER_COUNT)];
    }

    private int otherThan(final int brokerId) {
        return 1 + (brokerId + random.nextInt(SimOptions.BROKER_COUNT - 1)) % SimOptions.BROKER_COUNT;
    }

    private void stop(final SimNode node, final boolean powerLoss) {
        if (!node.isUp()) {
            return;
        }
        node.stop(powerLoss);
        if (powerLoss) {
            simulation.counters().powerLosses++;
        } else {
            simulation.counters().kills++;
        }
        if (random.nextBoolean()) {
            simulation.metadata().expire(node.id);
        }
        after(1, random.nextInt(3) == 0 ? 1_200 : 200, () -> {
            if (!node.isUp()) {
                node.start();
            }
        });
    }

    private void kill() {
        stop(anyNode(), false);
        if (random.nextInt(6) == 0) {
            for (int id = 1; id < nodes.length; id++) {
                stop(nodes[id], false);
            }
        }
    }

    private void powerLoss() {
        final boolean everywhere = random.nextInt(5) == 0;
        final SimNode one = anyNode();
        for (int id = 1; id < nodes.length; id++) {
            if ((everywhere || nodes[id] == one) && simulation.options().mayLosePower(id)) {
                stop(nodes[id], true);
            }
        }
    }

    private void pause() {
        final SimNode node = anyNode();
        if (!node.isUp() || node.isPaused()) {
            return;
        }
        final int incarnation = node.incarnation();
        simulation.counters().pauses++;
        node.pause(true);
        after(5, random.nextBoolean() ? 100 : 1_500, () -> {
            if (node.incarnation() == incarnation) {
                node.pause(false);
            }
        });
        simulation.scheduler().after(QUORUM_SESSION_NS, () -> {
            if (node.incarnation() == incarnation && node.isPaused()) {
                simulation.metadata().expire(node.id);
                simulation.network().killSessions(node.id);
            }
        });
    }

    private void partition() {
        final int from = anyNode().id;
        final int to = otherThan(from);
        final boolean both = random.nextBoolean();
        simulation.network().block(from, to, true);
        if (both) {
            simulation.network().block(to, from, true);
        }
        after(5, random.nextBoolean() ? 200 : 1_500, () -> {
            simulation.network().block(from, to, false);
            if (both) {
                simulation.network().block(to, from, false);
            }
        });
    }

    private void killSession() {
        final int from = anyNode().id;
        simulation.counters().sessionKills++;
        simulation.killSession(from, otherThan(from));
    }

    private void backPressure() {
        simulation.network().backPressureProbability(0.1 + 0.6 * random.nextDouble());
        after(50, 500, () -> simulation.network().backPressureProbability(0));
    }

    private void rot() {
        final int shardId = random.nextInt(rottingIds.length);
        if (nodes[rottingIds[shardId]].rot(shardId, random)) {
            simulation.counters().rots++;
        }
    }

    /** Whether the bytes of a repair are wrong on their way; a checksum of UDP or a memory may fail. */
    boolean isRepairChunkSpoiled() {
        return !healed && random.nextInt(30) == 0;
    }

    private void quorumTrouble() {
        final int brokerId = anyNode().id;
        simulation.metadata().proposalsGetLost(random.nextBoolean());
        simulation.metadata().cutOff(brokerId, true);
        after(50, 1_200, () -> simulation.metadata().cutOff(brokerId, false));
        simulation.scheduler().after(QUORUM_SESSION_NS * 2, () -> {
            if (!healed && random.nextBoolean()) {
                simulation.metadata().expire(brokerId);
            }
        });
    }
}
