package io.millrace.targets.rabbitmq;

import io.millrace.load.driver.Backend;
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
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import org.agrona.concurrent.NanoClock;

/**
 * RabbitMQ: a cluster of Debian's servers that shares nothing with the one that may run as a service: names, ports,
 * cookie, data and the daemon that knows the nodes' ports are its own. Set-up thread.
 */
public final class RabbitSystem implements TargetSystem {
    private static final int FIRST_PORT = 21672;
    private static final int PORTS_PER_NODE = 3;
    private static final int MORE_PORTS = 11;
    private static final long READY_TIMEOUT_S = 120;
    private static final String SERVER = "rabbitmq-server";
    /** The programs themselves; those in /usr/sbin change to the service's user and its directories. */
    private static final List<Path> HOMES = List.of(Path.of("/usr/lib/rabbitmq/bin"));

    private final QueueKind kind;

    /** Found by {@link java.util.ServiceLoader}: quorum queues. */
    public RabbitSystem() {
        this(QueueKind.QUORUM);
    }

    RabbitSystem(final QueueKind kind) {
        this.kind = kind;
    }

    @Override
    public String name() {
        return kind.target();
    }

    @Override
    public String summary() {
        return RabbitDurability.summary(kind);
    }

    @Override
    public RunningTarget start(final TargetOptions options, final Consumer<String> progress) {
        final int nodeCount = options.nodeCount();
        if (nodeCount % 2 == 0 || nodeCount > 5) {
            throw new TargetRefusedException("nodes: value=" + nodeCount + " is none of 1, 3, 5: a queue of RabbitMQ "
                + "elects by majority", null);
        }
        final Path server = program(SERVER);
        final Path epmd = Programs.require("epmd", "erlang-base " + SERVER);
        final String version = version(server);
        final int basePort = Ports.freeBase(options.basePort(), FIRST_PORT, PORTS_PER_NODE * nodeCount + MORE_PORTS);
        final RunDirectory directory = RunDirectory.open(options.dataDir(), name());
        final RabbitNodes layout = new RabbitNodes(kind, nodeCount, basePort, directory.path());
        try {
            layout.write(options.settings());
        } catch (final IOException ex) {
            directory.close();
            throw new UncheckedIOException("cannot write the settings of RabbitMQ into " + directory.path(), ex);
        }
        final RabbitCluster cluster = new RabbitCluster(kind, addresses(nodeCount, layout::amqpPort),
            addresses(nodeCount, layout::streamPort), new RabbitControl(program("rabbitmqctl"),
                layout.toolEnvironment(), IntStream.rangeClosed(1, nodeCount).mapToObj(RabbitCluster::nodeName)
                .toList()), directory.path());
        final StringJoiner bootstrap = new StringJoiner(",");
        final List<ServerTarget.Node> nodes = new ArrayList<>();
        for (int i = 1; i <= nodeCount; i++) {
            final int id = i;
            bootstrap.add("127.0.0.1:" + layout.amqpPort(i));
            nodes.add(new ServerTarget.Node(() -> ServerProcess.start("rabbitmq-" + id, List.of(server.toString()),
                layout.environment(id), directory.path()), () -> isReady(cluster, id)));
        }
        progress.accept("starting RabbitMQ " + version + ": " + nodeCount + " nodes on " + bootstrap);
        return start(cluster, directory, nodes, ServerProcess.start("epmd", List.of(epmd.toString(), "-port",
            String.valueOf(layout.epmdPort()), "-address", "127.0.0.1"), Map.of(), directory.path()),
            RabbitDurability.about(kind, version, nodeCount, options.settings(), bootstrap.toString()),
            options.isStopped());
    }

    private static RunningTarget start(
        final RabbitCluster cluster,
        final RunDirectory directory,
        final List<ServerTarget.Node> nodes,
        final ServerProcess epmd,
        final ServerTarget.About about,
        final BooleanSupplier isStopped) {
        try {
            return ServerTarget.start(about, directory, nodes, clock -> backend(cluster, clock), READY_TIMEOUT_S,
                isStopped).withHelper(epmd);
        } catch (final RuntimeException ex) {
            epmd.close();
            throw ex;
        }
    }

    private static Backend backend(final RabbitCluster cluster, final NanoClock clock) {
        final Spool spool = new Spool(cluster.directory().resolve("spool"));
        return cluster.kind() == QueueKind.QUORUM ? new RabbitBackend(cluster, spool, clock)
            : new StreamBackend(cluster, spool, clock);
    }

    /** Ready when it takes connections; the last one says that the cluster is whole, on which replicas depend. */
    private static boolean isReady(final RabbitCluster cluster, final int id) {
        final int nodeCount = cluster.addresses().size();
        try {
            AmqpLink.connect(cluster.addresses().get(id - 1)).close();
            if (id == nodeCount) {
                cluster.control().ask("await_online_nodes", String.valueOf(nodeCount), "--timeout", "20");
            }
            return true;
        } catch (final Wire.WireException | TargetUnreachableException ex) {
            return false; // not yet
        }
    }

    private static List<InetSocketAddress> addresses(
        final int nodeCount, final IntUnaryOperator port) {
        return IntStream.rangeClosed(1, nodeCount).map(port)
            .mapToObj(p -> new InetSocketAddress(InetAddress.getLoopbackAddress(), p)).toList();
    }

    private static Path program(final String name) {
        return HOMES.stream().map(home -> home.resolve(name)).filter(Files::isExecutable).findFirst()
            .orElseThrow(() -> new TargetUnreachableException(name + " was not found in " + HOMES.get(0)
                + "; on Debian or Ubuntu: apt-get install " + SERVER + " (the service it starts is not needed: "
                + "systemctl disable --now " + SERVER + ")", null));
    }

    /** From the directory it lies in: asking the program would start a whole Erlang machine. */
    private static String version(final Path server) {
        try {
            final String real = server.toRealPath().toString();
            return real.contains("rabbitmq_server-")
                ? real.replaceAll("^.*rabbitmq_server-([0-9.]+)" + File.separator + ".*$", "$1") : "unknown";
        } catch (final IOException ex) {
            return "unknown";
        }
    }
}
