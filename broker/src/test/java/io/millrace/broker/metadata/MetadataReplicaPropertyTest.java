package io.millrace.broker.metadata;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.engine.DurabilityProfile;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** Random commands on two state machines; deltas and snapshots must lead everywhere to the same state. */
class MetadataReplicaPropertyTest {
    private static final int RUN_COUNT = 60;
    private static final int STEP_COUNT = 300;

    private final Set<Long> partitionsEver = new HashSet<>();
    private final Map<UUID, Integer> partitionCounts = new HashMap<>();

    @Test
    void shouldReachTheSameStateByCommandsDeltasAndSnapshots() {
        final long firstSeed = Long.getLong("millrace.test.seed", System.nanoTime());
        for (long seed = firstSeed; seed < firstSeed + RUN_COUNT; seed++) {
            try {
                run(new Random(seed));
            } catch (final RuntimeException | AssertionError ex) {
                throw new AssertionError("failed with -Dmillrace.test.seed=" + seed, ex);
            }
        }
    }

    private void run(final Random random) {
        partitionsEver.clear();
        partitionCounts.clear();
        final MetadataStateMachine first = new MetadataStateMachine();
        MetadataStateMachine second = new MetadataStateMachine();
        MetadataImage image = MetadataImage.EMPTY;
        final List<MetadataDelta> undelivered = new ArrayList<>();
        for (int step = 0; step < STEP_COUNT; step++) {
            final MetadataDelta delta;
            if (random.nextInt(10) == 0) {
                final long session = 1 + random.nextInt(6);
                delta = first.closeSession(session, step);
                second.closeSession(session, step);
            } else {
                final MetadataCommand command = recode(randomCommand(random, first.state()), random);
                final long session = 1 + random.nextInt(6);
                final MetadataStateMachine.Outcome outcome = first.apply(command, session, step);
                delta = outcome.delta();
                assertEquals(outcome.result(), second.apply(command, session, step).result());
            }
            if (delta != null) {
                undelivered.add(recode(delta));
            }
            if (random.nextInt(5) == 0) {
                image = image.follow(undelivered);
                undelivered.clear();
            }
            if (random.nextInt(40) == 0) {
                final MetadataStateMachine restored = new MetadataStateMachine();
                restored.state().apply(recode(second.state().snapshot()));
                second = restored;
            }
            if (random.nextInt(40) == 0) {
                image = image.follow(List.of(recode(first.state().snapshot())));
                undelivered.clear();
            }
            checkInvariants(first.state());
        }
        assertArrayEquals(encode(first.state().snapshot()), encode(second.state().snapshot()));
        final MetadataImage whole = MetadataImage.EMPTY.follow(List.of(first.state().snapshot()));
        assertEquals(whole, image.follow(undelivered));
    }

    private void checkInvariants(final MetadataState state) {
        for (final ShardInfo shard : state.shards()) {
            assertTrue(shard.replicas().containsAll(shard.isr()), shard.toString());
            assertTrue(!shard.hasLeader() || shard.isr().contains(shard.leader()), shard.toString());
            assertEquals(shard.shardClass().replicationFactor(), new HashSet<>(shard.replicas()).size());
            for (final int member : shard.isr()) {
                assertTrue(!shard.hasLeader() || state.isLive(member), shard.toString());
            }
        }
        final Set<Long> now = new HashSet<>();
        for (final MetadataRecord record : state.snapshot().records()) {
            if (record instanceof MetadataRecord.TopicChanged changed) {
                final TopicInfo topic = changed.topic();
                final int known = partitionCounts.getOrDefault(topic.id(), 0);
                partitionCounts.put(topic.id(), topic.partitionCount());
                assertTrue(topic.partitionCount() >= known, "partitions are gone");
                for (int partition = 0; partition < topic.partitionCount(); partition++) {
                    final long key = (long) topic.shardId(partition) << 32 | topic.partitionId(partition);
                    assertTrue(now.add(key), "two partitions in one place");
                    assertEquals(partition >= known, partitionsEver.add(key), "partition id used again");
                    assertEquals(topic.shardClass(), state.shard(topic.shardId(partition)).shardClass());
                }
            }
        }
        assertEquals(now.size(), state.partitionCount());
    }

    private static MetadataCommand randomCommand(final Random random, final MetadataState state) {
        final String name = "topic-" + random.nextInt(12);
        return switch (random.nextInt(18)) {
            case 0, 1, 2 -> Commands.register(random.nextInt(5), random.nextInt(3));
            case 12, 13, 14 -> randomReady(random.nextInt(5), state);
            case 3, 4, 5, 6 -> new MetadataCommand.CreateTopic(
                new UUID(random.nextLong(), random.nextLong()), name, random.nextInt(9) - 1, random.nextInt(5) - 1,
                random.nextInt(4) == 0 ? DurabilityProfile.DURABLE : null,
                random.nextInt(4) == 0 ? Map.of("min.insync.replicas", "" + random.nextInt(4)) : Map.of(),
                1 + random.nextInt(2), random.nextInt(8) == 0);
            case 7 -> random.nextInt(3) == 0 || state.topic(name) == null
                ? Commands.delete(name) : new MetadataCommand.DeleteTopic(null, state.topic(name).id());
            case 8, 9 -> randomIsrChange(random, state);
            case 15, 16 -> new MetadataCommand.CreatePartitions(name, random.nextInt(14), random.nextInt(14),
                1 + random.nextInt(2), random.nextInt(4) == 0);
            case 17 -> new MetadataCommand.AlterBrokerConfig(random.nextInt(4) - 1,
                random.nextBoolean() ? Map.of("log.retention.ms", "" + random.nextInt(3)) : Map.of("x", "y"),
                random.nextBoolean() ? List.of("log.retention.bytes") : List.of(), random.nextBoolean(),
                random.nextInt(4) == 0);
            case 10 -> new MetadataCommand.AllocateProducerIds(random.nextInt(1000));
            default -> new MetadataCommand.AlterTopicConfig(
                name, Map.of("retention.bytes", "" + random.nextInt(9)), List.of("min.insync.replicas"));
        };
    }

    private static MetadataCommand randomReady(final int brokerId, final MetadataState state) {
        final BrokerInfo broker = state.broker(brokerId);
        return new MetadataCommand.BrokerReady(brokerId, broker == null ? 0 : broker.epoch());
    }

    private static MetadataCommand randomIsrChange(final Random random, final MetadataState state) {
        final ShardInfo shard = state.shards().isEmpty() ? null : state.shard(random.nextInt(state.nextShardId()));
        if (shard == null) {
            return new MetadataCommand.ChangeIsr(random.nextInt(), 1, 0, 0, List.of());
        }
        final List<Integer> isr = new ArrayList<>(shard.replicas());
        isr.removeIf(id -> id != shard.leader() && random.nextInt(3) == 0);
        return new MetadataCommand.ChangeIsr(shard.id(), shard.leader(), shard.leaderEpoch(),
            shard.isrVersion() - (random.nextInt(5) == 0 ? 1 : 0), isr);
    }

    private static MetadataCommand recode(final MetadataCommand command, final Random random) {
        final WireWriter writer = new WireWriter();
        CommandCodec.encode(writer, command);
        final int index = random.nextInt(9);
        final UnsafeBuffer bytes = new UnsafeBuffer(new byte[index + writer.length() + 3]);
        bytes.putBytes(index, writer.toByteArray());
        final MetadataCommand decoded = CommandCodec.decode(bytes, index, writer.length());
        assertEquals(command, decoded);
        final int cut = random.nextInt(writer.length());
        assertThrows(MetadataFormatException.class, () -> CommandCodec.decode(bytes, index, cut));
        return decoded;
    }

    private static MetadataDelta recode(final MetadataDelta delta) {
        final byte[] bytes = encode(delta);
        final MetadataDelta decoded = MetadataDelta.decode(new UnsafeBuffer(bytes), 0, bytes.length);
        assertEquals(delta, decoded);
        return decoded;
    }

    private static byte[] encode(final MetadataDelta delta) {
        final WireWriter writer = new WireWriter();
        delta.encode(writer);
        return writer.toByteArray();
    }

    @Test
    void shouldRefuseASnapshotOrCommandOfAnotherFormat() {
        final byte[] snapshot = encode(new MetadataStateMachine().state().snapshot());
        snapshot[0] = 1;
        final MetadataReplica replica = new MetadataReplica();
        final String message =
            assertThrows(MetadataFormatException.class, () -> replica.restore(snapshot)).getMessage();
        assertTrue(message.contains("format 1") && message.contains("run the version"), message);
        final byte[] command = MetadataBytes.encode(new MetadataCommand.AllocateProducerIds(1));
        command[0] = 1;
        assertEquals(MetadataErrors.INVALID_REQUEST,
            replica.apply(new UnsafeBuffer(command), 0, command.length, 1, 0).result().errorCode());
    }

    @Test
    void shouldRefuseDamagedBytesWithoutAnyOtherException() {
        final long seed = Long.getLong("millrace.test.seed", System.nanoTime());
        final Random random = new Random(seed);
        final MetadataStateMachine machine = new MetadataStateMachine();
        for (int step = 0; step < 100; step++) {
            machine.apply(randomCommand(random, machine.state()), 1, step);
        }
        final byte[] snapshot = encode(machine.state().snapshot());
        for (int i = 0; i < 20_000; i++) {
            final byte[] damaged = snapshot.clone();
            damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
            final int length = random.nextInt(4) == 0 ? random.nextInt(damaged.length) : damaged.length;
            try {
                MetadataDelta.decode(new UnsafeBuffer(damaged), 0, length);
            } catch (final MetadataFormatException ex) {
                assertTrue(ex.getMessage().length() > 0);
            } catch (final RuntimeException ex) {
                throw new AssertionError("failed with -Dmillrace.test.seed=" + seed, ex);
            }
        }
    }
}
