package io.millrace.system;

import io.millrace.cli.cluster.NodeStatus;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Apache Kafka's own Java client, set up the way most people do. */
final class JavaClients {
    static final Duration PATIENCE = Duration.ofSeconds(240);

    /** The last one before the flexible ones. */
    private static final short METADATA_VERSION = 8;

    private JavaClients() {
    }

    static Admin admin(final ClusterHarness cluster) {
        return Admin.create(Map.of("bootstrap.servers", cluster.bootstrapServers()));
    }

    static void createTopic(final ClusterHarness cluster, final String topic, final int partitionCount) {
        createTopic(cluster, new NewTopic(topic, partitionCount, (short) 3));
    }

    /** Tried again when a broker is not held for alive just now, or an answer did not come in time. */
    static void createTopic(final ClusterHarness cluster, final NewTopic topic) {
        final boolean[] isRepeated = new boolean[1];
        try (Admin admin = admin(cluster)) {
            Await.until(PATIENCE, () -> "the new " + topic, () -> {
                try {
                    admin.createTopics(Set.of(topic)).all().get(120, TimeUnit.SECONDS);
                } catch (final ExecutionException ex) {
                    if (!isRepeated[0] || !(ex.getCause() instanceof TopicExistsException)) {
                        isRepeated[0] = true;
                        throw ex;
                    }
                }
                return true;
            });
        }
        Await.until(PATIENCE, () -> topic + " known to every broker", () -> isKnownToAll(cluster, topic));
    }

    /** Brokers hear of a topic one after the other, and a client asks any of them. */
    private static boolean isKnownToAll(final ClusterHarness cluster, final NewTopic topic) throws IOException {
        for (final NodeStatus node : cluster.status()) {
            if (node.state() == NodeStatus.State.UP && !isKnownTo(cluster, node.nodeId(), topic)) {
                return false;
            }
        }
        return true;
    }

    private static boolean isKnownTo(final ClusterHarness cluster, final int nodeId, final NewTopic topic)
        throws IOException {
        final String port = cluster.bootstrapServers().split(",")[nodeId - 1].split(":")[1];
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), Integer.parseInt(port))) {
            RawRequest.send(socket, ApiKeys.METADATA, METADATA_VERSION, new MetadataRequestData()
                .setAllowAutoTopicCreation(false)
                .setTopics(List.of(new MetadataRequestData.MetadataRequestTopic().setName(topic.name()))));
            return new MetadataResponseData(RawRequest.receive(socket), METADATA_VERSION).topics().find(topic.name())
                .errorCode() != Errors.UNKNOWN_TOPIC_OR_PARTITION.code();
        }
    }

    static KafkaProducer<String, String> producer(final ClusterHarness cluster, final Map<String, Object> more) {
        final Map<String, Object> settings = new TreeMap<>(Map.of("bootstrap.servers", cluster.bootstrapServers()));
        settings.putAll(more);
        return new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer());
    }

    /** {@return every record of a topic, per partition in log order, read up to the ends at the time of the call} */
    static Map<Integer, List<ConsumerRecord<String, String>>> readAll(
        final ClusterHarness cluster, final String topic) {
        final Map<String, Object> settings = Map.of("bootstrap.servers", cluster.bootstrapServers(),
            "enable.auto.commit", "false", "auto.offset.reset", "earliest");
        try (KafkaConsumer<String, String> consumer =
            new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
            final List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                .map(info -> new TopicPartition(topic, info.partition())).toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            final Map<TopicPartition, Long> ends = consumer.endOffsets(partitions, PATIENCE);
            final Map<Integer, List<ConsumerRecord<String, String>>> records = new TreeMap<>();
            partitions.forEach(partition -> records.put(partition.partition(), new ArrayList<>()));
            Await.until(PATIENCE, () -> "records of " + topic + " up to " + ends, () -> {
                consumer.poll(Duration.ofMillis(100)).forEach(record -> records.get(record.partition()).add(record));
                return ends.entrySet().stream().allMatch(end -> consumer.position(end.getKey()) >= end.getValue());
            });
            return records;
        }
    }

    /** Waits until each partition's leader answers for it: what is sent with acks=0 before that is lost. */
    static void awaitLeaders(final ClusterHarness cluster, final String topic, final int partitionCount) {
        final Map<TopicPartition, OffsetSpec> latest = new HashMap<>();
        for (int partition = 0; partition < partitionCount; partition++) {
            latest.put(new TopicPartition(topic, partition), OffsetSpec.latest());
        }
        try (Admin admin = admin(cluster)) {
            Await.until(PATIENCE, () -> "leaders of " + topic,
                () -> admin.listOffsets(latest).all().get(60, TimeUnit.SECONDS).size() == partitionCount);
        }
    }

    static void awaitFullIsr(final ClusterHarness cluster, final String topic) {
        try (Admin admin = admin(cluster)) {
            final StringBuilder last = new StringBuilder();
            Await.until(PATIENCE, () -> "all replicas of " + topic + " in sync, last seen: " + last, () -> {
                final TopicDescription description =
                    admin.describeTopics(Set.of(topic)).allTopicNames().get(60, TimeUnit.SECONDS).get(topic);
                last.setLength(0);
                last.append(description.partitions());
                return description.partitions().stream()
                    .allMatch(partition -> partition.leader() != null && partition.isr().size() == 3);
            });
        }
    }
}
