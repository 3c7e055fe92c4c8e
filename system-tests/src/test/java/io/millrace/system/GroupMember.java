package io.millrace.system;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * A process that is one member of a group: it prints what it is assigned and what it has consumed, commits what it has
 * consumed, and leaves when its standard input ends.
 *
 * <p>A line is a word, the machine's monotonic clock in nanoseconds, and what {@link GroupHistory#hear} knows of that
 * word. The time of an assignment is read before anything is done with it, that of a revocation after the last commit.
 */
final class GroupMember implements ConsumerRebalanceListener {
    /** Of each line. */
    static final String END = " .";
    private final String topic;
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Map<TopicPartition, OffsetAndMetadata> uncommitted = new HashMap<>();

    private GroupMember(final String bootstrap, final String group, final String topic, final String settings) {
        this.topic = topic;
        final Map<String, Object> config = new TreeMap<>(Map.of("bootstrap.servers", bootstrap, "group.id", group,
            "enable.auto.commit", "false", "auto.offset.reset", "earliest"));
        for (final String setting : settings.split(",")) {
            final String[] pair = setting.split("=", 2);
            config.put(pair[0], pair[1]);
        }
        consumer = new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    /** {@return the command of such a process} */
    static List<String> command(
        final String bootstrap, final String group, final String topic, final Map<String, String> settings) {
        final List<String> pairs = new ArrayList<>();
        settings.forEach((key, value) -> pairs.add(key + "=" + value));
        return List.of(ProcessHandle.current().info().command().orElse("java"), "-Xmx96m", "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1", "-cp", System.getProperty("java.class.path"), GroupMember.class.getName(),
            bootstrap, group, topic, String.join(",", pairs));
    }

    public static void main(final String[] args) throws Exception {
        final AtomicBoolean isEnding = new AtomicBoolean();
        final GroupMember member = new GroupMember(args[0], args[1], args[2], args[3]);
        final Thread ending = new Thread(() -> {
            try {
                while (System.in.read() >= 0) {
                    continue;
                }
            } catch (final java.io.IOException ex) {
                System.err.println("input: " + ex);
            }
            isEnding.set(true);
        });
        ending.setDaemon(true);
        ending.start();
        member.run(isEnding);
    }

    private void run(final AtomicBoolean isEnding) {
        try (consumer) {
            consumer.subscribe(List.of(topic), this);
            while (!isEnding.get()) {
                final ConsumerRecords<byte[], byte[]> records = consumer.poll(Duration.ofMillis(50));
                take(records);
                commit(Duration.ofSeconds(20));
            }
        }
        print("closed");
    }

    private void take(final ConsumerRecords<byte[], byte[]> records) {
        for (final TopicPartition partition : records.partitions()) {
            final List<ConsumerRecord<byte[], byte[]>> some = records.records(partition);
            final long to = some.get(some.size() - 1).offset() + 1;
            print("read", partition.partition(), some.get(0).offset(), to);
            uncommitted.put(partition, new OffsetAndMetadata(to));
        }
    }

    private void commit(final Duration patience) {
        if (uncommitted.isEmpty()) {
            return;
        }
        print("committing", uncommitted.entrySet().stream()
            .map(one -> one.getKey().partition() + ":" + one.getValue().offset()).reduce((a, b) -> a + "," + b).get());
        try {
            consumer.commitSync(uncommitted, patience);
            print("committed");
            uncommitted.clear();
        } catch (final TimeoutException ex) {
            print("unknown");
        } catch (final KafkaException ex) {
            System.err.println("commit: " + ex); // a balance came between: again with the next poll
            print("refused");
        }
    }

    @Override
    public void onPartitionsAssigned(final Collection<TopicPartition> partitions) {
        print("assigned", consumer.groupMetadata().generationId(), consumer.groupMetadata().memberId(),
            text(partitions), text(consumer.assignment()));
    }

    @Override
    public void onPartitionsRevoked(final Collection<TopicPartition> partitions) {
        commit(Duration.ofSeconds(2));
        uncommitted.keySet().removeAll(partitions); // who has them next reads on from the last commit
        print("revoked", text(partitions));
    }

    @Override
    public void onPartitionsLost(final Collection<TopicPartition> partitions) {
        uncommitted.keySet().removeAll(partitions);
        print("lost", text(partitions));
    }

    private static String text(final Collection<TopicPartition> partitions) {
        return partitions.stream().map(one -> Integer.toString(one.partition())).sorted()
            .reduce((a, b) -> a + "," + b).orElse("-");
    }

    private static void print(final String word, final Object... more) {
        final StringBuilder line = new StringBuilder(word).append(' ').append(System.nanoTime());
        for (final Object one : more) {
            line.append(' ').append(one);
        }
        System.out.println(line.append(END));
        System.out.flush();
    }
}
