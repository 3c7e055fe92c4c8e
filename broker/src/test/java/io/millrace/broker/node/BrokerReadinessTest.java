package io.millrace.broker.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.metadata.Commands;
import io.millrace.broker.metadata.InMemoryMetadataCluster;
import io.millrace.broker.metadata.InMemoryQuorum;
import io.millrace.broker.metadata.LivenessGate;
import io.millrace.broker.metadata.MetadataCommand;
import io.millrace.broker.metadata.MetadataErrors;
import io.millrace.broker.metadata.MetadataProxy;
import io.millrace.broker.metadata.MetadataResult;
import io.millrace.broker.metadata.ShardInfo;
import io.millrace.broker.metadata.ShardReport;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class BrokerReadinessTest {
    private static final long STEP_NS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long SESSION_TIMEOUT_NS = TimeUnit.SECONDS.toNanos(2);
    private static final int ROUND_COUNT = 20;
    private static final int SHARD_ID = 0;

    private final InMemoryMetadataCluster cluster = new InMemoryMetadataCluster(SESSION_TIMEOUT_NS);
    private final List<MetadataCommand> sent = new ArrayList<>();
    private final List<Integer> whole = new ArrayList<>();
    private final List<String> events = new ArrayList<>();
    private Class<?> loseAnswersTo = Void.class;
    private InMemoryQuorum quorum;
    private BrokerReadiness readiness;
    private long nowNs;

    private void start(final long incarnation) {
        final InMemoryQuorum started =
            cluster.connect((image, previous) -> readiness.onImage(image, nowNs, whole::add), LivenessGate.ALWAYS);
        quorum = started;
        readiness = new BrokerReadiness(1, proxyTo(started), Runnable::run, events::add);
        started.readyByCaller();
        started.register(Commands.register(1, incarnation), (result) -> { });
    }

    private MetadataProxy proxyTo(final InMemoryQuorum target) {
        return (command, handler) -> {
            sent.add(command);
            final boolean isLost = loseAnswersTo.isInstance(command);
            return target.proxy().offer(command, (result) -> handler.onResult(isLost
                ? new MetadataResult(MetadataErrors.REQUEST_TIMED_OUT, "no answer", 0, 0) : result));
        };
    }

    private void run() {
        for (int i = 0; i < ROUND_COUNT; i++) {
            nowNs += STEP_NS;
            quorum.doWork(nowNs);
            readiness.doWork(nowNs, true, this::logs);
        }
    }

    private List<ShardReport> logs() {
        final List<ShardReport> reports = new ArrayList<>();
        for (final ShardInfo shard : quorum.image().shards()) {
            reports.add(new ShardReport(shard.id(), 0, 4096, readiness.isDamaged(shard.id())));
        }
        return reports;
    }

    private ShardInfo shard() {
        return quorum.image().shard(SHARD_ID);
    }

    private void createTopicAndStartAgain(final boolean isDamaged) {
        start(1);
        run();
        quorum.submit(Commands.create("t", 1, 1), (result) -> { });
        run();
        assertTrue(shard().hasLeader());
        quorum.close();
        start(2);
        if (isDamaged) {
            readiness.damaged(SHARD_ID);
        }
        run();
    }

    @Test
    void shouldSayOnceThatItIsReady() {
        createTopicAndStartAgain(false);
        assertTrue(shard().hasLeader());
        assertEquals(2, events.stream().filter((event) -> event.startsWith("ready")).count(), events.toString());
    }

    @Test
    void shouldHoldALogForDamagedWhileItsShardWaits() {
        createTopicAndStartAgain(true);
        assertTrue(shard().waiting(), shard().toString());
        assertTrue(shard().isr().contains(1), "the last holder stays where it is: " + shard());
        quorum.submit(Commands.create("u", 1, 1), (result) -> { }); // another image, now that it is ready
        run();
        assertTrue(readiness.isDamaged(SHARD_ID));
        nowNs += 2 * SESSION_TIMEOUT_NS; // its session is closed, and it reports once more
        run();
        assertFalse(shard().hasLeader(), "only an operator may take a damaged log: " + shard());
        assertTrue(readiness.isDamaged(SHARD_ID));
        assertEquals(List.of(), whole);
        quorum.submit(new MetadataCommand.ElectLeader(SHARD_ID, 1, MetadataCommand.ElectionKind.UNCLEAN),
            (result) -> { });
        run();
        assertTrue(shard().hasLeader(), shard().toString());
        assertFalse(readiness.isDamaged(SHARD_ID));
        assertEquals(List.of(SHARD_ID), whole);
    }

    @Test
    void shouldReportALogThatOpensLateAlsoWhenAnswersGetLost() {
        loseAnswersTo = MetadataCommand.BrokerReady.class;
        createTopicAndStartAgain(false);
        assertFalse(quorum.image().broker(1).fenced());
        loseAnswersTo = MetadataCommand.ReportShards.class;
        sent.clear();
        readiness.openedLate(new ShardReport(SHARD_ID, 0, 4096, false));
        run();
        loseAnswersTo = Void.class;
        assertTrue(sent.size() > 1, "again when no answer comes: " + sent);
        run();
        sent.clear();
        run();
        assertEquals(List.of(), sent);
    }
}
