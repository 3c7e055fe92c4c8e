package io.millrace.system;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.MemberDescription;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.GroupType;
import org.apache.kafka.common.TopicPartition;

/**
 * Members of one group that join, leave, are killed without a word and stand still for longer than their session, each
 * a process, while records come in and now and then the group's coordinator is killed in the middle of it.
 *
 * <p>Each of these is seen to have happened before the next one: the process is gone, or in state T, or has a share;
 * the others have what the victim had; who stood still has noticed; the generation has grown. At the end the history of
 * all members is checked, see {@link GroupHistory}.
 */
final class RebalanceStorm implements AutoCloseable {
    static final int PARTITION_COUNT = 6;
    private static final int MIN_MEMBER_COUNT = 2;
    private static final Duration PATIENCE = Duration.ofSeconds(240);
    private static final long OBSERVATION_INTERVAL_MS = 300;
    private static final int RECORDS_PER_PARTITION = 10;
    private static final int KILLED = 137;
    /** In a round each once, JOIN twice, in any order. */
    private static final List<Act> ROUND = List.of(Act.JOIN, Act.JOIN, Act.LEAVE, Act.KILL, Act.PAUSE);

    /** What is done to the group. */
    enum Act {
        JOIN, LEAVE, KILL, PAUSE
    }

    /** One member's process. */
    private record Member(String name, int kind, Process process) {
    }

    private final ClusterHarness cluster;
    private final Map<String, String> properties;
    private final String group;
    private final List<Map<String, String>> kinds;
    private final Random random;
    private final KafkaProducer<String, String> producer;
    private final Admin admin;
    private final Thread observer;
    private final CountDownLatch isOver = new CountDownLatch(1);
    private final GroupHistory history = new GroupHistory(PARTITION_COUNT);
    private final List<Member> members = new ArrayList<>();
    private final Map<Act, Integer> counts = new EnumMap<>(Act.class);
    private final Map<Act, Integer> interruptedCounts = new EnumMap<>(Act.class);
    private volatile Map<Integer, Long> committed = Map.of();
    private final List<GroupType> types = new ArrayList<>();
    private int memberCount;
    private int quietKillCount;
    private long sentCount;

    RebalanceStorm(final ClusterHarness cluster, final Map<String, String> properties, final String name,
        final List<Map<String, String>> kinds, final long seed) throws Exception {
        this.cluster = cluster;
        this.properties = properties;
        this.group = name;
        this.kinds = List.copyOf(kinds);
        random = new Random(seed);
        System.out.println("[storm] " + name + " seed=" + seed);
        JavaClients.createTopic(cluster, name, PARTITION_COUNT);
        producer = JavaClients.producer(cluster, Map.of("acks", "all", "linger.ms", 5));
        admin = JavaClients.admin(cluster);
        observer = new Thread(this::observe, "observer");
        observer.setDaemon(true);
    }

    /** Does so many things to the group, each with a new balance; the coordinator is killed in every second round. */
    void run(final int count) throws Exception {
        final long startNs = System.nanoTime();
        observer.start();
        for (int i = 0; i < MIN_MEMBER_COUNT; i++) {
            awaitShare(join());
        }
        settle();
        final List<Act> round = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            if (round.isEmpty()) {
                round.addAll(ROUND);
            }
            final int place = i % (2 * ROUND.size());
            final boolean isInterrupted = place == 0;
            if (place == ROUND.size() + 1) {
                killCoordinator();
                quietKillCount++;
                settle();
            }
            final Act act = choose(round);
            System.out.println("[storm] " + i + " " + act + (isInterrupted ? " and KILL_COORDINATOR" : "") + " members="
                + members.size());
            act(act, isInterrupted);
            counts.merge(act, 1, Integer::sum);
            settle();
        }
        if (kinds.size() > 1) {
            leaveOnlyTheFirstKind();
        }
        finish(count, TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - startNs));
    }

    /** So that a group of both protocols has gone both ways at least once. */
    private void leaveOnlyTheFirstKind() throws Exception {
        awaitShare(join(0));
        settle();
        for (final Member member : List.copyOf(members)) {
            if (member.kind != 0) {
                members.remove(member);
                member.process.getOutputStream().close();
                awaitExit(member, 0);
                settle();
            }
        }
        if (!types.containsAll(List.of(GroupType.CLASSIC, GroupType.CONSUMER))
            || types.get(types.size() - 1) != GroupType.CLASSIC) {
            history.error("the group did not go from one protocol to the other and back: " + types);
        }
    }

    /** At least one member stays behind whatever is done. */
    private Act choose(final List<Act> round) {
        final List<Act> possible =
            members.size() >= MIN_MEMBER_COUNT ? round : round.stream().filter(act -> act == Act.JOIN).toList();
        final Act act = possible.get(random.nextInt(possible.size()));
        round.remove(act);
        return act;
    }

    private void act(final Act act, final boolean isInterrupted) throws Exception {
        final int epoch = history.epoch();
        final Member member = members.get(random.nextInt(members.size()));
        final List<Integer> held = history.heldBy(member.name);
        final long startNs = System.nanoTime();
        switch (act) {
            case JOIN -> {
                final Member joining = join();
                interrupt(act, isInterrupted);
                awaitShare(joining);
            }
            case LEAVE -> {
                members.remove(member);
                member.process.getOutputStream().close();
                interrupt(act, isInterrupted);
                awaitExit(member, 0);
                awaitTakeover(member, held, startNs);
            }
            case KILL -> {
                members.remove(member);
                history.killed(member.name, System.nanoTime());
                member.process.destroyForcibly();
                interrupt(act, isInterrupted);
                awaitExit(member, KILLED);
                awaitTakeover(member, held, startNs);
            }
            default -> pause(member, held, startNs, isInterrupted);
        }
        Await.until(PATIENCE, () -> "a generation after " + epoch, () -> history.epoch() > epoch);
    }

    private void interrupt(final Act act, final boolean isInterrupted) throws Exception {
        if (isInterrupted) {
            killCoordinator();
            interruptedCounts.merge(act, 1, Integer::sum);
        }
    }

    /** Lets a member stand still until others have what it had, then waits until it has noticed and is back. */
    private void pause(final Member member, final List<Integer> held, final long startNs, final boolean isInterrupted)
        throws Exception {
        history.paused(member.name, startNs);
        signal(member, "STOP");
        Await.until(PATIENCE, () -> "state T of " + member, () -> state(member) == 'T');
        interrupt(Act.PAUSE, isInterrupted);
        awaitTakeover(member, held, startNs);
        settle(member);
        if (state(member) != 'T') {
            history.error(member + " did not stand still");
        }
        final int epoch = history.epochOf(member.name);
        signal(member, "CONT");
        Await.until(PATIENCE, () -> "the loss of " + held + " noticed by " + member,
            () -> history.lossCount(member.name, startNs) == held.size());
        Await.until(PATIENCE, () -> "the return of " + member,
            () -> history.epochOf(member.name) > epoch && !history.heldBy(member.name).isEmpty());
    }

    private static void signal(final Member member, final String name) throws IOException {
        Command.run(Duration.ofSeconds(60), "kill", "-" + name, Long.toString(member.process.pid())).requireSuccess();
    }

    private static char state(final Member member) throws IOException {
        final String stat = Files.readString(Path.of("/proc", Long.toString(member.process.pid()), "stat"));
        return stat.charAt(stat.lastIndexOf(')') + 2);
    }

    private void awaitExit(final Member member, final int code) throws Exception {
        Await.until(PATIENCE, () -> "the end of " + member, () -> !member.process.isAlive());
        if (member.process.exitValue() != code) {
            history.error(member + " ended with exit code " + member.process.exitValue() + " instead of " + code);
        }
    }

    private void awaitShare(final Member member) {
        await(() -> "a share for " + member, () -> !history.heldBy(member.name).isEmpty());
    }

    private void awaitTakeover(final Member member, final List<Integer> held, final long sinceNs) {
        if (held.isEmpty()) {
            history.error(member + " had nothing that others could have taken over");
        }
        await(() -> held + " of " + member + " in other hands",
            () -> history.areTakenOver(held, member.name, sinceNs));
    }

    private void await(final java.util.function.Supplier<String> missing, final Callable<Boolean> condition) {
        Await.until(PATIENCE, () -> missing.get() + "; members " + members + ", " + history.summary(), condition);
    }

    /** Kills the group's coordinator, waits for the next one and starts the killed one again. */
    private void killCoordinator() throws Exception {
        final int[] node = {-1};
        Await.until(PATIENCE, () -> "a coordinator", () -> {
            node[0] = describe().coordinator().id();
            return node[0] > 0;
        });
        history.outage(System.nanoTime());
        cluster.kill(node[0]);
        Await.until(PATIENCE, () -> "another coordinator than " + node[0],
            () -> describe().coordinator().id() != node[0]);
        history.outageOver(System.nanoTime());
        cluster.startMissing(properties);
        JavaClients.awaitFullIsr(cluster, group);
        JavaClients.awaitFullIsr(cluster, "__consumer_offsets");
    }

    private ConsumerGroupDescription describe() throws Exception {
        return admin.describeConsumerGroups(List.of(group)).all().get(60, TimeUnit.SECONDS).get(group);
    }

    private Member join() throws IOException {
        return join(memberCount % kinds.size());
    }

    private Member join(final int kind) throws IOException {
        final Process process = new ProcessBuilder(
            GroupMember.command(cluster.bootstrapServers(), group, group, new TreeMap<>(kinds.get(kind))))
            .redirectError(ProcessBuilder.Redirect.appendTo(
                new File(cluster.layout().dataDirectory(1).getParent().toFile(), group + "-members.err"))).start();
        final Member member = new Member("m" + ++memberCount, kind, process);
        members.add(member);
        final Thread reader = new Thread(() -> listen(member));
        reader.setDaemon(true);
        reader.start();
        return member;
    }

    private void listen(final Member member) {
        try (BufferedReader lines = new BufferedReader(
            new InputStreamReader(member.process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.endsWith(GroupMember.END)) { // a kill may cut the last one off
                    history.hear(member.name, line.substring(0, line.length() - GroupMember.END.length()));
                }
            }
        } catch (final IOException ex) {
            System.out.println("[storm] " + member + " is gone: " + ex.getMessage());
        }
    }

    private void settle() throws Exception {
        settle(null);
    }

    /** Sends a few records and waits until the group has read and committed them all and is at rest. */
    private void settle(final Member paused) throws Exception {
        for (int i = 0; i < RECORDS_PER_PARTITION * PARTITION_COUNT; i++) {
            producer.send(new ProducerRecord<>(group, i % PARTITION_COUNT, null, "value-" + sentCount++));
        }
        producer.flush();
        final long each = sentCount / PARTITION_COUNT;
        await(() -> "commits up to " + each + ", last seen: " + committed, () -> committed.size() == PARTITION_COUNT
            && committed.values().stream().allMatch(offset -> offset >= each));
        final List<String> active =
            members.stream().filter(member -> member != paused).map(Member::name).toList();
        await(() -> "a share for each of " + active, () -> history.isSharedBy(active)
            && isStable() && history.isSharedBy(active));
    }

    /** Also notes the group's protocol when it has changed. */
    private boolean isStable() throws Exception {
        final ConsumerGroupDescription description = describe();
        if (description.groupState() != GroupState.STABLE) {
            return false;
        }
        if (types.isEmpty() || types.get(types.size() - 1) != description.type()) {
            types.add(description.type());
        }
        return true;
    }

    /** Asks again and again what is committed and who has what. */
    private void observe() {
        try {
            while (!isOver.await(OBSERVATION_INTERVAL_MS, TimeUnit.MILLISECONDS)) {
                try {
                    final long fromNs = System.nanoTime();
                    final Map<Integer, Long> offsets = new HashMap<>();
                    admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get(60, TimeUnit.SECONDS)
                        .forEach((partition, offset) -> offsets.put(partition.partition(), offset.offset()));
                    history.observed(fromNs, System.nanoTime(), offsets);
                    committed = Map.copyOf(offsets);
                    checkDescription(describe());
                } catch (final ExecutionException | TimeoutException ex) {
                    continue; // nobody coordinates just now
                }
            }
        } catch (final InterruptedException ex) {
            Thread.currentThread().interrupt();
        } catch (final Exception ex) {
            history.error("the observer failed: " + ex);
        }
    }

    private void checkDescription(final ConsumerGroupDescription description) {
        final Set<TopicPartition> taken = new HashSet<>();
        for (final MemberDescription member : description.members()) {
            for (final TopicPartition partition : member.assignment().topicPartitions()) {
                if (!taken.add(partition)) {
                    history.error("two members have " + partition + ": " + description);
                }
            }
        }
    }

    private void finish(final int count, final long seconds) throws Exception {
        isOver.countDown();
        observer.join(PATIENCE.toMillis());
        final List<String> errors = history.check();
        System.out.println("[storm] " + group + ": " + count + " rebalances " + counts + " in " + seconds
            + " s; coordinator killed " + (quietKillCount + interruptedCounts.values().stream().mapToInt(i -> i).sum())
            + " times, in the middle of " + interruptedCounts + "; protocols " + types
            + "; " + sentCount + " records, " + history.summary());
        if (!errors.isEmpty()) {
            throw new AssertionError(errors.size() + " errors\n" + String.join("\n", errors));
        }
        if (counts.values().stream().mapToInt(i -> i).sum() != count || count >= ROUND.size()
            && (counts.size() < Act.values().length || interruptedCounts.isEmpty())) {
            throw new AssertionError("not everything has happened: " + counts + ", " + interruptedCounts);
        }
    }

    @Override
    public void close() {
        isOver.countDown();
        for (final Member member : members) {
            member.process.destroyForcibly();
        }
        producer.close(Duration.ofSeconds(5));
        admin.close(Duration.ofSeconds(5));
    }
}
