package io.millrace.broker.metadata.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aeron.cluster.RecordingLog;
import io.millrace.broker.metadata.Commands;
import io.millrace.broker.metadata.MetadataCommand;
import io.millrace.broker.metadata.MetadataImage;
import java.io.File;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Stream;
import org.agrona.IoUtil;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Bits flip in what a controller recovers from. */
@Timeout(600)
class ClusterDamageTest {
    @TempDir
    private Path dir;

    @Test
    void shouldRecoverFromTheSnapshotBeforeWhenTheNewestIsDamaged() throws Exception {
        try (TestQuorum quorum = new TestQuorum(dir, 1, defaults -> settings(defaults, 8 * 1024, 32 << 20))) {
            final MetadataImage before = makeSnapshots(quorum, 3);
            final TreeSet<Long> positions = snapshotPositions(quorum.dataDir(0));
            assertTrue(positions.size() >= 2, positions.toString());
            damageSnapshot(quorum.dataDir(0), positions.last());
            quorum.start(0);
            quorum.awaitReady(1);
            assertEquals(before.topics().size(), quorum.broker(0).image().topics().size());
            assertEquals(before.topic("t0"), quorum.broker(0).image().topic("t0"));
            assertTrue(quorum.broker(0).notices().stream().anyMatch(notice -> notice.contains("is passed over")
                && notice.contains(".rec")), quorum.broker(0).notices().toString());
            assertTrue(quorum.submit(quorum.broker(0), Commands.create("more", 1, 1)).isOk());
        }
    }

    @Test
    void shouldReplayTheLogWhenEverySnapshotIsDamagedAndTheLogIsWhole() throws Exception {
        try (TestQuorum quorum = new TestQuorum(dir, 1, defaults -> settings(defaults, 8 * 1024, 32 << 20))) {
            final MetadataImage before = makeSnapshots(quorum, 2);
            for (final long position : snapshotPositions(quorum.dataDir(0))) {
                damageSnapshot(quorum.dataDir(0), position);
            }
            quorum.start(0);
            quorum.awaitReady(1);
            assertEquals(before.topics().size(), quorum.broker(0).image().topics().size());
        }
    }

    @Test
    void shouldRefuseWhenNoSnapshotIsWholeAndTheLogBeforeIsGone() throws Exception {
        try (TestQuorum quorum = new TestQuorum(dir, 1, defaults -> settings(defaults, 64 * 1024, 0))) {
            quorum.startAll();
            final File firstSegment = new File(quorum.dataDir(0), "archive/0-0.rec");
            final Map<String, String> configs = Map.of("no.such.config", "x".repeat(7_500));
            for (int i = 0; firstSegment.exists() && i < 3_000; i++) {
                quorum.submit(quorum.broker(0), new MetadataCommand.CreateTopic(
                    new UUID(1, i), "t" + i, 1, 1, null, configs, 1, false));
            }
            quorum.await("the first segment is gone", () -> !firstSegment.exists());
            quorum.stopAll();
            for (final long position : snapshotPositions(quorum.dataDir(0))) {
                damageSnapshot(quorum.dataDir(0), position);
            }
            final String message = refusal(quorum, 0);
            assertTrue(message.contains("snapshots") && message.contains("rebuild"), message);
            assertTrue(message.contains(quorum.dataDir(0).toString()), message);
            quorum.forget(0);
        }
    }

    @Test
    void shouldRefuseADamagedLogAndTakeAnotherControllersCopy() throws Exception {
        try (TestQuorum quorum = new TestQuorum(dir, 3, configuration -> configuration)) {
            quorum.startAll();
            for (int i = 0; i < 10; i++) {
                assertTrue(quorum.submit(quorum.broker(0), Commands.create("t" + i, 10, 3)).isOk());
            }
            quorum.awaitSameImages(quorum.brokers());
            final MetadataImage before = quorum.broker(0).image();
            quorum.stopAll();
            flip(new File(quorum.dataDir(2), "archive/0-0.rec"), 1_500);
            quorum.start(0);
            quorum.start(1);
            final String message = refusal(quorum, 2);
            assertTrue(message.contains("Raft log") && message.contains("0-0.rec"), message);
            quorum.broker(2).close();
            quorum.forget(2);
            quorum.awaitReady(2);
            quorum.broker(1).close();
            IoUtil.delete(quorum.dataDir(2), false);
            copy(quorum.dataDir(1).toPath(), quorum.dataDir(2).toPath());
            quorum.start(1);
            quorum.start(2);
            quorum.awaitReady(3);
            quorum.awaitSameImages(quorum.brokers());
            assertEquals(before.topic("t9"), quorum.broker(2).image().topic("t9"));
        }
    }

    private static MetadataImage makeSnapshots(final TestQuorum quorum, final int count) {
        quorum.startAll();
        final TestBroker broker = quorum.broker(0);
        for (int i = 0; broker.snapshotCount() < count; i++) {
            assertTrue(quorum.submit(broker, Commands.create("t" + i, 10, 1)).isOk());
        }
        final MetadataImage image = broker.image();
        quorum.stopAll();
        return image;
    }

    private static String refusal(final TestQuorum quorum, final int id) {
        quorum.start(id);
        final TestBroker broker = quorum.broker(id);
        quorum.awaitDeath(broker);
        final Throwable failure = broker.failures().stream()
            .filter(one -> one instanceof QuorumRefusedException).findFirst().orElse(broker.failures().peek());
        assertInstanceOf(QuorumRefusedException.class, failure, broker.failures().toString());
        broker.close();
        return failure.getMessage();
    }

    private static ClusterMetadataConfiguration settings(
        final ClusterMetadataConfiguration defaults, final long snapshotIntervalLength, final long retainedLength) {
        return new ClusterMetadataConfiguration(
            defaults.memberId(), defaults.members(), defaults.dataDir(), defaults.aeronDir(),
            defaults.sessionTimeoutNs(), defaults.leaderHeartbeatTimeoutNs(), defaults.electionTimeoutNs(),
            defaults.logTermLength(), snapshotIntervalLength, retainedLength);
    }

    private static TreeSet<Long> snapshotPositions(final File dataDir) {
        final TreeSet<Long> positions = new TreeSet<>();
        snapshots(dataDir).forEach(entry -> positions.add(entry.logPosition));
        return positions;
    }

    private static List<RecordingLog.Entry> snapshots(final File dataDir) {
        try (RecordingLog log = new RecordingLog(new File(dataDir, "cluster"), false)) {
            final List<RecordingLog.Entry> entries = new ArrayList<>(log.entries());
            entries.removeIf(entry -> entry.type != RecordingLog.ENTRY_TYPE_SNAPSHOT
                || !new File(dataDir, "archive/" + entry.recordingId + "-0.rec").exists());
            return entries;
        }
    }

    private static void damageSnapshot(final File dataDir, final long position) throws IOException {
        for (final RecordingLog.Entry entry : snapshots(dataDir)) {
            if (entry.logPosition == position && entry.serviceId == 0) {
                flip(new File(dataDir, "archive/" + entry.recordingId + "-0.rec"), 200);
            }
        }
    }

    private static void flip(final File file, final int index) throws IOException {
        try (RandomAccessFile access = new RandomAccessFile(file, "rw")) {
            access.seek(index);
            final int value = access.read();
            access.seek(index);
            access.write(value ^ 0x10);
        }
    }

    private static void copy(final Path from, final Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (final Path file : files.toList()) {
                Files.copy(file, to.resolve(from.relativize(file)));
            }
        }
    }
}
