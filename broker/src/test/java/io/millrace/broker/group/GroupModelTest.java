package io.millrace.broker.group;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.transport.kafka.message.JoinGroup;
import io.millrace.transport.kafka.message.SyncGroup;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/**
 * Members of the classic protocol that come, go, fall silent, do not come to a balance, are killed and come back as the
 * same static member, and lose their coordinator at random, on virtual time.
 */
class GroupModelTest {
    private static final int ROUND_COUNT = 150;
    private static final int STEP_COUNT = 250;
    private static final int PARTITION_COUNT = 6;

    private static final int SESSION_MS = 10_000;
    private static final int REBALANCE_MS = 15_000;

    /** One process. */
    private static final class Member {
        private final String instanceId;
        private String id = "";
        private int generation = -1;
        private AtomicReference<JoinGroup.Response> joining;
        private AtomicReference<SyncGroup.Response> syncing;
        private boolean isSilent;
        /** It sends heartbeats but does not join again. */
        private boolean isStuck;
        private byte[] assignment;

        Member(final String instanceId) {
            this.instanceId = instanceId;
        }

        /** {@return who it is for as long as a generation lives, whichever process it is} */
        private String name() {
            return instanceId == null ? id : instanceId;
        }
    }

    /** What happened in all rounds; the seeds are random. */
    private static final class Seen {
        private int takeOverCount;
        private int expelledCount;
    }

    @Test
    void shouldHaveOneOwnerPerGenerationAndNeverLoseAnOffset() {
        final Seen seen = new Seen();
        Rounds.play(ROUND_COUNT, seed -> new Run(seed, seen).run());
        assertTrue(seen.takeOverCount > 10, "static members came back without a balance: " + seen.takeOverCount);
        assertTrue(seen.expelledCount > 10, "members were put out that did not join again: " + seen.expelledCount);
    }

    /** One run from one seed. */
    private static final class Run {
        private final Random random;
        private final GroupRig rig;
        private final List<Member> members = new ArrayList<>();
        private final Map<Integer, Long> committed = new TreeMap<>();
        /** Partition owners by generation, as members were told. */
        private final Map<Integer, Map<Integer, String>> owners = new HashMap<>();
        private final Seen seen;
        private int highestGeneration;
        private int nextInstance;

        Run(final long seed, final Seen seen) {
            random = new Random(seed);
            this.seen = seen;
            rig = new GroupRig(seed);
        }

        void run() {
            for (int step = 0; step < STEP_COUNT; step++) {
                act();
                members.forEach(this::hear);
            }
            settle();
        }

        /** Whoever is left shares everything in the end. */
        private void settle() {
            if (members.isEmpty()) {
                members.add(new Member(null));
            }
            members.forEach(member -> member.isSilent = false);
            for (int passed = 0; passed < 4 * (SESSION_MS + REBALANCE_MS); passed += 500) {
                rig.pass(500);
                members.forEach(this::advance);
                members.forEach(this::hear);
            }
            final ClassicGroup group = rig.coordinator.groups.get("g").classic;
            assertEquals(ClassicState.STABLE, group.state);
            assertEquals(members.size(), group.members.size());
            assertEquals(PARTITION_COUNT, members.stream().mapToInt(member -> member.assignment.length).sum());
        }

        private void act() {
            final Member member = members.isEmpty() ? null : members.get(random.nextInt(members.size()));
            switch (random.nextInt(12)) {
                case 0 -> {
                    if (members.size() < 5) {
                        members.add(new Member(random.nextInt(3) == 0 ? "i" + nextInstance++ : null));
                    }
                }
                case 1 -> rig.pass(random.nextInt(4_000));
                case 2 -> {
                    if (random.nextInt(4) == 0) {
                        reload();
                    }
                }
                case 3 -> {
                    if (member != null && random.nextInt(3) == 0) {
                        member.isSilent = !member.isSilent;
                    }
                }
                case 4 -> {
                    if (member != null && random.nextInt(4) == 0) {
                        end(member);
                    }
                }
                case 7 -> {
                    if (member != null && member.assignment != null && random.nextInt(4) == 0) {
                        member.isStuck = true;
                    }
                    pass(random.nextInt(random.nextInt(6) == 0 ? 2 * REBALANCE_MS : 2_000));
                }
                case 5, 6 -> commit(member);
                default -> {
                    if (member != null && !member.isSilent) {
                        advance(member);
                    }
                }
            }
        }

        /** Time passes, and whoever is not silent goes on. */
        private void pass(final int ms) {
            for (int passed = 0; passed < ms; passed += 1_000) {
                rig.pass(1_000);
                members.stream().filter(one -> !one.isSilent).forEach(this::advance);
                members.forEach(this::hear);
            }
        }

        /** One leaves; the process of a static one is killed, and mostly another one takes its place at once. */
        private void end(final Member member) {
            members.remove(member);
            if (member.instanceId == null) {
                rig.leave(member.id);
            } else if (random.nextInt(4) > 0) {
                members.add(new Member(member.instanceId));
            }
        }

        /** A crash: whatever is kept comes back the same. */
        private void reload() {
            final Map<String, List<String>> before = kept();
            rig.reload();
            assertEquals(before, kept());
            for (final Member member : members) {
                member.joining = null;
                member.syncing = null;
                member.isStuck = false;
            }
            if (random.nextBoolean()) {
                snapshot();
            }
        }

        /** Everything before a snapshot can be done without. */
        private void snapshot() {
            final Map<String, List<String>> before = kept();
            final int from = rig.log.size();
            String after = "";
            for (GroupCoordinator.Snapshot one = rig.coordinator.snapshotAfter(after); one != null;
                one = rig.coordinator.snapshotAfter(after)) {
                rig.log.addAll(one.records());
                after = one.groupId();
            }
            rig.log.subList(0, from).clear();
            rig.reload();
            assertEquals(before, kept());
        }

        private Map<String, List<String>> kept() {
            final Map<String, List<String>> result = new TreeMap<>();
            rig.coordinator.groups.values().forEach(group -> {
                final List<String> texts = new ArrayList<>();
                GroupReplay.records(group).forEach(record -> texts.add(
                    new String(record.key(), StandardCharsets.ISO_8859_1) + "="
                        + new String(record.value(), StandardCharsets.ISO_8859_1)));
                if (!texts.isEmpty()) {
                    result.put(group.id, texts);
                }
            });
            return result;
        }

        private void commit(final Member member) {
            final int partition = random.nextInt(PARTITION_COUNT);
            if (member != null && member.assignment != null && owns(member, partition)) {
                final long next = committed.getOrDefault(partition, 0L) + 1;
                if (rig.commit(member.generation, member.id, partition, next) == GroupErrors.NONE) {
                    assertEquals(rig.coordinator.groups.get("g").classic.generation, member.generation);
                    committed.put(partition, next);
                }
            }
            committed.forEach((one, offset) -> assertEquals(offset, rig.committed(one)));
        }

        private static boolean owns(final Member member, final int partition) {
            for (final byte one : member.assignment) {
                if (one == partition) {
                    return true;
                }
            }
            return false;
        }

        private void advance(final Member member) {
            if (member.joining != null || member.syncing != null) {
                return;
            }
            if (member.generation < 0) {
                join(member);
                return;
            }
            final short error = rig.heartbeat(member.generation, member.id);
            if (member.isStuck && error == GroupErrors.UNKNOWN_MEMBER_ID) {
                seen.expelledCount++;
            }
            assertTrue(!member.isStuck || member.instanceId != null || error != GroupErrors.ILLEGAL_GENERATION,
                "no generation goes on with a member that did not join it in time");
            if (error != GroupErrors.NONE && !(member.isStuck && error == GroupErrors.REBALANCE_IN_PROGRESS)) {
                fail(member, error);
            }
        }

        private void join(final Member member) {
            final ClassicGroup group = rig.coordinator.groups.containsKey("g")
                ? rig.coordinator.groups.get("g").classic : null;
            final boolean isTakingOver = group != null && group.state == ClassicState.STABLE && member.id.isEmpty()
                && group.byInstance.containsKey(member.instanceId);
            final int generation = group == null ? 0 : group.generation;
            member.joining = rig.join(new JoinGroup.Request("g", SESSION_MS, REBALANCE_MS, member.id,
                member.instanceId, "consumer", List.of(new JoinGroup.Protocol("range", new byte[1])),
                random.nextBoolean(), true));
            if (isTakingOver) {
                assertEquals(generation, member.joining.get().generationId(), "it comes back to its generation");
                seen.takeOverCount++;
            }
        }

        private void fail(final Member member, final short error) {
            member.generation = -1;
            member.isStuck = false;
            member.assignment = null;
            if (error == GroupErrors.UNKNOWN_MEMBER_ID) {
                member.id = "";
            }
        }

        private void hear(final Member member) {
            final JoinGroup.Response joined = member.joining == null ? null : member.joining.get();
            if (joined != null) {
                member.joining = null;
                if (joined.errorCode() == GroupErrors.MEMBER_ID_REQUIRED) {
                    member.id = joined.memberId();
                } else if (joined.errorCode() != GroupErrors.NONE) {
                    fail(member, joined.errorCode());
                } else {
                    member.id = joined.memberId();
                    member.generation = joined.generationId();
                    member.syncing = rig.sync(member.generation, member.id, assign(joined));
                }
            }
            final SyncGroup.Response synced = member.syncing == null ? null : member.syncing.get();
            if (synced != null) {
                member.syncing = null;
                if (synced.errorCode() == GroupErrors.NONE) {
                    told(member, synced.assignment());
                } else {
                    fail(member, synced.errorCode());
                }
            }
        }

        private static Map<String, byte[]> assign(final JoinGroup.Response joined) {
            final Map<String, byte[]> result = new HashMap<>();
            final List<JoinGroup.Member> all = joined.members();
            for (int i = 0; i < all.size(); i++) {
                final byte[] partitions = new byte[PARTITION_COUNT / all.size()
                    + (i < PARTITION_COUNT % all.size() ? 1 : 0)];
                for (int j = 0; j < partitions.length; j++) {
                    partitions[j] = (byte)(i + j * all.size());
                }
                result.put(all.get(i).memberId(), partitions);
            }
            return result;
        }

        private void told(final Member member, final byte[] assignment) {
            assertTrue(member.generation >= highestGeneration - 1 || assignment.length == 0);
            highestGeneration = Math.max(highestGeneration, member.generation);
            final Map<Integer, String> owner =
                owners.computeIfAbsent(member.generation, generation -> new HashMap<>());
            for (final int partition : assignment) {
                final String other = owner.put(partition, member.name());
                assertTrue(other == null || other.equals(member.name()),
                    "partition " + partition + " of generation " + member.generation);
            }
            if (member.assignment != null && member.assignment.length > 0) {
                assertArrayEquals(member.assignment, assignment);
            }
            member.assignment = assignment;
        }
    }
}
