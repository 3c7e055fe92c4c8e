package io.millrace.broker.group;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.transport.kafka.message.ConsumerGroupHeartbeat;
import io.millrace.transport.kafka.message.JoinGroup;
import io.millrace.transport.kafka.message.SyncGroup;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Members that come, go, fall silent and lose their coordinator at random, on virtual time. */
class GroupModelTest {
    private static final int ROUND_COUNT = 150;
    private static final int STEP_COUNT = 250;
    private static final int PARTITION_COUNT = 6;

    /** One client of the classic protocol. */
    private static final class Member {
        private String id = "";
        private int generation = -1;
        private AtomicReference<JoinGroup.Response> joining;
        private AtomicReference<SyncGroup.Response> syncing;
        private boolean isSilent;
        private byte[] assignment;
    }

    @Test
    void shouldHaveOneOwnerPerGenerationAndNeverLoseAnOffset() {
        for (int round = 0; round < ROUND_COUNT; round++) {
            final long seed = new Random().nextLong();
            try {
                new Run(seed).run();
            } catch (final AssertionError | RuntimeException ex) {
                throw new AssertionError("seed=" + seed, ex);
            }
        }
    }

    /** One run from one seed. */
    private static final class Run {
        private final Random random;
        private final GroupRig rig;
        private final List<Member> members = new ArrayList<>();
        private final Map<Integer, Long> committed = new TreeMap<>();
        /** Partition owners by generation, as members were told. */
        private final Map<Integer, Map<Integer, String>> owners = new HashMap<>();
        private int highestGeneration;

        Run(final long seed) {
            random = new Random(seed);
            rig = new GroupRig(seed);
        }

        void run() {
            for (int step = 0; step < STEP_COUNT; step++) {
                act();
                members.forEach(this::hear);
            }
        }

        private void act() {
            final Member member = members.isEmpty() ? null : members.get(random.nextInt(members.size()));
            switch (random.nextInt(12)) {
                case 0 -> {
                    if (members.size() < 5) {
                        members.add(new Member());
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
                        rig.leave(member.id);
                        members.remove(member);
                    }
                }
                case 5, 6 -> commit(member);
                default -> {
                    if (member != null && !member.isSilent) {
                        advance(member);
                    }
                }
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
                member.joining = rig.join(GroupRig.joinRequest("g", member.id, null, random.nextBoolean(), "range"));
                return;
            }
            final short error = rig.heartbeat(member.generation, member.id);
            if (error != GroupErrors.NONE) {
                fail(member, error);
            }
        }

        private void fail(final Member member, final short error) {
            member.generation = -1;
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
                final String other = owner.put(partition, member.id);
                assertTrue(other == null || other.equals(member.id),
                    "partition " + partition + " of generation " + member.generation);
            }
            if (member.assignment != null && member.assignment.length > 0) {
                assertArrayEquals(member.assignment, assignment);
            }
            member.assignment = assignment;
        }
    }

    @Test
    void shouldNeverGiveAPartitionToTwoMembersOfTheConsumerProtocol() {
        for (int round = 0; round < ROUND_COUNT; round++) {
            final long seed = new Random().nextLong();
            try {
                new ConsumerRun(seed).run();
            } catch (final AssertionError | RuntimeException ex) {
                throw new AssertionError("seed=" + seed, ex);
            }
        }
    }

    /** One client of the consumer protocol. */
    private static final class Consumer {
        private final String id;
        private int epoch;
        private Assignment owned = new Assignment();
        private Assignment assigned = new Assignment();

        Consumer(final String id) {
            this.id = id;
        }
    }

    /** One run of the consumer protocol from one seed. */
    private static final class ConsumerRun {
        private final Random random;
        private final GroupRig rig;
        private final List<Consumer> consumers = new ArrayList<>();
        private int nextId;

        ConsumerRun(final long seed) {
            random = new Random(seed);
            rig = new GroupRig(seed);
            rig.addTopic("u", 5);
        }

        void run() {
            for (int step = 0; step < STEP_COUNT; step++) {
                act();
                checkOwners();
            }
            for (int step = 0; step < 40; step++) {
                consumers.forEach(this::beat);
            }
            final Assignment all = new Assignment();
            consumers.forEach(consumer -> consumer.owned.forEach(all::add));
            assertEquals(consumers.isEmpty() ? 0 : 11, all.count(), "everything is given to somebody in the end");
            if (!consumers.isEmpty()) {
                assertEquals("Stable", rig.coordinator.groups.get("g").stateName());
            }
        }

        private void act() {
            final Consumer consumer = consumers.isEmpty() ? null : consumers.get(random.nextInt(consumers.size()));
            switch (random.nextInt(12)) {
                case 0 -> {
                    if (consumers.size() < 5) {
                        consumers.add(new Consumer("c" + nextId++));
                    }
                }
                case 1 -> {
                    if (consumer != null && random.nextInt(3) == 0) {
                        rig.beat(consumer.id, ConsumerMember.LEAVE_EPOCH, null, null, null);
                        consumers.remove(consumer);
                    }
                }
                case 2 -> {
                    if (random.nextInt(3) == 0) {
                        rig.reload();
                    }
                }
                case 3 -> {
                    rig.pass(random.nextInt(200));
                    consumers.forEach(this::beat); // nobody falls silent here
                }
                default -> {
                    if (consumer != null) {
                        beat(consumer);
                    }
                }
            }
        }

        private void beat(final Consumer consumer) {
            final boolean isJoining = consumer.epoch == 0;
            consumer.owned = isJoining ? new Assignment() : consumer.assigned;
            final ConsumerGroupHeartbeat.Response answer = rig.beat(consumer.id, consumer.epoch, null,
                isJoining ? List.of("t", "u") : null, consumer.owned.toMessage());
            if (answer.errorCode() == GroupErrors.NONE) {
                consumer.epoch = answer.memberEpoch();
                if (answer.assignment() != null) {
                    consumer.assigned = Assignment.of(answer.assignment());
                    final Assignment kept = new Assignment();
                    consumer.owned.forEach((topicId, partition) -> {
                        if (consumer.assigned.has(topicId, partition) || random.nextBoolean()) {
                            kept.add(topicId, partition); // some are given back late
                        }
                    });
                    consumer.assigned.forEach(kept::add);
                    consumer.owned = kept;
                }
            } else {
                consumer.epoch = 0;
                consumer.assigned = new Assignment();
                consumer.owned = new Assignment();
            }
        }

        private void checkOwners() {
            final Map<UUID, Map<Integer, String>> owner = new HashMap<>();
            consumers.forEach(consumer -> consumer.owned.forEach((topicId, partition) -> {
                final String other = owner.computeIfAbsent(topicId, id -> new HashMap<>()).put(partition, consumer.id);
                assertTrue(other == null, () -> "two owners of " + partition + ": " + other + ", " + consumer.id);
            }));
        }
    }
}
