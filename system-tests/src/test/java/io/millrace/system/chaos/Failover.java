package io.millrace.system.chaos;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;

/** Ends brokers one at a time and measures how long the partitions they led stand still. Owned by the main thread. */
final class Failover {
    private static final short REPLICAS = 3;
    private static final int ASK_TIMEOUT_MS = 2_000;
    private static final long WHOLE_TIMEOUT_S = 180;
    private static final long ACK_TIMEOUT_S = 120;
    private static final int ACKS_AFTER = 5;
    private static final long DOWN_MS = 1_000;
    private static final double NS_PER_MS = 1e6;
    /** Every so many-th victim is whoever leads the metadata. */
    private static final int METADATA_LEADER_INTERVAL = 3;

    private final FailoverTarget target;
    private final int partitionCount;
    private final SplittableRandom random;
    private final StopFlag stop;
    private final String topic;
    private FailoverLoad load;

    Failover(final FailoverTarget target, final int partitionCount, final long seed, final StopFlag stop) {
        this.target = target;
        this.partitionCount = partitionCount;
        random = new SplittableRandom(seed);
        this.stop = stop;
        topic = "failover-" + Long.toUnsignedString(System.nanoTime(), Character.MAX_RADIX);
    }

    private String bootstrapServers() {
        return target.brokers().stream().map(broker -> broker.host() + ":" + broker.port())
            .collect(Collectors.joining(","));
    }

    void begin() throws IOException, Wait.TooLateException {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers()))) {
            admin.createTopics(Set.of(new NewTopic(topic, partitionCount, REPLICAS)
                .configs(Map.of("min.insync.replicas", "2")))).all().get(ACK_TIMEOUT_S, TimeUnit.SECONDS);
        } catch (final ExecutionException | InterruptedException | java.util.concurrent.TimeoutException ex) {
            throw new IOException("topic " + topic + " was not made: " + ex, ex);
        }
        awaitWhole();
        load = new FailoverLoad(bootstrapServers(), topic, partitionCount);
        load.start();
        awaitAcks(new TreeSet<>(java.util.stream.IntStream.range(0, partitionCount).boxed().toList()));
    }

    void end() throws InterruptedException {
        if (load != null) {
            load.end();
        }
    }

    private List<ClusterView.Partition> view() throws IOException {
        IOException last = null;
        for (final FailoverTarget.Address broker : target.brokers()) {
            try {
                return ClusterView.ask(broker.host(), broker.port(), ASK_TIMEOUT_MS).partitions().stream()
                    .filter(partition -> partition.topic().equals(topic)).toList();
            } catch (final IOException ex) {
                last = ex;
            }
        }
        throw new IOException("no broker answers", last);
    }

    private void awaitWhole() throws Wait.TooLateException {
        Wait.until(WHOLE_TIMEOUT_S, () -> "all replicas of " + topic + " in sync, known to all brokers", () -> {
            for (final FailoverTarget.Address broker : target.brokers()) {
                final ClusterView view = ClusterView.ask(broker.host(), broker.port(), ASK_TIMEOUT_MS);
                final long whole = view.partitions().stream().filter(partition -> partition.topic().equals(topic)
                    && partition.leader() >= 0 && partition.isr().size() == REPLICAS).count();
                if (whole != partitionCount || view.brokers().size() < target.brokers().size()) {
                    return false;
                }
            }
            return true;
        });
    }

    private void awaitAcks(final Set<Integer> partitions) throws Wait.TooLateException {
        final long[] before = load.gaps().ackCounts();
        Wait.until(ACK_TIMEOUT_S, () -> "acknowledgements of partitions " + partitions + ", last error of the client: "
            + load.failure(), () -> {
                final long[] now = load.gaps().ackCounts();
                return partitions.stream().allMatch(partition -> now[partition] >= before[partition] + ACKS_AFTER);
            });
    }

    /** {@return what one end came to; null when it was stopped before} */
    FailoverResult once(final int number, final boolean isKill) throws IOException, Wait.TooLateException {
        awaitWhole();
        awaitAcks(new TreeSet<>(java.util.stream.IntStream.range(0, partitionCount).boxed().toList()));
        Wait.pass(random.nextLong(1_000, 3_000), stop);
        if (stop.isSet()) {
            return null;
        }
        final int metadataLeader = target.metadataLeader();
        final List<ClusterView.Partition> before = view();
        final int victim = victim(number, metadataLeader, before);
        final Set<Integer> led = before.stream().filter(partition -> partition.leader() == victim)
            .map(ClusterView.Partition::partition).collect(Collectors.toCollection(TreeSet::new));
        load.gaps().begin();
        if (isKill) {
            target.kill(victim);
        } else {
            target.terminate(victim);
        }
        Wait.until(ACK_TIMEOUT_S, () -> "new leaders of " + led, () -> view().stream().allMatch(
            partition -> partition.leader() >= 0 && partition.leader() != victim));
        awaitAcks(led);
        final long[] longestNs = load.gaps().longestNs();
        if (!isKill) {
            target.awaitEnd(victim);
        }
        Wait.pass(DOWN_MS, stop);
        final long startNs = System.nanoTime();
        target.start(victim);
        awaitWhole();
        final long backMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNs);
        final List<Double> standstillsMs = led.stream().map(partition -> longestNs[partition] / NS_PER_MS).toList();
        final double[] sorted = standstillsMs.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        double othersMs = 0;
        for (int i = 0; i < partitionCount; i++) {
            othersMs = led.contains(i) ? othersMs : Math.max(othersMs, longestNs[i] / NS_PER_MS);
        }
        return new FailoverResult(number, isKill ? FailoverResult.KILL : FailoverResult.SHUTDOWN, victim,
            victim == metadataLeader, led.size(), sorted.length == 0 ? 0 : sorted[sorted.length - 1],
            sorted.length == 0 ? 0 : sorted[sorted.length / 2], othersMs, backMs, standstillsMs);
    }

    private int victim(final int number, final int metadataLeader, final List<ClusterView.Partition> before) {
        final Set<Integer> leaders = before.stream().map(ClusterView.Partition::leader)
            .collect(Collectors.toCollection(TreeSet::new));
        if (number % METADATA_LEADER_INTERVAL == METADATA_LEADER_INTERVAL - 1 && metadataLeader >= 0) {
            return metadataLeader;
        }
        if (leaders.size() > 1) {
            leaders.remove(metadataLeader);
        }
        final List<Integer> all = new ArrayList<>(leaders);
        return all.get(random.nextInt(all.size()));
    }
}
