package io.millrace.broker.group;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.transport.kafka.message.ConsumerGroupHeartbeat;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/**
 * Members of the consumer protocol as Kafka's own client plays them: they say what they have only when that has
 * changed, give back late or never, lose answers, fall silent, are killed, and come back as the same static member; on
 * virtual time. Nobody has what another member still has, and in the end everything is shared out.
 */
class ConsumerModelTest {
    private static final int ROUND_COUNT = 200;
    private static final int STEP_COUNT = 250;
    private static final int PARTITION_COUNT = 11;
    private static final int MAX_CONSUMER_COUNT = 5;
    private static final int REBALANCE_MS = 30_000;
    private static final int SESSION_MS = 45_000;
    private static final List<String> TOPICS = List.of("t", "u");

    /** What happened in all rounds; the seeds are random. */
    private static final class Seen {
        private int awayCount;
        private int returnCount;
        private int keptCount;
        private int expelledCount;
        private int waitingCount;
    }

    @Test
    void shouldNeverGiveAPartitionToTwoMembersAndGiveEverythingToSomebody() {
        final Seen seen = new Seen();
        Rounds.play(ROUND_COUNT, seed -> new Run(seed, seen).run());
        assertTrue(seen.awayCount > 10 && seen.returnCount > 10 && seen.keptCount > 10,
            "static members went and came back: " + seen.awayCount + ", " + seen.returnCount + ", " + seen.keptCount);
        assertTrue(seen.expelledCount > 10, "members were put out that give nothing back: " + seen.expelledCount);
        assertTrue(seen.waitingCount > 10, "members were waited for: " + seen.waitingCount);
    }

    /** One process. */
    private static final class Consumer {
        private final String id;
        private final String instanceId;
        private int epoch;
        /** What it reads. */
        private Assignment owned = new Assignment();
        /** What it was told to read. */
        private Assignment assigned = new Assignment();
        /** What it has said that it has; null when it has to say all again. */
        private Assignment told;
        /** Has heard of an assignment and not yet said that it has followed it. */
        private boolean isFollowing;
        private boolean isSilent;
        /** Gives nothing back until it is put out. */
        private boolean isStuck;

        Consumer(final String id, final String instanceId) {
            this.id = id;
            this.instanceId = instanceId;
        }

        private void startAnew() {
            epoch = 0;
            owned = new Assignment();
            assigned = new Assignment();
            told = null;
            isFollowing = false;
            isStuck = false;
        }
    }

    /** One run from one seed. */
    private static final class Run {
        private final Random random;
        private final Seen seen;
        private final GroupRig rig;
        private final List<Consumer> consumers = new ArrayList<>();
        /** Processes that are no more, as long as the group waits for them. */
        private final List<Consumer> dead = new ArrayList<>();
        /** Static members of which no process runs. */
        private final List<Consumer> absent = new ArrayList<>();
        private int nextId;

        Run(final long seed, final Seen seen) {
            random = new Random(seed);
            this.seen = seen;
            rig = new GroupRig(seed);
            rig.addTopic("u", PARTITION_COUNT - rig.partitionCount(rig.topicId("t")));
        }

        void run() {
            for (int step = 0; step < STEP_COUNT; step++) {
                act();
                check();
            }
            settle();
        }

        private void act() {
            final Consumer consumer = consumers.isEmpty() ? null : consumers.get(random.nextInt(consumers.size()));
            switch (random.nextInt(16)) {
                case 0 -> {
                    if (consumers.size() < MAX_CONSUMER_COUNT) {
                        start();
                    }
                }
                case 1 -> {
                    if (consumer != null && random.nextInt(3) == 0) {
                        end(consumer);
                    }
                }
                case 2 -> {
                    if (random.nextInt(3) == 0) {
                        rig.reload();
                    }
                }
                case 3 -> pass(random.nextInt(random.nextInt(8) == 0 ? 40_000 : 3_000));
                case 4 -> {
                    if (consumer != null) {
                        consumer.isSilent = random.nextInt(8) == 0;
                        consumer.isStuck = random.nextInt(6) == 0;
                    }
                }
                case 5, 6, 7 -> {
                    if (consumer != null) {
                        giveBack(consumer);
                    }
                }
                case 8, 9 -> {
                    if (consumer != null) {
                        take(consumer);
                    }
                }
                default -> {
                    if (consumer != null && !consumer.isSilent) {
                        beat(consumer, random.nextInt(10) == 0);
                    }
                }
            }
        }

        /** Time passes, and whoever is not silent sends its heartbeats. */
        private void pass(final int ms) {
            for (int passed = 0; passed < ms; passed += 1_000) {
                rig.pass(Math.min(1_000, ms - passed));
                for (final Consumer consumer : consumers) {
                    if (!consumer.isSilent) {
                        beat(consumer, false);
                    }
                }
                check();
            }
        }

        private void start() {
            if (!absent.isEmpty() && random.nextBoolean()) {
                final Consumer former = absent.remove(random.nextInt(absent.size()));
                consumers.add(new Consumer("c" + nextId++, former.instanceId));
            } else {
                consumers.add(new Consumer("c" + nextId, random.nextInt(3) == 0 ? "i" + nextId : null));
                nextId++;
            }
        }

        /** It leaves, goes for a while, or is killed. */
        private void end(final Consumer consumer) {
            consumers.remove(consumer);
            final boolean isKilled = random.nextInt(3) == 0;
            if (consumer.instanceId != null) {
                absent.add(consumer);
            }
            if (isKilled) {
                dead.add(consumer);
            } else if (consumer.instanceId != null) {
                final ConsumerGroupHeartbeat.Response answer =
                    rig.beat(consumer.id, ConsumerMember.AWAY_EPOCH, consumer.instanceId, null, null);
                if (answer.errorCode() == GroupErrors.NONE) {
                    seen.awayCount++;
                    final Assignment kept = new Assignment();
                    consumer.owned.forEach((topicId, partition) -> {
                        if (member(consumer).assigned.has(topicId, partition)) {
                            kept.add(topicId, partition); // the rest it has given back by ending
                        }
                    });
                    consumer.owned = kept;
                    dead.add(consumer);
                }
            } else {
                rig.beat(consumer.id, ConsumerMember.LEAVE_EPOCH, null, null, null);
            }
        }

        /** Gives back what it is not to have, or a part of that. */
        private void giveBack(final Consumer consumer) {
            if (consumer.isStuck) {
                return;
            }
            final boolean isWhole = random.nextBoolean();
            final Assignment kept = new Assignment();
            consumer.owned.forEach((topicId, partition) -> {
                if (consumer.assigned.has(topicId, partition) || !isWhole && random.nextBoolean()) {
                    kept.add(topicId, partition);
                }
            });
            consumer.owned = kept;
        }

        /**
         * Begins to read what it was given, once it has given back what it may not have. Not after an answer was lost:
         * what it has not begun to read may have been taken from it without its word, as the protocol has it.
         */
        private static void take(final Consumer consumer) {
            if (consumer.told != null && consumer.assigned.hasAllOf(consumer.owned)) {
                final Assignment all = new Assignment();
                consumer.assigned.forEach(all::add);
                consumer.owned = all;
            }
        }

        private void beat(final Consumer consumer, final boolean isAnswerLost) {
            final boolean isJoining = consumer.epoch == 0;
            final boolean isFull = isJoining || consumer.told == null;
            final List<ConsumerGroupHeartbeat.TopicPartitions> owned =
                isFull || !consumer.owned.equals(consumer.told)
                    || consumer.isFollowing && consumer.owned.equals(consumer.assigned)
                    ? consumer.owned.toMessage() : null;
            final ConsumerMember former =
                isJoining && consumer.instanceId != null ? memberOf(consumer.instanceId) : null;
            final ConsumerGroupHeartbeat.Response answer = rig.beat(
                consumer.id, consumer.epoch, consumer.instanceId, isFull ? TOPICS : null, owned);
            if (isAnswerLost) {
                consumer.told = null;
                return;
            }
            if (answer.errorCode() != GroupErrors.NONE) {
                if (consumer.isStuck) {
                    seen.expelledCount++;
                }
                consumer.startAnew();
                return;
            }
            if (former != null && former.epoch == ConsumerMember.AWAY_EPOCH) {
                seen.returnCount++;
                seen.keptCount += former.assigned.isEmpty() ? 0 : 1;
                former.assigned.forEach((topicId, partition) -> assertTrue(
                    member(consumer).assigned.has(topicId, partition)
                        || !member(consumer).target.has(topicId, partition), "a static member has lost something"));
            }
            if (owned != null) {
                final Assignment told = new Assignment();
                consumer.owned.forEach(told::add);
                consumer.told = told;
                consumer.isFollowing &= !consumer.owned.equals(consumer.assigned);
            }
            consumer.epoch = answer.memberEpoch();
            if (answer.assignment() != null) {
                consumer.assigned = Assignment.of(answer.assignment());
                consumer.isFollowing = true;
            }
            if (member(consumer).state == ConsumerMember.State.UNREVOKED && owned == null) {
                seen.waitingCount++;
            }
        }

        private ConsumerMember member(final Consumer consumer) {
            final Group group = rig.coordinator.groups.get("g");
            return group == null || group.consumer == null ? null : group.consumer.members.get(consumer.id);
        }

        private ConsumerMember memberOf(final String instanceId) {
            final Group group = rig.coordinator.groups.get("g");
            return group == null || group.consumer == null ? null : group.consumer.byInstance.get(instanceId);
        }

        /** Whoever was put out does not know it yet and does not count; whoever is dead counts until then. */
        private void check() {
            dead.removeIf(consumer -> member(consumer) == null);
            final List<Consumer> all = new ArrayList<>(dead);
            consumers.stream().filter(consumer -> member(consumer) != null).forEach(all::add);
            final Map<UUID, Map<Integer, String>> owner = new HashMap<>();
            all.forEach(consumer -> consumer.owned.forEach((topicId, partition) -> {
                final String other = owner.computeIfAbsent(topicId, id -> new HashMap<>()).put(partition, consumer.id);
                assertTrue(other == null, () -> "two owners of " + partition + ": " + other + ", " + consumer.id);
            }));
        }

        private void settle() {
            if (consumers.isEmpty()) {
                consumers.add(new Consumer("last", null));
            }
            consumers.forEach(consumer -> consumer.isSilent = false);
            for (int passed = 0; passed < SESSION_MS + 6 * REBALANCE_MS; passed += 1_000) {
                rig.pass(1_000);
                for (final Consumer consumer : consumers) {
                    giveBack(consumer);
                    take(consumer);
                    beat(consumer, false);
                    check();
                }
            }
            assertEquals(PARTITION_COUNT, consumers.stream().mapToInt(consumer -> consumer.owned.count()).sum(),
                "everything is somebody's");
            assertEquals("Stable", rig.coordinator.groups.get("g").stateName());
            assertEquals(consumers.size(), rig.coordinator.groups.get("g").consumer.members.size());
        }
    }
}
