package io.millrace.system.peers;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;

/** One member of a group, owned by its own thread: reads, commits by hand, tells others what it has. */
final class GroupMember implements Runnable {
    private static final Duration POLL = Duration.ofMillis(100);

    private final PeerClients clients;
    private final String topic;
    private final Map<String, Object> settings;
    private final List<String> seen;
    private final Thread thread = new Thread(this);
    private volatile Set<Integer> partitions = Set.of();
    private volatile boolean isStopping;
    private volatile Exception error;

    /**
     * Starts the member.
     *
     * @param seen gets the values, guarded by itself
     */
    GroupMember(
        final PeerClients clients, final String topic, final Map<String, Object> settings, final List<String> seen) {
        this.clients = clients;
        this.topic = topic;
        this.settings = settings;
        this.seen = seen;
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void run() {
        try (KafkaConsumer<byte[], byte[]> consumer = clients.consumer(settings)) {
            consumer.subscribe(List.of(topic));
            while (!isStopping) {
                final List<String> values = new ArrayList<>();
                consumer.poll(POLL).forEach(record -> values.add(RecordScenarios.text(record.value())));
                partitions = consumer.assignment().stream().map(place -> place.partition()).collect(
                    Collectors.toUnmodifiableSet());
                if (!values.isEmpty()) {
                    synchronized (seen) {
                        seen.addAll(values);
                    }
                    commit(consumer);
                }
            }
        } catch (final Exception ex) {
            error = ex;
        }
    }

    /** Where a rebalance came first, or a broker is gone, the records come again. */
    private static void commit(final KafkaConsumer<byte[], byte[]> consumer) {
        try {
            consumer.commitSync();
        } catch (final KafkaException ex) {
            System.err.println("commit: " + ex);
        }
    }

    Set<Integer> partitions() {
        requireNoError();
        return partitions;
    }

    void requireNoError() {
        if (error != null) {
            throw new AssertionError("a member failed", error);
        }
    }

    void stop() throws InterruptedException {
        isStopping = true;
        thread.join(TimeUnit.SECONDS.toMillis(PeerClients.DEADLINE_S));
        requireNoError();
        PeerClients.requireEqual(false, thread.isAlive(), "whether a member goes on after its stop");
    }

    /** Waits until these members have three partitions between them, each some and none the same. */
    static void awaitOwners(final GroupMember... members) {
        PeerClients.awaitUntil(() -> "three partitions shared by " + members.length, () -> {
            final Set<Integer> all = new HashSet<>();
            int count = 0;
            for (final GroupMember member : members) {
                final Set<Integer> some = member.partitions();
                if (some.isEmpty()) {
                    return false;
                }
                count += some.size();
                all.addAll(some);
            }
            return count == 3 && all.size() == 3;
        });
    }
}
