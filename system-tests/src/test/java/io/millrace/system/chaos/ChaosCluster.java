package io.millrace.system.chaos;

import io.millrace.engine.damage.ShimControl;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;

/** Three brokers of the rig's own, in networks, on disks and with libraries that can fail. Owned by the main thread. */
final class ChaosCluster implements AutoCloseable {
    static final int NODE_COUNT = 3;
    static final int MIN_ISR = 2;
    static final int MAX_BATCH_LENGTH = 65_536;

    private static final int ASK_TIMEOUT_MS = 2_000;
    private static final long ANSWER_TIMEOUT_S = 60;
    private static final int KAFKA_PORT = 9092;
    private static final int REPLICATION_PORT = 10_092;
    private static final int METADATA_PORT = 11_092;
    // below all ports that other commands and tests take
    private static final int FIRST_BASE_PORT = 12_000;
    private static final int BASE_PORT_COUNT = 25;
    private static final int BASE_PORT_STEP = 100;
    private static final int PORTS_PER_NODE = 20;
    // beyond every base port, so that no two rigs that run at a time meet
    private static final int REPLICATION_PORT_OFFSET = BASE_PORT_COUNT * BASE_PORT_STEP;
    private static final int METADATA_PORT_OFFSET = 2 * REPLICATION_PORT_OFFSET;
    private static final long END_TIMEOUT_S = 120;
    private static final int SMALL_DISK_MIB = 512;

    private final ClusterSetup setup;
    private final Leftovers leftovers;
    private final Networks networks;
    private final Path shared;
    private final int basePort;
    private final List<ChaosNode> nodes = new ArrayList<>();
    private final Map<Integer, ShimControl> shims = new TreeMap<>();

    ChaosCluster(final ClusterSetup setup, final Leftovers leftovers) throws IOException {
        this.setup = setup;
        this.leftovers = leftovers;
        networks = setup.hasNetwork() ? Networks.create(NODE_COUNT, leftovers) : null;
        basePort = networks == null ? freeBasePort() : KAFKA_PORT;
        final Path memory = Path.of("/dev/shm");
        shared = Files.createTempDirectory(Files.isWritable(memory) ? memory : setup.directory(), "millrace-chaos-");
        leftovers.note(Leftovers.Kind.DIRECTORY, shared.toString());
        for (int id = 1; id <= NODE_COUNT; id++) {
            nodes.add(node(id));
        }
    }

    private static int freeBasePort() throws IOException {
        return FIRST_BASE_PORT + BASE_PORT_STEP * ExclusiveNumber.take("ports", BASE_PORT_COUNT, number -> {
            final int port = FIRST_BASE_PORT + BASE_PORT_STEP * number;
            return IntStream.range(port, port + NODE_COUNT).allMatch(ChaosCluster::isFree);
        });
    }

    private static boolean isFree(final int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return true;
        } catch (final IOException taken) {
            return false;
        }
    }

    private String host(final int id) {
        return networks == null ? "127.0.0.1" : networks.address(id);
    }

    private int kafkaPort(final int id) {
        return networks == null ? basePort + id - 1 : KAFKA_PORT;
    }

    private String peers() {
        final StringJoiner peers = new StringJoiner(",");
        for (int id = 1; id <= NODE_COUNT; id++) {
            final int shift = (id - 1) * PORTS_PER_NODE;
            peers.add(id + "@" + host(id) + ":"
                + (networks == null ? basePort + REPLICATION_PORT_OFFSET + shift : REPLICATION_PORT) + ":"
                + (networks == null ? basePort + METADATA_PORT_OFFSET + shift : METADATA_PORT));
        }
        return peers.toString();
    }

    private ChaosNode node(final int id) throws IOException {
        final Path directory = setup.directory().resolve("node-" + id);
        Files.createDirectories(directory.resolve("data"));
        if (id == setup.smallDiskNode()) {
            final String disk = directory.resolve("data").toString();
            leftovers.note(Leftovers.Kind.MOUNT, disk);
            Shell.run("mount", "-t", "tmpfs", "-o", "size=" + SMALL_DISK_MIB + "m", "millrace-chaos", disk);
        }
        final Path properties = directory.resolve("node.properties");
        final StringBuilder text = new StringBuilder();
        properties(id, directory).forEach((key, value) -> text.append(key).append('=').append(value).append('\n'));
        Files.writeString(properties, text);
        final List<String> command = new ArrayList<>();
        final Path setsid = Shell.find("setsid");
        if (setsid != null) {
            command.add(setsid.toString()); // Ctrl-C is for the rig
        }
        if (networks != null) {
            command.addAll(networks.at(id));
        }
        command.addAll(List.of(setup.launcher().toString(), "broker", properties.toString()));
        return new ChaosNode(id, host(id), kafkaPort(id), directory, command, environment(id, directory), leftovers);
    }

    private Map<String, String> properties(final int id, final Path directory) {
        final Map<String, String> properties = new LinkedHashMap<>();
        properties.put("node.id", Integer.toString(id));
        properties.put("listeners", "PLAINTEXT://" + host(id) + ":" + kafkaPort(id));
        properties.put("log.dirs", directory.resolve("data").toString());
        properties.put("millrace.cluster.nodes", peers());
        properties.put("default.replication.factor", Integer.toString(NODE_COUNT));
        properties.put("min.insync.replicas", Integer.toString(MIN_ISR));
        properties.put("millrace.bind.beyond.loopback", Boolean.toString(networks != null));
        properties.put("millrace.aeron.dir", shared.toString());
        properties.put("log.segment.bytes", "2m"); // rolls often, so that every fault meets some
        properties.put("millrace.ring.bytes", "4m");
        properties.put("message.max.bytes", Integer.toString(MAX_BATCH_LENGTH));
        properties.putAll(setup.overrides());
        return properties;
    }

    private Map<String, String> environment(final int id, final Path directory) throws IOException {
        if (setup.shim() == null) {
            return Map.of();
        }
        final Path control = directory.resolve("shim-control");
        Files.write(control, new byte[ShimControl.LENGTH]);
        shims.put(id, new ShimControl(control));
        return Map.of("LD_PRELOAD", setup.shim().toString(), "MILLRACE_SHIM_CONTROL", control.toString());
    }

    void startMissing() throws IOException {
        for (final ChaosNode node : nodes) {
            node.start();
        }
    }

    /** Until every broker knows all others and all replicas of what it knows are in sync. */
    void awaitWhole(final long timeoutS) throws Wait.TooLateException {
        final Map<Integer, String> holes = new TreeMap<>();
        Wait.until(timeoutS, () -> "all brokers with all replicas in sync; " + holes, () -> {
            holes.clear();
            for (final ChaosNode node : nodes) {
                try {
                    final ClusterView view = ask(node);
                    if (!view.isWhole(NODE_COUNT)) {
                        holes.put(node.id(), view.describeHoles(NODE_COUNT));
                    }
                } catch (final IOException ex) {
                    holes.put(node.id(), ex.toString());
                }
                if (!holes.isEmpty()) {
                    return false;
                }
            }
            return true;
        });
    }

    ClusterView ask(final ChaosNode node) throws IOException {
        return ClusterView.ask(node.host(), node.port(), ASK_TIMEOUT_MS);
    }

    /** {@return what the first broker says that answers, asked again for a while if none does} */
    ClusterView view() throws Wait.TooLateException {
        final AtomicReference<ClusterView> view = new AtomicReference<>();
        Wait.until(ANSWER_TIMEOUT_S, () -> "an answer of any broker", () -> {
            view.set(askAny());
            return true;
        });
        return view.get();
    }

    private ClusterView askAny() throws IOException {
        IOException last = null;
        for (final ChaosNode node : nodes) {
            try {
                return ask(node);
            } catch (final IOException ex) {
                last = ex;
            }
        }
        throw new IOException("no broker answers: " + last, last);
    }

    /** {@return the node that leads the metadata quorum; null when none says so} */
    ChaosNode metadataLeader() {
        return nodes.stream().filter(node -> node.isRunning() && MetadataLeader.leads(shared, node.id()))
            .findFirst().orElse(null);
    }

    List<ChaosNode> nodes() {
        return nodes;
    }

    ChaosNode nodeById(final int id) {
        return nodes.get(id - 1);
    }

    Networks networks() {
        return networks;
    }

    ShimControl shim(final int id) {
        return shims.get(id);
    }

    int smallDiskNode() {
        return setup.smallDiskNode();
    }

    String bootstrapServers() {
        final StringJoiner servers = new StringJoiner(",");
        nodes.forEach(node -> servers.add(node.address()));
        return servers.toString();
    }

    /** {@return what each node said when it was asked to end} */
    List<String> stopAll() throws Wait.TooLateException {
        final List<String> ends = new ArrayList<>();
        for (final ChaosNode node : nodes) {
            if (node.isRunning()) {
                ends.add("node " + node.id() + ": " + node.stop());
            }
        }
        return ends;
    }

    void killAll() throws Wait.TooLateException {
        final List<ChaosNode> running = nodes.stream().filter(ChaosNode::isRunning).toList();
        running.forEach(ChaosNode::sendKill);
        for (final ChaosNode node : running) {
            Wait.until(END_TIMEOUT_S, () -> "end of node " + node.id(), () -> !node.isRunning());
        }
    }

    /** Ends what runs, and takes networks, mounts and shared memory away; data and logs stay. */
    @Override
    public void close() throws IOException {
        nodes.forEach(ChaosNode::close);
        leftovers.close();
    }
}
