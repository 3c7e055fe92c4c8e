package io.millrace.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Leaders go, by force, by a pause and in order: real clients move on, and nothing is lost or doubled. */
@Timeout(1200)
class FailoverSystemTest {
    private static final Duration PATIENCE = Duration.ofSeconds(180);
    private static final int PARTITION_COUNT = 6;
    private static final short PRODUCE_VERSION = 7;
    /** Aeron's clients live for 10 s without being invoked. */
    private static final long AERON_PATIENCE_NS = TimeUnit.SECONDS.toNanos(8);
    private static ClusterHarness cluster;

    @BeforeAll
    static void startCluster() throws IOException {
        cluster = ClusterHarness.start(Map.of());
    }

    @AfterAll
    static void stopCluster() throws IOException {
        cluster.close();
    }

    /** Asks with short patience, for one of the nodes may be stopped and answer nobody. */
    private static int leaderOf(final String topic) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", cluster.bootstrapServers(),
            "request.timeout.ms", 1_000, "default.api.timeout.ms", 5_000))) {
            final TopicDescription description =
                admin.describeTopics(Set.of(topic)).allTopicNames().get(20, TimeUnit.SECONDS).get(topic);
            final Node leader = description.partitions().get(0).leader();
            return leader == null ? -1 : leader.id();
        }
    }

    /** {@return the leader of the first partition of a topic just made, once all its leaders answer} */
    private static int firstLeaderOf(final String topic, final int partitionCount) throws Exception {
        JavaClients.awaitLeaders(cluster, topic, partitionCount);
        final int[] last = {-1};
        Await.until(PATIENCE, () -> "a leader of " + topic, () -> {
            last[0] = leaderOf(topic);
            return last[0] >= 0;
        });
        return last[0];
    }

    private static int awaitOtherLeader(final String topic, final int oldLeader) {
        final int[] last = {oldLeader};
        Await.until(PATIENCE, () -> "another leader than " + oldLeader + ", last seen " + last[0], () -> {
            last[0] = leaderOf(topic);
            return last[0] != oldLeader && last[0] >= 0;
        });
        return last[0];
    }

    private static void rejoin(final String topic) throws IOException {
        cluster.startMissing(Map.of());
        JavaClients.awaitFullIsr(cluster, topic);
    }

    @Test
    void shouldLoseNothingAndDoubleNothingWhenALeaderIsKilled() throws Exception {
        JavaClients.createTopic(cluster, "killed", PARTITION_COUNT);
        final int leader = firstLeaderOf("killed", PARTITION_COUNT);
        final ProducerLoad load = new ProducerLoad(cluster, "killed", PARTITION_COUNT);
        load.start();
        load.awaitAcknowledged(2000);
        load.takeLongestGapMs();
        cluster.kill(leader);
        load.awaitSent(1000);
        load.awaitAcknowledged(2 * PARTITION_COUNT * 1000); // the node stays down: others have to lead
        assertNotEquals(leader, awaitOtherLeader("killed", leader));
        System.out.println("[failover] longest time of a partition without an ack after kill -9 of a leader, ms: "
            + load.takeLongestGapMs());
        rejoin("killed");
        load.awaitAcknowledged(1000);
        load.end();
        load.requireNoFailure();
        load.requireAllPresentOnceAndInOrder();
    }

    @Test
    void shouldHandOverWhenALeaderIsStoppedInOrder() throws Exception {
        JavaClients.createTopic(cluster, "stopped", PARTITION_COUNT);
        final ProducerLoad load = new ProducerLoad(cluster, "stopped", PARTITION_COUNT);
        load.start();
        load.awaitAcknowledged(2000);
        boolean isHandedOver = false;
        for (int attempt = 1; !isHandedOver; attempt++) {
            final String log = stopLeader(load);
            // a machine that stops the others for seconds puts them out of the ISR: then there is nobody
            isHandedOver = !log.contains("nobody else could lead");
            assertTrue(isHandedOver || attempt < 3, log);
        }
        load.end();
        load.requireNoFailure();
        load.requireAllPresentOnceAndInOrder();
    }

    /** {@return what a leader said when it was stopped in order; it runs again} */
    private static String stopLeader(final ProducerLoad load) throws Exception {
        JavaClients.awaitFullIsr(cluster, "stopped");
        final int leader = firstLeaderOf("stopped", PARTITION_COUNT);
        final int logLength = cluster.logOf(leader).length();
        load.takeLongestGapMs();
        cluster.terminate(leader);
        load.awaitAcknowledged(6000);
        System.out.println("[failover] longest time of a partition without an ack at an orderly stop, ms: "
            + load.takeLongestGapMs());
        assertNotEquals(leader, awaitOtherLeader("stopped", leader));
        final String log = cluster.logOf(leader).substring(logLength);
        assertTrue(log.contains("stopped: node.id=" + leader), log);
        rejoin("stopped");
        return log;
    }

    /** What is sent to a stopped process lies in its socket: it is the first thing that it finds when it goes on. */
    @Test
    void shouldAcceptNothingInItsOldEpochWhenAPausedLeaderGoesOn() throws Exception {
        JavaClients.createTopic(cluster, "paused", 1);
        final int[] found = new int[1];
        Await.until(PATIENCE, () -> "a leader that takes a record", () -> {
            found[0] = firstLeaderOf("paused", 1);
            try (Socket before = connect(found[0])) {
                sendProduce(before, "before");
                return receiveProduce(before) == Errors.NONE;
            }
        });
        final int leader = found[0];
        final boolean isTaken;
        try (Socket during = connect(leader)) {
            Await.until(PATIENCE, () -> "a copy at the followers", // acks=1 promises none
                () -> JavaClients.readAll(cluster, "paused").get(0).size() >= 1);
            cluster.signal(leader, "STOP");
            final long pausedNs = System.nanoTime();
            try {
                sendProduce(during, "during");
                awaitOtherLeader("paused", leader);
            } finally {
                cluster.signal(leader, "CONT");
            }
            isTaken = isTaken(during, System.nanoTime() - pausedNs);
        }
        JavaClients.awaitFullIsr(cluster, "paused");
        // one of before that was refused may be there all the same
        final List<ConsumerRecord<String, String>> records = JavaClients.readAll(cluster, "paused").get(0);
        final List<String> values = records.stream().map(ConsumerRecord::value).distinct().toList();
        assertEquals(isTaken ? List.of("before", "during") : List.of("before"), values);
        if (isTaken) { // it has become the leader again: then in that epoch
            final int epochBefore = records.get(0).leaderEpoch().orElseThrow();
            final int epochAfter = records.get(records.size() - 1).leaderEpoch().orElseThrow();
            assertTrue(epochAfter > epochBefore, () -> "taken in epoch " + epochAfter + ", paused in " + epochBefore);
        }
    }

    private static Socket connect(final int nodeId) throws IOException {
        return new Socket(InetAddress.getLoopbackAddress(),
            Integer.parseInt(cluster.bootstrapServers().split(",")[nodeId - 1].split(":")[1]));
    }

    /**
     * A broker that was paused for longer than its Aeron clients live ends itself, and answers nobody.
     *
     * @return whether it says that it has taken the record
     */
    private static boolean isTaken(final Socket socket, final long pausedNs) throws IOException {
        try {
            final Errors answer = receiveProduce(socket);
            assertTrue(answer == Errors.NONE || answer == Errors.NOT_LEADER_OR_FOLLOWER, answer::toString);
            return answer == Errors.NONE;
        } catch (final EOFException | SocketException ex) {
            assertTrue(pausedNs > AERON_PATIENCE_NS, () -> "closed after a pause of " + pausedNs + " ns: " + ex);
            return false;
        }
    }

    private static void sendProduce(final Socket socket, final String value) throws IOException {
        final MemoryRecords records =
            MemoryRecords.withRecords(Compression.NONE, new SimpleRecord(value.getBytes(StandardCharsets.UTF_8)));
        final ProduceRequestData.TopicProduceData topic = new ProduceRequestData.TopicProduceData().setName("paused")
            .setPartitionData(List.of(new ProduceRequestData.PartitionProduceData().setIndex(0).setRecords(records)));
        final ProduceRequestData.TopicProduceDataCollection topics =
            new ProduceRequestData.TopicProduceDataCollection();
        topics.add(topic);
        RawRequest.send(socket, ApiKeys.PRODUCE, PRODUCE_VERSION,
            new ProduceRequestData().setAcks((short) 1).setTimeoutMs(30_000).setTopicData(topics));
    }

    private static Errors receiveProduce(final Socket socket) throws IOException {
        return Errors.forCode(new ProduceResponseData(RawRequest.receive(socket), PRODUCE_VERSION)
            .responses().iterator().next().partitionResponses().get(0).errorCode());
    }

    @Test
    void shouldMoveOnWhenTheLeaderOfAKcatProducerIsKilled() throws Exception {
        final String kcat = Peers.kcat();
        JavaClients.createTopic(cluster, "kcat", 1);
        final int leader = firstLeaderOf("kcat", 1);
        final Process producer = new ProcessBuilder(kcat, "-b", cluster.bootstrapServers(), "-P", "-t", "kcat",
            "-X", "enable.idempotence=true").redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
        try {
            final List<String> lines = IntStream.range(0, 3000).mapToObj(i -> "line " + i).toList();
            try (OutputStream in = producer.getOutputStream()) {
                write(in, lines.subList(0, 1000));
                Await.until(PATIENCE, () -> "something of it in the log",
                    () -> !JavaClients.readAll(cluster, "kcat").get(0).isEmpty());
                cluster.kill(leader);
                write(in, lines.subList(1000, 2000));
                awaitOtherLeader("kcat", leader);
                write(in, lines.subList(2000, 3000));
            }
            assertTrue(producer.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS), "kcat has delivered");
            assertEquals(0, producer.exitValue());
            final List<?>[] read = new List<?>[1];
            Await.until(PATIENCE, () -> "all lines, read " + read[0].size(), () -> { // a new leader may show less yet
                final Command.Result result = Command.run(PATIENCE, kcat, "-b", cluster.bootstrapServers(), "-C",
                    "-t", "kcat", "-o", "beginning", "-e", "-q");
                read[0] = result.output().lines().toList();
                return result.exitCode() == 0 && read[0].size() >= lines.size();
            });
            assertEquals(lines, read[0]);
        } finally {
            producer.destroyForcibly();
        }
        rejoin("kcat");
    }

    private static void write(final OutputStream out, final List<String> lines) throws IOException {
        out.write((String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8));
        out.flush();
    }
}
