package io.millrace.system.chaos;

import io.millrace.system.history.HistorySink;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.TopicPartition;

/** All clients of a round. Owned by the main thread. */
final class Load {
    private static final int CONSUMER_COUNT = 2;
    private static final int FIRST_CONSUMER_PROCESS = 100;
    private static final int DRAIN_PROCESS = 999;
    private static final long END_TIMEOUT_MS = 180_000;
    private static final long CREATE_TIMEOUT_S = 120;

    private final ChaosCluster cluster;
    private final HistorySink history;
    private final int runId;
    private final LoadErrors errors = new LoadErrors();
    private final Map<LoadTopic, AckGaps> gaps = new EnumMap<>(LoadTopic.class);
    private final List<LoadProducer> producers = new ArrayList<>();
    private final List<LoadConsumer> consumers = new ArrayList<>();
    private final LoadObserver observer;

    Load(final ChaosCluster cluster, final HistorySink history, final long seed, final int ratePerS) {
        this.cluster = cluster;
        this.history = history;
        runId = (int) (seed ^ seed >>> Integer.SIZE ^ System.nanoTime());
        final String servers = cluster.bootstrapServers();
        final LaneBook lanes = new LaneBook(history);
        int process = 0;
        for (final LoadTopic topic : LoadTopic.values()) {
            gaps.put(topic, new AckGaps(topic.partitionCount, System.nanoTime()));
            for (int i = 0; i < topic.producerCount; i++) {
                producers.add(new LoadProducer(++process, topic, servers, runId, lanes, history, errors,
                    gaps.get(topic), seed * 31 + process, ratePerS));
            }
        }
        for (int i = 0; i < CONSUMER_COUNT; i++) {
            final int id = FIRST_CONSUMER_PROCESS + i;
            consumers.add(new LoadConsumer(id, servers, runId, history, errors, seed * 31 + id));
        }
        observer = new LoadObserver(servers, cluster.nodes(), history);
    }

    static void createTopics(final String bootstrapServers) throws Exception {
        final List<NewTopic> topics = new ArrayList<>();
        for (final LoadTopic topic : LoadTopic.values()) {
            topics.add(new NewTopic(topic.topic, topic.partitionCount, (short) ChaosCluster.NODE_COUNT));
        }
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers))) {
            admin.createTopics(topics).all().get(CREATE_TIMEOUT_S, TimeUnit.SECONDS);
        }
    }

    void start() {
        producers.forEach(LoadProducer::start);
        consumers.forEach(LoadConsumer::start);
        observer.start();
    }

    AckGaps gaps(final LoadTopic topic) {
        return gaps.get(topic);
    }

    long ackedCount() {
        return producers.stream().mapToLong(LoadProducer::ackedCount).sum();
    }

    LoadErrors errors() {
        return errors;
    }

    /** Until every partition of every topic has acknowledged something that was sent after now. */
    void awaitAcksEverywhere(final long timeoutS) throws Wait.TooLateException {
        final Map<LoadTopic, long[]> before = new EnumMap<>(LoadTopic.class);
        gaps.forEach((topic, gap) -> before.put(topic, gap.ackCounts()));
        Wait.until(timeoutS, () -> "acknowledgements of " + silent(before), () -> silent(before).isEmpty());
    }

    private List<String> silent(final Map<LoadTopic, long[]> before) {
        final List<String> silent = new ArrayList<>();
        before.forEach((topic, counts) -> {
            final long[] now = gaps.get(topic).ackCounts();
            for (int i = 0; i < now.length; i++) {
                if (now[i] == counts[i]) {
                    silent.add(topic.topic + "-" + i);
                }
            }
        });
        return silent;
    }

    /** All clients end by and by. */
    void requestEnd() {
        producers.forEach(LoadProducer::requestEnd);
        consumers.forEach(LoadConsumer::requestEnd);
        observer.requestEnd();
    }

    /** Ends all clients; afterwards the end of every send is in the history. */
    void end() throws InterruptedException {
        requestEnd();
        for (final LoadProducer producer : producers) {
            producer.join(END_TIMEOUT_MS);
            if (producer.isAlive() || producer.openCount() > 0) {
                errors.fault("a producer did not end; sends without an end: " + producer.openCount());
            }
        }
        for (final LoadConsumer consumer : consumers) {
            consumer.join(END_TIMEOUT_MS);
        }
        observer.join(END_TIMEOUT_MS);
    }

    Set<TopicPartition> drain(final long timeoutS) {
        return LoadConsumer.drain(cluster.bootstrapServers(), DRAIN_PROCESS, runId, history, timeoutS);
    }
}
