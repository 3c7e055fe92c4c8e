package io.millrace.broker.metadata.cluster;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.metadata.Commands;
import io.millrace.broker.metadata.MetadataImage;
import io.millrace.broker.metadata.MetadataQuorum;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(600)
class ClusterLeaseTest {
    private static final int MEMBER_COUNT = 3;

    @TempDir
    private Path dir;
    private TestQuorum quorum;
    private TestBroker[] brokers;

    @BeforeEach
    void start() {
        quorum = new TestQuorum(dir, MEMBER_COUNT, configuration -> configuration);
        brokers = quorum.brokers();
        quorum.startAll();
    }

    @AfterEach
    void stop() {
        quorum.close();
    }

    @Test
    void shouldExtendTheLeaseWithoutAnyEntryInTheLog() {
        final TestBroker broker = brokers[(quorum.leaderIndex() + 1) % MEMBER_COUNT];
        assertTrue(quorum.submit(broker, Commands.create("t", 3, 3)).isOk());
        quorum.awaitSameImages(brokers);
        // a machine that stalls for so long that a lease lapses sees one entry more: then it is tried again
        quorum.await("leases are extended while the log stays as long as it is", () -> extendsSilently(broker));
    }

    private boolean extendsSilently(final TestBroker broker) {
        final long logLength = broker.node().commitPosition();
        final long endNs = broker.leaseEndNs();
        quorum.await("the lease is extended",
            () -> broker.leaseEndNs() - endNs > TimeUnit.SECONDS.toNanos(2) && broker.leaseNs() > 0);
        return broker.node().commitPosition() == logLength;
    }

    @Test
    void shouldHaveEndedTheLeaseBeforeABrokerThatStoppedIsFenced() {
        assertTrue(quorum.submit(brokers[0], Commands.create("t", 3, 3)).isOk());
        final int stopped = (quorum.leaderIndex() + 1) % MEMBER_COUNT;
        final TestBroker other = brokers[(stopped + 1) % MEMBER_COUNT];
        final int id = brokers[stopped].brokerId();
        quorum.await("a lease", () -> brokers[stopped].leaseNs() > 0);
        brokers[stopped].hang();
        quorum.await("fenced", () -> other.image().broker(id).fenced());
        assertTrue(brokers[stopped].leaseNs() < 0, "the lease has ended by then");
        final long endNs = brokers[stopped].leaseEndNs();
        quorum.resume(stopped);
        quorum.await("registered again", () -> !other.image().broker(id).fenced());
        quorum.await("a new lease", () -> brokers[stopped].leaseNs() > 0 && brokers[stopped].leaseEndNs() != endNs);
        quorum.await("ready", () -> brokers[stopped].state() == MetadataQuorum.State.READY);
        final MetadataImage image = other.image();
        assertTrue(!quorum.wereNeverFenced(image, other, brokers[(stopped + 2) % MEMBER_COUNT])
            || image.shards().stream().noneMatch(shard -> shard.leader() == id));
    }

    @Test
    void shouldKeepOrRenewTheLeaseWhenTheQuorumGetsAnotherLeader() {
        assertTrue(quorum.submit(brokers[0], Commands.create("t", 3, 3)).isOk());
        final int gone = quorum.leaderIndex();
        final long goneNs = System.nanoTime();
        brokers[gone].hang();
        final TestBroker other = brokers[(gone + 1) % MEMBER_COUNT];
        quorum.await("the old leader is fenced", () -> other.image().broker(brokers[gone].brokerId()).fenced());
        assertTrue(brokers[gone].leaseNs() < 0, "the lease has ended by then");
        quorum.await("a lease from the new leader",
            () -> other.leaseEndNs() - goneNs > TimeUnit.SECONDS.toNanos(4) && other.leaseNs() > 0);
        quorum.await("leaders",
            () -> other.image().shards().stream().allMatch(shard -> other.image().leaderOf(shard) >= 0));
    }
}
