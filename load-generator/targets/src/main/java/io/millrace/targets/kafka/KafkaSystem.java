package io.millrace.targets.kafka;

import io.millrace.load.driver.TargetRefusedException;
import io.millrace.load.driver.TargetUnreachableException;
import io.millrace.load.driver.lean.LeanTopicAdmin;
import io.millrace.load.target.RunningTarget;
import io.millrace.load.target.TargetOptions;
import io.millrace.load.target.TargetSystem;
import io.millrace.targets.process.Ports;
import io.millrace.targets.process.RunDirectory;
import io.millrace.targets.process.ServerProcess;
import io.millrace.targets.process.ServerTarget;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;

/** Apache Kafka on this machine: brokers that are controllers too, with Kafka's own defaults. Set-up thread. */
public final class KafkaSystem implements TargetSystem {
    private static final int FIRST_PORT = 21092;
    private static final int MAX_NODES = 9;
    private static final long FORMAT_TIMEOUT_S = 60;
    private static final long READY_TIMEOUT_S = 120;
    private static final long QUORUM_TIMEOUT_S = 15;
    /** What Kafka's own start script passes, its garbage collection log included. */
    private static final List<String> JVM_FLAGS = List.of("-server", "-XX:+UseG1GC", "-XX:MaxGCPauseMillis=20",
        "-XX:InitiatingHeapOccupancyPercent=35", "-XX:+ExplicitGCInvokesConcurrent", "-Djava.awt.headless=true");

    /** Found by {@link java.util.ServiceLoader}. */
    public KafkaSystem() {
    }

    @Override
    public String name() {
        return "kafka";
    }

    @Override
    public String summary() {
        return "Apache Kafka " + new KafkaJars().version() + " from Maven Central: brokers in KRaft mode with Kafka's "
            + "defaults, replication factor 3, min.insync.replicas 2";
    }

    @Override
    public RunningTarget start(final TargetOptions options, final Consumer<String> progress) {
        final int nodeCount = options.nodeCount();
        if (nodeCount < 1 || nodeCount > MAX_NODES) {
            throw new TargetRefusedException("nodes: value=" + nodeCount + " is out of bounds; use 1 to " + MAX_NODES,
                null);
        }
        final KafkaJars jars = new KafkaJars();
        final String classPath = jars.classPath(progress, options.isStopped());
        final int basePort = Ports.freeBase(options.basePort(), FIRST_PORT, 2 * nodeCount);
        final RunDirectory directory = RunDirectory.open(options.dataDir(), name());
        final String heap = options.settings().getOrDefault(KafkaConfig.HEAP, KafkaConfig.DEFAULT_HEAP);
        final Map<String, String> chosen = KafkaConfig.chosen(nodeCount, options.settings());
        final StringJoiner bootstrap = new StringJoiner(",");
        try {
            for (int i = 1; i <= nodeCount; i++) {
                bootstrap.add("127.0.0.1:" + KafkaConfig.clientPort(i, basePort));
                final Path node = Files.createDirectories(directory.path().resolve("node-" + i));
                Files.writeString(node.resolve("server.properties"),
                    KafkaConfig.properties(i, nodeCount, basePort, node.resolve("data"), chosen));
            }
            progress.accept("starting Apache Kafka " + jars.version() + ": " + nodeCount + " nodes on " + bootstrap);
            format(directory, nodeCount, classPath);
        } catch (final IOException ex) {
            directory.close();
            throw new UncheckedIOException("cannot write Kafka's settings into " + directory.path(), ex);
        } catch (final RuntimeException ex) {
            directory.close();
            throw ex;
        }
        final List<ServerTarget.Node> nodes = new ArrayList<>();
        for (int i = 1; i <= nodeCount; i++) {
            final int id = i;
            nodes.add(new ServerTarget.Node(() -> startNode(directory, id, classPath, heap, options),
                ready(KafkaConfig.clientPort(i, basePort), bootstrap.toString(), nodeCount)));
        }
        return ServerTarget.start(about(jars.version(), nodeCount, heap, chosen, bootstrap.toString()), directory,
            nodes, null, READY_TIMEOUT_S, options.isStopped()).withController(() -> controller(bootstrap.toString()));
    }

    private static ServerProcess startNode(
        final RunDirectory directory, final int id, final String classPath, final String heap,
        final TargetOptions options) {
        final Path node = directory.path().resolve("node-" + id);
        final List<String> command = new ArrayList<>(List.of(java(), "-Xms" + heap, "-Xmx" + heap));
        command.addAll(JVM_FLAGS);
        command.addAll(options.foreignJvmOptions());
        command.add("-Xlog:gc*:file=" + node.resolve("kafka-gc.log") + ":time,tags:filecount=10,filesize=100M");
        command.addAll(List.of("-cp", classPath, "kafka.Kafka", node.resolve("server.properties").toString()));
        return ServerProcess.start("kafka-" + id, command, Map.of(), node);
    }

    /** All at once: each is a Java process that lives for seconds. */
    private static void format(final RunDirectory directory, final int nodeCount, final String classPath) {
        final String clusterId = clusterId();
        final List<ServerProcess> tools = new ArrayList<>();
        for (int i = 1; i <= nodeCount; i++) {
            final Path node = directory.path().resolve("node-" + i);
            tools.add(ServerProcess.start("format-" + i, List.of(java(), "-Xmx256m", "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1", "-cp", classPath, "kafka.tools.StorageTool", "format", "-t", clusterId,
                "-c", node.resolve("server.properties").toString()), Map.of(), node));
        }
        tools.forEach(tool -> tool.awaitEnd(FORMAT_TIMEOUT_S));
        for (int i = 1; i <= nodeCount; i++) {
            final Path mark = directory.path().resolve("node-" + i).resolve("data").resolve("meta.properties");
            if (!Files.exists(mark)) {
                throw new TargetUnreachableException("Kafka's storage of node " + i + " could not be formatted: "
                    + tools.get(i - 1).tail(), null);
            }
        }
    }

    /** Ready when every broker takes connections and the cluster names all of them. */
    private static BooleanSupplier ready(final int port, final String bootstrap, final int nodeCount) {
        return () -> {
            if (!Ports.isListening(port)) {
                return false;
            }
            try (LeanTopicAdmin admin = new LeanTopicAdmin(bootstrap)) {
                return admin.brokers().size() == nodeCount;
            } catch (final TargetUnreachableException | TargetRefusedException ex) {
                return false; // not yet
            }
        };
    }

    /** Clients are told any broker for a controller; only the quorum's own description says who leads it. */
    private static int controller(final String bootstrap) {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap, "request.timeout.ms", 5_000,
            "default.api.timeout.ms", 10_000))) {
            return admin.describeMetadataQuorum().quorumInfo().get(QUORUM_TIMEOUT_S, TimeUnit.SECONDS).leaderId();
        } catch (final ExecutionException | TimeoutException | KafkaException ex) {
            return -1;
        } catch (final InterruptedException ex) {
            Thread.currentThread().interrupt();
            return -1;
        }
    }

    private static ServerTarget.About about(
        final String version,
        final int nodeCount,
        final String heap,
        final Map<String, String> chosen,
        final String bootstrap) {
        final Map<String, String> promise = new LinkedHashMap<>();
        promise.put("system", "Apache Kafka " + version);
        promise.put("nodes", nodeCount + ", each broker and controller, on this machine");
        promise.put("replicas", chosen.get("default.replication.factor") + " by default, the run's replication factor "
            + "counts");
        promise.put("acks_leader", "in the leader's page cache");
        promise.put("acks_all", "in the page caches of all in-sync replicas, at least "
            + chosen.get("min.insync.replicas"));
        promise.put(RunningTarget.WAITS_FOR, "all in-sync replicas");
        promise.put(RunningTarget.WAITS_FOR_LEADER, "the leader");
        promise.put(RunningTarget.SYNCED, "1".equals(chosen.get("log.flush.interval.messages")) ? "yes" : "no");
        promise.put("sync", chosen.containsKey("log.flush.interval.messages")
            ? "as log.flush.interval.messages=" + chosen.get("log.flush.interval.messages")
            : "none before the answer (log.flush.interval.messages is not set)");
        promise.put("batching", "the client's: batch-size and linger of the workload");
        promise.put("jvm", "Java " + Runtime.version() + ": -Xms" + heap + " -Xmx" + heap + " "
            + String.join(" ", JVM_FLAGS) + "; as Kafka's own start script");
        chosen.forEach((key, value) -> promise.put("setting " + key, value));
        return new ServerTarget.About("Apache Kafka " + version + ", " + nodeCount + " nodes",
            "Apache Kafka: acks=all waits for the page caches of all in-sync replicas (min.insync.replicas "
                + chosen.get("min.insync.replicas") + "), acks=leader for the leader's; nothing is synced before the "
                + "answer.", promise, bootstrap);
    }

    /** As Kafka writes its ids; they must not begin with a dash, which its command line would take for an option. */
    private static String clusterId() {
        while (true) {
            final UUID id = UUID.randomUUID();
            final String text = Base64.getUrlEncoder().withoutPadding().encodeToString(ByteBuffer.allocate(16)
                .putLong(id.getMostSignificantBits()).putLong(id.getLeastSignificantBits()).array());
            if (!text.startsWith("-")) {
                return text;
            }
        }
    }

    private static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }
}
