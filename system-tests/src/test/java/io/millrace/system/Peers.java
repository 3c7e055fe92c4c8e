package io.millrace.system;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/** Other people's programs. A missing one skips its tests and says so, or fails them with {@code -Dpeers=required}. */
final class Peers {
    private static final Path KAFKA_TOOLS = ClusterHarness.projectRoot().resolve("system-tests/peers/target/lib");

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

    private static Path onPath(final String program) {
        return Arrays.stream(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
            .map(directory -> Path.of(directory, program)).filter(Files::isExecutable).findFirst().orElse(null);
    }

    private static Path require(final String name, final Path place, final String remedy) {
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
