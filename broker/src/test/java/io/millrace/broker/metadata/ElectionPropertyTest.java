package io.millrace.broker.metadata;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.engine.DurabilityProfile;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/**
 * Random brokers crash, lose power, find damage, come back and shut down; proposals arrive late, twice or never. After
 * each decision every clean election must have gone to a log with all that was committed.
 */
class ElectionPropertyTest {
    private static final int RUN_COUNT = 100;
    private static final int STEP_COUNT = 400;

    private MetadataStateMachine machine;
    private MetadataStateMachine twin;
    private ElectionModel model;
    private Random random;
    private Process[] processes;
    private final List<Delivery> underWay = new ArrayList<>();
    private final Map<Integer, Boolean> damaged = new HashMap<>();
    private MetadataImage image;
    private long nowMs;
    private long lastSession;
    private boolean powerCuts;
    private boolean damages;

    /** A broker's process; null sessions are 0. */
    private static final class Process {
        boolean up;
        boolean lostPower;
        long incarnation;
        long session;
    }

    /** A proposal on its way. */
    private static final class Delivery {
        final MetadataCommand.ChangeIsr proposal;
        final long session;
        boolean answered;

        Delivery(final MetadataCommand.ChangeIsr proposal, final long session) {
            this.proposal = proposal;
            this.session = session;
        }
    }

    private boolean isCurrent(final int id) {
        final BrokerInfo broker = machine.state().broker(id);
        return processes[id].up && broker != null && broker.sessionId() == processes[id].session;
    }

    @Test
    void shouldNeverElectWhoLacksCommittedRecordsUnlessItIsCounted() {
        final long firstSeed = Long.getLong("millrace.test.seed", System.nanoTime());
        long committedCount = 0;
        long riskyCount = 0;
        long electionCount = 0;
        for (long seed = firstSeed; seed < firstSeed + RUN_COUNT; seed++) {
            try {
                run(seed);
            } catch (final RuntimeException | AssertionError ex) {
                throw new AssertionError("failed with -Dmillrace.test.seed=" + seed, ex);
            }
            committedCount += model.committedCount();
            riskyCount += model.riskyCount();
            electionCount += model.electionCount();
        }
        assertTrue(committedCount > 10 * RUN_COUNT && electionCount > 10 * RUN_COUNT && riskyCount > RUN_COUNT / 10,
            "too little happened: committed=" + committedCount + " elections=" + electionCount + " risky="
                + riskyCount);
    }

    private void run(final long seed) {
        random = new Random(seed);
        machine = new MetadataStateMachine();
        twin = new MetadataStateMachine();
        model = new ElectionModel(machine.state(), id -> processes[id].up, this::isCurrent);
        image = MetadataImage.EMPTY;
        nowMs = 1_000_000;
        lastSession = 0;
        powerCuts = random.nextBoolean();
        damages = random.nextInt(4) == 0;
        underWay.clear();
        damaged.clear();
        processes = new Process[3 + random.nextInt(3)];
        for (int id = 0; id < processes.length; id++) {
            processes[id] = new Process();
            start(id);
        }
        for (int i = 0; i < 3; i++) {
            final int factor = 1 + random.nextInt(3);
            apply(new MetadataCommand.CreateTopic(new UUID(9, i), "t" + i, 3, factor,
                random.nextInt(3) == 0 ? DurabilityProfile.DURABLE : null,
                Map.of("min.insync.replicas", "" + (1 + random.nextInt(factor))), 2, false), 0);
        }
        for (int step = 0; step < STEP_COUNT; step++) {
            nowMs += random.nextInt(100) == 0 ? 30_000 : random.nextInt(200);
            step();
            if (random.nextInt(100) == 0) {
                final MetadataStateMachine restored = new MetadataStateMachine();
                restored.state().apply(recode(twin.state().snapshot()));
                twin = restored;
            }
        }
        finish();
    }

    private void step() {
        switch (random.nextInt(16)) {
            case 0 -> crash(random.nextInt(processes.length), powerCuts && random.nextBoolean());
            case 1, 2, 3 -> {
                final int id = random.nextInt(processes.length);
                if (!processes[id].up) {
                    start(id);
                }
            }
            case 4 -> expire(random.nextInt(processes.length));
            case 5 -> moveToAnotherSession(random.nextInt(processes.length));
            case 6 -> shutDown(random.nextInt(processes.length));
            case 7 -> electByOperator();
            case 8, 9 -> deliver();
            case 10 -> {
                if (powerCuts && random.nextInt(10) == 0) {
                    for (int id = 0; id < processes.length; id++) {
                        crash(id, true);
                    }
                }
            }
            case 11 -> reportAnew(random.nextInt(processes.length));
            default -> {
                for (int i = 0; i < 6; i++) {
                    work();
                }
            }
        }
    }

    /** As a live broker does that sees a shard without a leader. */
    private void reportAnew(final int id) {
        if (!isCurrent(id)) {
            return;
        }
        for (final ShardInfo shard : machine.state().shards()) {
            final ShardReport report = machine.state().report(id, shard.id());
            if (report != null && report.isAskedAnew() && !shard.hasLeader()) {
                final ShardReport now = model.report(shard.id(), id, report.damaged());
                assertTrue(apply(new MetadataCommand.ReportShards(id, machine.state().broker(id).epoch(),
                    List.of(now)), processes[id].session).isOk());
            }
        }
    }

    /** Something happens in a shard that is led. */
    private void work() {
        final List<ShardInfo> led = machine.state().shards().stream()
            .filter(shard -> shard.hasLeader() && processes[shard.leader()].up).toList();
        if (led.isEmpty()) {
            return;
        }
        final ShardInfo shard = led.get(random.nextInt(led.size()));
        final int replica = shard.replicas().get(random.nextInt(shard.replicas().size()));
        switch (random.nextInt(6)) {
            case 0 -> model.append(shard);
            case 1, 2 -> {
                if (replica != shard.leader() && processes[replica].up) {
                    model.replicate(shard, replica, 1 + random.nextInt(9));
                }
            }
            case 3 -> model.commit(shard);
            case 4 -> model.sync(shard.id(), replica);
            default -> propose(shard);
        }
    }

    private void propose(final ShardInfo shard) {
        final List<Integer> isr = new ArrayList<>();
        final List<Long> epochs = new ArrayList<>();
        for (final int replica : shard.replicas()) {
            final boolean member = shard.isr().contains(replica);
            final boolean joins = processes[replica].up && model.hasCaughtUp(shard, replica);
            if (replica == shard.leader() || (member ? random.nextInt(6) > 0 : joins)) {
                isr.add(replica);
                epochs.add(machine.state().broker(replica).epoch());
            }
        }
        model.proposed(shard, isr);
        final Delivery delivery = new Delivery(new MetadataCommand.ChangeIsr(
            shard.id(), shard.leader(), shard.leaderEpoch(), shard.isrVersion(), isr, epochs),
            processes[shard.leader()].session);
        for (int i = random.nextInt(3); i > 0; i--) {
            underWay.add(delivery);
        }
    }

    private void deliver() {
        if (!underWay.isEmpty()) {
            final Delivery delivery = underWay.remove(random.nextInt(underWay.size()));
            final MetadataResult result = apply(delivery.proposal, delivery.session);
            if (!delivery.answered && !result.isOk() && !result.isUndecided()) {
                model.refused(delivery.proposal);
            }
            delivery.answered = true;
        }
    }

    private void crash(final int id, final boolean power) {
        processes[id].up = false;
        if (power) {
            processes[id].lostPower = true;
            model.cutPower(id);
        }
        if (random.nextBoolean()) {
            expire(id);
        }
    }

    private void expire(final int id) {
        close(processes[id].session);
        if (processes[id].up) {
            register(id);
        }
    }

    private void close(final long session) {
        nowMs++;
        final MetadataDelta delta = machine.closeSession(session, nowMs);
        assertEquals(delta, twin.closeSession(session, nowMs));
        follow(delta);
        model.check();
    }

    private void moveToAnotherSession(final int id) {
        if (processes[id].up) {
            final long before = processes[id].session;
            register(id);
            close(before);
        }
    }

    private void start(final int id) {
        final Process process = processes[id];
        close(process.session); // by then it has timed out
        process.incarnation++;
        damaged.clear();
        if (damages && random.nextInt(8) == 0) {
            for (final ShardInfo shard : machine.state().shards()) {
                if (shard.replicas().contains(id) && random.nextInt(3) == 0) {
                    damaged.put(shard.id(), true);
                    model.damage(shard.id(), id, random.nextInt(5));
                }
            }
        }
        process.up = true;
        register(id);
        process.lostPower = false;
        damaged.clear();
    }

    private void register(final int id) {
        final Process process = processes[id];
        process.session = ++lastSession;
        final MetadataResult result = apply(new MetadataCommand.RegisterBroker(
            id, "127.0.0.1", 9092 + id, List.of(), new UUID(id, process.incarnation), new UUID(2, 0),
            !process.lostPower, new UUID(3, 3)), process.session);
        assertTrue(result.isOk(), result.message());
        final List<ShardReport> reports = new ArrayList<>();
        for (final ShardInfo shard : machine.state().shards()) {
            if (shard.replicas().contains(id)) {
                reports.add(model.report(shard.id(), id, damaged.containsKey(shard.id())));
            }
        }
        for (final ShardReport report : reports) {
            assertTrue(apply(new MetadataCommand.ReportShards(id, result.value(), List.of(report)), process.session)
                .isOk());
        }
        assertTrue(apply(new MetadataCommand.BrokerReady(id, result.value()), process.session).isOk());
    }

    private void shutDown(final int id) {
        if (processes[id].up && random.nextInt(3) == 0) {
            final MetadataResult result = apply(new MetadataCommand.ControlledShutdown(
                id, machine.state().broker(id).epoch()), processes[id].session);
            assertEquals(machine.state().shards().stream().filter(shard -> shard.leader() == id).count(),
                result.value());
            if (random.nextBoolean()) {
                processes[id].up = false;
                close(processes[id].session);
            }
        }
    }

    private void electByOperator() {
        if (!machine.state().shards().isEmpty()) {
            final boolean unclean = random.nextInt(20) == 0;
            apply(new MetadataCommand.ElectLeader(random.nextInt(machine.state().nextShardId()),
                random.nextInt(processes.length + 1) - 1, unclean
                ? MetadataCommand.ElectionKind.UNCLEAN : MetadataCommand.ElectionKind.PREFERRED), 0);
        }
    }

    private void finish() {
        for (int id = 0; id < processes.length; id++) {
            processes[id].up = false;
            damages = false;
            start(id);
        }
        for (int id = 0; id < processes.length; id++) {
            reportAnew(id);
        }
        model.checkAllLed();
        assertArrayEquals(encode(machine.state().snapshot()), encode(twin.state().snapshot()));
        assertEquals(MetadataImage.EMPTY.follow(List.of(machine.state().snapshot())), image);
        for (final ShardInfo shard : image.shards()) {
            assertEquals(shard.leader(), image.leaderOf(shard));
        }
    }

    private MetadataResult apply(final MetadataCommand command, final long session) {
        nowMs++;
        final MetadataStateMachine.Outcome outcome = machine.apply(recode(command), session, nowMs);
        assertEquals(outcome, twin.apply(command, session, nowMs));
        follow(outcome.delta());
        model.check();
        return outcome.result();
    }

    private void follow(final MetadataDelta delta) {
        if (delta != null) {
            image = image.follow(List.of(recode(delta)));
        }
    }

    private static MetadataCommand recode(final MetadataCommand command) {
        final UnsafeBuffer bytes = new UnsafeBuffer(MetadataBytes.encode(command));
        final MetadataCommand decoded = CommandCodec.decode(bytes, 0, bytes.capacity());
        assertEquals(command, decoded);
        return decoded;
    }

    private static MetadataDelta recode(final MetadataDelta delta) {
        final byte[] bytes = encode(delta);
        return MetadataDelta.decode(new UnsafeBuffer(bytes), 0, bytes.length);
    }

    private static byte[] encode(final MetadataDelta delta) {
        final WireWriter writer = new WireWriter();
        delta.encode(writer);
        return writer.toByteArray();
    }
}
