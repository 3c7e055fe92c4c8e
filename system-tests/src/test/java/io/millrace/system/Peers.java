package io.millrace.system;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/** Other people's programs. A missing one skips its tests and says so, or fails them with {@code -Dpeers=required}. */
final class Peers {
    private static final Path KAFKA_TOOLS = ClusterHarness.projectRoot().resolve("system-tests/peers/target/lib");

    private static final Path OLDER_JAVA_CLIENT =
        ClusterHarness.projectRoot().resolve("system-tests/kafka-3/target/lib");

    private Peers() {
    }

    static String kcat() {
        return require("kcat", onPath("kcat"), "apt-get install kcat").toString();
    }

    /**
     * {@return a server of that name, which Debian has in a package of the same name}
     *
     * @param name of the program
     */
    static String server(final String name) {
        final Path inSbin = Path.of("/usr/sbin", name);
        return require(name, Files.isExecutable(inSbin) ? inSbin : onPath(name), "apt-get install " + name).toString();
    }

    static String maven() {
        return require("Maven, which fetches Apache Kafka", onPath("mvn"), "apt-get install maven").toString();
    }

    /** {@return the words that run one of Apache Kafka's tools, to be followed by its arguments} */
    static List<String> kafkaTool(final String className) {
        return kafkaClass("org.apache.kafka.tools." + className);
    }

    /** {@return the words that run a main class of Apache Kafka's, to be followed by its arguments} */
    static List<String> kafkaClass(final String mainClass) {
        require("Apache Kafka's tools", Files.isDirectory(KAFKA_TOOLS) ? KAFKA_TOOLS : null,
            "mvn -pl system-tests/peers package");
        return List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx256m",
            "-XX:TieredStopAtLevel=1", "-cp", KAFKA_TOOLS + File.separator + "*", mainClass);
    }

    /** {@return the directory with an older Java client and what it needs} */
    static Path olderJavaClient() {
        return require("Java kafka-clients 3", Files.isDirectory(OLDER_JAVA_CLIENT) ? OLDER_JAVA_CLIENT : null,
            "mvn -pl system-tests/kafka-3 package");
    }

    static String node() {
        require("npm", onPath("npm"), "apt-get install npm");
        return require("node", onPath("node"), "apt-get install nodejs").toString();
    }

    /**
     * {@return a Python that can import these modules}
     *
     * <p>The distribution's own comes first: its packages are not for another one that stands before it on the path.
     */
    static String python(final String... modules) {
        final Path found = Stream.of(Path.of("/usr/bin/python3"), onPath("python3"))
            .filter(python -> python != null && Files.isExecutable(python) && canImport(python, modules))
            .findFirst().orElse(null);
        return require("Python with " + String.join(", ", modules), found,
            "apt-get install python3-kafka python3-confluent-kafka python3-lz4 python3-snappy python3-zstandard")
            .toString();
    }

    private static boolean canImport(final Path python, final String... modules) {
        try {
            return Command.run(Duration.ofSeconds(60), python.toString(), "-c", "import " + String.join(", ", modules))
                .exitCode() == 0;
        } catch (final IOException ex) {
            return false;
        }
    }

    private static Path onPath(final String program) {
        return Arrays.stream(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
            .map(directory -> Path.of(directory, program)).filter(Files::isExecutable).findFirst().orElse(null);
    }

    static Path require(final String name, final Path place, final String remedy) {
        if (place == null) {
            final String message = "peer missing: " + name + " (" + remedy + ")";
            if ("required".equals(System.getProperty("peers"))) {
                Assertions.fail(message);
            }
            System.out.println("[peers] left out, " + message);
            Assumptions.abort(message);
        }
        return place;
    }
}
