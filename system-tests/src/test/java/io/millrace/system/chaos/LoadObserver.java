package io.millrace.system.chaos;

import io.millrace.system.history.HistoryEvent;
import io.millrace.system.history.HistorySink;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsResult;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;

/** Asks for marks, and each broker for leaders, all the time. One thread for each. */
final class LoadObserver {
    private static final long MARKS_INTERVAL_NS = 500_000_000;
    private static final long LEADERS_INTERVAL_NS = 250_000_000;
    private static final int ASK_TIMEOUT_MS = 1_000;
    private static final int MARKS_TIMEOUT_MS = 5_000;

    private final String bootstrapServers;
    private final List<ChaosNode> nodes;
    private final HistorySink history;
    private final Thread marks = new Thread(this::observeMarks, "observer-marks");
    private final Thread leaders = new Thread(this::observeLeaders, "observer-leaders");
    private volatile boolean isEnding;

    LoadObserver(final String bootstrapServers, final List<ChaosNode> nodes, final HistorySink history) {
        this.bootstrapServers = bootstrapServers;
        this.nodes = nodes;
        this.history = history;
        marks.setDaemon(true);
        leaders.setDaemon(true);
    }

    void start() {
        marks.start();
        leaders.start();
    }

    void requestEnd() {
        isEnding = true;
    }

    void join(final long timeoutMs) throws InterruptedException {
        marks.join(timeoutMs);
        leaders.join(timeoutMs);
    }

    private void observeMarks() {
        final Map<TopicPartition, OffsetSpec> first = new HashMap<>();
        final Map<TopicPartition, OffsetSpec> last = new HashMap<>();
        LoadConsumer.partitions().forEach(partition -> {
            first.put(partition, OffsetSpec.earliest());
            last.put(partition, OffsetSpec.latest());
        });
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers, "client.id", "chaos-marks",
            "request.timeout.ms", MARKS_TIMEOUT_MS, "default.api.timeout.ms", MARKS_TIMEOUT_MS))) {
            while (!isEnding) {
                final long startNs = System.nanoTime();
                final ListOffsetsOptions options = new ListOffsetsOptions().timeoutMs(MARKS_TIMEOUT_MS);
                final ListOffsetsResult starts = admin.listOffsets(first, options);
                final ListOffsetsResult ends = admin.listOffsets(last, options);
                for (final TopicPartition partition : first.keySet()) {
                    note(partition, startNs, starts, ends);
                }
                LockSupport.parkNanos(MARKS_INTERVAL_NS);
            }
        }
    }

    private void note(final TopicPartition partition, final long startNs, final ListOffsetsResult starts,
        final ListOffsetsResult ends) {
        try {
            final long start = starts.partitionResult(partition).get(MARKS_TIMEOUT_MS, TimeUnit.MILLISECONDS).offset();
            final long end = ends.partitionResult(partition).get(MARKS_TIMEOUT_MS, TimeUnit.MILLISECONDS).offset();
            history.append(new HistoryEvent.Marks(LoadConsumer.number(partition), startNs, System.nanoTime(), start,
                end));
        } catch (final InterruptedException ex) {
            Thread.currentThread().interrupt();
        } catch (final ExecutionException | TimeoutException ex) {
            return; // nobody leads just now: no answer is no wrong answer
        }
    }

    private void observeLeaders() {
        final Set<HistoryEvent.Leader> seen = new HashSet<>();
        while (!isEnding) {
            for (final ChaosNode node : nodes) {
                try {
                    ClusterView.ask(node.host(), node.port(), ASK_TIMEOUT_MS).partitions().forEach(partition -> {
                        final LoadTopic topic = LoadTopic.of(partition.topic());
                        if (topic != null && partition.leader() >= 0) {
                            final HistoryEvent.Leader leader = new HistoryEvent.Leader(
                                topic.firstPartition() + partition.partition(), partition.epoch(),
                                partition.leader());
                            if (seen.add(leader)) {
                                history.append(leader);
                            }
                        }
                    });
                } catch (final IOException ex) {
                    continue; // down or cut off
                }
            }
            LockSupport.parkNanos(LEADERS_INTERVAL_NS);
        }
    }
}
