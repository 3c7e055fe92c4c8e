package io.millrace.cli.cluster;

import io.millrace.cli.exit.ExitCodes;
import io.millrace.cli.exit.UserError;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** A cluster of broker processes on this machine. Owned by the calling thread; every change is made under the lock. */
public final class LocalCluster {
    private static final Duration PROBE_TIMEOUT = Duration.ofSeconds(2);
    private static final Duration KEEPER_TIMEOUT = Duration.ofSeconds(20);
    private static final long POLL_INTERVAL_NS = TimeUnit.MILLISECONDS.toNanos(50);
    private static final long GRACE_NS = TimeUnit.SECONDS.toNanos(3);
    private static final int LOG_TAIL_LINES = 15;

    private final ClusterLayout layout;
    private final Consumer<String> progress;
    private final PropertiesCheck checker;
    /** Brokers this start launched and has not yet found ready. Guarded by itself: the shutdown hook reads it. */
    private final Map<Integer, Started> started = new LinkedHashMap<>();

    /** Properties of the brokers that this start launches; the shutdown hook reads it. */
    private volatile Map<String, String> startOverrides = Map.of();

    /** What tells early whether the broker will take its properties. */
    @FunctionalInterface
    interface PropertiesCheck {
        void check(ClusterLayout layout, int nodeId, Map<String, String> overrides);
    }

    private record Started(Process process, long logPosition) {
    }

    /**
     * @param layout   where the cluster lives.
     * @param progress hears one line per step.
     */
    public LocalCluster(final ClusterLayout layout, final Consumer<String> progress) {
        this(layout, progress, NodeProperties::check);
    }

    LocalCluster(final ClusterLayout layout, final Consumer<String> progress, final PropertiesCheck checker) {
        this.layout = layout;
        this.progress = progress;
        this.checker = checker;
    }

    /**
     * {@return whether all ports of a cluster are free now}
     *
     * @param layout the cluster.
     * @throws IOException when this machine has no sockets.
     */
    public static boolean arePortsFree(final ClusterLayout layout) throws IOException {
        try {
            for (int nodeId = 1; nodeId <= layout.nodeCount(); nodeId++) {
                HostCheck.requireFreePorts(layout, nodeId);
            }
            return true;
        } catch (final UserError taken) {
            return false;
        }
    }

    /**
     * Starts the brokers that do not run and waits until every broker knows all the others. If that fails, or the
     * process is interrupted meanwhile, the brokers this call started are ended again.
     *
     * @param overrides properties for every node; remembered, so that a later start may pass none.
     * @param timeout   for readiness.
     * @return the ids of the brokers that were started.
     * @throws IOException when a file cannot be read or written.
     */
    @SuppressWarnings("try") // the lock is held, not used
    public List<Integer> start(final Map<String, String> overrides, final Duration timeout) throws IOException {
        final Thread cleanUp = new Thread(this::endStarted, "cluster-start-clean-up");
        try (ClusterLock ignored = ClusterLock.acquire(layout)) {
            Runtime.getRuntime().addShutdownHook(cleanUp);
            final List<Integer> startedIds;
            try {
                startedIds = launchMissing(overrides);
                awaitReady(timeout);
            } catch (final IOException | RuntimeException | Error failure) {
                endStarted();
                throw failure;
            }
            synchronized (started) {
                started.clear();
            }
            return startedIds;
        } finally {
            removeHook(cleanUp);
        }
    }

    private List<Integer> launchMissing(final Map<String, String> overrides) throws IOException {
        final ClusterState stored = ClusterState.load(layout);
        if (stored == null) {
            requireUnused();
        }
        final ClusterState state = stored == null ? new ClusterState(
            layout.basePort(), layout.nodeCount(), overrides) : stored;
        if (state.nodeCount() != layout.nodeCount()) {
            throw new UserError("the cluster in " + layout.directory() + " has " + state.nodeCount()
                + " brokers, asked for brokers=" + layout.nodeCount(),
                "Leave --brokers out, or pass another directory with --data.");
        }
        final List<Integer> missing = new ArrayList<>();
        for (int nodeId = 1; nodeId <= layout.nodeCount(); nodeId++) {
            if (!hasBroker(state.node(nodeId))) {
                missing.add(nodeId);
            }
        }
        if (!overrides.isEmpty() && missing.size() < layout.nodeCount() && !overrides.equals(state.overrides())) {
            throw new UserError("the cluster runs with other settings: --set " + overrides + ", running with "
                + state.overrides(), "Run 'millrace cluster stop' first, or leave --set out.");
        }
        if (!overrides.isEmpty()) {
            state.overrides().clear();
            state.overrides().putAll(overrides);
        }
        startOverrides = Map.copyOf(state.overrides());
        for (final int nodeId : missing) {
            checker.check(layout, nodeId, state.overrides());
            HostCheck.requireFreePorts(layout, nodeId);
        }
        SharedMemory.require(layout, missing, state.overrides());
        for (final int nodeId : missing) {
            launch(state, nodeId);
        }
        return missing;
    }

    /** A keeper whose broker has just died is about to end, or to start it again. */
    private static boolean hasBroker(final ClusterState.Node node) {
        final long deadlineNs = System.nanoTime() + KEEPER_TIMEOUT.toNanos();
        while (node.isRunning()) {
            if (ProcessHandle.of(node.pid()).flatMap(BrokerProcess::broker).isPresent()
                || System.nanoTime() - deadlineNs > 0) {
                return true;
            }
            LockSupport.parkNanos(POLL_INTERVAL_NS);
        }
        return false;
    }

    private void launch(final ClusterState state, final int nodeId) throws IOException {
        NodeProperties.write(layout, nodeId, state.overrides());
        final Path log = layout.logFile(nodeId);
        final long logPosition = Files.exists(log) ? Files.size(log) : 0;
        final Process process;
        synchronized (started) {
            process = BrokerProcess.start(layout, nodeId);
            started.put(nodeId, new Started(process, logPosition));
        }
        state.node(nodeId, new ClusterState.Node(process.pid(),
            ProcessIdentity.token(process.pid()).orElse("ended at once")));
        state.store(layout);
        progress.accept("node " + nodeId + ": started, Kafka on " + ClusterLayout.HOST + ":"
            + layout.kafkaPort(nodeId));
    }

    private void requireUnused() throws IOException {
        try (Stream<Path> files = Files.list(layout.directory())) {
            final List<Path> others = files.filter(file -> !file.equals(layout.lockFile())).limit(1).toList();
            if (!others.isEmpty()) {
                throw new UserError("not the directory of a Millrace cluster: " + layout.directory() + " holds "
                    + others.get(0).getFileName() + " but no cluster.json",
                    "Pass an empty or new directory with --data.");
            }
        }
    }

    private void awaitReady(final Duration timeout) throws IOException {
        final long deadlineNs = System.nanoTime() + timeout.toNanos();
        String waitingFor = "";
        for (int nodeId = 1; nodeId <= layout.nodeCount(); ) {
            failIfEnded();
            final String missing = whatIsMissing(nodeId);
            if (missing.isEmpty()) {
                nodeId++;
                continue;
            }
            if (!missing.equals(waitingFor)) {
                waitingFor = missing;
                progress.accept("waiting: " + missing);
            }
            if (System.nanoTime() - deadlineNs > 0) {
                throw new UserError(ExitCodes.UNREACHABLE,
                    "the cluster was not ready within " + timeout.toSeconds() + " s: " + missing,
                    "The end of " + layout.logFile(nodeId) + ":\n" + tailOf(nodeId)
                        + "\nOn a slow machine allow more time with --timeout.");
            }
            LockSupport.parkNanos(POLL_INTERVAL_NS);
        }
    }

    /** A broker that cannot bind or recover ends within a second or two; there is no use in waiting for it. */
    private void failIfEnded() {
        final Map<Integer, Started> copy;
        synchronized (started) {
            copy = new LinkedHashMap<>(started);
        }
        copy.forEach((nodeId, broker) -> {
            if (!broker.process().isAlive()) {
                throw new UserError("node " + nodeId + " ended while it started, exit code "
                    + broker.process().exitValue(),
                    "The end of " + layout.logFile(nodeId) + ":\n" + tailOf(nodeId));
            }
        });
    }

    private String tailOf(final int nodeId) {
        final Started broker;
        synchronized (started) {
            broker = started.get(nodeId);
        }
        final long position = broker == null ? 0 : broker.logPosition();
        return "  " + String.join("\n  ", BrokerProcess.tail(layout.logFile(nodeId), position, LOG_TAIL_LINES));
    }

    private String whatIsMissing(final int nodeId) {
        try {
            final MetadataProbe.Answer answer =
                MetadataProbe.ask(ClusterLayout.HOST, layout.kafkaPort(nodeId), PROBE_TIMEOUT);
            if (answer.brokerIds().size() < layout.nodeCount()) {
                return "node " + nodeId + " knows brokers " + answer.brokerIds() + " of " + layout.nodeCount();
            }
            return answer.controllerId() < 0 ? "node " + nodeId + " knows no controller" : "";
        } catch (final IOException ex) {
            return "node " + nodeId + " does not answer on port " + layout.kafkaPort(nodeId);
        }
    }

    private void endStarted() {
        final Map<Integer, Process> processes = new LinkedHashMap<>();
        synchronized (started) {
            started.forEach((nodeId, broker) -> processes.put(nodeId, broker.process()));
            started.clear();
        }
        processes.values().forEach(process ->
            BrokerProcess.broker(process.toHandle()).ifPresent(ProcessHandle::destroy));
        final long deadlineNs = System.nanoTime() + GRACE_NS;
        processes.forEach((nodeId, process) -> endOrKill(nodeId, process, deadlineNs));
    }

    private void endOrKill(final int nodeId, final Process process, final long deadlineNs) {
        try {
            if (!process.waitFor(Math.max(0, deadlineNs - System.nanoTime()), TimeUnit.NANOSECONDS)) {
                BrokerProcess.kill(process.toHandle());
                process.waitFor(GRACE_NS, TimeUnit.NANOSECONDS);
            }
            SharedMemory.clean(layout, nodeId, startOverrides);
        } catch (final InterruptedException ex) {
            BrokerProcess.kill(process.toHandle());
            Thread.currentThread().interrupt();
        } catch (final IOException ex) {
            progress.accept("node " + nodeId + ": cannot remove what it left in shared memory: " + ex);
        }
    }

    private static void removeHook(final Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (final IllegalStateException alreadyShuttingDown) {
            // then the hook does its work
            return;
        }
    }

    /**
     * {@return the brokers, also of a cluster that is down; empty when there is no cluster in the directory}
     *
     * @throws IOException when the state cannot be read.
     */
    public List<NodeStatus> status() throws IOException {
        final ClusterState state = ClusterState.load(layout);
        final List<NodeStatus> nodes = new ArrayList<>();
        for (int nodeId = 1; state != null && nodeId <= layout.nodeCount(); nodeId++) {
            final ClusterState.Node node = state.node(nodeId);
            NodeStatus.State shown = NodeStatus.State.DOWN;
            if (node.isRunning()) {
                shown = answers(layout.kafkaPort(nodeId)) ? NodeStatus.State.UP : NodeStatus.State.STARTING;
            }
            nodes.add(new NodeStatus(nodeId, shown, shown == NodeStatus.State.DOWN ? 0 : BrokerProcess.pid(node.pid()),
                ClusterLayout.HOST + ":" + layout.kafkaPort(nodeId), layout.replicationPort(nodeId),
                layout.metadataPort(nodeId), layout.dataDirectory(nodeId), layout.logFile(nodeId)));
        }
        return nodes;
    }

    private static boolean answers(final int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(ClusterLayout.HOST, port), Math.toIntExact(PROBE_TIMEOUT.toMillis()));
            return true;
        } catch (final IOException ex) {
            return false;
        }
    }

    /**
     * Asks the brokers to end, and ends those that do not within the time. Only processes whose pid and start time are
     * in cluster.json are ever signalled.
     *
     * @param timeout before a broker is killed.
     * @return how many were running.
     * @throws IOException when the state cannot be read or written.
     */
    @SuppressWarnings("try") // the lock is held, not used
    public int stop(final Duration timeout) throws IOException {
        if (!Files.exists(layout.stateFile())) {
            return 0;
        }
        try (ClusterLock ignored = ClusterLock.acquire(layout)) {
            final ClusterState state = ClusterState.load(layout);
            final List<Integer> running = new ArrayList<>();
            for (int nodeId = 1; nodeId <= layout.nodeCount(); nodeId++) {
                if (state.node(nodeId).isRunning()) {
                    running.add(nodeId);
                    askToEnd(state.node(nodeId));
                } else {
                    SharedMemory.clean(layout, nodeId, state.overrides());
                }
            }
            final long deadlineNs = System.nanoTime() + timeout.toNanos();
            for (final int nodeId : running) {
                awaitEndOrKill(nodeId, state.node(nodeId), deadlineNs, timeout);
                SharedMemory.clean(layout, nodeId, state.overrides());
                state.node(nodeId, new ClusterState.Node(0, ""));
                state.store(layout);
            }
            return running.size();
        }
    }

    private static void askToEnd(final ClusterState.Node node) {
        ProcessHandle.of(node.pid()).flatMap(BrokerProcess::broker).ifPresent(ProcessHandle::destroy);
    }

    private void awaitEndOrKill(
        final int nodeId, final ClusterState.Node node, final long deadlineNs, final Duration timeout) {
        boolean killed = false;
        long askedPid = BrokerProcess.pid(node.pid());
        while (node.isRunning()) {
            final long pid = BrokerProcess.pid(node.pid());
            if (pid != askedPid) {
                askedPid = pid; // its keeper has just started it again
                askToEnd(node);
            }
            if (!killed && System.nanoTime() - deadlineNs > 0) {
                killed = true;
                ProcessHandle.of(node.pid()).ifPresent(BrokerProcess::kill);
            }
            LockSupport.parkNanos(POLL_INTERVAL_NS);
        }
        progress.accept("node " + nodeId + ": " + (killed
            ? "killed, it had not ended within " + timeout.toSeconds() + " s; it recovers at its next start"
            : "stopped"));
    }
}
