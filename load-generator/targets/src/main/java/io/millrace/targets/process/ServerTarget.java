package io.millrace.targets.process;

import io.millrace.load.driver.Backend;
import io.millrace.load.driver.TopicAdmin;
import io.millrace.load.target.RunningTarget;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import org.agrona.concurrent.NanoClock;

/**
 * A system of one or more server processes. Owned by the thread that started it; {@link #startNodes()} and
 * {@link #processIds()} belong to whoever injects faults while that thread waits.
 */
public final class ServerTarget implements RunningTarget {
    private static final long END_TIMEOUT_S = 10;

    private final About about;
    private final RunDirectory directory;
    private final List<Node> nodes;
    private final Function<NanoClock, Backend> backend;
    private final List<ServerProcess> processes = new ArrayList<>();
    private final long readyTimeoutS;
    private final BooleanSupplier isStopped;
    private final List<ServerProcess> helpers = new ArrayList<>();
    private IntSupplier controller;

    private ServerTarget(
        final About about,
        final RunDirectory directory,
        final List<Node> nodes,
        final Function<NanoClock, Backend> backend,
        final long readyTimeoutS,
        final BooleanSupplier isStopped) {
        this.about = about;
        this.directory = directory;
        this.nodes = List.copyOf(nodes);
        this.backend = backend;
        this.readyTimeoutS = readyTimeoutS;
        this.isStopped = isStopped;
    }

    /**
     * What is said of a system.
     *
     * @param description for titles: "Apache Kafka 4.4.0, 3 nodes"
     * @param durability  what an acknowledgement promises, in a sentence or two
     * @param promise     the same by parts, for tables
     * @param bootstrap   where clients reach it
     */
    public record About(String description, String durability, Map<String, String> promise, String bootstrap) {
    }

    /**
     * One server.
     *
     * @param starter starts its process
     * @param isReady asked until it says that the server serves
     */
    public record Node(Supplier<ServerProcess> starter, BooleanSupplier isReady) {
    }

    /**
     * Takes a process over that is none of the system's nodes, to be stopped after them.
     *
     * @param helper that runs
     * @return this
     */
    public ServerTarget withHelper(final ServerProcess helper) {
        helpers.add(helper);
        return this;
    }

    /**
     * Says who leads the metadata, where the protocol does not.
     *
     * @param nodeId asked at each fault, -1 if not known
     * @return this
     */
    public ServerTarget withController(final IntSupplier nodeId) {
        controller = nodeId;
        return this;
    }

    /**
     * Starts all servers and returns when they serve; what fails leaves nothing behind.
     *
     * @param about         what is said of it
     * @param directory     of its data, taken over
     * @param nodes         to start
     * @param backend       the way to its topics; null if it speaks Kafka's protocol
     * @param readyTimeoutS longest wait
     * @param isStopped     true once nobody wants it any more; any thread
     * @return the running system
     */
    public static ServerTarget start(
        final About about,
        final RunDirectory directory,
        final List<Node> nodes,
        final Function<NanoClock, Backend> backend,
        final long readyTimeoutS,
        final BooleanSupplier isStopped) {
        final ServerTarget target = new ServerTarget(about, directory, nodes, backend, readyTimeoutS, isStopped);
        try {
            nodes.forEach(node -> target.processes.add(node.starter().get()));
            target.awaitReady();
            return target;
        } catch (final RuntimeException ex) {
            target.close();
            throw ex;
        }
    }

    @Override
    public String bootstrap() {
        return about.bootstrap();
    }

    @Override
    public String description() {
        return about.description();
    }

    @Override
    public String durability() {
        return about.durability();
    }

    @Override
    public Map<String, String> promise() {
        return about.promise();
    }

    @Override
    public List<Long> processIds() {
        return processes.stream().map(ServerProcess::processId).toList();
    }

    @Override
    public Path dataDir() {
        return directory.path();
    }

    @Override
    public Backend backend(final NanoClock clock) {
        return backend == null ? null : backend.apply(clock);
    }

    @Override
    public int controllerId(final TopicAdmin.ClusterNodes found) {
        return controller == null ? found.controllerId() : controller.getAsInt();
    }

    @Override
    public boolean canStartNodes() {
        return true;
    }

    @Override
    public void startNodes() {
        for (int i = 0; i < nodes.size(); i++) {
            if (!processes.get(i).isAlive()) {
                processes.set(i, nodes.get(i).starter().get());
            }
        }
        awaitReady();
    }

    @Override
    public void copyLogs(final Path logsDir) {
        directory.copyLogs(logsDir);
    }

    @Override
    public void close() {
        // all at once: one that goes first would make the others elect and move data
        processes.forEach(ServerProcess::terminate);
        processes.forEach(process -> process.awaitEnd(END_TIMEOUT_S));
        helpers.forEach(ServerProcess::close);
        directory.close();
    }

    private void awaitReady() {
        for (int i = 0; i < nodes.size(); i++) {
            processes.get(i).awaitReady(nodes.get(i).isReady(), readyTimeoutS, isStopped);
        }
    }
}
