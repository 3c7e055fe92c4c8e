package io.millrace.broker.group;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Who is given what, for random subscriptions. */
class AssignorsTest {
    private static final int ROUND_COUNT = 2000;

    private final Random random = new Random();
    private final List<ConsumerMember> members = new ArrayList<>();
    private GroupRig rig;

    private void make(final long seed) {
        random.setSeed(seed);
        rig = new GroupRig(seed);
        members.clear();
        final List<String> names = new ArrayList<>(List.of("t"));
        for (int i = random.nextInt(6); i > 0; i--) {
            names.add("u" + i);
            rig.addTopic("u" + i, random.nextInt(9));
        }
        for (int i = random.nextInt(9); i >= 0; i--) {
            final ConsumerMember member = new ConsumerMember("m" + i);
            final boolean isAll = random.nextBoolean();
            member.topicNames = names.stream().filter(name -> isAll || random.nextInt(3) == 0).toList();
            members.add(member);
        }
    }

    private void check(final Map<String, Assignment> result, final boolean isEven) {
        final Subscriptions subscriptions = new Subscriptions(rig, members);
        subscriptions.counts().forEach((topicId, count) -> {
            for (int i = 0; i < count; i++) {
                final int partition = i;
                assertEquals(1, members.stream().filter(member -> result.get(member.id).has(topicId, partition)
                    && member.topicNames.contains(rig.topicName(topicId))).count());
            }
        });
        assertEquals(subscriptions.counts().values().stream().mapToInt(count -> count).sum(),
            result.values().stream().mapToInt(Assignment::count).sum());
        for (final ConsumerMember from : members) {
            for (final ConsumerMember to : members) {
                final boolean isUneven = result.get(from.id).count() - result.get(to.id).count() >= 2;
                assertFalse(isEven && isUneven && result.get(from.id).byTopic().keySet().stream()
                    .anyMatch(topicId -> to.topicNames.contains(rig.topicName(topicId))),
                    from.id + " could give to " + to.id);
            }
        }
    }

    private Map<String, Assignment> assign(final String name) {
        return Assignors.assign(name, members, new Subscriptions(rig, members));
    }

    @Test
    void shouldGiveEachPartitionToOneReaderAsEvenlyAsSubscriptionsAllow() {
        final long first = new Random().nextLong();
        for (long seed = first; seed < first + ROUND_COUNT; seed++) {
            try {
                make(seed);
                final Map<String, Assignment> result = assign(Assignors.UNIFORM);
                check(result, true);
                members.forEach(member -> member.target = result.get(member.id));
                assertEquals(result, assign(Assignors.UNIFORM), "who has something keeps it");
                members.remove(0);
                check(assign(Assignors.UNIFORM), true);
                check(assign(Assignors.RANGE), false);
            } catch (final AssertionError | RuntimeException ex) {
                throw new AssertionError("seed=" + seed, ex);
            }
        }
    }

    /** It takes from those who have most, and no more than it must. */
    @Test
    void shouldMoveFewPartitionsToANewMember() {
        rig = new GroupRig(1);
        rig.addTopic("u", 20);
        final UUID topicId = rig.topicId("u");
        for (int i = 0; i < 3; i++) {
            members.add(new ConsumerMember("m" + i));
            members.get(i).topicNames = List.of("u");
        }
        for (int i = 0; i < 20; i++) {
            members.get(i % 2).target.add(topicId, i);
        }
        members.get(2).target.add(topicId, -1); // whatever a client may have said
        final Map<String, Assignment> result = assign(Assignors.UNIFORM);
        int movedCount = 0;
        for (int i = 0; i < 20; i++) {
            movedCount += members.get(i % 2).target.has(topicId, i) && !result.get("m" + i % 2).has(topicId, i) ? 1 : 0;
        }
        assertEquals(6, movedCount);
        assertTrue(result.values().stream().allMatch(share -> share.count() >= 6 && share.count() <= 7));
    }
}
