package io.millrace.broker.group;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.transport.kafka.message.ConsumerGroupHeartbeat;
import io.millrace.transport.kafka.message.JoinGroup;
import io.millrace.transport.kafka.message.SyncGroup;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/**
 * Members of both protocols in one group, which goes from the one to the other and back as they come and go, lose their
 * coordinator and are killed, on virtual time: nobody has what somebody else has not given back, and in the end
 * everything is shared out.
 */
class MixedModelTest {
    private static final int ROUND_COUNT = 100;
    private static final int STEP_COUNT = 250;
    /** Each way; the seeds are random. */
    private static final int MIN_MIGRATION_COUNT = 10;
    private static final int PARTITION_COUNT = 6;
    private static final int SESSION_MS = 10_000;

    @Test
    void shouldNeverGiveAPartitionToTwoMembersWhicheverProtocolTheySpeak() {
        int upgradeCount = 0;
        int downgradeCount = 0;
        for (int round = 0; round < ROUND_COUNT; round++) {
            final long seed = new Random().nextLong();
            try {
                final Run run = new Run(seed, round % 2 == 0);
                run.run();
                upgradeCount += run.upgradeCount;
                downgradeCount += run.downgradeCount;
            } catch (final AssertionError | RuntimeException ex) {
                throw new AssertionError("seed=" + seed + " cooperative=" + (round % 2 == 0), ex);
            }
        }
        assertTrue(upgradeCount >= MIN_MIGRATION_COUNT && downgradeCount >= MIN_MIGRATION_COUNT,
            "groups have gone both ways: " + upgradeCount + ", " + downgradeCount);
    }

    /** One client. */
    private abstract static class Client {
        final GroupRig rig;
        /** What it has not given back. */
        TreeSet<Integer> owned = new TreeSet<>();

        Client(final GroupRig rig) {
            this.rig = rig;
        }

        abstract void step();

        abstract void leave();

        void onCrash() {
            // whoever waits asks again
        }
    }

    /** One that speaks the consumer protocol. */
    private static final class Consumer extends Client {
        private final String id;
        private int epoch;

        Consumer(final GroupRig rig, final String id) {
            super(rig);
            this.id = id;
        }

        @Override
        void step() {
            final Assignment mine = new Assignment();
            final UUID topicId = rig.topicId("t");
            owned.forEach(partition -> mine.add(topicId, partition));
            final ConsumerGroupHeartbeat.Response answer =
                rig.beat(id, epoch, null, epoch == 0 ? List.of("t") : null, mine.toMessage());
            if (answer.errorCode() != GroupErrors.NONE) {
                epoch = 0;
                owned = new TreeSet<>();
                return;
            }
            epoch = answer.memberEpoch();
            if (answer.assignment() != null) {
                owned = new TreeSet<>();
                Assignment.of(answer.assignment()).forEach((topic, partition) -> owned.add(partition));
            }
        }

        @Override
        void leave() {
            rig.beat(id, ConsumerMember.LEAVE_EPOCH, null, null, null);
        }
    }

    /** One that speaks the classic protocol, and assigns partitions when it leads. */
    private static final class Classic extends Client {
        private final boolean isCooperative;
        private String id = "";
        private int generation = -1;
        private AtomicReference<JoinGroup.Response> joining;
        private AtomicReference<SyncGroup.Response> syncing;

        Classic(final GroupRig rig, final boolean isCooperative) {
            super(rig);
            this.isCooperative = isCooperative;
        }

        @Override
        void onCrash() {
            generation = syncing == null ? generation : -1;
            joining = null;
            syncing = null;
        }

        @Override
        void step() {
            if (joining != null && joining.get() != null) {
                joined();
            } else if (syncing != null && syncing.get() != null) {
                synced();
            } else if (generation < 0 && joining == null) {
                join();
            } else if (joining == null && syncing == null) {
                final short error = rig.heartbeat(generation, id);
                if (error != GroupErrors.NONE) {
                    fail(error);
                }
            }
        }

        private void join() {
            if (!isCooperative) {
                owned = new TreeSet<>();
            }
            final RecordWriter metadata = new RecordWriter().i16(1).i32(1).string("t").i32(-1).i32(1).string("t")
                .i32(owned.size());
            owned.forEach(metadata::i32);
            joining = rig.join(new JoinGroup.Request("g", SESSION_MS, 60_000, id, null, "consumer",
                List.of(new JoinGroup.Protocol("p", metadata.toByteArray())), true, true));
        }

        private void joined() {
            final JoinGroup.Response answer = joining.get();
            joining = null;
            if (answer.errorCode() == GroupErrors.MEMBER_ID_REQUIRED) {
                id = answer.memberId();
            } else if (answer.errorCode() != GroupErrors.NONE) {
                fail(answer.errorCode());
            } else {
                id = answer.memberId();
                generation = answer.generationId();
                syncing = rig.sync(generation, id, id.equals(answer.leader()) ? assign(answer.members()) : Map.of());
            }
        }

        private void synced() {
            final SyncGroup.Response answer = syncing.get();
            syncing = null;
            if (answer.errorCode() != GroupErrors.NONE) {
                fail(answer.errorCode());
                return;
            }
            final TreeSet<Integer> told = partitions(EmbeddedProtocol.assignment(answer.assignment(), rig));
            final boolean hasLost = !told.containsAll(owned);
            owned = told;
            if (isCooperative && hasLost) {
                generation = -1; // others wait for what it has just given back
            }
        }

        private void fail(final short error) {
            generation = -1;
            if (error != GroupErrors.REBALANCE_IN_PROGRESS) {
                owned = new TreeSet<>();
            }
            if (error == GroupErrors.UNKNOWN_MEMBER_ID) {
                id = "";
            }
        }

        private static TreeSet<Integer> partitions(final Assignment assignment) {
            final TreeSet<Integer> result = new TreeSet<>();
            assignment.forEach((topicId, partition) -> result.add(partition));
            return result;
        }

        /** In turn, but nobody gets what another one still has. */
        private Map<String, byte[]> assign(final List<JoinGroup.Member> members) {
            final Map<Integer, String> owners = new HashMap<>();
            final TreeMap<String, Assignment> result = new TreeMap<>();
            for (final JoinGroup.Member member : members) {
                result.put(member.memberId(), new Assignment());
                partitions(EmbeddedProtocol.subscription(member.metadata(), rig).owned())
                    .forEach(partition -> owners.put(partition, member.memberId()));
            }
            final List<String> ids = new ArrayList<>(result.keySet());
            for (int partition = 0; partition < PARTITION_COUNT; partition++) {
                final String next = ids.get(partition % ids.size());
                if (owners.getOrDefault(partition, next).equals(next)) {
                    result.get(next).add(rig.topicId("t"), partition);
                }
            }
            final Map<String, byte[]> encoded = new HashMap<>();
            result.forEach((member, share) -> encoded.put(member, EmbeddedProtocol.encode(1, share, rig)));
            return encoded;
        }

        @Override
        void leave() {
            rig.leave(id);
        }
    }

    /** One run from one seed. */
    private static final class Run {
        private final Random random;
        private final GroupRig rig;
        private final boolean isCooperative;
        private final List<Client> clients = new ArrayList<>();
        private int nextId;
        private Boolean wasConsumer;
        private int upgradeCount;
        private int downgradeCount;

        Run(final long seed, final boolean isCooperative) {
            random = new Random(seed);
            rig = new GroupRig(seed);
            rig.config = new GroupConfiguration(6_000, 60_000, 0, 10, 1_000_000, 600_000, 10, 10, 10, 100_000,
                SESSION_MS, 5_000, MigrationPolicy.BIDIRECTIONAL);
            rig.reload();
            this.isCooperative = isCooperative;
        }

        void run() {
            for (int step = 0; step < STEP_COUNT; step++) {
                act();
                check();
            }
            for (int step = 0; step < 600; step++) {
                rig.pass(100); // whoever was killed loses its session
                for (final Client client : clients) {
                    client.step();
                    check();
                }
            }
            assertEquals(clients.isEmpty() ? 0 : PARTITION_COUNT,
                clients.stream().mapToInt(client -> client.owned.size()).sum(), "everything is somebody's");
            if (!clients.isEmpty()) {
                final Group group = rig.coordinator.groups.get("g");
                assertNotNull(group);
                assertEquals("Stable", group.stateName());
                final boolean isMixed = clients.stream().anyMatch(client -> client instanceof Consumer);
                assertEquals(isMixed ? "consumer" : "classic", group.typeName());
            }
        }

        private void act() {
            final Client client = clients.isEmpty() ? null : clients.get(random.nextInt(clients.size()));
            switch (random.nextInt(14)) {
                case 0 -> {
                    if (clients.size() < 5) {
                        clients.add(random.nextInt(3) == 0 ? new Consumer(rig, "c" + nextId++)
                            : new Classic(rig, isCooperative));
                    }
                }
                case 1 -> {
                    if (client != null && random.nextBoolean()) {
                        clients.remove(client);
                        if (random.nextBoolean()) {
                            client.leave();
                        }
                    }
                }
                case 2 -> {
                    if (random.nextInt(3) == 0) {
                        rig.reload();
                        clients.forEach(Client::onCrash);
                    }
                }
                case 3 -> {
                    rig.pass(random.nextInt(400));
                    clients.forEach(Client::step); // nobody but those that were killed falls silent
                }
                default -> {
                    if (client != null) {
                        client.step();
                    }
                }
            }
        }

        private void check() {
            final Map<Integer, Client> owners = new HashMap<>();
            clients.forEach(client -> client.owned.forEach(partition ->
                assertTrue(owners.put(partition, client) == null, () -> "two have partition " + partition)));
            final Group group = rig.coordinator.groups.get("g");
            final boolean hasMembers = group != null && !group.isEmpty();
            final Boolean isConsumer = hasMembers ? Boolean.valueOf(group.consumer != null) : null;
            if (wasConsumer != null && isConsumer != null && !wasConsumer.equals(isConsumer)) {
                upgradeCount += isConsumer ? 1 : 0;
                downgradeCount += isConsumer ? 0 : 1;
            }
            wasConsumer = isConsumer;
        }
    }
}
