package io.millrace.broker.metadata;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.engine.DurabilityProfile;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MetadataStateMachineTest {
    private static final long NOW_MS = 1_000_000;

    private final MetadataStateMachine machine = new MetadataStateMachine();

    @Test
    void shouldTakeTheClusterIdOfTheFirstBrokerOnly() {
        registerBrokers(3);
        assertEquals(new UUID(1, 2), machine.state().clusterId());
    }

    @Test
    void shouldSpreadPartitionsOverOneLedShardPerBroker() {
        registerBrokers(3);
        assertEquals(MetadataErrors.NONE, code(Commands.create("t", 7, 3)));
        final TopicInfo topic = machine.state().topic("t");
        final Map<Integer, Integer> partitionsByLeader = new HashMap<>();
        for (int partition = 0; partition < 7; partition++) {
            partitionsByLeader.merge(
                machine.state().shard(topic.shardId(partition)).leader(), 1, Integer::sum);
        }
        assertEquals(Map.of(1, 3, 2, 2, 3, 2), partitionsByLeader);
        assertEquals(3, machine.state().shards().size());
        for (final ShardInfo shard : machine.state().shards()) {
            assertEquals(Set.of(1, 2, 3), new HashSet<>(shard.replicas()));
            assertEquals(shard.replicas().get(0), shard.leader());
            assertEquals(List.of(1, 2, 3), shard.isr());
        }
        assertEquals(MetadataErrors.NONE, code(Commands.create("u", 2, 3)));
        assertEquals(3, machine.state().shards().size(), "shards of a class are shared");
    }

    @Test
    void shouldKeepTopicsOfDifferentClassesApart() {
        registerBrokers(3);
        code(Commands.create("a", 3, 3));
        code(Commands.create("b", 3, 3, Map.of("millrace.profile", "durable")));
        code(Commands.create("c", 3, 3, Map.of("min.insync.replicas", "3")));
        code(Commands.create("d", 3, 1));
        final Set<Integer> seen = new HashSet<>();
        for (final String name : List.of("a", "b", "c", "d")) {
            final TopicInfo topic = machine.state().topic(name);
            for (int partition = 0; partition < 3; partition++) {
                assertTrue(seen.add(topic.shardId(partition)), name);
                assertEquals(topic.shardClass(), machine.state().shard(topic.shardId(partition)).shardClass());
            }
        }
        assertEquals(new ShardClass(3, DurabilityProfile.REPLICATED, 2), machine.state().topic("a").shardClass());
        assertEquals(new ShardClass(3, DurabilityProfile.DURABLE, 2), machine.state().topic("b").shardClass());
        assertEquals(new ShardClass(3, DurabilityProfile.REPLICATED, 3), machine.state().topic("c").shardClass());
        assertEquals(new ShardClass(1, DurabilityProfile.REPLICATED, 1), machine.state().topic("d").shardClass());
    }

    @Test
    void shouldRefuseATopicWhenAShardWouldHaveMorePartitionsThanItsLogKnows() {
        registerBrokers(1);
        assertEquals(MetadataErrors.NONE, code(Commands.create("a", 10_000, 1)));
        assertEquals(MetadataErrors.POLICY_VIOLATION, code(Commands.create("b", 10_000, 1)));
        assertNull(machine.state().topic("b"));
        assertEquals(MetadataErrors.NONE, code(Commands.create("b", 6_000, 1)));
        assertEquals(MetadataErrors.NONE, code(Commands.delete("a")));
        assertEquals(MetadataErrors.NONE, code(Commands.create("c", 10_000, 1)));
    }

    @Test
    void shouldNeverReuseAPartitionId() {
        registerBrokers(1);
        code(Commands.create("a", 2, 1));
        code(Commands.delete("a"));
        assertNull(machine.state().topic("a"));
        assertEquals(0, machine.state().partitionCount());
        code(new MetadataCommand.CreateTopic(new UUID(9, 9), "a", 1, 1, null, Map.of(), 1, false));
        assertEquals(2, machine.state().topic("a").partitionId(0));
        assertEquals(0, machine.state().topic("a").shardId(0));
    }

    @ParameterizedTest
    @CsvSource({
        "'',1,1,retention.ms,1,17", ".,1,1,retention.ms,1,17", "a b,1,1,retention.ms,1,17",
        "ok,0,1,retention.ms,1,37", "ok,-2,1,retention.ms,1,37", "ok,10001,1,retention.ms,1,37",
        "ok,1,0,retention.ms,1,38", "ok,1,4,retention.ms,1,38", "ok,1,3,retention.ms,x,40",
        "ok,1,3,no.such.config,1,40", "ok,1,3,cleanup.policy,compact,40", "ok,1,2,min.insync.replicas,3,0",
        "ok,1,3,min.insync.replicas,0,40", "ok,1,3,min.insync.replicas,-1,40", "ok,1,-1,min.insync.replicas,4,0",
        "ta_ken,1,1,retention.ms,1,17", "ta.ken2,1,1,retention.ms,1,0",
        "ok,1,3,min.insync.replicas,1,0", "ok,1,3,min.insync.replicas,3,0", "ok,1,-1,min.insync.replicas,3,0",
        "ok,1,3,millrace.profile,quick,40", "ok,1,3,message.timestamp.type,LogAppendTime,40",
        "taken,1,3,retention.ms,1,36", "ok,-1,-1,retention.bytes,1000,0", "ok,1,3,cleanup.policy,delete,0"})
    void shouldAnswerCreateTopicAsKafkaDoes(
        final String name, final int partitions, final int factor, final String config, final String value,
        final short expected) {
        registerBrokers(3);
        code(new MetadataCommand.CreateTopic(new UUID(7, 7), "taken", 1, 1, null, Map.of(), 1, false));
        code(new MetadataCommand.CreateTopic(new UUID(7, 8), "ta.ken", 1, 1, null, Map.of(), 1, false));
        final long version = machine.state().version();
        final MetadataCommand.CreateTopic command = Commands.create(name, partitions, factor, Map.of(config, value));
        final MetadataStateMachine.Outcome outcome = machine.apply(command, 1, NOW_MS);
        assertEquals(expected, outcome.result().errorCode(), outcome.result().message());
        assertEquals(expected == 0, outcome.delta() != null);
        assertEquals(version + (expected == 0 ? 1 : 0), machine.state().version());
    }

    @Test
    void shouldDecideAsItDidWhenALogOfTheFirstRulesIsReadAgain() {
        registerBrokers(3);
        assertEquals(MetadataErrors.NONE, code(createByFirstRules("a.b", Map.of())));
        assertEquals(MetadataErrors.NONE, code(createByFirstRules("a_b", Map.of())));
        assertEquals(MetadataErrors.INVALID_CONFIG,
            code(createByFirstRules("c", Map.of("min.insync.replicas", "3"))));
        assertEquals(MetadataErrors.INVALID_CONFIG, code(reread(new MetadataCommand.AlterTopicConfig(
            "a.b", Map.of("min.insync.replicas", "3"), List.of(), false, false, TopicRules.FIRST), 6)));
        assertEquals(MetadataErrors.NONE, code(reread(Commands.create("d.e", 1, 2), 17)));
        assertEquals(MetadataErrors.INVALID_TOPIC, code(reread(Commands.create("d_e", 1, 2), 17)));
        assertEquals(MetadataErrors.NONE, code(reread(new MetadataCommand.AlterTopicConfig(
            "a.b", Map.of("min.insync.replicas", "3"), List.of()), 18)));
    }

    private static MetadataCommand createByFirstRules(final String name, final Map<String, String> configs) {
        return reread(new MetadataCommand.CreateTopic(
            new UUID(8, name.hashCode()), name, 1, 2, null, configs, 1, false, TopicRules.FIRST), 2);
    }

    /** Through its bytes, whose types are for ever: 2 and 6 are those of the first rules. */
    private static MetadataCommand reread(final MetadataCommand command, final int type) {
        final WireWriter writer = new WireWriter();
        CommandCodec.encode(writer, command);
        assertEquals(type, writer.buffer().getByte(1));
        return CommandCodec.decode(writer.buffer(), 0, writer.length());
    }

    @Test
    void shouldCreateNoMoreShardsThanTheBrokersCanLead() {
        registerBrokers(3);
        final DurabilityProfile[] profiles = DurabilityProfile.values();
        int shardCount = 0;
        for (int factor = 1; factor <= 3; factor++) {
            for (int min = 1; min <= factor; min++) {
                for (final DurabilityProfile profile : profiles) {
                    assertEquals(MetadataErrors.NONE, code(new MetadataCommand.CreateTopic(new UUID(3, shardCount++),
                        "t" + shardCount, 30, factor, profile, Map.of("min.insync.replicas", "" + min), 8, false)));
                }
            }
        }
        final Map<Integer, Integer> ledCounts = new HashMap<>();
        machine.state().shards().forEach(shard -> ledCounts.merge(shard.leader(), 1, Integer::sum));
        ledCounts.forEach((broker, count) ->
            assertTrue(count <= TopicPlacement.MAX_LED_COUNT, broker + " leads " + count));
        assertTrue(ledCounts.values().stream().mapToInt(Integer::intValue).sum()
            <= 3 * TopicPlacement.ENOUGH_LED_COUNT + 12, ledCounts.toString());
    }

    @Test
    void shouldCreateATopicOnceWhenTheCommandIsRepeated() {
        registerBrokers(3);
        assertEquals(MetadataErrors.NONE, code(Commands.create("t", 3, 3)));
        final MetadataStateMachine.Outcome again = machine.apply(Commands.create("t", 3, 3), 1, NOW_MS);
        assertTrue(again.result().isOk());
        assertNull(again.delta());
        assertEquals(MetadataErrors.TOPIC_ALREADY_EXISTS, code(new MetadataCommand.CreateTopic(
            new UUID(7, 7), "t", 3, 3, null, Map.of(), 1, false)));
    }

    @Test
    void shouldChangeNothingWhenOnlyValidating() {
        registerBrokers(3);
        final MetadataStateMachine.Outcome outcome = machine.apply(new MetadataCommand.CreateTopic(
            new UUID(7, 7), "t", -1, -1, null, Map.of(), 1, true), 1, NOW_MS);
        assertTrue(outcome.result().isOk());
        assertNull(outcome.delta());
        assertTrue(machine.state().shards().isEmpty());
    }

    @Test
    void shouldPlaceOnShardsWithALiveLeaderWhenABrokerIsDown() {
        registerBrokers(3);
        code(Commands.create("a", 3, 3));
        machine.closeSession(3, NOW_MS);
        assertEquals(MetadataErrors.NONE, code(Commands.create("b", 4, 3)));
        for (int partition = 0; partition < 4; partition++) {
            assertNotEquals(3, machine.state().shard(machine.state().topic("b").shardId(partition)).leader());
        }
        assertEquals(MetadataErrors.INVALID_REPLICATION_FACTOR,
            code(Commands.create("c", 1, 3, Map.of("millrace.profile", "durable"))), "no shard of that class yet");
    }

    @Test
    void shouldRefuseAnotherProcessWhileTheFirstLives() {
        registerBrokers(1);
        final long epoch = machine.state().broker(1).epoch();
        assertEquals(MetadataErrors.DUPLICATE_BROKER_REGISTRATION,
            machine.apply(Commands.register(1, 77), 50, NOW_MS).result().errorCode());
        assertEquals(epoch, machine.apply(Commands.register(1, 1), 1, NOW_MS).result().value(), "a repeated command");
        final MetadataResult moved = machine.apply(Commands.register(1, 1), 51, NOW_MS).result();
        assertTrue(moved.isOk());
        assertNotEquals(epoch, moved.value(), "same process, new session");
        assertNull(machine.closeSession(1, NOW_MS), "the old session no longer matters");
        assertFalse(machine.state().broker(1).fenced());
    }

    @Test
    void shouldChangeTheIsrOnlyForTheLeaderOfTheEpochAndVersion() {
        registerBrokers(3);
        code(Commands.create("t", 1, 3));
        final ShardInfo shard = machine.state().shard(0);
        assertEquals(1, shard.leader());
        assertEquals(MetadataErrors.FENCED_LEADER_EPOCH, change(0, 2, 0, 0, 2L, 1, 2));
        assertEquals(MetadataErrors.FENCED_LEADER_EPOCH, change(0, 1, 1, 0, 1L, 1, 2));
        assertEquals(MetadataErrors.STALE_BROKER_EPOCH, change(0, 1, 0, 0, 2L, 1, 2));
        assertEquals(MetadataErrors.INVALID_REQUEST, change(0, 1, 0, 0, 1L, 2, 3));
        assertEquals(MetadataErrors.INVALID_REQUEST, change(0, 1, 0, 0, 1L, 1, 1));
        assertEquals(MetadataErrors.INVALID_REQUEST, change(0, 1, 0, 0, 1L, 1, 4));
        assertEquals(MetadataErrors.UNKNOWN_TOPIC_OR_PARTITION, change(9, 1, 0, 0, 1L, 1));
        assertEquals(MetadataErrors.BROKER_ID_NOT_REGISTERED, change(0, 8, 0, 0, 1L, 1));
        assertEquals(MetadataErrors.NONE, change(0, 1, 0, 0, 1L, 1, 2));
        assertEquals(MetadataErrors.NONE, change(0, 1, 0, 0, 1L, 2, 1), "a repeated command");
        assertEquals(MetadataErrors.INVALID_UPDATE_VERSION, change(0, 1, 0, 0, 1L, 1));
        assertEquals(MetadataErrors.NONE, change(0, 1, 0, 1, 1L, 1, 2, 3));
        machine.closeSession(3, NOW_MS);
        assertEquals(3, machine.state().shard(0).isrVersion());
        assertEquals(MetadataErrors.INELIGIBLE_REPLICA, change(0, 1, 0, 3, 1L, 1, 2, 3));
    }

    @Test
    void shouldNeverGiveOutAProducerIdTwice() {
        assertEquals(0, machine.apply(new MetadataCommand.AllocateProducerIds(1000), 1, NOW_MS).result().value());
        assertEquals(1000, machine.apply(new MetadataCommand.AllocateProducerIds(1), 1, NOW_MS).result().value());
        assertEquals(1001, machine.apply(new MetadataCommand.AllocateProducerIds(5), 1, NOW_MS).result().value());
        assertEquals(MetadataErrors.INVALID_REQUEST, code(new MetadataCommand.AllocateProducerIds(0)));
    }

    @Test
    void shouldRefuseConfigsThatWouldWeakenATopic() {
        registerBrokers(3);
        code(Commands.create("t", 1, 3));
        assertEquals(MetadataErrors.INVALID_CONFIG, alter(Map.of("min.insync.replicas", "1"), List.of()));
        assertEquals(MetadataErrors.INVALID_CONFIG, alter(Map.of("millrace.profile", "durable"), List.of()));
        assertEquals(MetadataErrors.NONE, alter(Map.of("min.insync.replicas", "3", "retention.bytes", "1"), List.of()));
        assertEquals(3, machine.state().topic("t").minInsyncReplicas());
        assertEquals(MetadataErrors.NONE, alter(Map.of(), List.of("min.insync.replicas")));
        assertEquals(2, machine.state().topic("t").minInsyncReplicas());
        assertEquals(Map.of("retention.bytes", "1"), machine.state().topic("t").configs());
    }

    @Test
    void shouldCommitWithAllReplicasWhenATopicAsksForMoreThanThereAre() {
        registerBrokers(3);
        code(Commands.create("t", 1, 1, Map.of("min.insync.replicas", "2")));
        assertEquals(1, machine.state().topic("t").shardClass().minInsyncReplicas());
        assertEquals(2, machine.state().topic("t").minInsyncReplicas(), "so acks=all is refused");
        assertEquals(MetadataErrors.NONE, alter(Map.of("min.insync.replicas", "5"), List.of()));
        assertEquals(5, machine.state().topic("t").minInsyncReplicas());
        assertEquals(MetadataErrors.NONE, alter(Map.of("min.insync.replicas", "1"), List.of()));
        assertEquals(1, machine.state().topic("t").minInsyncReplicas());
    }

    @Test
    void shouldCreateTheTopicOfGroupsWhateverItCollidesWith() {
        registerBrokers(3);
        assertEquals(MetadataErrors.NONE, code(Commands.create("__consumer.offsets", 1, 1)));
        assertEquals(MetadataErrors.NONE, code(Commands.create(TopicInfo.OFFSETS_TOPIC, 1, 1)));
        assertEquals(MetadataErrors.INVALID_TOPIC, code(Commands.create("_.consumer_offsets", 1, 1)));
    }

    private short alter(final Map<String, String> sets, final List<String> removes) {
        return code(new MetadataCommand.AlterTopicConfig("t", sets, removes));
    }

    private short change(
        final int shard, final int leader, final int epoch, final long version, final long session,
        final Integer... isr) {
        final MetadataCommand command = new MetadataCommand.ChangeIsr(shard, leader, epoch, version, List.of(isr));
        return machine.apply(command, session, NOW_MS).result().errorCode();
    }

    private short code(final MetadataCommand command) {
        return machine.apply(command, 1, NOW_MS).result().errorCode();
    }

    private void registerBrokers(final int count) {
        for (int id = 1; id <= count; id++) {
            final MetadataResult registered = machine.apply(Commands.register(id, id), id, NOW_MS).result();
            assertTrue(registered.isOk());
            assertTrue(machine.apply(new MetadataCommand.BrokerReady(id, registered.value()), id, NOW_MS).result()
                .isOk());
        }
    }
}
