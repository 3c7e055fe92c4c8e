package io.millrace.targets.kafka;

import io.millrace.load.driver.TargetUnreachableException;
import io.millrace.targets.process.Programs;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * The jars of Kafka's broker in a cache directory, fetched once with the user's own Maven and so with its settings,
 * mirrors and local repository. Used by the thread that sets a run up.
 */
final class KafkaJars {
    static final String CACHE_PROPERTY = "millrace.cache";
    private static final String CACHE_VARIABLE = "MILLRACE_CACHE";
    private static final long FETCH_TIMEOUT_S = 600;
    private static final long END_TIMEOUT_S = 10;
    private static final long POLL_MS = 50;
    private static final int MAX_OUTPUT_LENGTH = 2_000;

    private final Properties versions = new Properties();
    private final Path cache;
    private final Path maven;

    KafkaJars() {
        this(cacheDirectory(), Programs.find("mvn"));
    }

    /**
     * @param cache directory for what was fetched
     * @param maven the program, null if there is none
     */
    KafkaJars(final Path cache, final Path maven) {
        this.cache = cache;
        this.maven = maven;
        try (InputStream in = KafkaJars.class.getResourceAsStream("versions.properties")) {
            versions.load(in);
        } catch (final IOException ex) {
            throw new UncheckedIOException("versions.properties", ex);
        }
    }

    String version() {
        return versions.getProperty("kafka");
    }

    /** {@return where the jars are, or are to be} */
    Path directory() {
        return cache.resolve("kafka-" + version());
    }

    /**
     * {@return the class path of a broker, fetching it the first time}
     *
     * @param progress  told of it
     * @param isStopped true once nobody wants it any more
     */
    String classPath(final Consumer<String> progress, final BooleanSupplier isStopped) {
        final Path directory = directory();
        try {
            Files.createDirectories(cache);
            // Two runs may start at once; the second waits for what the first fetches.
            try (FileChannel channel = FileChannel.open(cache.resolve("kafka-" + version() + ".lock"),
                    StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock lock = lock(channel, isStopped)) {
                if (!hasBroker(directory) && lock.isValid()) {
                    fetch(directory, progress, isStopped);
                }
            }
        } catch (final IOException ex) {
            throw new TargetUnreachableException("the cache " + cache + " for Kafka's jars cannot be used: " + ex
                + "; name another directory in the environment variable " + CACHE_VARIABLE, ex);
        }
        return directory + File.separator + "*";
    }

    private static FileLock lock(final FileChannel channel, final BooleanSupplier isStopped) throws IOException {
        while (true) {
            final FileLock lock = channel.tryLock();
            if (lock != null) {
                return lock;
            }
            checkGoingOn(isStopped);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(POLL_MS));
        }
    }

    private static void checkGoingOn(final BooleanSupplier isStopped) {
        if (isStopped.getAsBoolean()) {
            throw new TargetUnreachableException("stopped while Apache Kafka was being fetched", null);
        }
    }

    private void fetch(final Path directory, final Consumer<String> progress, final BooleanSupplier isStopped)
        throws IOException {
        if (maven == null) {
            throw new TargetUnreachableException("Apache Kafka " + version() + " is not in " + directory + ", and "
                + "Maven (mvn), which fetches it, was not found on PATH; on Debian or Ubuntu: apt-get install maven. "
                + byHand(), null);
        }
        progress.accept("fetching Apache Kafka " + version() + " (about 45 MB) with " + maven + " into " + directory);
        final Path work = Files.createTempDirectory(cache, "fetch-");
        try {
            Files.writeString(work.resolve("pom.xml"), pom());
            final Path log = work.resolve("mvn.out");
            final Process process = new ProcessBuilder(maven.toString(), "-q", "-B", "-f",
                work.resolve("pom.xml").toString(), "org.apache.maven.plugins:maven-dependency-plugin:"
                    + versions.getProperty("dependencyPlugin") + ":copy-dependencies",
                "-DoutputDirectory=" + work.resolve("lib")).directory(work.toFile()).redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null"))).redirectOutput(log.toFile())
                .start();
            if (!awaitEnd(process, isStopped)) {
                end(process);
                checkGoingOn(isStopped);
                throw unfetched("no end after " + FETCH_TIMEOUT_S + " s", log);
            }
            if (process.exitValue() != 0 || !hasBroker(work.resolve("lib"))) {
                throw unfetched("exit code " + process.exitValue(), log);
            }
            deleteTree(directory);
            Files.move(work.resolve("lib"), directory, StandardCopyOption.ATOMIC_MOVE);
        } catch (final InterruptedException ex) {
            Thread.currentThread().interrupt();
            throw new TargetUnreachableException("interrupted while fetching Kafka", ex);
        } finally {
            deleteTree(work);
        }
    }

    private static boolean awaitEnd(final Process process, final BooleanSupplier isStopped)
        throws InterruptedException {
        final long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(FETCH_TIMEOUT_S);
        boolean isEnded = process.waitFor(POLL_MS, TimeUnit.MILLISECONDS);
        while (!isEnded && !isStopped.getAsBoolean() && System.nanoTime() - deadlineNs < 0) {
            isEnded = process.waitFor(POLL_MS, TimeUnit.MILLISECONDS);
        }
        return isEnded;
    }

    /** What Maven has started, too. */
    private static void end(final Process process) throws InterruptedException {
        final List<ProcessHandle> children = process.descendants().toList();
        process.destroy();
        children.forEach(ProcessHandle::destroy);
        if (!process.waitFor(END_TIMEOUT_S, TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
    }

    private TargetUnreachableException unfetched(final String what, final Path log) throws IOException {
        final String text = Files.readString(log, StandardCharsets.ISO_8859_1).strip();
        return new TargetUnreachableException("Maven could not fetch Apache Kafka " + version() + " (" + what + "): "
            + text.substring(0, Math.min(text.length(), MAX_OUTPUT_LENGTH)) + "\nIs the network there? It is needed "
            + "once. " + byHand(), null);
    }

    private String byHand() {
        return "Or put org.apache.kafka:kafka_2.13:" + version() + " with all its dependencies into " + directory()
            + ", or name a cluster that runs already with --bootstrap-server.";
    }

    private String pom() {
        return """
            <project xmlns="http://maven.apache.org/POM/4.0.0">
              <modelVersion>4.0.0</modelVersion>
              <groupId>io.millrace</groupId><artifactId>fetch-kafka</artifactId><version>1</version>
              <dependencies>
                <dependency>
                  <groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>%s</version>
                </dependency>
                <dependency>
                  <groupId>org.apache.logging.log4j</groupId><artifactId>log4j-slf4j-impl</artifactId>
                  <version>%s</version>
                </dependency>
              </dependencies>
            </project>
            """.formatted(version(), versions.getProperty("log4j"));
    }

    private boolean hasBroker(final Path directory) {
        return Files.isRegularFile(directory.resolve("kafka_2.13-" + version() + ".jar"));
    }

    private static Path cacheDirectory() {
        final String asked = System.getProperty(CACHE_PROPERTY, System.getenv(CACHE_VARIABLE));
        return asked != null ? Path.of(asked).toAbsolutePath()
            : Path.of(System.getProperty("user.home"), ".millrace", "cache");
    }

    private static void deleteTree(final Path directory) throws IOException {
        if (!Files.exists(directory)) {
            return;
        }
        final List<Path> deepestFirst;
        try (Stream<Path> tree = Files.walk(directory)) {
            deepestFirst = tree.sorted(java.util.Comparator.reverseOrder()).toList();
        }
        for (final Path entry : deepestFirst) {
            Files.deleteIfExists(entry);
        }
    }
}
