package io.millrace.targets.nats;

import io.millrace.load.driver.TargetRefusedException;
import io.millrace.load.driver.TargetUnreachableException;
import io.millrace.load.target.RunningTarget;
import io.millrace.load.target.TargetOptions;
import io.millrace.load.target.TargetSystem;
import io.millrace.targets.process.Ports;
import io.millrace.targets.process.Programs;
import io.millrace.targets.process.RunDirectory;
import io.millrace.targets.process.ServerProcess;
import io.millrace.targets.process.ServerTarget;
import io.millrace.targets.wire.Wire;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.function.Consumer;

/** NATS JetStream: one nats-server of this machine, or a cluster of them. Set-up thread. */
public final class NatsSystem implements TargetSystem {
    private static final int FIRST_PORT = 21422;
    private static final long READY_TIMEOUT_S = 60;
    private static final long PROBE_TIMEOUT_S = 1;

    /** Found by {@link java.util.ServiceLoader}. */
    public NatsSystem() {
    }

    @Override
    public String name() {
        return "nats";
    }

    @Override
    public String summary() {
        return "NATS JetStream: 1 or 3 nats-servers of this machine, streams in files, replicated as the run's "
            + "replication factor says";
    }

    @Override
    public RunningTarget start(final TargetOptions options, final Consumer<String> progress) {
        final int nodeCount = options.nodeCount();
        if (nodeCount != 1 && nodeCount != 3 && nodeCount != 5) {
            throw new TargetRefusedException("nodes: value=" + nodeCount + " is none of 1, 3, 5: a cluster of NATS "
                + "elects by majority", null);
        }
        final Path server = Programs.require("nats-server", "nats-server");
        final String version = Programs.firstLine(server.toString(), "--version").replaceAll("^.*v", "");
        final int basePort = Ports.freeBase(options.basePort(), FIRST_PORT, 2 * nodeCount);
        final RunDirectory directory = RunDirectory.open(options.dataDir(), name());
        final StringJoiner bootstrap = new StringJoiner(",");
        final List<InetSocketAddress> addresses = new ArrayList<>();
        final List<ServerTarget.Node> nodes = new ArrayList<>();
        try {
            for (int i = 0; i < nodeCount; i++) {
                final int id = i + 1;
                final int port = basePort + i;
                final InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
                bootstrap.add("127.0.0.1:" + port);
                addresses.add(address);
                final Path config = directory.path().resolve("node-" + id + ".conf");
                Files.writeString(config, config(id, nodeCount, basePort, directory.path(), options.settings()));
                nodes.add(new ServerTarget.Node(() -> ServerProcess.start("nats-" + id,
                    List.of(server.toString(), "-c", config.toString()), Map.of(), directory.path()),
                    () -> isReady(address)));
            }
        } catch (final IOException ex) {
            directory.close();
            throw new UncheckedIOException("cannot write the settings of NATS into " + directory.path(), ex);
        }
        progress.accept("starting NATS " + version + ": " + nodeCount + " servers on " + bootstrap);
        return ServerTarget.start(about(version, nodeCount, options.settings(), bootstrap.toString()), directory, nodes,
            clock -> new NatsBackend(List.copyOf(addresses), clock), READY_TIMEOUT_S,
            options.isStopped());
    }

    private static String config(
        final int id,
        final int nodeCount,
        final int basePort,
        final Path directory,
        final Map<String, String> settings) {
        final StringBuilder text = new StringBuilder();
        text.append("server_name: node-").append(id).append('\n')
            .append("listen: \"127.0.0.1:").append(basePort + id - 1).append("\"\n")
            .append("jetstream { store_dir: \"").append(directory.resolve("node-" + id)).append("\" }\n");
        if (nodeCount > 1) {
            text.append("cluster {\n  name: bench\n  listen: \"127.0.0.1:").append(basePort + nodeCount + id - 1)
                .append("\"\n  routes: [");
            for (int i = 0; i < nodeCount; i++) {
                text.append(i == 0 ? "" : ", ").append("\"nats://127.0.0.1:").append(basePort + nodeCount + i)
                    .append('"');
            }
            text.append("]\n}\n");
        }
        text.append("max_payload: 8388608\n"); // records may have a mebibyte, which is more than its default
        settings.forEach((key, value) -> text.append(key).append(": ").append(value).append('\n'));
        return text.toString();
    }

    private static boolean isReady(final InetSocketAddress address) {
        try (NatsAdmin admin = new NatsAdmin(List.of(address), PROBE_TIMEOUT_S)) {
            return admin.isReady();
        } catch (final Wire.WireException | TargetUnreachableException | TargetRefusedException ex) {
            return false; // not yet
        }
    }

    private static ServerTarget.About about(
        final String version, final int nodeCount, final Map<String, String> settings, final String bootstrap) {
        final Map<String, String> promise = new LinkedHashMap<>();
        promise.put("system", "NATS " + version + " JetStream");
        promise.put("nodes", nodeCount + " on this machine");
        promise.put("replicas", "the run's replication factor; more than one: Raft per stream");
        promise.put("acks_leader", "the same as all: JetStream has one kind of answer");
        promise.put("acks_all", "one replica: written to its file; several: the entry is in the Raft logs of a "
            + "majority, whose files are flushed in the background");
        promise.put(RunningTarget.WAITS_FOR, nodeCount == 1 ? "one copy" : "a majority");
        promise.put(RunningTarget.SYNCED, "no");
        promise.put("sync", "none before the answer; in the background at the server's own interval (minutes)");
        promise.put("batching", "none: a message a record; messages that are due together go out in one write");
        settings.forEach((key, value) -> promise.put("setting " + key, value));
        return new ServerTarget.About("NATS " + version + " JetStream, " + nodeCount
            + (nodeCount == 1 ? " server" : " servers"),
            "NATS JetStream, file store: a record is acknowledged by the stream's leader after a majority of its "
                + "replicas has it; acks=leader and acks=all are the same; nothing is synced before the answer.",
            promise, bootstrap);
    }
}
