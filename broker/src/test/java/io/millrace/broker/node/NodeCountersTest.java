package io.millrace.broker.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.millrace.broker.command.CountersCommand;
import io.millrace.meter.MeterView;
import io.millrace.meter.Timing;
import io.millrace.transport.counters.AgentCounter;
import io.millrace.transport.counters.AgentRole;
import io.millrace.transport.counters.CountersFile;
import io.millrace.transport.counters.CountersFinder;
import io.millrace.transport.counters.CountersView;
import io.millrace.transport.counters.NodeCounter;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.IdleStrategy;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

@Timeout(600)
class NodeCountersTest {
    private static final long MS = 1_000_000L;
    private static final int RECORD_COUNT = 100;
    private static final int RECORD_LENGTH = 10_000;

    @TempDir
    private Path directory;

    @Test
    void shouldShowWritesSyncsAndThreadsFromOutsideWhenRecordsAreProduced() throws Exception {
        final int port = SingleNode.freePort();
        final Path data = directory.resolve("data");
        final Properties properties = SingleNode.properties(port, data);
        properties.setProperty("node.id", "3");
        properties.setProperty("millrace.aeron.dir", directory.resolve("shm").toString());
        properties.setProperty("millrace.profile", "durable");
        properties.setProperty("millrace.hiccup.meter", "true");
        try (BrokerNode node = SingleNode.start(properties)) {
            assertFalse(node.ended().isDone());
            produce(port);
            try (CountersView view = CountersView.open(CountersFinder.inDirectory(data).get(0))) {
                assertEquals(3, view.nodeId());
                assertTrue(view.isLive());
                assertEquals(view.path(), CountersFinder.ofProcess(view.pid()).orElseThrow());
                final long writeCount = view.get(AgentCounter.WRITE_COUNT.typeId(AgentRole.ENGINE));
                assertTrue(writeCount > 0 && writeCount <= 3 * RECORD_COUNT, "writes=" + writeCount);
                final long length = view.get(AgentCounter.WRITE_LENGTH.typeId(AgentRole.ENGINE));
                assertTrue(length > RECORD_COUNT * RECORD_LENGTH && length < 2 * RECORD_COUNT * RECORD_LENGTH,
                    "length=" + length);
                assertTrue(view.get(AgentCounter.SYNC_COUNT.typeId(AgentRole.SYNCER)) > 0);
                final long longestNs = view.get(AgentCounter.LONGEST_WRITE_NS.typeId(AgentRole.ENGINE));
                assertTrue(longestNs > 0 && longestNs <= view.get(AgentCounter.WRITE_NS.typeId(AgentRole.ENGINE)));
                assertTrue(view.get(AgentCounter.LONGEST_SYNC_NS.typeId(AgentRole.SYNCER)) > 0);
                assertTrue(view.get(NodeCounter.RING_HIGH_WATER_LENGTH.typeId()) >= 0);
                for (final AgentRole role : AgentRole.values()) {
                    await(role + " has used the processor",
                        () -> view.get(AgentCounter.CPU_NS.typeId(role)) > 0
                            && view.get(AgentCounter.LONGEST_DUTY_CYCLE_NS.typeId(role)) > 0);
                }
                await("allocation is sampled", () -> view.get(NodeCounter.ALLOCATED_LENGTH.typeId()) > 0);
                await("the shard is there", () -> view.entries(0).stream().anyMatch(
                    entry -> entry.shardId() >= 0 && entry.label().contains("committed") && entry.value() > 0));
                await("the node uses no less than a part of it", () -> view.get(NodeCounter.CPU_NS.typeId())
                    >= view.get(AgentCounter.CPU_NS.typeId(AgentRole.ENGINE)));
                printed(data);
                final MeterView meter = MeterView.ofProcess(view.pid());
                final long syncCount = view.get(AgentCounter.SYNC_COUNT.typeId(AgentRole.SYNCER))
                    + view.get(AgentCounter.SYNC_COUNT.typeId(AgentRole.ENGINE));
                await("each sync is timed", () -> Arrays.stream(meter.counts(Timing.SYNC)).sum() >= syncCount);
                await("stalls are measured", () -> Arrays.stream(meter.counts(Timing.HICCUP)).sum() > 0);
            }
        }
        assertFalse(Files.exists(data.resolve(CountersFinder.LINK_NAME), java.nio.file.LinkOption.NOFOLLOW_LINKS));
        final StringWriter err = new StringWriter();
        assertEquals(1, new CommandLine(new CountersCommand()).setErr(new PrintWriter(err, true))
            .execute("--data-dir", data.toString()));
        assertTrue(err.toString().contains("no counters found below " + data), err.toString());
    }

    private static void printed(final Path data) {
        final StringWriter out = new StringWriter();
        assertEquals(0, new CommandLine(new CountersCommand()).setOut(new PrintWriter(out, true))
            .execute("--data-dir", data.toString(), "--filter", "engine: "));
        assertTrue(out.toString().matches("(?s)node 3, pid \\d+, up \\d+ s, .*\n"
            + ".*engine: longest write call, ns +[0-9,]+ +[0-9,-]+\n.*"), out.toString());
        assertFalse(out.toString().contains("network: "), out.toString());
    }

    private static void produce(final int port) throws Exception {
        final Map<String, Object> settings = Map.of("bootstrap.servers", "127.0.0.1:" + port, "acks", "all",
            "linger.ms", "0");
        SingleNode.createTopics(port, new NewTopic("t", 1, (short) 1));
        try (KafkaProducer<byte[], byte[]> producer =
            new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
            for (int i = 0; i < RECORD_COUNT; i++) {
                producer.send(new ProducerRecord<>("t", new byte[RECORD_LENGTH])).get(150, TimeUnit.SECONDS);
            }
        }
    }

    @Test
    void shouldMeasureWorkAndNotWaitingWhenAnAgentRuns() throws IOException {
        final AtomicLong nowNs = new AtomicLong();
        try (CountersFile file = CountersFile.create(directory.resolve("c"), 1, 1, 0, 0);
            CountersView view = CountersView.open(file.path())) {
            final AgentCounters counters = new AgentCounters(file, AgentRole.ENGINE);
            final Scripted agent = new Scripted(nowNs, counters);
            final IdleStrategy idle = waiting(nowNs);
            final NodeThread thread = new NodeThread(agent, idle, (failure) -> { }, nowNs::get, counters);
            thread.start();
            await("the script has ended", () -> agent.cycle > Scripted.LENGTHS_MS.length);
            assertTrue(thread.stop(() -> { }, NodeThread.defaultStopMs()));
            assertEquals(30 * MS, view.get(AgentCounter.LONGEST_DUTY_CYCLE_NS.typeId(AgentRole.ENGINE)));
            assertEquals(2, view.get(AgentCounter.SLOW_DUTY_CYCLE_COUNT.typeId(AgentRole.ENGINE)));
            assertTrue(agent.foundItsCounters);
            assertNull(AgentThread.currentCounters());
        }
    }

    @Test
    void shouldCountNothingOfTheLogWhenAnAgentHasNoPartInIt() throws IOException {
        try (CountersFile file = CountersFile.create(directory.resolve("c"), 1, 1, 0, 0);
            CountersView view = CountersView.open(file.path())) {
            final AgentCounters metadata = new AgentCounters(file, AgentRole.METADATA);
            metadata.onWrite(10, 0, 5);
            metadata.onSync(0, 5);
            assertEquals(-1, view.get(AgentCounter.WRITE_COUNT.typeId(AgentRole.METADATA)));
            metadata.usage(-1, 7);
            assertEquals(0, view.get(AgentCounter.CPU_NS.typeId(AgentRole.METADATA)));
            assertEquals(7, view.get(AgentCounter.ALLOCATED_LENGTH.typeId(AgentRole.METADATA)));
        }
    }

    private static void await(final String what, final BooleanSupplier condition) {
        final long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadlineNs > 0) {
                fail("not within 60 s: " + what);
            }
            LockSupport.parkNanos(MS);
        }
    }

    private static IdleStrategy waiting(final AtomicLong nowNs) {
        return new IdleStrategy() {
            @Override
            public void idle(final int workCount) {
                nowNs.addAndGet(workCount > 0 ? 0 : 500 * MS);
            }

            @Override
            public void idle() {
                idle(0);
            }

            @Override
            public void reset() {
                // no state
            }
        };
    }

    /** Duty cycles of given lengths; the ones with work follow each other without a wait. */
    private static final class Scripted implements Agent {
        static final int[] LENGTHS_MS = {1, 30, 5, 20, 19};

        private final AtomicLong nowNs;
        private final AgentCounters counters;
        private volatile int cycle;
        private volatile boolean foundItsCounters;

        Scripted(final AtomicLong nowNs, final AgentCounters counters) {
            this.nowNs = nowNs;
            this.counters = counters;
        }

        @Override
        public int doWork() {
            foundItsCounters = AgentThread.currentCounters() == counters;
            if (cycle < LENGTHS_MS.length) {
                nowNs.addAndGet(LENGTHS_MS[cycle] * MS);
            }
            cycle++;
            return cycle % 2;
        }

        @Override
        public String roleName() {
            return "scripted";
        }
    }
}
