package io.millrace.broker.metadata;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** A state machine and brokers that come, go and report, for tests of elections. Owned by the test. */
final class ElectionHarness {
    final MetadataStateMachine machine = new MetadataStateMachine();
    final List<MetadataDelta> deltas = new ArrayList<>();
    private final Map<Integer, Long> sessions = new HashMap<>();
    private final Map<Integer, Long> incarnations = new HashMap<>();
    private long lastSession;
    private long nowMs = 1_000_000;

    ElectionHarness start(final int... brokerIds) {
        for (final int id : brokerIds) {
            register(id, true);
            ready(id);
        }
        return this;
    }

    /** A new process. */
    MetadataResult register(final int id, final boolean clean) {
        incarnations.merge(id, 1L, Long::sum);
        return registerAgain(id, clean);
    }

    /** The same process in a new session. */
    MetadataResult registerAgain(final int id, final boolean clean) {
        final long session = ++lastSession;
        final MetadataResult result = apply(new MetadataCommand.RegisterBroker(
            id, "127.0.0.1", 9092 + id, List.of(), new UUID(id, incarnations.get(id)), new UUID(2, 0), clean,
            new UUID(3, 3)), session);
        if (result.isOk()) {
            sessions.put(id, session);
        }
        return result;
    }

    MetadataResult report(final int id, final ShardReport... reports) {
        return apply(new MetadataCommand.ReportShards(id, epoch(id), List.of(reports)), session(id));
    }

    MetadataResult ready(final int id) {
        return apply(new MetadataCommand.BrokerReady(id, epoch(id)), session(id));
    }

    MetadataResult shutDown(final int id) {
        return apply(new MetadataCommand.ControlledShutdown(id, epoch(id)), session(id));
    }

    MetadataResult elect(final int shardId, final int id, final MetadataCommand.ElectionKind kind) {
        return apply(new MetadataCommand.ElectLeader(shardId, id, kind), 999);
    }

    MetadataResult isr(final int shardId, final Integer... isr) {
        final ShardInfo shard = shard(shardId);
        final List<Long> epochs = new ArrayList<>();
        for (final int member : isr) {
            epochs.add(epoch(member));
        }
        return apply(new MetadataCommand.ChangeIsr(shardId, shard.leader(), shard.leaderEpoch(), shard.isrVersion(),
            List.of(isr), epochs), session(shard.leader()));
    }

    /** The sessions of these brokers end, one right after the other. */
    ElectionHarness stop(final int... brokerIds) {
        for (final int id : brokerIds) {
            final MetadataDelta delta = machine.closeSession(session(id), nowMs);
            if (delta != null) {
                deltas.add(delta);
            }
        }
        return this;
    }

    /** Another leader of the quorum, whose clock is so far ahead. */
    void newTerm(final long aheadMs) {
        nowMs += aheadMs;
        final MetadataDelta delta = machine.newTerm(nowMs);
        if (delta != null) {
            deltas.add(delta);
        }
    }

    /** Long enough that what happens then has another reason. */
    ElectionHarness later() {
        nowMs += 2 * ElectionRules.SIMULTANEOUS_MS;
        return this;
    }

    MetadataResult apply(final MetadataCommand command, final long sessionId) {
        nowMs++;
        final MetadataStateMachine.Outcome outcome = machine.apply(command, sessionId, nowMs);
        if (outcome.delta() != null) {
            deltas.add(outcome.delta());
        }
        return outcome.result();
    }

    void create(final String name, final int partitions, final int factor, final Map<String, String> configs) {
        final MetadataResult result = apply(Commands.create(name, partitions, factor, configs), 1);
        assertTrue(result.isOk(), result.message());
    }

    ShardInfo shard(final int shardId) {
        return machine.state().shard(shardId);
    }

    BrokerInfo broker(final int id) {
        return machine.state().broker(id);
    }

    long epoch(final int id) {
        return broker(id).epoch();
    }

    long session(final int id) {
        return sessions.getOrDefault(id, 0L);
    }

    long nowMs() {
        return nowMs;
    }
}
