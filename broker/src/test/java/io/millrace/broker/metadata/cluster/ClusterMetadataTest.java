package io.millrace.broker.metadata.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.metadata.Commands;
import io.millrace.broker.metadata.MetadataCommand;
import io.millrace.broker.metadata.MetadataErrors;
import io.millrace.broker.metadata.MetadataImage;
import io.millrace.broker.metadata.MetadataQuorum;
import io.millrace.broker.metadata.MetadataResult;
import io.millrace.broker.metadata.ShardInfo;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(600)
class ClusterMetadataTest {
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
    void shouldShowTheSameImageToEveryBrokerWhenTopicsAreCreated() {
        final MetadataResult created = quorum.submit(brokers[1], Commands.create("t", 6, 3));
        assertTrue(created.isOk(), created.message());
        assertTrue(brokers[1].image().version() >= created.version(), "the image comes before the answer");
        quorum.awaitSameImages(brokers);
        assertEquals(3, brokers[0].image().brokers().size());
        assertEquals(6, brokers[0].image().topic("t").partitionCount());
        assertNotNull(brokers[0].image().clusterId());
        assertEquals(MetadataErrors.TOPIC_ALREADY_EXISTS, quorum.submit(brokers[2], new MetadataCommand.CreateTopic(
            new UUID(1, 1), "t", 1, 1, null, Map.of(), 1, false)).errorCode());
        final long first = quorum.submit(brokers[0], new MetadataCommand.AllocateProducerIds(10)).value();
        // an answer that came too late is asked for again, and what it allocated is left out
        final long second = quorum.submit(brokers[2], new MetadataCommand.AllocateProducerIds(10)).value();
        assertTrue(second >= first + 10 && (second - first) % 10 == 0, "first=" + first + " second=" + second);
        final int shardId = brokers[2].image().shards().iterator().next().id();
        quorum.await("the leader is alone in the ISR", () -> isAloneAfterAsking(shardId));
        quorum.awaitSameImages(brokers);
        assertTrue(quorum.submit(brokers[0], Commands.delete("t")).isOk());
        quorum.awaitSameImages(brokers);
        assertEquals(0, brokers[1].image().topics().size());
        for (final TestBroker broker : brokers) {
            assertEquals(List.of(), List.copyOf(broker.failures()));
        }
    }

    /** On a busy machine the shard may get another leader between the look and the question: then it is asked again. */
    private boolean isAloneAfterAsking(final int shardId) {
        final ShardInfo shard = brokers[2].image().shard(shardId);
        return shard.leader() > 0 && quorum.submit(brokers[shard.leader() - 1], new MetadataCommand.ChangeIsr(
            shardId, shard.leader(), shard.leaderEpoch(), shard.isrVersion(), List.of(shard.leader()))).isOk();
    }

    @Test
    void shouldGoOnAndFenceTheBrokerWhenTheLeadersProcessStops() {
        assertTrue(quorum.submit(brokers[0], Commands.create("t", 3, 3)).isOk());
        quorum.awaitSameImages(brokers);
        final int gone = quorum.leaderIndex();
        brokers[gone].hang();
        final TestBroker one = brokers[(gone + 1) % MEMBER_COUNT];
        final TestBroker two = brokers[(gone + 2) % MEMBER_COUNT];
        // two copies: on a busy machine the dead broker may be fenced before this is through
        assertTrue(quorum.submit(one, Commands.create("u", 3, 2)).isOk());
        final int goneId = brokers[gone].brokerId();
        quorum.await("the dead broker is fenced", () -> two.image().broker(goneId).fenced());
        final MetadataImage after = two.image();
        if (quorum.wereNeverFenced(after, one, two)) {
            for (final ShardInfo shard : after.shards()) {
                assertFalse(shard.isr().contains(goneId));
                assertEquals(shard.leader(), after.leaderOf(shard));
                assertEquals(shard.replicas().get(0) == goneId ? 1 : 0, shard.leaderEpoch());
            }
        }
        quorum.awaitSameImages(one, two);
        assertNotNull(two.image().topic("u"));
        assertVersionsGrow(one);
        assertVersionsGrow(two);
        brokers[gone].close();
        quorum.start(gone);
        quorum.await("the broker is back", () -> !two.image().broker(goneId).fenced());
        quorum.awaitSameImages(brokers);
        final MetadataImage last = two.image();
        assertTrue(!quorum.wereNeverFenced(last, one, two)
            || last.shards().stream().noneMatch(shard -> shard.leader() == goneId));
    }

    @Test
    void shouldFenceABrokerAndTakeItBackWhenItIsNotHeldForAlive() {
        assertTrue(quorum.submit(brokers[0], Commands.create("t", 3, 3)).isOk());
        final long epoch = brokers[1].registration().value();
        brokers[1].silence(true);
        quorum.await("fenced", () -> brokers[0].image().broker(2).fenced());
        brokers[1].silence(false);
        quorum.await("registered again", () -> !brokers[0].image().broker(2).fenced());
        quorum.await("told of it", () -> brokers[1].registration().value() > epoch);
        quorum.await("ready", () -> brokers[1].state() == MetadataQuorum.State.READY);
        quorum.awaitSameImages(brokers);
        final MetadataImage image = brokers[0].image();
        assertTrue(!quorum.wereNeverFenced(image, brokers[0], brokers[2])
            || image.shards().stream().noneMatch(shard -> shard.leader() == 2));
        quorum.await("heartbeats come in", () -> brokers[1].silenceNs() < TestQuorum.SESSION_TIMEOUT_NS / 2);
    }

    @Test
    void shouldRecoverFromDiskWhenAllNodesRestart() {
        assertTrue(quorum.submit(brokers[0], Commands.create("t", 6, 3)).isOk());
        quorum.awaitSameImages(brokers);
        final MetadataImage before = brokers[0].image();
        quorum.stopAll();
        for (int id = 0; id < MEMBER_COUNT; id++) {
            quorum.start(id);
        }
        quorum.awaitReady(MEMBER_COUNT);
        quorum.awaitSameImages(brokers);
        final MetadataImage after = brokers[0].image();
        assertEquals(before.clusterId(), after.clusterId());
        assertEquals(before.topic("t"), after.topic("t"));
        assertTrue(after.version() > before.version());
        for (final ShardInfo shard : after.shards()) {
            assertNotEquals(before.shard(shard.id()).leaderEpoch(), shard.leaderEpoch());
        }
    }

    private static void assertVersionsGrow(final TestBroker broker) {
        long last = 0;
        for (final long version : broker.versions()) {
            assertTrue(version > last, "versions " + broker.versions());
            last = version;
        }
    }
}
