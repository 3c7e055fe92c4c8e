package io.millrace.system;

import io.millrace.system.peers.PeerMain;
import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** The clients of the table, in its order, and how each is started. Their programs are in {@code src/test/peers}. */
enum PeerClient {
    JAVA_4("Java kafka-clients 4", true, () -> java(System.getProperty("java.class.path"))),
    JAVA_3("Java kafka-clients 3", true,
        () -> java(classes() + File.pathSeparator + Peers.olderJavaClient() + File.separator + "*")),
    KAFKA_PYTHON("kafka-python", false, () -> List.of(Peers.python("kafka", "lz4", "snappy", "zstandard"), "-B",
        programs().resolve("python/kafka_python.py").toString())),
    CONFLUENT("confluent-kafka for Python", false, () -> List.of(Peers.python("confluent_kafka"), "-B",
        programs().resolve("python/confluent.py").toString())),
    KCAT("kcat", false, () -> {
        Peers.kcat();
        return List.of(programs().resolve("kcat/scenarios").toString());
    }),
    KAFKAJS("kafkajs", true, () -> List.of(Peers.node(), programs().resolve("kafkajs/scenarios.js").toString()));

    private final String title;
    private final boolean isPinned;
    private final Supplier<List<String>> words;

    PeerClient(final String title, final boolean isPinned, final Supplier<List<String>> words) {
        this.title = title;
        this.isPinned = isPinned;
        this.words = words;
    }

    String title() {
        return title;
    }

    /** {@return whether this project chooses the version, rather than the distribution it is tested on} */
    boolean isPinned() {
        return isPinned;
    }

    /** Starts the client, or skips the test where it is missing. */
    PeerProcess start(final String bootstrapServers) throws IOException {
        final List<String> all = new ArrayList<>(words.get());
        all.add(bootstrapServers);
        final Path directory = target();
        Files.createDirectories(directory);
        final Map<String, String> environment = this == KAFKAJS
            ? Map.of("NODE_PATH", installNodePackages().toString(), "KAFKAJS_NO_PARTITIONER_WARNING", "1") : Map.of();
        return new PeerProcess(all, environment, directory.resolve(name().toLowerCase() + ".err"));
    }

    private static Path programs() {
        return ClusterHarness.projectRoot().resolve("system-tests/src/test/peers");
    }

    private static Path target() {
        return ClusterHarness.projectRoot().resolve("system-tests/target/peers");
    }

    private static List<String> java(final String classPath) {
        return List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx256m",
            "-XX:TieredStopAtLevel=1", "-cp", classPath, PeerMain.class.getName());
    }

    private static String classes() {
        try {
            return Path.of(PeerMain.class.getProtectionDomain().getCodeSource().getLocation().toURI()).toString();
        } catch (final URISyntaxException ex) {
            throw new AssertionError(ex);
        }
    }

    /** {@return where the packages are that package.json names; the registry is whatever npm is set up with} */
    private static Path installNodePackages() throws IOException {
        final Path wanted = programs().resolve("kafkajs/package.json");
        final Path home = target().resolve("kafkajs");
        final Path installed = home.resolve("package.json");
        final Path packages = home.resolve("node_modules");
        if (!Files.isDirectory(packages.resolve("kafkajs")) || Files.mismatch(wanted, installed) != -1) {
            Files.createDirectories(home);
            Files.copy(wanted, installed, StandardCopyOption.REPLACE_EXISTING);
            final Command.Result result = Command.run(JavaClients.PATIENCE, "npm", "install", "--prefix",
                home.toString(), "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts");
            if (result.exitCode() != 0) {
                System.out.println(result.output() + result.error());
                Files.delete(installed);
            }
        }
        return Peers.require("kafkajs", Files.isDirectory(packages.resolve("kafkajs")) ? packages : null,
            "npm must reach a registry");
    }
}
