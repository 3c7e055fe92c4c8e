package io.millrace.broker.group;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.transport.kafka.message.ConsumerGroupHeartbeat;
import io.millrace.transport.kafka.message.ConsumerGroupHeartbeat.Response;
import io.millrace.transport.kafka.message.ConsumerGroupHeartbeat.TopicPartitions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The consumer protocol (KIP-848), heartbeat by heartbeat. */
class ConsumerGroupTest {
    private static final List<String> TOPIC = List.of("t");

    private final GroupRig rig = new GroupRig(1);

    private Response join(final String member) {
        return rig.beat(member, 0, null, TOPIC, List.of());
    }

    private static int count(final List<TopicPartitions> assignment) {
        return assignment.stream().mapToInt(topic -> topic.partitionIds().size()).sum();
    }

    @Test
    void shouldGiveEverythingToTheFirstAndMoveHalfOfItWithoutStoppingTheRest() {
        final Response first = join("a");
        assertEquals(GroupErrors.NONE, first.errorCode());
        assertEquals(6, count(first.assignment()));
        final Response second = join("b");
        assertEquals(0, count(second.assignment()), "nothing before it is given back");
        final Response told = rig.beat("a", first.memberEpoch(), null, null, null);
        assertEquals(3, count(told.assignment()));
        assertEquals(first.memberEpoch(), told.memberEpoch(), "until it has given back the others");
        assertNull(rig.beat("b", second.memberEpoch(), null, null, null).assignment());
        final Response back = rig.beat("a", told.memberEpoch(), null, null, told.assignment());
        assertEquals(second.memberEpoch(), back.memberEpoch());
        assertEquals(3, count(rig.beat("b", second.memberEpoch(), null, null, null).assignment()));
        assertEquals("Stable", rig.coordinator.groups.get("g").stateName());
    }

    @Test
    void shouldFenceOtherEpochsAndTakeAnAnswerThatWasLostForOne() {
        final Response first = join("a");
        assertEquals(GroupErrors.FENCED_MEMBER_EPOCH,
            rig.beat("a", first.memberEpoch() + 1, null, null, null).errorCode());
        join("b");
        rig.beat("b", ConsumerMember.LEAVE_EPOCH, null, null, null);
        final Response later = rig.beat("a", first.memberEpoch(), null, null, first.assignment());
        assertTrue(later.memberEpoch() > first.memberEpoch());
        assertEquals(GroupErrors.NONE,
            rig.beat("a", first.memberEpoch(), null, null, first.assignment()).errorCode());
        assertEquals(GroupErrors.FENCED_MEMBER_EPOCH,
            rig.beat("a", first.memberEpoch(), null, null, null).errorCode());
        assertEquals(GroupErrors.UNKNOWN_MEMBER_ID, rig.beat("c", 1, null, null, null).errorCode());
        assertEquals(GroupErrors.NONE, rig.commit(later.memberEpoch(), "a", 0, 4));
        assertEquals(GroupErrors.STALE_MEMBER_EPOCH, rig.commit(first.memberEpoch(), "a", 0, 5));
        assertEquals(4, rig.committed(0));
    }

    @Test
    void shouldFenceWhoFallsSilentOrDoesNotGiveBackInTime() {
        final Response first = join("a");
        final Response second = join("b");
        rig.beat("a", first.memberEpoch(), null, null, null);
        for (int i = 0; i < 4; i++) {
            rig.pass(8_000);
            rig.beat("a", first.memberEpoch(), null, null, first.assignment());
            rig.beat("b", second.memberEpoch(), null, null, null);
        }
        assertEquals(GroupErrors.UNKNOWN_MEMBER_ID, rig.beat("a", first.memberEpoch(), null, null, null).errorCode());
        final ConsumerMember left = rig.coordinator.groups.get("g").consumer.members.get("b");
        assertEquals(6, left.assigned.count());
        rig.pass(46_000);
        assertTrue(rig.coordinator.groups.get("g").isEmpty());
    }

    @Test
    void shouldKeepAStaticMembersPartitionsWhileItIsAway() {
        final Response first = rig.beat("a", 0, "i", TOPIC, List.of());
        assertEquals(GroupErrors.UNRELEASED_INSTANCE_ID, rig.beat("b", 0, "i", TOPIC, List.of()).errorCode());
        assertEquals(ConsumerMember.AWAY_EPOCH,
            rig.beat("a", ConsumerMember.AWAY_EPOCH, "i", null, null).memberEpoch());
        rig.reload();
        final Response again = rig.beat("b", 0, "i", TOPIC, List.of());
        assertEquals(GroupErrors.NONE, again.errorCode());
        assertEquals(first.assignment(), again.assignment());
        assertEquals(GroupErrors.UNKNOWN_MEMBER_ID,
            rig.beat("a", first.memberEpoch(), "i", null, null).errorCode());
    }

    private ConsumerMember memberOf(final String instance) {
        return rig.coordinator.groups.get("g").consumer.byInstance.get(instance);
    }

    @Test
    void shouldNotDisturbOthersWhenAStaticMemberComesBack() {
        final Response first = rig.beat("a", 0, "i", TOPIC, List.of());
        rig.beat("b", 0, "j", TOPIC, List.of());
        final Response told = rig.beat("a", first.memberEpoch(), "i", null, null);
        final int epoch = rig.beat("a", told.memberEpoch(), "i", null, told.assignment()).memberEpoch();
        rig.beat("b", epoch, "j", null, null);
        rig.beat("b", ConsumerMember.AWAY_EPOCH, "j", null, null);
        final Response again = rig.beat("c", 0, "j", TOPIC, List.of());
        assertEquals(epoch, again.memberEpoch(), "no new epoch");
        assertEquals(3, count(again.assignment()));
        assertEquals(GroupErrors.NONE, rig.commit(epoch, "a", 0, 4));
        assertEquals(epoch, rig.beat("a", epoch, "i", null, null).memberEpoch());
        assertEquals("Stable", rig.coordinator.groups.get("g").stateName());
        rig.reload();
        assertEquals(List.of("a", "c"), List.copyOf(rig.coordinator.groups.get("g").consumer.members.keySet()));
        assertEquals("c", memberOf("j").id);
        assertEquals(epoch, memberOf("j").epoch);
        assertEquals(3, memberOf("j").assigned.count());
        assertEquals(memberOf("j").target, memberOf("j").assigned);
        assertEquals(GroupErrors.NONE, rig.beat("c", epoch, "j", null, null).errorCode());
        assertEquals("Stable", rig.coordinator.groups.get("g").stateName());
    }

    @Test
    void shouldGiveAStaticMemberThatComesBackWhatOthersHaveGivenBackMeanwhile() {
        final Response first = join("a");
        final int epoch = rig.beat("b", 0, "j", TOPIC, List.of()).memberEpoch();
        final Response told = rig.beat("a", first.memberEpoch(), null, null, null);
        assertEquals(ConsumerMember.State.UNRELEASED, memberOf("j").state);
        rig.beat("b", ConsumerMember.AWAY_EPOCH, "j", null, null);
        rig.beat("a", told.memberEpoch(), null, null, told.assignment());
        final Response again = rig.beat("c", 0, "j", TOPIC, List.of());
        assertEquals(epoch, again.memberEpoch());
        assertEquals(3, count(again.assignment()));
    }

    /** Another coordinator goes on with the first records only; those who are named still ask there. */
    private void survive(final List<GroupRecord> log, final int count, final String... askers) {
        rig.log.clear();
        rig.log.addAll(log.subList(0, count));
        rig.reload();
        final String what = "records=" + count + " of " + log.size();
        for (int round = 0; round < 12; round++) {
            for (final String asker : askers) {
                final ConsumerMember member = rig.coordinator.groups.get("g").consumer.members.get(asker);
                final String instance = asker.equals("c") ? "j" : null;
                final boolean isJoining = member == null || member.epoch == 0
                    || round == 0 && asker.equals("c"); // it had no answer
                final Response answer = rig.beat(asker, isJoining ? 0 : member.epoch, instance,
                    isJoining ? TOPIC : null, isJoining ? List.of() : member.assigned.toMessage());
                assertEquals(GroupErrors.NONE, answer.errorCode(), what);
            }
            rig.pass(8_000);
        }
        final ConsumerGroup group = rig.coordinator.groups.get("g").consumer;
        assertEquals(List.of(askers), List.copyOf(group.members.keySet()), what);
        assertEquals(6, group.members.values().stream().mapToInt(member -> member.assigned.count()).sum(), what);
        for (final ConsumerMember member : group.members.values()) {
            assertEquals(6 / askers.length, member.assigned.count(), what);
            assertEquals("c".equals(member.id) ? "j" : null, member.instanceId, what);
        }
        assertEquals("Stable", rig.coordinator.groups.get("g").stateName(), what);
    }

    /** Records of one change may go into several batches, of which only the first ones are kept. */
    @Test
    void shouldLoseNothingWhenACoordinatorDiesWhileAStaticMemberComesBack() {
        final Response first = join("a");
        final int epoch = rig.beat("b", 0, "j", TOPIC, List.of()).memberEpoch();
        final Response told = rig.beat("a", first.memberEpoch(), null, null, null);
        rig.beat("a", told.memberEpoch(), null, null, told.assignment());
        assertEquals(3, count(rig.beat("b", epoch, "j", null, null).assignment()));
        rig.beat("b", ConsumerMember.AWAY_EPOCH, "j", null, null);
        final int from = rig.log.size();
        assertEquals(epoch, rig.beat("c", 0, "j", TOPIC, List.of()).memberEpoch());
        final List<GroupRecord> log = new ArrayList<>(rig.log);
        for (int count = from; count <= log.size(); count++) {
            survive(log, count, "a", "c");
        }
    }

    @Test
    void shouldShareAnewWhenACoordinatorDiesWhileAMemberLeavesOrJoins() {
        join("a");
        final int from = rig.log.size();
        join("b");
        final List<GroupRecord> joining = new ArrayList<>(rig.log);
        for (int count = from; count <= joining.size(); count++) {
            survive(joining, count, "a", "b");
        }
        final int to = rig.log.size();
        rig.beat("b", ConsumerMember.LEAVE_EPOCH, null, null, null);
        final List<GroupRecord> leaving = new ArrayList<>(rig.log);
        for (int count = to; count <= leaving.size(); count++) {
            survive(leaving, count, "a");
        }
    }

    @Test
    void shouldShareAnewWhenAStaticMemberComesBackWithAnotherSubscription() {
        rig.addTopic("u", 2);
        final int epoch = rig.beat("b", 0, "j", TOPIC, List.of()).memberEpoch();
        rig.beat("b", ConsumerMember.AWAY_EPOCH, "j", null, null);
        final Response again = rig.beat("c", 0, "j", List.of("t", "u"), List.of());
        assertEquals(epoch + 1, again.memberEpoch());
        assertEquals(8, count(again.assignment()));
        rig.reload();
        assertEquals(List.of("t", "u"), memberOf("j").topicNames);
    }

    @Test
    void shouldRecordAnotherTimeOutWithoutANewEpoch() {
        final int epoch = join("a").memberEpoch();
        final Response same = rig.coordinator.consumerHeartbeat(new ConsumerGroupHeartbeat.Request("g", "a", epoch,
            null, "rack", 60_000, TOPIC, null, null, null, true), GroupRig.CLIENT);
        assertEquals(epoch, same.memberEpoch());
        rig.reload();
        final ConsumerMember member = rig.coordinator.groups.get("g").consumer.members.get("a");
        assertEquals(60_000, member.rebalanceTimeoutMs);
        assertEquals("rack", member.rackId);
    }

    @Test
    void shouldFollowTopicsThatComeGoAndGrow() {
        final Response first = rig.coordinator.consumerHeartbeat(new ConsumerGroupHeartbeat.Request("g", "a", 0, null,
            null, 30_000, null, "t.*", "range", List.of(), true), GroupRig.CLIENT);
        assertEquals(6, count(first.assignment()));
        rig.addTopic("t2", 2);
        rig.addTopic("u", 2);
        final Response more = rig.beat("a", first.memberEpoch(), null, null, first.assignment());
        assertEquals(8, count(more.assignment()));
        rig.deleteTopic("t");
        final Response less = rig.beat("a", more.memberEpoch(), null, null, more.assignment());
        assertEquals(2, count(less.assignment()));
    }

    @Test
    void shouldRefuseWhatItCannotUnderstandAndMembersOfTheOtherProtocol() {
        final ConsumerGroupHeartbeat.Request odd = new ConsumerGroupHeartbeat.Request("g", "a", 0, null, null, 30_000,
            TOPIC, null, "sticky", List.of(), true);
        assertEquals(GroupErrors.UNSUPPORTED_ASSIGNOR,
            rig.coordinator.consumerHeartbeat(odd, GroupRig.CLIENT).errorCode());
        final ConsumerGroupHeartbeat.Request broken = new ConsumerGroupHeartbeat.Request("g", "a", 0, null, null,
            30_000, null, "t(", null, List.of(), true);
        assertEquals(GroupErrors.INVALID_REGULAR_EXPRESSION,
            rig.coordinator.consumerHeartbeat(broken, GroupRig.CLIENT).errorCode());
        final Response consumer = join("a");
        assertEquals(GroupErrors.INCONSISTENT_GROUP_PROTOCOL, rig.join("").get().errorCode());
        rig.beat("a", ConsumerMember.LEAVE_EPOCH, null, null, null);
        assertTrue(consumer.memberEpoch() <= rig.join("").get().generationId(), "numbers do not come again");
        assertEquals(GroupErrors.GROUP_ID_NOT_FOUND, join("b").errorCode());
    }
}
