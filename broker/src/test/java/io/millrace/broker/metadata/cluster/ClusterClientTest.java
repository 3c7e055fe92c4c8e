package io.millrace.broker.metadata.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.metadata.Commands;
import io.millrace.broker.metadata.MetadataCommand;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Brokers that are no controllers. */
@Timeout(600)
class ClusterClientTest {
    private static final int PARTITION_COUNT = 10_000;
    private static final int CHANGE_COUNT = 60;

    @TempDir
    private Path dir;

    @Test
    void shouldGetTenThousandPartitionsAtOnceWhenABrokerJoinsLate() {
        try (TestQuorum quorum = new TestQuorum(dir, 3, configuration -> configuration)) {
            quorum.startAll();
            for (int i = 0; i < 100; i++) {
                assertTrue(quorum.submit(quorum.broker(0), Commands.create("t" + i, PARTITION_COUNT / 100, 3)).isOk());
            }
            try (TestBroker late = quorum.startClient()) {
                quorum.await("it has everything", () -> late.image().equals(quorum.broker(0).image())
                    && late.image().broker(late.brokerId()) != null);
                assertEquals(PARTITION_COUNT, late.image().topics().stream().mapToInt(t -> t.partitionCount()).sum());
                assertTrue(late.versions().size() < 20, "a snapshot, not every version: " + late.versions());
                final int led = quorum.leaderIndex();
                quorum.broker(led).hang();
                assertTrue(quorum.submit(late, Commands.create("more", 4, 3)).isOk(),
                    "it finds the next leader of the quorum");
            }
        }
    }

    @Test
    void shouldHoldUpNobodyAndStartOverFromASnapshotWhenABrokerDoesNotPoll() {
        try (TestQuorum quorum = new TestQuorum(dir, 3,
            configuration -> configuration.withSessionTimeoutNs(TimeUnit.SECONDS.toNanos(60)))) {
            quorum.startAll();
            assertTrue(quorum.submit(quorum.broker(0), Commands.create("wide", PARTITION_COUNT, 3)).isOk());
            try (TestBroker slow = quorum.startClient()) {
                quorum.await("it has everything", () -> slow.image().equals(quorum.broker(0).image())
                    && slow.image().broker(slow.brokerId()) != null);
                slow.deaf(true);
                final int seenBefore = slow.versions().size();
                for (int i = 1; i <= CHANGE_COUNT; i++) { // more than the quorum keeps of deltas
                    assertTrue(quorum.submit(quorum.broker(i % 3), new MetadataCommand.AlterTopicConfig(
                        "wide", Map.of("retention.bytes", Integer.toString(i << 20)), List.of())).isOk());
                }
                quorum.awaitSameImages(quorum.brokers());
                final long missed = quorum.broker(0).image().version() - slow.image().version();
                assertTrue(missed >= CHANGE_COUNT, "missed " + missed);
                slow.deaf(false);
                quorum.await("it has caught up", () -> slow.image().equals(quorum.broker(0).image()));
                assertTrue(slow.versions().size() - seenBefore < CHANGE_COUNT,
                    "a snapshot, not every version: " + slow.versions());
            }
        }
    }
}
