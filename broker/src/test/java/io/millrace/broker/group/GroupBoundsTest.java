package io.millrace.broker.group;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.transport.kafka.message.ConsumerGroupHeartbeat;
import io.millrace.transport.kafka.message.JoinGroup;
import io.millrace.transport.kafka.message.ListGroups;
import io.millrace.transport.kafka.message.OffsetCommit;
import io.millrace.transport.kafka.message.OffsetDelete;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What strangers may make large. */
class GroupBoundsTest {
    private final GroupRig rig = new GroupRig(1);

    private AtomicReference<JoinGroup.Response> join(
        final String group, final String memberId, final List<JoinGroup.Protocol> protocols) {
        return rig.join(new JoinGroup.Request(
            group, 1_800_000, 60_000, memberId, null, "consumer", protocols, false, true));
    }

    private static List<JoinGroup.Protocol> protocol(final int length) {
        return List.of(new JoinGroup.Protocol("range", new byte[length]));
    }

    private static List<JoinGroup.Protocol> protocols(final int count) {
        return IntStream.range(0, count).mapToObj(i -> new JoinGroup.Protocol("p" + i, new byte[0])).toList();
    }

    @Test
    void shouldRefuseMoreProtocolsThanAnyoneSpeaks() {
        final int limit = GroupConfiguration.MAX_PROTOCOL_COUNT;
        assertEquals(GroupErrors.INCONSISTENT_GROUP_PROTOCOL,
            join("g", "", protocols(limit + 1)).get().errorCode());
        assertEquals(0, rig.coordinator.groups.size());
        final AtomicReference<JoinGroup.Response> answer = join("g", "", protocols(limit));
        assertEquals("p0", answer.get().protocolName());
        assertTrue(ClassicMember.lengthOf(protocols(limit)) > 50 * limit, "names and metadata of no length take room");
    }

    @Test
    void shouldRefuseNewMembersWhenTheMemoryIsTakenUntilOthersAreGone() {
        rig.memoryLength = 4 << 20;
        final List<String> members = new ArrayList<>();
        short error = GroupErrors.NONE;
        for (int i = 0; error == GroupErrors.NONE; i++) {
            final JoinGroup.Response answer = join("g" + i, "", protocol(512 * 1024)).get();
            error = answer.errorCode();
            members.add(answer.memberId());
        }
        assertEquals(GroupErrors.GROUP_MAX_SIZE_REACHED, error);
        assertTrue(members.size() > 2 && members.size() < 9, "groups=" + members.size());
        assertTrue(rig.coordinator.usedLength() <= rig.memoryLength);
        assertNotEquals(GroupErrors.GROUP_MAX_SIZE_REACHED,
            join("g0", members.get(0), protocol(512 * 1024)).get().errorCode(), "who is in may join again");
        rig.pass(1_900_000); // all of them fall silent
        assertEquals(GroupErrors.NONE, join("new", "", protocol(512 * 1024)).get().errorCode());
    }

    /** Java's consumer names two assignors by default and says the same for each; one of them is recorded. */
    @Test
    void shouldHoldWhatIsRecordedOfAGroupAgainstItsLimitAndNotAllItsProtocols() {
        final int length = rig.config.maxGroupLength() / 20;
        final List<JoinGroup.Protocol> spoken = List.of(new JoinGroup.Protocol("range", new byte[length]),
            new JoinGroup.Protocol("cooperative-sticky", new byte[length]));
        int count = 0;
        while (count < 100 && isTaken(join("g", "", spoken))) {
            count++;
        }
        assertEquals(19, count);
        rig.pass(60_001);
        final ClassicGroup group = rig.coordinator.groups.get("g").classic;
        assertEquals(ClassicState.COMPLETING, group.state);
        final byte[] assignment = new byte[3 * length];
        assertEquals(GroupErrors.UNKNOWN_SERVER_ERROR, rig.sync(group.generation, group.leaderId,
            Map.of(group.leaderId, assignment)).get().errorCode(), "it would not fit the record");
        assertEquals(GroupErrors.NONE, rig.sync(group.generation, group.leaderId, Map.of()).get().errorCode());
        assertTrue(group.recorded.length() < rig.config.maxGroupLength());
    }

    private static boolean isTaken(final AtomicReference<JoinGroup.Response> answer) {
        return answer.get() == null || answer.get().errorCode() == GroupErrors.NONE;
    }

    @Test
    void shouldGiveBackTheMemoryOfWhoLeaves() {
        for (int i = 0; i < 200; i++) {
            final String memberId = join("g", "", protocol(700 * 1024)).get().memberId();
            assertEquals(GroupErrors.NONE, rig.leave(memberId), "round " + i);
        }
        assertTrue(rig.coordinator.usedLength() < 10_000, () -> "used=" + rig.coordinator.usedLength());
    }

    private short commit(final String group, final String metadata) {
        return rig.coordinator.commit(new OffsetCommit.Request(group, -1, "", null,
            List.of(new OffsetCommit.RequestTopic("t", null,
                List.of(new OffsetCommit.RequestPartition(0, 7, -1, metadata)))))).topics().get(0)
            .partitions().get(0).errorCode();
    }

    @Test
    void shouldRefuseNewOffsetsWhenTheMemoryIsTaken() {
        rig.memoryLength = 1 << 20;
        int count = 0;
        while (commit("g" + count, "m".repeat(4096)) == GroupErrors.NONE) {
            count++;
        }
        assertEquals(GroupErrors.POLICY_VIOLATION, commit("g" + count, "m".repeat(4096)));
        assertTrue(count > 100 && count < 256, "offsets=" + count);
        assertEquals(GroupErrors.NONE, commit("g0", "m".repeat(4096)), "one that is there may move on");
        final long used = rig.coordinator.usedLength();
        rig.reload();
        rig.memoryLength = used + 1;
        assertTrue(Math.abs(used - rig.coordinator.usedLength()) < 200_000, "counted again after a crash");
        rig.deleteTopic("t");
        assertTrue(rig.coordinator.usedLength() < 10_000, () -> "used=" + rig.coordinator.usedLength());
    }

    private short subscribe(final String memberId, final int epoch, final List<String> names) {
        return rig.coordinator.consumerHeartbeat(new ConsumerGroupHeartbeat.Request("g", memberId, epoch, null, null,
            30_000, names, null, null, List.of(), true), GroupRig.CLIENT).errorCode();
    }

    @Test
    void shouldRefuseSubscriptionsThatGrowByHeartbeats() {
        final List<String> names = IntStream.range(0, 300).mapToObj(i -> "x".repeat(180) + i).toList();
        short error = GroupErrors.NONE;
        int count = 0;
        while (error == GroupErrors.NONE && count < 100) {
            final String memberId = "m" + count++;
            assertEquals(GroupErrors.NONE, subscribe(memberId, 0, List.of("t")));
            final int epoch = rig.coordinator.groups.get("g").consumer.members.get(memberId).epoch;
            error = subscribe(memberId, epoch, names);
        }
        assertEquals(GroupErrors.GROUP_MAX_SIZE_REACHED, error);
        assertTrue(rig.coordinator.groups.get("g").consumer.length() <= rig.config.maxGroupLength());
    }

    /** A regular expression is looked at again only when topics have changed. */
    @Test
    void shouldFindOutOnceWhatAnExpressionMeans() {
        for (int i = 0; i < 3; i++) {
            rig.coordinator.consumerHeartbeat(new ConsumerGroupHeartbeat.Request("g", "m" + i, 0, null, null, 30_000,
                null, "t.*", null, List.of(), true), GroupRig.CLIENT);
        }
        final Map<String, ConsumerMember> members = rig.coordinator.groups.get("g").consumer.members;
        final List<String> matched = members.get("m0").matchedTopics;
        assertEquals(List.of("t"), matched);
        members.values().forEach(member -> assertTrue(member.matchedTopics == matched, "one list for all"));
        rig.addTopic("t2", 1);
        final int epoch = members.get("m1").epoch;
        assertEquals(GroupErrors.NONE, rig.beat("m1", epoch, null, null, null).errorCode());
        assertEquals(List.of("t", "t2"), members.get("m0").matchedTopics);
        assertTrue(members.get("m2").matchedTopics == members.get("m0").matchedTopics);
    }

    private ConsumerGroupHeartbeat.Response joinBy(final String memberId, final String regex) {
        return rig.coordinator.consumerHeartbeat(new ConsumerGroupHeartbeat.Request("g", memberId, 0, null, null,
            30_000, null, regex, null, List.of(), true), GroupRig.CLIENT);
    }

    private ConsumerMember member(final String memberId) {
        return rig.coordinator.groups.get("g").consumer.members.get(memberId);
    }

    private void addTopics(final int count) {
        for (int i = 0; i < count; i++) {
            rig.addTopic("t-of-some-length-" + (10_000 + i), 1);
        }
    }

    /** Members that read the same share what is known of that: a set for each would fill the memory. */
    @Test
    void shouldKeepOneSetOfTopicsForAllThatReadTheSame() {
        addTopics(100);
        for (int i = 0; i < 50; i++) {
            joinBy("m" + i, "t.*");
        }
        joinBy("n", "t-.*");
        subscribe("o", 0, List.of("t"));
        final Map<String, ConsumerMember> members = rig.coordinator.groups.get("g").consumer.members;
        final Subscriptions subscriptions = new Subscriptions(rig, members.values());
        assertEquals(3, subscriptions.distinctCount());
        assertTrue(subscriptions.of("m0") == subscriptions.of("m49"));
        assertTrue(subscriptions.of("m0") != subscriptions.of("n"));
        assertEquals(101, subscriptions.counts().size());
        assertTrue(subscriptions.of("n").contains(rig.topicId("t-of-some-length-10000")));
        assertTrue(!subscriptions.of("n").contains(rig.topicId("t")));
    }

    @Test
    void shouldCountOnceInMemoryWhatManyShare() {
        addTopics(1000);
        for (int i = 0; i < 3; i++) {
            joinBy("m" + i, "t.*");
        }
        final long before = rig.coordinator.usedLength();
        for (int i = 3; i < 103; i++) {
            joinBy("m" + i, "t.*");
        }
        final long more = rig.coordinator.usedLength() - before;
        assertTrue(more < 100 * 8 * 1000, "bytes=" + more);
    }

    @Test
    void shouldRefuseMoreDifferentExpressionsThanAnyoneNeeds() {
        for (int i = 0; i < ConsumerRules.MAX_REGEX_COUNT; i++) {
            assertEquals(GroupErrors.NONE, joinBy("m" + i, "t|" + i).errorCode());
        }
        assertEquals(GroupErrors.GROUP_MAX_SIZE_REACHED, joinBy("n", "t|n").errorCode());
        assertEquals(GroupErrors.NONE, joinBy("n", "t|7").errorCode());
        rig.beat("m9", ConsumerMember.LEAVE_EPOCH, null, null, null);
        assertEquals(GroupErrors.NONE, joinBy("o", "t|o").errorCode());
    }

    private ConsumerGroupHeartbeat.Response beatBy(
        final String memberId, final int epoch, final String instanceId, final String regex) {
        return rig.coordinator.consumerHeartbeat(new ConsumerGroupHeartbeat.Request("g", memberId, epoch, instanceId,
            null, 30_000, null, regex, null, List.of(), true), GroupRig.CLIENT);
    }

    @Test
    void shouldTakeAnotherExpressionOfWhoGivesUpOneAndTellOthersWhatIsReallyWrong() {
        beatBy("s", 0, "i", "t|s");
        for (int i = 1; i < ConsumerRules.MAX_REGEX_COUNT; i++) {
            joinBy("m" + i, "t|" + i);
        }
        assertEquals(GroupErrors.NONE, beatBy("m1", member("m1").epoch, null, "t|another").errorCode());
        beatBy("s", ConsumerMember.AWAY_EPOCH, "i", null);
        assertEquals(GroupErrors.NONE, beatBy("s2", 0, "i", "t|s2").errorCode());
        assertEquals("t|s2", member("s2").topicRegex);
        assertEquals(GroupErrors.UNKNOWN_MEMBER_ID, beatBy("n", 7, null, "t|n").errorCode());
        assertEquals(GroupErrors.FENCED_MEMBER_EPOCH, beatBy("m2", 1 << 20, null, "t|n").errorCode());
    }

    @Test
    void shouldRefuseWhoWouldHaveMoreThanARecordTakesAndLeaveTheOthers() {
        rig.maxBatchLength = 2000;
        final int epoch = joinBy("a", "t").memberEpoch();
        addTopics(60);
        final ConsumerGroupHeartbeat.Response refused = joinBy("b", "t.*");
        assertEquals(GroupErrors.GROUP_MAX_SIZE_REACHED, refused.errorCode());
        assertTrue(refused.errorMessage().contains("2000"), refused.errorMessage());
        final ConsumerGroupHeartbeat.Response again = rig.beat("a", epoch, null, null, null);
        assertEquals(GroupErrors.NONE, again.errorCode());
        assertEquals(6, member("a").assigned.count());
        final ConsumerGroupHeartbeat.Request wider = new ConsumerGroupHeartbeat.Request("g", "a", again.memberEpoch(),
            null, null, 30_000, null, "t.*", null, List.of(), true);
        assertEquals(GroupErrors.GROUP_MAX_SIZE_REACHED,
            rig.coordinator.consumerHeartbeat(wider, GroupRig.CLIENT).errorCode());
        assertTrue(rig.coordinator.groups.get("g").isEmpty(), "it would have to go on with what it did not ask for");
        rig.reload();
        assertEquals(GroupErrors.NONE, joinBy("c", "t").errorCode());
    }

    @Test
    void shouldGoOnWhenTopicsHaveBecomeTooManyUntilMembersShareThem() {
        rig.maxBatchLength = 2000;
        addTopics(30);
        final int epoch = joinBy("a", "t.*").memberEpoch();
        assertEquals(36, member("a").assigned.count());
        for (int i = 0; i < 30; i++) {
            rig.addTopic("t-another-" + i, 1);
        }
        for (int i = 0; i < 2; i++) {
            rig.warnings.clear();
            for (int round = 0; round < 10; round++) { // for longer than a session
                assertEquals(GroupErrors.NONE, rig.beat("a", epoch, null, null, null).errorCode());
                rig.pass(8_000);
            }
            assertEquals(1, rig.warnings.size(), () -> "warnings=" + rig.warnings);
            assertTrue(rig.warnings.get(0).contains("'g'"), rig.warnings.get(0));
            assertEquals(36, member("a").assigned.count());
            rig.reload(); // another coordinator says the same
        }
        assertEquals(GroupErrors.NONE, joinBy("b", "t.*").errorCode());
        assertEquals(GroupErrors.NONE, rig.beat("a", epoch, null, null, null).errorCode());
        assertEquals(66, member("a").target.count() + member("b").target.count());
    }

    @Test
    void shouldWatchOverAStaticMemberThatComesBackWhenTopicsHaveBecomeTooMany() {
        rig.maxBatchLength = 2000;
        addTopics(30);
        final int epoch = beatBy("a", 0, "i", "t.*").memberEpoch();
        for (int i = 0; i < 30; i++) {
            rig.addTopic("t-another-" + i, 1);
        }
        rig.beat("a", epoch, "i", null, null);
        assertTrue(rig.coordinator.groups.get("g").consumer.isTooLong);
        rig.beat("a", ConsumerMember.AWAY_EPOCH, "i", null, null);
        assertEquals(GroupErrors.NONE, beatBy("b", 0, "i", "t.*").errorCode());
        assertEquals(36, member("b").assigned.count());
        rig.pass(46_000);
        assertTrue(rig.coordinator.groups.get("g").isEmpty(), "it fell silent");
        assertEquals(GroupErrors.NONE, beatBy("c", 0, "i", "t").errorCode());
    }

    @Test
    void shouldGiveOthersNewTopicsWhileAnExpressionIsTooMuchForOneTime() {
        addTopics(7000);
        joinBy("b", longExpression());
        subscribe("c", 0, List.of("u"));
        final int epoch = member("c").epoch;
        rig.addTopic("u", 2);
        final TopicPattern.Matches before = rig.coordinator.groups.get("g").consumer.matching.matches();
        assertEquals(2, count(rig.beat("c", epoch, null, null, null)));
        final ConsumerGroup.Matching after = rig.coordinator.groups.get("g").consumer.matching;
        assertTrue(before.nextIndex() > 0 && after.matches().nextIndex() > 0);
        rig.topicsVersion++; // a topic was altered, and none came or went
        rig.beat("c", member("c").epoch, null, null, null);
        final ConsumerGroup.Matching later = rig.coordinator.groups.get("g").consumer.matching;
        assertTrue(later == null || later.matches().nextIndex() > after.matches().nextIndex(), "it goes on");
    }

    private static int count(final ConsumerGroupHeartbeat.Response response) {
        return response.assignment() == null ? -1 : Assignment.of(response.assignment()).count();
    }

    @Test
    void shouldForgetHowFarAnExpressionHasComeThatNobodyHasAnyMore() {
        addTopics(4000);
        joinBy("a", "t");
        final long before = rig.coordinator.usedLength();
        joinBy("b", longExpression());
        final int known = rig.coordinator.groups.get("g").consumer.matching.matches().names().size();
        assertTrue(known > 100 && rig.coordinator.usedLength() - before > 8L * known);
        rig.beat("b", ConsumerMember.LEAVE_EPOCH, null, null, null);
        assertNull(rig.coordinator.groups.get("g").consumer.matching);
        joinBy("b", longExpression());
        beatBy("b", member("b").epoch, null, "t");
        assertNull(rig.coordinator.groups.get("g").consumer.matching);
        assertEquals(List.of("t"), member("b").matchedTopics);
    }

    /** It takes more than is done at one time for so many names, and means all of them nevertheless. */
    private static String longExpression() {
        return "t.*|" + "y".repeat(1000);
    }

    @Test
    void shouldFindAllTopicsWhenAnExpressionIsTooMuchForOneTime() {
        addTopics(3000);
        ConsumerGroupHeartbeat.Response answer = joinBy("a", longExpression());
        assertEquals(GroupErrors.NONE, answer.errorCode());
        assertTrue(member("a").matchedTopics.isEmpty(), "it was too much");
        for (int i = 0; i < 3; i++) {
            answer = rig.beat("a", answer.memberEpoch(), null, null, null);
        }
        assertEquals(3006, member("a").assigned.count());
        assertEquals(3001, member("a").matchedTopics.size());
    }

    @Test
    void shouldShareWithAnExpressionThatWasTooMuchWhenOthersReadTheSame() {
        addTopics(3000);
        final int epoch = joinBy("a", "t.*").memberEpoch();
        assertEquals(3006, member("a").assigned.count());
        joinBy("b", longExpression());
        assertEquals(0, member("b").target.count());
        rig.beat("a", epoch, null, null, null);
        assertEquals(1503, member("b").target.count());
        rig.reload();
        joinBy("c", "t.*");
        assertTrue(member("b").matchedTopics.isEmpty(), "it is not known yet here what it means");
        assertEquals(1002, member("b").target.count());
    }

    @Test
    void shouldAnswerADeletionOfManyOffsetsSoonWhenASubscriptionIsLong() {
        final ByteBuffer subscription = ByteBuffer.allocate(6 + 190_000 * 4).putShort((short)0).putInt(190_000);
        for (int i = 0; i < 190_000; i++) {
            subscription.putShort((short)2).put((byte)('a' + i % 26)).put((byte)('a' + i / 26 % 26));
        }
        final AtomicReference<JoinGroup.Response> joined =
            join("g", "", List.of(new JoinGroup.Protocol("range", subscription.array())));
        rig.sync(joined.get().generationId(), joined.get().memberId(), Map.of());
        final List<OffsetDelete.RequestTopic> topics = IntStream.range(0, 100_000)
            .mapToObj(i -> new OffsetDelete.RequestTopic("topic" + i, List.of())).toList();
        assertEquals(100_000, GroupAdmin.deleteOffsets(
            rig.coordinator, new OffsetDelete.Request("g", topics)).topics().size());
    }

    @Test
    void shouldListByLongFiltersSoon() {
        for (int i = 0; i < 2000; i++) {
            commit("g" + i, "");
        }
        final List<String> states = new ArrayList<>(IntStream.range(0, 100_000).mapToObj(i -> "s" + i).toList());
        assertEquals(0, GroupAdmin.list(rig.coordinator, new ListGroups.Request(states, List.of())).size());
        states.add("eMPTY");
        assertEquals(2000,
            GroupAdmin.list(rig.coordinator, new ListGroups.Request(states, List.of("Classic"))).size());
    }

    @Test
    void shouldTakeCommitsWithoutGenerationAsKafkaDoes() {
        assertEquals(GroupErrors.NONE, rig.commit(-1, "somebody", 0, 5), "a group that is not there is made");
        assertEquals(GroupErrors.NONE, rig.commit(-1, "somebody", 0, 6), "nor has it members");
        assertEquals(6, rig.committed(0));
        final String member = rig.join("").get().memberId();
        assertEquals(GroupErrors.UNKNOWN_MEMBER_ID, rig.commit(-1, "", 0, 7));
        assertEquals(GroupErrors.UNKNOWN_MEMBER_ID, rig.commit(-1, "somebody", 0, 7));
        assertEquals(GroupErrors.NONE, rig.leave(member));
        rig.beat("c", 0, null, List.of("t"), List.of());
        assertEquals(GroupErrors.UNKNOWN_MEMBER_ID, rig.commit(-1, "somebody", 0, 7));
        rig.beat("c", ConsumerMember.LEAVE_EPOCH, null, null, null);
        assertEquals(GroupErrors.NONE, rig.commit(-1, "somebody", 0, 8));
    }

    /** A static member that is away and wants no time for balances must not keep the coordinator busy. */
    @Test
    void shouldWaitBetweenLooksForStaticMembers() {
        final JoinGroup.Response first = rig.join(GroupRig.joinRequest("g", "", "a", false, "range")).get();
        final AtomicReference<JoinGroup.Response> second = rig.join(new JoinGroup.Request("g", 1_800_000, 0,
            first.memberId(), "a", "consumer", List.of(new JoinGroup.Protocol("range", new byte[] {1})), false, true));
        rig.sync(second.get().generationId(), first.memberId(), Map.of());
        final AtomicReference<JoinGroup.Response> other = rig.join(new JoinGroup.Request("g", 10_000, 0, "", null,
            "consumer", List.of(new JoinGroup.Protocol("range", new byte[0])), true, true));
        final String otherId = other.get().memberId();
        assertNull(rig.join(new JoinGroup.Request("g", 10_000, 0, otherId, null, "consumer",
            List.of(new JoinGroup.Protocol("range", new byte[0])), true, true)).get());
        rig.leave(otherId);
        rig.nowMs++;
        int count = 0;
        for (int i = 0; i < 100; i++) {
            count += rig.coordinator.tick();
        }
        assertTrue(count <= 2, "timers=" + count);
    }
}
