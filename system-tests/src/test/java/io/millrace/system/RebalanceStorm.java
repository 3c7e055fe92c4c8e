package io.millrace.system;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * Members of one group that join, leave, are killed without a word and stand still, each a process, while records come
 * in and now and then the group's coordinator is killed.
 *
 * <p>Checked: in each generation a partition has one owner; every record is read; what was committed never goes back.
 * With the consumer protocol members have epochs of their own, so there a partition must not be given to somebody
 * before its owner has given it back, left, or lost its session; that is the coordinator's model test.
 */
final class RebalanceStorm implements AutoCloseable {
    static final int PARTITION_COUNT = 6;
    private static final int MAX_MEMBER_COUNT = 4;
    private static final Duration PATIENCE = Duration.ofSeconds(120);
    private static final long BREATH_MS = 300;

    /** What is done to the group. */
    enum Act {
        JOIN, LEAVE, KILL, PAUSE, KILL_COORDINATOR
    }

    /** One member's process and what it said. */
    private static final class Member {
        private final Process process;
        private volatile boolean isAssigned;

        Member(final Process process) {
            this.process = process;
        }
    }

    private final ClusterHarness cluster;
    private final Map<String, String> properties;
    private final String group;
    private final String topic;
    private final Map<String, String> settings;
    private final boolean isClassic;
    private final Random random;
    private final KafkaProducer<String, String> producer;
    private final Admin admin;
    private final List<Member> members = new ArrayList<>();
    private final Map<Integer, Map<Integer, String>> owners = new TreeMap<>();
    private final Map<Integer, TreeMap<Long, Long>> read = new TreeMap<>();
    private final Map<Integer, Long> committed = new HashMap<>();
    private final List<String> errors = new ArrayList<>();
    private int assignmentCount;
    private long sentCount;

    RebalanceStorm(final ClusterHarness cluster, final Map<String, String> properties, final String name,
        final Map<String, String> settings, final long seed) throws Exception {
        this.cluster = cluster;
        this.properties = properties;
        this.group = name;
        this.topic = name;
        this.settings = new TreeMap<>(settings);
        isClassic = !"consumer".equals(settings.get("group.protocol"));
        random = new Random(seed);
        System.out.println("[storm] " + name + " seed=" + seed);
        JavaClients.createTopic(cluster, topic, PARTITION_COUNT);
        producer = JavaClients.producer(cluster, Map.of("acks", "all", "linger.ms", 5));
        admin = JavaClients.admin(cluster);
    }

    /** Does so many things to the group, each followed by a new balance. */
    void run(final int count, final boolean isCoordinatorKilled) throws Exception {
        join();
        settle();
        for (int i = 0; i < count; i++) {
            final Act act = isCoordinatorKilled && i % 10 == 5 ? Act.KILL_COORDINATOR : choose();
            System.out.println("[storm] " + i + " " + act + " members=" + members.size());
            act(act);
            settle();
        }
        finish();
    }

    private Act choose() {
        if (members.size() < 2) {
            return Act.JOIN;
        }
        final int number = random.nextInt(members.size() < MAX_MEMBER_COUNT ? 5 : 3);
        return number == 0 ? Act.LEAVE : number == 1 ? Act.KILL : number == 2 ? Act.PAUSE : Act.JOIN;
    }

    private void act(final Act act) throws Exception {
        final Member member = members.get(random.nextInt(members.size()));
        switch (act) {
            case JOIN -> join();
            case LEAVE -> {
                member.process.getOutputStream().close();
                members.remove(member);
                Await.until(PATIENCE, () -> "the end of a member", () -> !member.process.isAlive());
            }
            case KILL -> {
                member.process.destroyForcibly();
                members.remove(member);
            }
            case PAUSE -> {
                signal(member, "STOP");
                settle();
                signal(member, "CONT");
            }
            default -> killCoordinator();
        }
    }

    private static void signal(final Member member, final String name) throws IOException {
        Command.run(Duration.ofSeconds(10), "kill", "-" + name, Long.toString(member.process.pid())).requireSuccess();
    }

    private void killCoordinator() throws Exception {
        final int node = admin.describeConsumerGroups(List.of(group)).all().get(60, TimeUnit.SECONDS).get(group)
            .coordinator().id();
        cluster.kill(node);
        cluster.startMissing(properties);
        JavaClients.awaitFullIsr(cluster, topic);
        JavaClients.awaitFullIsr(cluster, "__consumer_offsets");
    }

    private void join() throws IOException {
        final Process process = new ProcessBuilder(
            GroupMember.command(cluster.bootstrapServers(), group, topic, settings))
            .redirectError(new File(cluster.layout().dataDirectory(1).getParent().toFile(), "members.err")).start();
        final Member member = new Member(process);
        members.add(member);
        final Thread reader = new Thread(() -> listen(member));
        reader.setDaemon(true);
        reader.start();
        Await.until(PATIENCE, () -> "an assignment of the new member, running: " + process.isAlive(),
            () -> member.isAssigned);
    }

    private void listen(final Member member) {
        try (BufferedReader lines = new BufferedReader(
            new InputStreamReader(member.process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                hear(member, line.split(" "));
            }
        } catch (final IOException ex) {
            System.out.println("[storm] member is gone: " + ex.getMessage());
        }
    }

    private synchronized void hear(final Member member, final String[] words) {
        if ("assigned".equals(words[0])) {
            assignmentCount++;
            member.isAssigned = true;
            if (isClassic && !"-".equals(words[3])) {
                final Map<Integer, String> owner =
                    owners.computeIfAbsent(Integer.parseInt(words[1]), generation -> new TreeMap<>());
                for (final String partition : words[3].split(",")) {
                    final String other = owner.put(Integer.parseInt(partition), words[2]);
                    if (other != null && !other.equals(words[2])) {
                        errors.add("generation " + words[1] + ", partition " + partition + ": " + other + " and "
                            + words[2]);
                    }
                }
            }
        } else if ("read".equals(words[0])) {
            read.computeIfAbsent(Integer.parseInt(words[1]), partition -> new TreeMap<>())
                .merge(Long.parseLong(words[2]), Long.parseLong(words[3]), Math::max);
        }
    }

    /** Sends a few records and waits until the group has read and committed them all. */
    private void settle() throws Exception {
        for (int i = 0; i < 10 * PARTITION_COUNT; i++) {
            producer.send(new ProducerRecord<>(topic, i % PARTITION_COUNT, null, "value-" + sentCount++));
        }
        producer.flush();
        final long each = sentCount / PARTITION_COUNT;
        final long deadlineNs = System.nanoTime() + PATIENCE.toNanos();
        while (!isCommitted(each)) {
            if (System.nanoTime() - deadlineNs > 0) {
                throw new AssertionError("not committed up to " + each + ": " + committed + ", members "
                    + members.size() + ", read " + read);
            }
            java.util.concurrent.locks.LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(BREATH_MS));
        }
    }

    private boolean isCommitted(final long each) throws Exception {
        final Map<TopicPartition, OffsetAndMetadata> now;
        try {
            now = admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get(60, TimeUnit.SECONDS);
        } catch (final java.util.concurrent.ExecutionException ex) {
            return false; // nobody coordinates just now
        }
        boolean isDone = now.size() == PARTITION_COUNT;
        for (final Map.Entry<Integer, Long> before : committed.entrySet()) {
            if (!now.containsKey(new TopicPartition(topic, before.getKey()))) {
                synchronized (this) {
                    errors.add("partition " + before.getKey() + " has lost its offset " + before.getValue());
                }
            }
        }
        for (final Map.Entry<TopicPartition, OffsetAndMetadata> one : now.entrySet()) {
            final long offset = one.getValue().offset();
            final Long before = committed.put(one.getKey().partition(), offset);
            if (before != null && offset < before) {
                synchronized (this) {
                    errors.add("partition " + one.getKey().partition() + " went back from " + before + " to "
                        + offset);
                }
            }
            isDone &= offset >= each;
        }
        return isDone;
    }

    private synchronized void finish() {
        final long each = sentCount / PARTITION_COUNT;
        for (int partition = 0; partition < PARTITION_COUNT; partition++) {
            long next = 0;
            for (final Map.Entry<Long, Long> part : read.getOrDefault(partition, new TreeMap<>()).entrySet()) {
                if (part.getKey() > next) {
                    errors.add("partition " + partition + ": offsets " + next + " to " + part.getKey()
                        + " were skipped");
                }
                next = Math.max(next, part.getValue());
            }
            if (next < each) {
                errors.add("partition " + partition + " was read up to " + next + " of " + each);
            }
        }
        System.out.println("[storm] " + group + ": " + assignmentCount + " assignments, " + owners.size()
            + " generations, " + sentCount + " records");
        if (!errors.isEmpty()) {
            throw new AssertionError(String.join("\n", errors));
        }
    }

    @Override
    public void close() {
        for (final Member member : members) {
            member.process.destroyForcibly();
        }
        producer.close(Duration.ofSeconds(5));
        admin.close(Duration.ofSeconds(5));
    }
}
