package io.millrace.broker.metadata.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.metadata.Commands;
import io.millrace.broker.metadata.MetadataImage;
import io.millrace.broker.metadata.MetadataQuorum;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Who takes part in a quorum, and who must not. */
@Timeout(600)
class ClusterAdmissionTest {
    @TempDir
    private Path dir;

    @Test
    void shouldRefuseAnotherClustersDirectoryAndChangeNothing() throws Exception {
        final MetadataImage foreign = makeCluster("foreign");
        final MetadataImage own = makeCluster("own");
        assertNotEquals(foreign.clusterId(), own.clusterId());
        replace(dir.resolve("foreign/node-2"), dir.resolve("own/node-2"));
        final Map<String, Integer> before = contents(dir.resolve("own/node-2"));
        try (TestQuorum quorum = new TestQuorum(dir.resolve("own"), 3, configuration -> configuration)) {
            quorum.start(0);
            quorum.start(1);
            quorum.awaitReady(2);
            quorum.start(2);
            final TestBroker refused = quorum.broker(2);
            quorum.awaitDeath(refused);
            final Throwable failure = refused.failures().peek();
            assertInstanceOf(QuorumRefusedException.class, failure);
            assertTrue(failure.getMessage().contains(foreign.clusterId().toString())
                && failure.getMessage().contains(own.clusterId().toString()), failure.getMessage());
            assertEquals(before, contents(dir.resolve("own/node-2")));
            assertEquals(own.topic("own"), quorum.broker(0).image().topic("own"));
            refused.close();
            quorum.forget(2);
            assertTrue(quorum.submit(quorum.broker(0), Commands.create("more", 1, 2)).isOk(), "the others go on");
        }
    }

    @Test
    void shouldLetAnEmptyDirectoryJoinWhenTheOthersHaveTheCluster() throws Exception {
        final MetadataImage own = makeCluster("own");
        delete(dir.resolve("own/node-1"));
        try (TestQuorum quorum = new TestQuorum(dir.resolve("own"), 3, configuration -> configuration)) {
            quorum.startAll();
            quorum.awaitSameImages(quorum.brokers());
            assertEquals(own.topic("own"), quorum.broker(1).image().topic("own"));
            quorum.await("it knows its cluster", () -> own.clusterId().equals(noted("own", 1)));
        }
    }

    @Test
    void shouldWaitAndKeepWhatItHasWhenTheOthersAreEmpty() throws Exception {
        final MetadataImage own = makeCluster("own");
        delete(dir.resolve("own/node-0"));
        delete(dir.resolve("own/node-1"));
        final Map<String, Integer> before = contents(dir.resolve("own/node-2"));
        try (TestQuorum quorum = new TestQuorum(dir.resolve("own"), 3, configuration -> configuration)) {
            quorum.start(2);
            assertTrue(quorum.broker(2).awaitStart(), "it tells whoever asks");
            quorum.start(0);
            quorum.start(1);
            quorum.awaitDeath(quorum.broker(2));
            final String message = quorum.broker(2).failures().peek().getMessage();
            // one that is late finds that the others have begun a cluster of their own
            assertTrue(message.contains(own.clusterId().toString()) && (message.contains("are new")
                || message.contains("the controllers hold the metadata of cluster")), message);
            assertEquals(before, contents(dir.resolve("own/node-2")));
        }
    }

    @Test
    void shouldRefuseASecondProcessOfTheSameNodeInAnotherDirectory() {
        try (TestQuorum quorum = new TestQuorum(dir.resolve("own"), 1, configuration -> configuration)) {
            quorum.startAll();
            final ClusterMetadataConfiguration first = quorum.configuration(0);
            try (TestBroker second = new TestBroker(ClusterMetadataConfiguration.withDefaults(0, first.members(),
                dir.resolve("second").toFile(), first.aeronDir()), 99)) {
                quorum.awaitDeath(second);
                final String message = second.failures().peek().getMessage();
                assertTrue(message.contains("node.id") && message.contains("another process"), message);
            }
            assertTrue(quorum.submit(quorum.broker(0), Commands.create("t", 1, 1)).isOk(), "the first goes on");
        }
    }

    @Test
    void shouldRefuseAnotherListOfControllers() {
        try (TestQuorum quorum = new TestQuorum(dir.resolve("own"), 3, configuration -> {
            if (configuration.memberId() != 2) {
                return configuration;
            }
            final List<ClusterMember> members = new ArrayList<>(configuration.members());
            members.set(0, new ClusterMember(0, "127.0.0.2", members.get(0).basePort()));
            return ClusterMetadataConfiguration.withDefaults(
                2, members, configuration.dataDir(), configuration.aeronDir());
        })) {
            quorum.start(0);
            quorum.start(1);
            quorum.awaitReady(2);
            quorum.start(2);
            // of the two others it reaches one: no majority with its list, and it never takes part
            quorum.await("it says what it waits for", () -> !quorum.broker(2).notices().isEmpty());
            assertEquals(MetadataQuorum.State.CONNECTING, quorum.broker(2).state());
        }
    }

    @Test
    void shouldRefuseMetadataThatLiesBesideAnotherClustersData() throws Exception {
        makeCluster("own");
        final ClusterMetadataConfiguration configuration = ClusterMetadataConfiguration.withDefaults(0,
            List.of(new ClusterMember(0, "127.0.0.1", 30_000)), dir.resolve("own/node-0").toFile(), "unused");
        final String message = org.junit.jupiter.api.Assertions.assertThrows(QuorumRefusedException.class,
            () -> new QuorumIdentity(configuration, new java.util.UUID(9, 9))).getMessage();
        assertTrue(message.contains(new java.util.UUID(9, 9).toString()), message);
    }

    private MetadataImage makeCluster(final String name) {
        try (TestQuorum quorum = new TestQuorum(dir.resolve(name), 3, configuration -> configuration)) {
            quorum.startAll();
            assertTrue(quorum.submit(quorum.broker(0), Commands.create(name, 3, 3)).isOk());
            quorum.awaitSameImages(quorum.brokers());
            return quorum.broker(0).image();
        }
    }

    private java.util.UUID noted(final String name, final int id) {
        try {
            final Path file = dir.resolve(name).resolve("node-" + id).resolve("cluster-id");
            return Files.exists(file) ? java.util.UUID.fromString(Files.readString(file).trim()) : null;
        } catch (final IOException ex) {
            throw new java.io.UncheckedIOException(ex);
        }
    }

    /** Every file but the lock, with a hash of what it holds. */
    private static Map<String, Integer> contents(final Path home) throws IOException {
        final Map<String, Integer> contents = new TreeMap<>();
        try (Stream<Path> files = Files.walk(home)) {
            for (final Path file : files.filter(Files::isRegularFile).toList()) {
                if (!file.getFileName().toString().contains("lock") && !file.toString().contains("-mark")) {
                    contents.put(home.relativize(file).toString(), Arrays.hashCode(Files.readAllBytes(file)));
                }
            }
        }
        return contents;
    }

    private static void replace(final Path from, final Path to) throws IOException {
        delete(to);
        Files.move(from, to);
    }

    private static void delete(final Path home) throws IOException {
        org.agrona.IoUtil.delete(home.toFile(), false);
    }
}
