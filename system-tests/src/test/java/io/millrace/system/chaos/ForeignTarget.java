package io.millrace.system.chaos;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;

/**
 * A cluster of Apache Kafka that runs already on this machine: its processes are found and started with commands in
 * which {node} stands for the id. Owned by the main thread.
 */
final class ForeignTarget implements FailoverTarget {
    private static final long END_TIMEOUT_S = 120;
    private static final long ASK_TIMEOUT_S = 20;

    private final String bootstrapServers;
    private final String pidCommand;
    private final String startCommand;
    private final List<Address> brokers = new ArrayList<>();
    private long endingPid;

    ForeignTarget(final String bootstrapServers, final String pidCommand, final String startCommand)
        throws IOException {
        this.bootstrapServers = bootstrapServers;
        this.pidCommand = pidCommand;
        this.startCommand = startCommand;
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers))) {
            admin.describeCluster().nodes().get(ASK_TIMEOUT_S, TimeUnit.SECONDS)
                .forEach(node -> brokers.add(new Address(node.id(), node.host(), node.port())));
        } catch (final ExecutionException | TimeoutException | InterruptedException ex) {
            throw new IOException("no cluster at " + bootstrapServers + ": " + ex, ex);
        }
    }

    @Override
    public List<Address> brokers() {
        return brokers;
    }

    @Override
    public int metadataLeader() throws IOException {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers))) {
            return admin.describeMetadataQuorum().quorumInfo().get(ASK_TIMEOUT_S, TimeUnit.SECONDS).leaderId();
        } catch (final ExecutionException | TimeoutException | InterruptedException ex) {
            throw new IOException("who leads the metadata cannot be told: " + ex, ex);
        }
    }

    private static String shell(final String command, final int nodeId) throws IOException {
        return Shell.run("sh", "-c", command.replace("{node}", Integer.toString(nodeId))).strip();
    }

    private ProcessHandle process(final int nodeId) throws IOException {
        final long pid = Long.parseLong(shell(pidCommand, nodeId));
        return ProcessHandle.of(pid).orElseThrow(() -> new IOException("node " + nodeId + " does not run: " + pid));
    }

    @Override
    public void kill(final int nodeId) throws IOException, Wait.TooLateException {
        final ProcessHandle process = process(nodeId);
        process.destroyForcibly();
        endingPid = process.pid();
        awaitEnd(nodeId);
    }

    @Override
    public void terminate(final int nodeId) throws IOException {
        final ProcessHandle process = process(nodeId);
        endingPid = process.pid();
        process.destroy();
    }

    @Override
    public void awaitEnd(final int nodeId) throws Wait.TooLateException {
        final long pid = endingPid;
        Wait.until(END_TIMEOUT_S, () -> "end of node " + nodeId,
            () -> "?Z".indexOf(Leftovers.processState(pid)) >= 0);
    }

    @Override
    public void start(final int nodeId) throws IOException {
        shell(startCommand, nodeId);
    }

    @Override
    public void close() {
        // it was there before
    }
}
