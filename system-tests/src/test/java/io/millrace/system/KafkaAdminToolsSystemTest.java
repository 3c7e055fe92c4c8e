package io.millrace.system;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Apache Kafka's administration tools, unchanged. */
@Timeout(1500)
class KafkaAdminToolsSystemTest {
    private static final Duration PATIENCE = Duration.ofSeconds(240);
    private static final String TOOLS = "org.apache.kafka.tools.";
    private static ClusterHarness cluster;

    @BeforeAll
    static void startCluster() throws IOException {
        Peers.kafkaTool("TopicCommand");
        cluster = ClusterHarness.start(ClusterHarness.STEADY);
    }

    @AfterAll
    static void stopCluster() throws IOException {
        if (cluster != null) {
            cluster.close();
        }
    }

    private static Command.Result run(final String mainClass, final String... arguments) throws IOException {
        final List<String> words = new ArrayList<>(Peers.kafkaClass(mainClass));
        words.add("--bootstrap-server");
        words.add(cluster.bootstrapServers());
        words.addAll(List.of(arguments));
        return new Command(words, "").run(PATIENCE);
    }

    private static String output(final String mainClass, final String... arguments) throws IOException {
        return run(mainClass, arguments).requireSuccess().output();
    }

    private static void assertContains(final String output, final String... expected) {
        for (final String text : expected) {
            assertTrue(output.contains(text), "'" + text + "' is missing in:\n" + output);
        }
    }

    /** What a tool shows comes from any broker, and they hear of changes one after the other. */
    private static void awaitOutput(
        final String what, final Predicate<String> isRight, final String mainClass, final String... arguments) {
        final String[] last = new String[1];
        Await.until(PATIENCE, () -> what + " in:\n" + last[0], () -> {
            final Command.Result result = run(mainClass, arguments);
            last[0] = result.output() + result.error();
            return result.exitCode() == 0 && isRight.test(result.output());
        });
    }

    private static void awaitContains(final List<String> expected, final String mainClass, final String... arguments) {
        awaitOutput(expected.toString(), output -> expected.stream().allMatch(output::contains), mainClass, arguments);
    }

    private static void produce(final String topic, final int partitionCount) throws Exception {
        try (KafkaProducer<String, String> producer = JavaClients.producer(cluster, Map.of())) {
            for (int i = 0; i < 10 * partitionCount; i++) {
                producer.send(new ProducerRecord<>(topic, i % partitionCount, "k", "v" + i)).get();
            }
        }
    }

    @Test
    void shouldManageTopicsWhenKafkaTopicsRuns() throws Exception {
        final String tool = TOOLS + "TopicCommand";
        assertContains(output(tool, "--create", "--topic", "managed", "--partitions", "2", "--replication-factor", "3",
            "--config", "retention.ms=60000"), "Created topic managed");
        awaitContains(List.of("managed"), tool, "--list");
        output(tool, "--alter", "--topic", "managed", "--partitions", "4");
        awaitContains(List.of("PartitionCount: 4", "ReplicationFactor: 3", "retention.ms=60000", "Partition: 3"), tool,
            "--describe", "--topic", "managed");
        assertFalse(run(tool, "--alter", "--topic", "managed", "--partitions", "3").exitCode() == 0);
        output(tool, "--delete", "--topic", "managed");
        awaitOutput("no topic managed", output -> !output.contains("managed"), tool, "--list");
    }

    @Test
    void shouldDescribeAndAlterConfigsWhenKafkaConfigsRuns() throws Exception {
        final String tool = "kafka.admin.ConfigCommand";
        JavaClients.createTopic(cluster, "configured", 1);
        final String[] topic = {"--entity-type", "topics", "--entity-name", "configured"};
        output(tool, with(topic, "--alter", "--add-config", "retention.ms=1234567,max.message.bytes=70000"));
        awaitContains(List.of("retention.ms=1234567", "max.message.bytes=70000", "DYNAMIC_TOPIC_CONFIG"), tool,
            with(topic, "--describe"));
        output(tool, with(topic, "--alter", "--delete-config", "retention.ms"));
        awaitOutput("the default again", all -> all.contains("cleanup.policy=delete") && all.contains("DEFAULT_CONFIG")
            && !all.contains("1234567"), tool, with(topic, "--describe", "--all"));
        final Command.Result refused = run(tool, with(topic, "--alter", "--add-config", "cleanup.policy=compact"));
        assertContains(refused.output() + refused.error(), "cleanup.policy=compact is not supported");

        final String[] broker = {"--entity-type", "brokers", "--entity-name", "1"};
        output(tool, with(broker, "--alter", "--add-config", "log.retention.ms=7654321"));
        awaitContains(List.of("log.retention.ms=7654321", "DYNAMIC_BROKER_CONFIG"), tool, with(broker, "--describe"));
        output(tool, "--entity-type", "brokers", "--entity-default", "--alter", "--add-config",
            "log.retention.bytes=999");
        awaitContains(List.of("log.retention.bytes=999"), tool, "--entity-type", "brokers", "--entity-default",
            "--describe");
        assertContains(output(tool, with(broker, "--describe", "--all")), "num.partitions=1");
        final Command.Result fixed = run(tool, with(broker, "--alter", "--add-config", "log.segment.bytes=1048576"));
        assertContains(fixed.output() + fixed.error(), "restart the broker");
        output(tool, "--entity-type", "brokers", "--entity-default", "--alter", "--delete-config",
            "log.retention.bytes");
    }

    @Test
    void shouldTellTheLevelOfTheGroupProtocolWhenKafkaFeaturesRuns() throws Exception {
        final String features = output(TOOLS + "FeatureCommand", "describe");
        final String group = features.lines().filter(line -> line.contains("group.version")).findFirst().orElse("");
        assertContains(group, "FinalizedVersionLevel: 1");
        assertContains(features, "metadata.version", "4.0-IV3");
        assertFalse(features.contains("transaction.version"), features);
    }

    private static String[] with(final String[] first, final String... more) {
        final List<String> words = new ArrayList<>(List.of(first));
        words.addAll(List.of(more));
        return words.toArray(String[]::new);
    }

    @Test
    void shouldTellAndMoveOffsetsWhenKafkaGetOffsetsAndDeleteRecordsRun() throws Exception {
        JavaClients.createTopic(cluster, "offsets", 2);
        produce("offsets", 2);
        assertContains(output(TOOLS + "GetOffsetShell", "--topic", "offsets"), "offsets:0:10", "offsets:1:10");
        final Path file = Files.createTempFile("delete-records", ".json");
        try {
            Files.writeString(file, "{\"partitions\":[{\"topic\":\"offsets\",\"partition\":0,\"offset\":4},"
                + "{\"topic\":\"offsets\",\"partition\":1,\"offset\":-1}],\"version\":1}");
            assertContains(output(TOOLS + "DeleteRecordsCommand", "--offset-json-file", file.toString()),
                "low_watermark: 4", "low_watermark: 10");
        } finally {
            Files.delete(file);
        }
        assertContains(output(TOOLS + "GetOffsetShell", "--topic", "offsets", "--time", "earliest"), "offsets:0:4",
            "offsets:1:10");
    }

    @Test
    void shouldDescribeTheClusterWhenItsToolsRun() throws Exception {
        JavaClients.createTopic(cluster, "seen", 1);
        produce("seen", 1);
        awaitOutput("the log at three brokers", dirs -> Stream.of("\"partition\":\"seen-0\"", "\"offsetLag\":0",
            "\"broker\":3").allMatch(dirs::contains) && !dirs.contains("\"size\":0,"), TOOLS + "LogDirsCommand",
            "--describe", "--topic-list", "seen");
        final List<String> quorum = new ArrayList<>(Peers.kafkaClass(TOOLS + "MetadataQuorumCommand"));
        quorum.addAll(List.of("--bootstrap-server", cluster.bootstrapServers(), "describe"));
        assertContains(new Command(and(quorum, "--status"), "").run(PATIENCE).requireSuccess().output(), "ClusterId:",
            "LeaderId:", "CurrentVoters:");
        assertContains(new Command(and(quorum, "--replication"), "").run(PATIENCE).requireSuccess().output(),
            "Leader", "Follower");
        assertContains(output(TOOLS + "BrokerApiVersionsCommand"), "Metadata(3): 0 to 13", "Produce(0): 0 to 13",
            "DescribeTopicPartitions(75): 0");
        final List<String> id = new ArrayList<>(Peers.kafkaClass(TOOLS + "ClusterTool"));
        id.addAll(List.of("cluster-id", "--bootstrap-server", cluster.bootstrapServers()));
        assertContains(new Command(id, "").run(PATIENCE).requireSuccess().output(), "Cluster ID: ");
    }

    private static List<String> and(final List<String> words, final String last) {
        final List<String> all = new ArrayList<>(words);
        all.add(last);
        return all;
    }

    @Test
    void shouldElectWhenKafkaLeaderElectionRuns() throws Exception {
        JavaClients.createTopic(cluster, "elected", 3);
        JavaClients.awaitFullIsr(cluster, "elected");
        final String needless = output(TOOLS + "LeaderElectionCommand", "--election-type", "PREFERRED", "--topic",
            "elected", "--partition", "0");
        assertContains(needless, "elected-0");
        // a replica that a busy machine left behind cannot lead before it has caught up
        awaitOutput("elections of all", all -> true, TOOLS + "LeaderElectionCommand", "--election-type", "PREFERRED",
            "--all-topic-partitions");
    }

    @Test
    void shouldListAndDescribeGroupsWhenKafkaConsumerGroupsRuns() throws Exception {
        JavaClients.createTopic(cluster, "grouped", 1);
        produce("grouped", 1);
        final String tool = TOOLS + "consumer.group.ConsumerGroupCommand";
        output(tool, "--group", "tool", "--topic", "grouped", "--reset-offsets", "--to-offset", "3", "--execute");
        awaitContains(List.of("tool"), tool, "--list");
        awaitContains(List.of("grouped"), tool, "--describe", "--group", "tool");
        output(tool, "--delete", "--group", "tool");
        awaitOutput("no group", output -> !output.contains("tool"), tool, "--list");
    }
}
