package io.millrace.system;

import io.millrace.cli.cluster.ClusterLayout;
import io.millrace.cli.cluster.LocalCluster;
import io.millrace.cli.cluster.NodeStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * Three real broker processes from the assembled application, in a directory and on ports of their own. What the
 * brokers printed stays in {@code system-tests/target/clusters}; their data is removed.
 */
final class ClusterHarness implements AutoCloseable {
    static final Duration READY_TIMEOUT = Duration.ofSeconds(180);
    /**
     * For tests in which no broker dies: a machine that stops a broker for seconds makes it lose neither its leadership
     * nor what was sent with acks=0. Who waits for others to notice a death takes the default.
     */
    static final Map<String, String> STEADY = Map.of("millrace.session.timeout.ms", "20000");
    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(120);
    private static final int FIRST_BASE_PORT = 24_000;
    private static final int BASE_PORT_STEP = 100;
    private static final int CANDIDATE_COUNT = 60;
    private static final int MAX_NODE_COUNT = 5;
    private static final AtomicInteger NEXT =
        new AtomicInteger((int) (ProcessHandle.current().pid() % CANDIDATE_COUNT));

    private final ClusterLayout layout;
    private final LocalCluster cluster;

    private ClusterHarness(final ClusterLayout layout) {
        this.layout = layout;
        cluster = new LocalCluster(layout, line -> System.out.println("[cluster] " + line));
    }

    /** {@return a cluster that is ready, with these properties on every node} */
    static ClusterHarness start(final Map<String, String> properties) throws IOException {
        final ClusterHarness harness = create();
        harness.startMissing(properties);
        return harness;
    }

    /** {@return a cluster that was never started} */
    static ClusterHarness create() throws IOException {
        return create(ClusterLayout.NODE_COUNT);
    }

    /** {@return a cluster of so many brokers that was never started} */
    static ClusterHarness create(final int nodeCount) throws IOException {
        System.setProperty("millrace.command", launcher().toString());
        final Path parent = projectRoot().resolve("system-tests/target/clusters");
        Files.createDirectories(parent);
        final int basePort = freeBasePort();
        return new ClusterHarness(
            new ClusterLayout(Files.createTempDirectory(parent, "cluster-"), basePort, nodeCount));
    }

    static Path projectRoot() {
        Path directory = Path.of("").toAbsolutePath();
        while (!Files.isRegularFile(directory.resolve("millrace"))) {
            directory = directory.getParent();
        }
        return directory;
    }

    static Path launcher() {
        final Path launcher = projectRoot().resolve("cli/target/app/bin/millrace");
        if (!Files.isExecutable(launcher)) {
            throw new AssertionError("the application is not assembled: " + launcher + "; run mvn verify");
        }
        return launcher;
    }

    /** Below the ports that the kernel hands out, so that no client takes one meanwhile. */
    private static int freeBasePort() throws IOException {
        for (int i = 0; i < CANDIDATE_COUNT; i++) {
            final int port = FIRST_BASE_PORT + NEXT.getAndIncrement() % CANDIDATE_COUNT * BASE_PORT_STEP;
            if (LocalCluster.arePortsFree(new ClusterLayout(Path.of("unused"), port, MAX_NODE_COUNT))) {
                return port;
            }
        }
        throw new IOException("no free ports from " + FIRST_BASE_PORT + " on");
    }

    String bootstrapServers() {
        return layout.bootstrapServers();
    }

    ClusterLayout layout() {
        return layout;
    }

    List<Integer> startMissing(final Map<String, String> properties) throws IOException {
        return cluster.start(properties, READY_TIMEOUT);
    }

    void stop() throws IOException {
        cluster.stop(STOP_TIMEOUT);
    }

    List<NodeStatus> status() throws IOException {
        return cluster.status();
    }

    /** Ends a broker as a power cut of its process would; waits until it is gone. */
    void kill(final int nodeId) throws IOException {
        final long pid = status().get(nodeId - 1).pid();
        final ProcessHandle process = ProcessHandle.of(pid)
            .orElseThrow(() -> new AssertionError("node " + nodeId + " does not run"));
        process.destroyForcibly();
        Await.until(STOP_TIMEOUT, () -> "end of node " + nodeId + ", pid " + pid,
            () -> !process.isAlive() && status().get(nodeId - 1).state() == NodeStatus.State.DOWN);
    }

    /** Stops a broker in order; waits until it is gone. */
    void terminate(final int nodeId) throws IOException {
        final long pid = status().get(nodeId - 1).pid();
        signal(nodeId, "TERM");
        Await.until(STOP_TIMEOUT, () -> "end of node " + nodeId + ", pid " + pid,
            () -> status().get(nodeId - 1).state() == NodeStatus.State.DOWN);
    }

    /** Sends a signal to a broker that runs. */
    void signal(final int nodeId, final String name) throws IOException {
        final long pid = status().get(nodeId - 1).pid();
        Command.run(Duration.ofSeconds(60), "kill", "-" + name, Long.toString(pid)).requireSuccess();
    }

    String logOf(final int nodeId) throws IOException {
        return Files.readString(layout.logFile(nodeId));
    }

    @Override
    public void close() throws IOException {
        stop();
        for (int nodeId = 1; nodeId <= layout.nodeCount(); nodeId++) {
            final Path data = layout.dataDirectory(nodeId);
            if (Files.isDirectory(data)) {
                try (Stream<Path> files = Files.walk(data)) {
                    for (final Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                        Files.delete(file);
                    }
                }
            }
        }
    }
}
