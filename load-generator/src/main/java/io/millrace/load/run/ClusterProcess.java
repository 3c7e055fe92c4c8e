package io.millrace.load.run;

import io.millrace.load.target.RunningTarget;
import io.millrace.load.target.TargetOptions;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/**
 * A cluster of three brokers started for a run through the {@code millrace} command, as processes of their own, and
 * stopped at its end. Owned by the thread that sets the run up.
 */
final class ClusterProcess implements RunningTarget {
    /** First base port tried; away from the default, where a user's own cluster may stand. */
    static final int FIRST_BASE_PORT = 19092;

    /** What the launcher passes on to the JVMs of brokers. */
    private static final String BROKER_OPTIONS = "MILLRACE_BROKER_OPTS";
    private static final String HICCUP_METER = "millrace.hiccup.meter";
    private static final int PEER_PORTS_PER_NODE = 20;
    private static final int REPLICATION_PORT_DISTANCE = 1_000;
    private static final int METADATA_PORT_DISTANCE = 2_000;
    private static final int PORT_STEP = 10;
    private static final int PORT_TRIES = 60;
    private static final long START_TIMEOUT_S = 90;
    private static final long STOP_TIMEOUT_S = 60;
    private static final int MAX_OUTPUT_LENGTH = 4_000;
    private static final long POLL_MS = 50;
    /** For the command to end the brokers that it has begun to start. */
    private static final long GIVE_UP_TIMEOUT_S = 30;

    private final String command;
    private final Path dataDir;
    private final int basePort;
    private final boolean isOwnDir;
    private final int nodeCount;
    private final Map<String, String> settings;
    private final List<String> jvmOptions;
    private final BooleanSupplier isStopped;
    private boolean isStarted;

    private ClusterProcess(
        final String command,
        final Path dataDir,
        final int basePort,
        final boolean isOwnDir,
        final TargetOptions options) {
        this.nodeCount = options.nodeCount();
        this.settings = Map.copyOf(options.settings());
        this.jvmOptions = options.jvmOptions();
        this.isStopped = options.isStopped();
        this.command = command;
        this.dataDir = dataDir;
        this.basePort = basePort;
        this.isOwnDir = isOwnDir;
    }

    /**
     * Starts a cluster and returns when it is ready.
     *
     * @param options where and how
     * @return the running cluster
     */
    static ClusterProcess start(final TargetOptions options) {
        final Path dataDir = options.dataDir();
        final int basePort = options.basePort();
        final String command = System.getProperty("millrace.command", System.getenv("MILLRACE_COMMAND"));
        if (command == null || !Files.isExecutable(Path.of(command))) {
            throw new RunRefusedException(ExitCodes.USAGE, "no cluster: neither --bootstrap-server nor the millrace "
                + "launcher (MILLRACE_COMMAND=" + command + ") is there; name a running cluster with "
                + "--bootstrap-server host:port");
        }
        final int port = basePort > 0 ? basePort : freeBasePort(options.nodeCount());
        final Path dir = dataDir != null
            ? dataDir.toAbsolutePath()
            : Path.of(System.getProperty("user.home"), ".millrace",
                "bench-" + port + "-" + ProcessHandle.current().pid());
        final ClusterProcess cluster = new ClusterProcess(command, dir, port, dataDir == null, options);
        try {
            cluster.start();
        } catch (final RuntimeException ex) {
            cluster.close();
            throw ex;
        }
        return cluster;
    }

    @Override
    public String bootstrap() {
        final StringBuilder text = new StringBuilder();
        for (int i = 0; i < nodeCount; i++) {
            text.append(i == 0 ? "" : ",").append("127.0.0.1:").append(basePort + i);
        }
        return text.toString();
    }

    @Override
    public String description() {
        return "local cluster of " + nodeCount + " brokers";
    }

    @Override
    public String durability() {
        return "Millrace: acks=all waits for every in-sync replica's log; profile replicated leaves syncing to the "
            + "page cache's write-back, profile durable waits for the sync.";
    }

    @Override
    public Map<String, String> promise() {
        final Map<String, String> promise = new LinkedHashMap<>();
        promise.put("system", "Millrace, this build");
        promise.put("nodes", nodeCount + ", each broker and controller, on this machine");
        promise.put("replicas", "the run's replication factor");
        promise.put("acks_leader", "in the leader's page cache");
        promise.put("acks_all", "in the page caches of all in-sync replicas, at least the topic's min.insync.replicas");
        promise.put(RunningTarget.WAITS_FOR, "all in-sync replicas");
        promise.put(RunningTarget.WAITS_FOR_LEADER, "the leader");
        promise.put(RunningTarget.SYNCED, "by profile");
        promise.put("sync", "profile replicated: in the background; profile durable: before the answer");
        promise.put("batching", "the client's: batch-size and linger of the workload");
        settings.forEach((key, value) -> promise.put("setting " + key, value));
        return promise;
    }

    @Override
    public boolean canStartNodes() {
        return true;
    }

    @Override
    public void startNodes() {
        start();
    }

    @Override
    public List<String> peerPorts(final int kafkaPort) {
        final int first = (kafkaPort - basePort) * PEER_PORTS_PER_NODE + basePort;
        return List.of(range(first + REPLICATION_PORT_DISTANCE), range(first + METADATA_PORT_DISTANCE));
    }

    private static String range(final int first) {
        return "udp " + first + "-" + (first + PEER_PORTS_PER_NODE - 1);
    }

    @Override
    public Path dataDir() {
        return dataDir;
    }

    @Override
    public void copyLogs(final Path logsDir) {
        try (Stream<Path> files = Files.find(dataDir, 2, (path, attributes) ->
            attributes.isRegularFile() && path.getFileName().toString().endsWith(".log")
                && attributes.size() < 16 << 20)) {
            for (final Path file : (Iterable<Path>) files::iterator) {
                final String name = dataDir.relativize(file).toString().replace('/', '-');
                Files.copy(file, logsDir.resolve(name));
            }
        } catch (final IOException | RuntimeException ex) {
            return; // logs are a help, no part of the result
        }
    }

    @Override
    public void close() {
        if (isStarted) {
            isStarted = false;
            final Output output = execute(STOP_TIMEOUT_S, () -> false, "cluster", "stop", "--data", dataDir.toString(),
                "--base-port", String.valueOf(basePort));
            if (output.exitCode != 0) {
                throw new IllegalStateException("the cluster in " + dataDir + " could not be stopped: "
                    + output.text + "; stop it with: " + command + " cluster stop --data " + dataDir
                    + " --base-port " + basePort);
            }
        }
        if (isOwnDir) {
            deleteTree(dataDir);
        }
    }

    private void start() {
        isStarted = true; // even a start that failed may have left brokers behind
        final List<String> words = new ArrayList<>(List.of("cluster", "start", "--data", dataDir.toString(),
            "--base-port", String.valueOf(basePort), "--brokers", String.valueOf(nodeCount)));
        if (!settings.containsKey(HICCUP_METER)) {
            words.addAll(List.of("--set", HICCUP_METER + "=true"));
        }
        settings.forEach((key, value) -> words.addAll(List.of("--set", key + "=" + value)));
        final Output output = execute(START_TIMEOUT_S, isStopped, words.toArray(String[]::new));
        if (isStopped.getAsBoolean()) {
            throw new RunRefusedException(ExitCodes.INTERRUPTED, "stopped while the local cluster on 127.0.0.1:"
                + basePort + " was starting");
        }
        if (output.exitCode != 0) {
            throw new RunRefusedException(output.exitCode == ExitCodes.USAGE ? ExitCodes.USAGE : ExitCodes.UNREACHABLE,
                "the local cluster on 127.0.0.1:" + basePort + " did not start (exit code " + output.exitCode + "): "
                    + output.text);
        }
    }

    private Output execute(final long timeoutS, final BooleanSupplier isGivenUp, final String... arguments) {
        final List<String> line = new ArrayList<>(List.of(command));
        line.addAll(List.of(arguments));
        Path log = null;
        try {
            // Into a file: brokers that inherit a pipe would keep it open, and reading it would never end.
            log = Files.createTempFile("millrace-cluster", ".out");
            final ProcessBuilder builder = new ProcessBuilder(line).redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(new java.io.File("/dev/null")))
                .redirectOutput(log.toFile());
            if (!jvmOptions.isEmpty()) {
                builder.environment().merge(BROKER_OPTIONS, String.join(" ", jvmOptions),
                    (before, more) -> before + " " + more);
            }
            final Process process = builder.start();
            final boolean isEnded = awaitEnd(process, timeoutS, isGivenUp);
            if (!isEnded) {
                process.destroy();
                process.waitFor(GIVE_UP_TIMEOUT_S, TimeUnit.SECONDS);
            }
            final String text = Files.readString(log, StandardCharsets.UTF_8).strip();
            return new Output(isEnded ? process.exitValue() : ExitCodes.UNREACHABLE,
                (isEnded ? "" : "no end within " + timeoutS + " s; ")
                    + text.substring(Math.max(0, text.length() - MAX_OUTPUT_LENGTH)));
        } catch (final IOException ex) {
            return new Output(ExitCodes.INTERNAL, ex.toString());
        } catch (final InterruptedException ex) {
            Thread.currentThread().interrupt();
            return new Output(ExitCodes.INTERRUPTED, "interrupted");
        } finally {
            if (log != null) {
                log.toFile().delete();
            }
        }
    }

    private static boolean awaitEnd(final Process process, final long timeoutS, final BooleanSupplier isGivenUp)
        throws InterruptedException {
        final long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(timeoutS);
        boolean isEnded = process.waitFor(POLL_MS, TimeUnit.MILLISECONDS);
        while (!isEnded && !isGivenUp.getAsBoolean() && System.nanoTime() - deadlineNs < 0) {
            isEnded = process.waitFor(POLL_MS, TimeUnit.MILLISECONDS);
        }
        return isEnded;
    }

    private static int freeBasePort(final int nodeCount) {
        for (int i = 0; i < PORT_TRIES; i++) {
            final int port = FIRST_BASE_PORT + i * PORT_STEP;
            if (isFree(port, nodeCount)) {
                return port;
            }
        }
        throw new RunRefusedException(ExitCodes.USAGE, "no free base port from " + FIRST_BASE_PORT + " to "
            + (FIRST_BASE_PORT + (PORT_TRIES - 1) * PORT_STEP) + "; name one with --base-port");
    }

    /** Clients' ports and those through which nodes meet: the latter of two clusters overlap sooner. */
    static boolean isFree(final int basePort, final int nodeCount) {
        for (int i = 0; i < nodeCount; i++) {
            for (final int distance : new int[] {REPLICATION_PORT_DISTANCE, METADATA_PORT_DISTANCE}) {
                // a cluster of somebody else's may use these without having its Kafka ports where ours are
                try (DatagramSocket socket = new DatagramSocket(null)) {
                    socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(),
                        basePort + i * PEER_PORTS_PER_NODE + distance));
                } catch (final IOException ex) {
                    return false;
                }
            }
            try (ServerSocket socket = new ServerSocket()) {
                socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), basePort + i));
            } catch (final IOException ex) {
                return false;
            }
        }
        for (int i = 0; i < nodeCount * PEER_PORTS_PER_NODE; i++) {
            if (isUdpTaken(basePort + REPLICATION_PORT_DISTANCE + i)
                || isUdpTaken(basePort + METADATA_PORT_DISTANCE + i)) {
                return false;
            }
        }
        return true;
    }

    private static boolean isUdpTaken(final int port) {
        try (DatagramSocket socket = new DatagramSocket(null)) {
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return false;
        } catch (final IOException ex) {
            return true;
        }
    }

    private static void deleteTree(final Path dir) {
        if (!Files.exists(dir)) {
            return;
        }
        try {
            Files.walkFileTree(dir, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(final Path file, final BasicFileAttributes attributes)
                    throws IOException {
                    Files.delete(file);
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult postVisitDirectory(final Path folder, final IOException failure)
                    throws IOException {
                    Files.delete(folder);
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (final IOException ex) {
            throw new java.io.UncheckedIOException("cannot delete " + dir + " of the cluster that was started for this "
                + "run; delete it by hand", ex);
        }
    }

    private record Output(int exitCode, String text) {
    }
}
