package io.millrace.broker.group;

import static io.millrace.broker.group.GroupErrors.FENCED_INSTANCE_ID;
import static io.millrace.broker.group.GroupErrors.GROUP_ID_NOT_FOUND;
import static io.millrace.broker.group.GroupErrors.ILLEGAL_GENERATION;
import static io.millrace.broker.group.GroupErrors.INCONSISTENT_GROUP_PROTOCOL;
import static io.millrace.broker.group.GroupErrors.MEMBER_ID_REQUIRED;
import static io.millrace.broker.group.GroupErrors.NONE;
import static io.millrace.broker.group.GroupErrors.REBALANCE_IN_PROGRESS;
import static io.millrace.broker.group.GroupErrors.UNKNOWN_MEMBER_ID;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.transport.kafka.message.ConsumerGroupHeartbeat;
import io.millrace.transport.kafka.message.Heartbeat;
import io.millrace.transport.kafka.message.JoinGroup;
import io.millrace.transport.kafka.message.SyncGroup;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor;
import org.apache.kafka.clients.consumer.internals.ConsumerProtocol;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

/** Groups that go from one protocol to the other while they have members (KIP-848). */
class MigrationTest {
    private static final List<String> TOPIC = List.of("t");

    private final GroupRig rig = new GroupRig(1);

    /** {@return what Kafka's own consumer says of itself} */
    private static byte[] subscription(final Integer... owned) {
        return bytes(ConsumerProtocol.serializeSubscription(new ConsumerPartitionAssignor.Subscription(
            TOPIC, null, partitions(owned), 1, java.util.Optional.empty())));
    }

    private static byte[] assignment(final Integer... partitions) {
        return bytes(ConsumerProtocol.serializeAssignment(
            new ConsumerPartitionAssignor.Assignment(partitions(partitions))));
    }

    private static List<TopicPartition> partitions(final Integer... partitions) {
        return List.of(partitions).stream().map(partition -> new TopicPartition("t", partition)).toList();
    }

    private static byte[] bytes(final ByteBuffer buffer) {
        final byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return bytes;
    }

    private static TreeSet<Integer> told(final SyncGroup.Response response) {
        assertEquals(NONE, response.errorCode());
        final TreeSet<Integer> result = new TreeSet<>();
        ConsumerProtocol.deserializeAssignment(ByteBuffer.wrap(response.assignment())).partitions()
            .forEach(partition -> result.add(partition.partition()));
        return result;
    }

    private JoinGroup.Response join(final String memberId, final String instanceId, final Integer... owned) {
        final AtomicReference<JoinGroup.Response> answer = rig.join(request(memberId, instanceId, owned));
        assertNotNull(answer.get(), "nobody waits for others");
        return answer.get();
    }

    private static JoinGroup.Request request(
        final String memberId, final String instanceId, final Integer... owned) {
        return new JoinGroup.Request("g", 10_000, 60_000, memberId, instanceId, "consumer",
            List.of(new JoinGroup.Protocol("range", subscription(owned)),
                new JoinGroup.Protocol("cooperative-sticky", subscription(owned))), true, true);
    }

    /** {@return the id of the one classic member, which has everything} */
    private String classic(final String instanceId) {
        final JoinGroup.Response first = rig.join(request("", instanceId)).get();
        final JoinGroup.Response joined = instanceId == null ? rig.join(request(first.memberId(), null)).get() : first;
        assertEquals(1, joined.generationId());
        final AtomicReference<SyncGroup.Response> synced = new AtomicReference<>();
        rig.coordinator.sync(new SyncGroup.Request("g", 1, joined.memberId(), instanceId, null, null,
            Map.of(joined.memberId(), assignment(0, 1, 2, 3, 4, 5))), synced::set);
        assertEquals(6, told(synced.get()).size());
        return joined.memberId();
    }

    private ConsumerGroupHeartbeat.Response beat(final String member, final int epoch) {
        return rig.beat(member, epoch, null, epoch == 0 ? TOPIC : null, epoch == 0 ? List.of() : null);
    }

    private static int count(final ConsumerGroupHeartbeat.Response response) {
        return response.assignment() == null ? 0 : Assignment.of(response.assignment()).count();
    }

    private SyncGroup.Response sync(final int generation, final String memberId) {
        return rig.sync(generation, memberId, Map.of()).get();
    }

    private Group group() {
        return rig.coordinator.groups.get("g");
    }

    /** {@return the classic member's id and the other one's, each with a half} */
    private String[] mixed() {
        final String classic = classic(null);
        assertEquals(2, beat("b", 0).memberEpoch());
        assertEquals(REBALANCE_IN_PROGRESS, rig.heartbeat(1, classic));
        assertEquals(2, join(classic, null).generationId(), "an eager member has given back everything");
        assertEquals(3, told(sync(2, classic)).size());
        assertEquals(3, count(beat("b", 2)));
        assertEquals("Stable", group().stateName());
        return new String[] {classic, "b"};
    }

    @Test
    void shouldShareWithAClassicMemberWhenOneOfTheConsumerProtocolJoins() {
        final String[] members = mixed();
        assertEquals(NONE, rig.heartbeat(2, members[0]));
        assertEquals(NONE, rig.commit(2, members[0], 0, 5));
        assertEquals(ILLEGAL_GENERATION, rig.commit(1, members[0], 0, 6));
        assertEquals(ILLEGAL_GENERATION, rig.heartbeat(1, members[0]));
        assertEquals(ILLEGAL_GENERATION, sync(1, members[0]).errorCode());
        assertEquals(UNKNOWN_MEMBER_ID, rig.heartbeat(2, "b"));
        assertEquals(UNKNOWN_MEMBER_ID, beat(members[0], 2).errorCode());
        final List<Boolean> kinds = GroupAdmin.describeConsumer(rig.coordinator, "g").members().stream()
            .map(member -> member.isClassic()).toList();
        assertEquals(1, kinds.stream().filter(isClassic -> isClassic).count());
    }

    @Test
    void shouldKeepACooperativeMembersPartitionsUntilItHasGivenThemBack() {
        final String classic = classic(null);
        beat("b", 0);
        assertEquals(REBALANCE_IN_PROGRESS, rig.heartbeat(1, classic));
        assertEquals(1, join(classic, null, 0, 1, 2, 3, 4, 5).generationId());
        final TreeSet<Integer> kept = told(sync(1, classic));
        assertEquals(3, kept.size());
        assertEquals(0, count(beat("b", 2)), "nothing before it is given back");
        assertEquals(REBALANCE_IN_PROGRESS, rig.heartbeat(1, classic));
        assertEquals(2, join(classic, null, kept.toArray(Integer[]::new)).generationId());
        assertEquals(kept, told(sync(2, classic)));
        assertEquals(3, count(beat("b", 2)));
    }

    @Test
    void shouldAskAClassicMemberToJoinAgainWhenOthersHaveGivenBack() {
        final String[] members = mixed();
        final String id = rig.join(request("", null)).get().memberId();
        final JoinGroup.Response joined = join(id, null);
        assertEquals(3, joined.generationId());
        assertTrue(told(sync(3, id)).isEmpty());
        assertEquals(NONE, rig.heartbeat(3, id));
        assertEquals(REBALANCE_IN_PROGRESS, rig.heartbeat(2, members[0]));
        assertEquals(3, join(members[0], null).generationId());
        assertEquals(2, told(sync(3, members[0])).size());
        assertEquals(NONE, rig.heartbeat(3, id), "not before it can have everything");
        follow("b");
        assertEquals(REBALANCE_IN_PROGRESS, rig.heartbeat(3, id), "there is something for it now");
        join(id, null);
        assertEquals(2, told(sync(3, id)).size());
    }

    /** A member of the consumer protocol does what it is told. */
    private void follow(final String id) {
        final ConsumerMember member = group().consumer.members.get(id);
        rig.beat(id, member.epoch, null, null, null);
        rig.beat(id, member.epoch, null, null, member.assigned.toMessage());
    }

    @Test
    void shouldGiveTheGroupBackWhenTheLastOfTheConsumerProtocolLeaves() {
        final String[] members = mixed();
        rig.commit(2, members[0], 0, 5);
        beat("b", ConsumerMember.LEAVE_EPOCH);
        assertNull(group().consumer);
        assertEquals(ClassicState.PREPARING, group().classic.state);
        assertEquals(REBALANCE_IN_PROGRESS, rig.heartbeat(2, members[0]), "it keeps what it has until it joins");
        final JoinGroup.Response joined = join(members[0], null);
        assertTrue(joined.generationId() > 2);
        assertEquals(members[0], joined.leader());
        assertEquals(5, rig.committed(0));
    }

    @Test
    void shouldGiveTheGroupBackWhenTheLastOfTheConsumerProtocolFallsSilent() {
        final String[] members = mixed();
        for (int i = 0; i < 8; i++) {
            rig.pass(6_000);
            rig.heartbeat(2, members[0]);
        }
        assertNull(group().consumer);
        assertEquals(List.of(members[0]), List.copyOf(group().classic.members.keySet()));
        assertEquals(UNKNOWN_MEMBER_ID, beat("b", 2).errorCode(), "it may join again");
        assertEquals(NONE, beat("b", 0).errorCode());
        assertNotNull(group().consumer);
    }

    @Test
    void shouldBalanceWhenTheCoordinatorIsLostAfterTheGroupWasGivenBack() {
        final String[] members = mixed();
        beat("b", ConsumerMember.LEAVE_EPOCH);
        rig.reload();
        assertEquals(ILLEGAL_GENERATION, rig.heartbeat(2, members[0]), "nobody goes on with a half");
        final JoinGroup.Response joined = join(members[0], null);
        assertEquals(members[0], joined.leader());
    }

    @Test
    void shouldGoOnWithBothKindsWhenAnotherCoordinatorTakesOver() {
        final String[] members = mixed();
        rig.reload();
        assertEquals(NONE, rig.heartbeat(2, members[0]));
        assertEquals(3, told(sync(2, members[0])).size());
        assertEquals(NONE, beat("b", 2).errorCode());
        rig.pass(9_000);
        rig.heartbeat(2, members[0]);
        rig.pass(11_000); // its own session
        assertEquals(UNKNOWN_MEMBER_ID, rig.heartbeat(2, members[0]));
        assertEquals(6, count(beat("b", 2)));
    }

    @Test
    void shouldDropAClassicMemberThatDoesNotComeBackOrDoesNotSync() {
        final String[] members = mixed();
        rig.join(request("", null)).get();
        final String late = rig.join(request("", null)).get().memberId();
        join(late, null);
        for (int i = 0; i < 13; i++) {
            rig.pass(5_000);
            rig.heartbeat(2, members[0]);
            rig.heartbeat(3, late);
            follow("b");
        }
        assertEquals(UNKNOWN_MEMBER_ID, rig.heartbeat(2, members[0]), "it was asked to join");
        assertEquals(UNKNOWN_MEMBER_ID, rig.heartbeat(3, late), "it never synced");
        assertEquals(UNKNOWN_MEMBER_ID, join(late, null).errorCode());
    }

    @Test
    void shouldAskThoseThatWaitToJoinAgainWhenTheGroupIsConverted() {
        final String first = classic(null);
        final String second = rig.join(request("", null)).get().memberId();
        final AtomicReference<JoinGroup.Response> waiting = rig.join(request(second, null));
        assertNull(waiting.get());
        beat("b", 0);
        assertEquals(REBALANCE_IN_PROGRESS, waiting.get().errorCode());
        assertEquals(NONE, join(second, null).errorCode());
        assertEquals(NONE, join(first, null).errorCode());
        assertEquals(3, group().consumer.members.size());
    }

    @Test
    void shouldLetAStaticMemberChangeItsProtocolBothWays() {
        final String classic = classic("i");
        final ConsumerGroupHeartbeat.Response changed = rig.beat("b", 0, "i", TOPIC, List.of());
        assertEquals(6, count(changed), "its successor has the same");
        assertEquals(FENCED_INSTANCE_ID,
            rig.coordinator.heartbeat(new Heartbeat.Request("g", 1, classic, "i")).errorCode());
        rig.beat("b", ConsumerMember.AWAY_EPOCH, "i", null, null);
        final JoinGroup.Response back = join("", "i");
        assertEquals(NONE, back.errorCode());
        assertEquals(back.memberId(), back.leader());
        assertNull(group().consumer);
        assertEquals(1, group().classic.members.size());
    }

    @Test
    void shouldNotDisturbOthersWhenAStaticClassicMemberComesBack() {
        final String classic = classic("i");
        beat("b", 0);
        assertEquals(2, join(classic, "i").generationId());
        rig.coordinator.sync(new SyncGroup.Request("g", 2, classic, "i", null, null, Map.of()), answer -> { });
        beat("b", 2);
        final JoinGroup.Response again = join("", "i");
        assertEquals(2, again.generationId(), "no new epoch");
        final AtomicReference<SyncGroup.Response> synced = new AtomicReference<>();
        rig.coordinator.sync(
            new SyncGroup.Request("g", 2, again.memberId(), "i", null, null, Map.of()), synced::set);
        assertEquals(3, told(synced.get()).size());
        assertEquals(2, beat("b", 2).memberEpoch());
        rig.reload();
        assertTrue(group().consumer.byInstance.get("i").isClassic());
        assertEquals(NONE,
            rig.coordinator.heartbeat(new Heartbeat.Request("g", 2, again.memberId(), "i")).errorCode());
    }

    @Test
    void shouldStayAsItIsWhenThePolicySaysSo() {
        rig.config = policy(MigrationPolicy.DOWNGRADE);
        rig.reload();
        final String classic = classic(null);
        assertEquals(GROUP_ID_NOT_FOUND, beat("b", 0).errorCode());
        assertEquals(NONE, rig.heartbeat(1, classic));
        rig.config = policy(MigrationPolicy.UPGRADE);
        rig.reload();
        beat("b", 0);
        join(classic, null);
        sync(2, classic);
        beat("b", ConsumerMember.LEAVE_EPOCH);
        assertNotNull(group().consumer);
        assertEquals(REBALANCE_IN_PROGRESS, rig.heartbeat(2, classic));
        assertEquals(3, join(classic, null).generationId());
        assertEquals(6, told(sync(3, classic)).size());
    }

    private static GroupConfiguration policy(final MigrationPolicy policy) {
        final GroupConfiguration usual = GroupConfiguration.DEFAULTS;
        return new GroupConfiguration(6_000, 60_000, 0, 10, 1_000_000, 600_000, 10, 10, 10, usual.maxGroupLength(),
            45_000, 5_000, policy);
    }

    @Test
    void shouldStayAsItIsWhenWhatIsKnownOfItsMembersIsTooMuchForOneBatch() {
        final String classic = classic(null);
        rig.maxBatchLength = 300;
        final ConsumerGroupHeartbeat.Response refused = beat("b", 0);
        assertEquals(GROUP_ID_NOT_FOUND, refused.errorCode());
        assertTrue(refused.errorMessage().contains("300"), refused.errorMessage());
        assertEquals(NONE, rig.heartbeat(1, classic));
        rig.maxBatchLength = 2 << 20;
        beat("b", 0);
        join(classic, null);
        sync(2, classic);
        rig.maxBatchLength = 300;
        beat("b", ConsumerMember.LEAVE_EPOCH);
        assertNotNull(group().consumer);
        assertEquals(REBALANCE_IN_PROGRESS, rig.heartbeat(2, classic));
        assertEquals(3, join(classic, null).generationId());
        assertEquals(6, told(sync(3, classic)).size());
    }

    @Test
    void shouldRefuseGroupsWhoseMembersItDoesNotUnderstand() {
        final JoinGroup.Response joined = rig.join("").get(); // its metadata is no subscription
        rig.sync(1, joined.memberId(), Map.of(joined.memberId(), new byte[0]));
        final ConsumerGroupHeartbeat.Response refused = beat("b", 0);
        assertEquals(GROUP_ID_NOT_FOUND, refused.errorCode());
        assertTrue(refused.errorMessage().contains("cannot be understood"), refused.errorMessage());
        assertEquals(NONE, rig.heartbeat(1, joined.memberId()));
        rig.leave(joined.memberId());
        beat("b", 0);
        assertEquals(INCONSISTENT_GROUP_PROTOCOL, rig.join("").get().errorCode());
        assertEquals(MEMBER_ID_REQUIRED, rig.join(request("", null)).get().errorCode());
    }

    @Test
    void shouldRefuseAnAssignmentThatOnlyItsAssignorUnderstands() {
        final JoinGroup.Response first = rig.join(request("", null)).get();
        final JoinGroup.Response joined = rig.join(request(first.memberId(), null)).get();
        rig.sync(1, joined.memberId(), Map.of(joined.memberId(), bytes(ConsumerProtocol.serializeAssignment(
            new ConsumerPartitionAssignor.Assignment(partitions(0), ByteBuffer.wrap(new byte[] {1}))))));
        assertEquals(GROUP_ID_NOT_FOUND, beat("b", 0).errorCode());
        assertFalse(group().isEmpty());
    }
}
