package io.millrace.broker.metadata.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.metadata.Commands;
import io.millrace.broker.metadata.MetadataCommand;
import io.millrace.broker.metadata.MetadataErrors;
import io.millrace.broker.metadata.MetadataImage;
import java.io.File;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(600)
class ClusterSnapshotTest {
    private static final int TOPIC_COUNT = 60;
    private static final int PARTITION_COUNT = 500; // a shard holds 16,384 in all

    @TempDir
    private Path dir;

    @Test
    void shouldBringALateBrokerUpToDateInChunksAndRecoverFromASnapshot() {
        try (TestQuorum quorum = new TestQuorum(dir, 3, ClusterSnapshotTest::snapshotOften)) {
            quorum.start(0);
            quorum.start(1);
            quorum.awaitReady(2);
            final TestBroker early = quorum.broker(0);
            for (int i = 0; i < TOPIC_COUNT; i++) {
                assertTrue(quorum.submit(early, Commands.create("t" + i, PARTITION_COUNT, 2)).isOk());
            }
            quorum.await("snapshots", () -> early.snapshotCount() > 0);
            quorum.start(2);
            quorum.awaitReady(3);
            quorum.awaitSameImages(quorum.brokers());
            final MetadataImage before = quorum.broker(2).image();
            assertEquals(TOPIC_COUNT, before.topics().size());
            assertTrue(quorum.broker(2).versions().size() < TOPIC_COUNT, "a snapshot, not every version");
            quorum.stopAll();
            for (int id = 0; id < 3; id++) {
                quorum.start(id);
            }
            quorum.awaitReady(3);
            quorum.awaitSameImages(quorum.brokers());
            for (int i = 0; i < TOPIC_COUNT; i++) {
                assertEquals(before.topic("t" + i), quorum.broker(1).image().topic("t" + i));
            }
        }
    }

    @Test
    void shouldGiveBackTheLogBeforeASnapshotWhenThereIsOneMember() throws Exception {
        try (TestQuorum quorum = new TestQuorum(dir, 1, ClusterSnapshotTest::snapshotOften)) {
            quorum.startAll();
            final TestBroker broker = quorum.broker(0);
            assertTrue(quorum.submit(broker, Commands.create("kept", 3, 1)).isOk());
            final File firstSegment = new File(quorum.dataDir(0), "archive/0-0.rec");
            assertTrue(firstSegment.exists());
            final Map<String, String> configs = Map.of("no.such.config", "x".repeat(7_500));
            for (int i = 0; i < 1_300; i++) {
                assertEquals(MetadataErrors.INVALID_CONFIG, quorum.submit(broker, new MetadataCommand.CreateTopic(
                    new UUID(1, i), "t" + i, 1, 1, null, configs, 1, false)).errorCode());
            }
            quorum.await("the first segment is gone", () -> !firstSegment.exists());
            final MetadataImage before = broker.image();
            quorum.stopAll();
            assertFalse(quorum.aeronDir(0).exists());
            quorum.start(0);
            quorum.awaitReady(1);
            assertEquals(before.topic("kept"), quorum.broker(0).image().topic("kept"));
        }
    }

    @Test
    void shouldRefuseADirectoryThatAnotherProcessUses() throws Exception {
        final File home = dir.resolve("node-0").toFile();
        assertTrue(home.mkdirs());
        try (RandomAccessFile file = new RandomAccessFile(new File(home, ".lock"), "rw")) {
            assertTrue(file.getChannel().tryLock().isValid());
            try (TestQuorum quorum = new TestQuorum(dir, 1, configuration -> configuration)) {
                quorum.start(0);
                final TestBroker broker = quorum.broker(0);
                quorum.awaitDeath(broker);
                assertTrue(broker.failures().peek().getMessage().contains("another process uses"),
                    broker.failures().toString());
            }
        }
    }

    @Test
    void shouldRefuseTheMetadataOfAnotherFormatAndLeaveItAlone() throws Exception {
        final Path home = Files.createDirectories(dir.resolve("node-0"));
        Files.createDirectory(home.resolve("archive"));
        assertRefused("has format 1");
        Files.writeString(home.resolve("format"), "99");
        assertRefused("has format 99");
        assertEquals("99", Files.readString(home.resolve("format")));
    }

    private void assertRefused(final String reason) {
        try (TestQuorum quorum = new TestQuorum(dir, 1, configuration -> configuration)) {
            quorum.start(0);
            final TestBroker broker = quorum.broker(0);
            quorum.awaitDeath(broker);
            assertTrue(broker.failures().peek().getMessage().contains(reason), broker.failures().toString());
        }
    }

    private static ClusterMetadataConfiguration snapshotOften(final ClusterMetadataConfiguration defaults) {
        return new ClusterMetadataConfiguration(
            defaults.memberId(), defaults.members(), defaults.dataDir(), defaults.aeronDir(),
            defaults.sessionTimeoutNs(), defaults.leaderHeartbeatTimeoutNs(), defaults.electionTimeoutNs(),
            defaults.logTermLength(), 8 * 1024, 0);
    }
}
