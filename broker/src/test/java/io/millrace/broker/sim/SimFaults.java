package io.millrace.broker.sim;

import io.millrace.broker.metadata.MetadataCommand;
import io.millrace.broker.metadata.ShardInfo;
import java.util.List;
import java.util.random.RandomGenerator;

/** Makes the faults of a plan, and undoes them all in the end. */
final class SimFaults {
    private static final long MS = 1_000_000;

    private final Simulation simulation;
    private final SimNode[] nodes;
    private final RandomGenerator random;
    private final List<Fault> plan;
    private long repliesLostUntilNs;
    private boolean healed;

    SimFaults(
        final Simulation simulation, final SimNode[] nodes, final RandomGenerator random, final List<Fault> plan) {
        this.simulation = simulation;
        this.nodes = nodes;
        this.random = random;
        this.plan = plan;
    }

    void start() {
        for (final Fault fault : plan) {
            simulation.scheduler().after(fault.atNs() - simulation.scheduler().nowNs(), () -> {
                if (!healed) {
                    make(fault);
                }
            });
        }
    }

    boolean isReplyLost() {
        return simulation.scheduler().nowNs() < repliesLostUntilNs && random.nextInt(8) == 0;
    }

    /** Whether the bytes of a repair are wrong on their way; a checksum of UDP or a memory may fail. */
    boolean isRepairChunkSpoiled() {
        return !healed && random.nextInt(30) == 0;
    }

    void heal() {
        healed = true;
        repliesLostUntilNs = 0;
        simulation.network().healAll();
        simulation.quorum().heal();
        for (int id = 1; id < nodes.length; id++) {
            nodes[id].pause(false);
            if (!nodes[id].isUp()) {
                nodes[id].start();
            }
        }
    }

    private void after(final long delayNs, final Runnable action) {
        simulation.scheduler().after(delayNs, () -> {
            if (!healed) {
                action.run();
            }
        });
    }

    private void count(final String what) {
        simulation.counters().count(what);
    }

    private void make(final Fault fault) {
        final SimNode node = nodes[fault.broker()];
        simulation.tell(() -> "FAULT " + fault);
        switch (fault.kind()) {
            case KILL -> stop(node, false, fault.lengthNs());
            case POWER_CUT -> stop(node, true, fault.lengthNs());
            case KILL_ALL, POWER_CUT_ALL -> {
                for (int id = 1; id < nodes.length; id++) {
                    stop(nodes[id], fault.kind() == FaultKind.POWER_CUT_ALL,
                        fault.lengthNs() * (1 + (fault.choice(1 << 20) >> 3 * id & 7)) / 4);
                }
            }
            case PAUSE -> pause(node, fault.lengthNs());
            case SHUTDOWN -> shutDown(node, fault.lengthNs());
            case PARTITION -> {
                block(fault.broker(), fault.other(), fault.lengthNs());
                block(fault.other(), fault.broker(), fault.lengthNs());
            }
            case PARTITION_ONE_WAY -> block(fault.broker(), fault.other(), fault.lengthNs());
            case ISOLATE -> isolate(fault);
            case QUORUM_CUT -> cutFromQuorum(fault, fault.choice(3));
            case SYNC_ERROR -> failSync(node, fault);
            case UNCLEAN_ELECTION, MOVE_LEADER -> operate(fault);
            case ROT -> rot(fault);
            default -> makeForAll(fault);
        }
    }

    private void makeForAll(final Fault fault) {
        final long lengthNs = fault.lengthNs();
        switch (fault.kind()) {
            case SESSION_END -> {
                count("replication sessions ended");
                simulation.network().killSession(fault.broker(), fault.other(), fault.choice(3));
            }
            case BACK_PRESSURE -> {
                simulation.network().backPressureProbability(0.1 + 0.1 * fault.choice(7));
                after(lengthNs, () -> simulation.network().backPressureProbability(0));
            }
            case QUORUM_DOWN -> {
                count("times without a quorum");
                simulation.quorum().down(true);
                after(lengthNs, () -> simulation.quorum().down(false));
            }
            case COMMANDS_LOST -> {
                simulation.quorum().lossy(true);
                after(lengthNs, () -> simulation.quorum().lossy(false));
            }
            case REPLIES_LOST -> repliesLostUntilNs = simulation.scheduler().nowNs() + lengthNs;
            default -> throw new IllegalStateException("no such fault: " + fault);
        }
    }

    private void stop(final SimNode node, final boolean powerLoss, final long awayNs) {
        if (!node.isUp()) {
            if (powerLoss) {
                node.losePowerWhileDown();
            }
            return;
        }
        count(powerLoss ? "power cuts" : "kills");
        node.stop(powerLoss);
        startLater(node, awayNs);
    }

    private void startLater(final SimNode node, final long awayNs) {
        simulation.scheduler().after(healed ? MS : awayNs, () -> {
            if (!node.isUp()) {
                node.start();
            }
        });
    }

    /** A log went offline or does not open: its process ends. */
    void onDiskFailed(final SimNode node) {
        simulation.check(simulation.options().has(FaultKind.SYNC_ERROR), "a disk failed for no reason");
        count("processes ended by a failed sync");
        node.stop(false);
        startLater(node, random.nextLong(MS, 100 * MS));
    }

    private void pause(final SimNode node, final long lengthNs) {
        if (!node.isUp() || node.isPaused()) {
            return;
        }
        final int incarnation = node.incarnation();
        count("pauses");
        node.pause(true);
        after(lengthNs, () -> {
            if (node.incarnation() == incarnation) {
                node.pause(false);
            }
        });
        // a link's peers give it up after a while
        after(simulation.options().sessionTimeoutNs(), () -> {
            if (node.incarnation() == incarnation && node.isPaused()) {
                simulation.network().killSessions(node.id);
            }
        });
    }

    private void shutDown(final SimNode node, final long awayNs) {
        if (!node.isUp() || node.isPaused()) {
            return;
        }
        final int incarnation = node.incarnation();
        node.registration().shutDown(node.localNs() + 300 * MS, () -> {
            if (node.incarnation() == incarnation) {
                count("shutdowns in order");
                node.close();
                startLater(node, awayNs);
            }
        });
    }

    private void block(final int from, final int to, final long lengthNs) {
        count("partitions");
        simulation.network().block(from, to, true);
        after(lengthNs, () -> simulation.network().block(from, to, false));
    }

    private void isolate(final Fault fault) {
        for (int id = 1; id < nodes.length; id++) {
            if (id != fault.broker()) {
                block(id, fault.broker(), fault.lengthNs());
                block(fault.broker(), id, fault.lengthNs());
            }
        }
        cutFromQuorum(fault, 0);
    }

    private void cutFromQuorum(final Fault fault, final int direction) {
        count("brokers cut from the quorum");
        simulation.quorum().cut(fault.broker(), direction != 1, direction != 2);
        after(fault.lengthNs(), () -> simulation.quorum().cut(fault.broker(), false, false));
    }

    private void failSync(final SimNode node, final Fault fault) {
        count("sync errors");
        node.store(fault.choice(simulation.options().shardCount())).failNextSync();
    }

    private void operate(final Fault fault) {
        final int shardId = fault.choice(simulation.options().shardCount());
        final ShardInfo shard = simulation.truth(shardId).info();
        if (fault.kind() == FaultKind.MOVE_LEADER) {
            count(simulation.quorum().operate(new MetadataCommand.ElectLeader(
                shardId, fault.broker(), MetadataCommand.ElectionKind.PREFERRED)).isOk()
                ? "leaderships moved by an operator" : "moves of a leadership refused");
        } else if (!shard.hasLeader()) {
            simulation.quorum().operate(new MetadataCommand.ElectLeader(
                shardId, MetadataCommand.ElectLeader.ANY_BROKER, MetadataCommand.ElectionKind.UNCLEAN));
        } else {
            after(50 * MS, () -> operate(fault)); // an operator waits for the need of it
        }
    }

    private void rot(final Fault fault) {
        final int shardCount = simulation.options().shardCount();
        final int first = fault.choice(shardCount);
        for (int i = 0; i < shardCount; i++) { // one that has a sealed segment, if there is one
            final int shardId = (first + i) % shardCount;
            // one broker's copy rots: two sound copies are left
            final int rottingId = 1 + (int) Math.floorMod(simulation.options().seed() / 3 + shardId, 3L);
            if (nodes[rottingId].store(shardId).rot(random)) {
                count("bits flipped on a disk");
                return;
            }
        }
    }
}
