package io.millrace.load.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.meter.Figure;
import io.millrace.meter.MeterFile;
import io.millrace.meter.Timing;
import io.millrace.results.model.AgentCost;
import io.millrace.results.model.BrokerCost;
import io.millrace.results.model.Cost;
import io.millrace.results.model.RunEvent;
import io.millrace.results.model.Scheduling;
import io.millrace.transport.counters.AgentCounter;
import io.millrace.transport.counters.AgentRole;
import io.millrace.transport.counters.CountersFile;
import io.millrace.transport.counters.NodeCounter;
import io.millrace.transport.counters.PeakCounter;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.HdrHistogram.Histogram;
import org.agrona.concurrent.status.AtomicCounter;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The arithmetic of costs, from a made-up /proc and made-up counters. */
class CostMeterTest {
    private static final long STARTED_MS = 1_000_000;
    private static final long MS = 1_000_000L;
    private static final int RECORD_LENGTH = 1_000;

    @TempDir
    private Path dir;

    private final List<RunEvent> events = new ArrayList<>();
    private ProcFiles proc;

    @BeforeEach
    void makeProc() throws IOException {
        proc = new ProcFiles(dir.resolve("proc"));
        Files.createDirectories(proc.root());
    }

    @Test
    void shouldDivideWhatAllBrokersUsedByWhatWasAcknowledged() throws IOException {
        try (Node one = new Node(1, 11); Node two = new Node(2, 12)) {
            process(11, 100, 20, 5_000);
            process(12, 10, 5, 0);
            one.sampled(9_000, 1_000_000, 3);
            two.sampled(9_500, 500, 0);
            final CostMeter meter = meter(one, two);
            meter.start(7_000, STARTED_MS + 10_000);
            process(11, 250, 70, 3_005_000);
            process(12, 110, 5, 1_000_000);
            one.sampled(19_000, 1_400_000, 5); // ten seconds between the samples, as between start and end
            two.sampled(14_500, 50_500, 0); // five: twice as much in ten
            one.count(AgentCounter.SYNC_COUNT, AgentRole.SYNCER, 4);
            one.count(AgentCounter.SYNC_COUNT, AgentRole.MAINTENANCE, 2);
            two.count(AgentCounter.SYNC_COUNT, AgentRole.SYNCER, 1);
            meter.end(7_000 + 1_000, STARTED_MS + 20_000);
            meter.end(9_999_999, STARTED_MS + 90_000);
            final Cost cost = meter.cost(RECORD_LENGTH);
            assertEquals(3.0 / 0.001, cost.brokerCpuSPerGb(), 1e-6, "2 s and 1 s for a MB");
            assertEquals(4_000_000L, cost.diskWriteBytes());
            assertEquals(4.0, cost.writeAmplification(), 1e-9);
            assertEquals(500.0, cost.brokerAllocBytesPerMsg(), 1e-9, "400,000 and 2 x 50,000 bytes for 1,000 records");
            assertEquals(2 * MS, cost.brokerGcPauseNs());
            assertEquals(7, cost.fsyncs());
            assertTrue(cost.clientCpuNsPerMsg() >= 0 && cost.allocBytesPerMsg() >= 0);
            assertEquals(List.of(), cost.unavailable());
            final BrokerCost first = cost.brokers().get(0);
            assertEquals(1, first.nodeId());
            assertEquals(2_000 * MS, first.cpuNs());
            assertEquals(List.of("network", "engine", "syncer", "maintenance", "metadata"),
                first.agents().stream().map(AgentCost::agent).toList());
            meter.close();
        }
    }

    @Test
    void shouldTakeTheSecondWithMostCollectionsNotAllOfThem() throws IOException {
        try (Node node = new Node(3, 11)) {
            process(11, 1, 1, 1);
            node.sampled(9_000, 1, 700);
            final CostMeter meter = meter(node);
            meter.start(0, STARTED_MS + 10_000);
            for (int second = 1; second <= 100; second++) {
                node.sampled(9_000 + second * 1_000, 1, 700 + second * 15 + (second >= 50 ? 40 : 0));
                meter.poll(STARTED_MS + 10_000 + second * 1_000);
            }
            meter.end(10, STARTED_MS + 111_000);
            node.sampled(200_000, 1, 9_000);
            meter.poll(STARTED_MS + 112_000);
            assertEquals(55 * MS, meter.mostGcPauseNs("broker-3"), "of 1540 ms in all");
            assertEquals(0, meter.mostGcPauseNs("broker-4"));
            meter.close();
        }
    }

    @Test
    void shouldCountTheProcessorTimeOfChildrenThatHaveEnded() throws IOException {
        process(12, 100, 20, 1, 1_000);
        final CostMeter meter =
            new CostMeter(List.of(BrokerMeter.open(12, 1, proc, Optional.empty())), List.of(), events::add);
        meter.start(0, STARTED_MS);
        process(12, 110, 25, 1, 1_030);
        meter.end(1, STARTED_MS + 1_000);
        assertEquals(450 * MS, meter.cost(RECORD_LENGTH).brokers().get(0).cpuNs());
        meter.close();
    }

    @Test
    void shouldTakeTheLongestOfThePhaseAloneWhenTheStartWasSlower() throws IOException {
        try (Node node = new Node(5, 11)) {
            process(11, 1, 1, 1);
            node.peak(AgentCounter.LONGEST_WRITE_NS, AgentRole.ENGINE, 1_000, 900 * MS);
            node.peak(AgentCounter.LONGEST_DUTY_CYCLE_NS, AgentRole.ENGINE, 1_000, 950 * MS);
            final CostMeter meter = meter(node);
            meter.start(0, STARTED_MS + 10_000);
            node.peak(AgentCounter.LONGEST_WRITE_NS, AgentRole.ENGINE, 10_300, 3 * MS);
            node.peak(AgentCounter.LONGEST_DUTY_CYCLE_NS, AgentRole.ENGINE, 10_300, 4 * MS);
            meter.poll(STARTED_MS + 11_000);
            node.peak(AgentCounter.LONGEST_WRITE_NS, AgentRole.ENGINE, 11_600, 31 * MS);
            node.peak(AgentCounter.LONGEST_DUTY_CYCLE_NS, AgentRole.NETWORK, 11_700, 7 * MS);
            node.peak(AgentCounter.LONGEST_DUTY_CYCLE_NS, AgentRole.SYNCER, 11_700, 70 * MS);
            node.peak(AgentCounter.LONGEST_SYNC_NS, AgentRole.SYNCER, 11_700, 69 * MS);
            meter.poll(STARTED_MS + 12_000);
            meter.end(10, STARTED_MS + 13_000);
            node.peak(AgentCounter.LONGEST_WRITE_NS, AgentRole.ENGINE, 13_600, 800 * MS);
            meter.poll(STARTED_MS + 14_000);
            final Cost cost = meter.cost(RECORD_LENGTH);
            assertEquals(31 * MS, cost.longestWriteNs());
            assertEquals(69 * MS, cost.longestSyncNs());
            assertEquals(7 * MS, cost.longestDutyCycleNs(), "the syncer waits for the disk, that is its work");
            assertEquals(List.of(new RunEvent(STARTED_MS + 11_600, "stall", "node 5 engine write call", null, 31 * MS)),
                events);
            assertEquals(70 * MS, cost.brokers().get(0).agents().get(2).longestDutyCycleNs());
            assertNull(cost.brokerAllocBytesPerMsg());
            assertTrue(cost.unavailable().get(0).contains("too short for two samples"), cost.unavailable()::toString);
            meter.close();
        }
    }

    @Test
    void shouldSayWhatIsNotAvailableWhenABrokerIsNotOurs() throws IOException {
        try (Node node = new Node(1, 11)) {
            process(11, 1, 1, 1);
            process(12, 1, 1, 1);
            node.sampled(1_000, 1, 0);
            final CostMeter meter = new CostMeter(
                List.of(node.meter(), BrokerMeter.open(12, 2, proc, Optional.empty())), List.of(), events::add);
            meter.start(0, STARTED_MS + 1_000);
            process(11, 51, 1, 1);
            process(12, 51, 1, 1);
            node.sampled(2_000, 2, 0);
            meter.end(1_000_000, STARTED_MS + 2_000);
            final Cost cost = meter.cost(RECORD_LENGTH);
            assertEquals(1.0, cost.brokerCpuSPerGb(), 1e-9);
            assertNull(cost.brokerAllocBytesPerMsg(), "half a sum is none");
            assertNull(cost.fsyncs());
            assertNull(cost.longestWriteNs());
            assertEquals(List.of("Allocation, syncs, longest calls and duty cycles of the brokers: not available: "
                + "process 12 keeps no counters of ours."), cost.unavailable());
            meter.close();
        }
    }

    @Test
    void shouldSayThatAProcessIsGoneWhenItEndsMeanwhile() throws IOException {
        process(12, 1, 1, 1);
        final CostMeter meter =
            new CostMeter(List.of(BrokerMeter.open(12, 2, proc, Optional.empty())), List.of(), events::add);
        meter.start(0, 0);
        Files.delete(proc.root().resolve("12/stat"));
        Files.writeString(proc.root().resolve("12/io"), "rchar: 1\nwrite_bytes: much\n");
        meter.end(5, 1);
        final Cost cost = meter.cost(RECORD_LENGTH);
        assertNull(cost.brokerCpuSPerGb());
        assertNull(cost.writeAmplification());
        assertTrue(cost.unavailable().get(1).contains("[12]"), cost.unavailable()::toString);
    }

    @Test
    void shouldGiveNoFigureOfTheCountersWhenTheirProcessEndsMeanwhile() throws IOException {
        try (Node node = new Node(1, 11)) {
            process(11, 1, 1, 1);
            node.sampled(1_000, 1, 0);
            final CostMeter meter = meter(node);
            meter.start(0, STARTED_MS + 1_000);
            node.sampled(2_000, 100, 0);
            Files.delete(proc.root().resolve("11/stat"));
            meter.end(5, STARTED_MS + 9_000);
            final Cost cost = meter.cost(RECORD_LENGTH);
            assertNull(cost.brokerAllocBytesPerMsg());
            assertNull(cost.fsyncs());
            assertNull(cost.longestWriteNs());
            assertEquals(1, cost.brokers().get(0).nodeId());
            assertTrue(cost.unavailable().get(0).contains("has ended: [11]"), cost.unavailable()::toString);
            meter.close();
        }
    }

    @Test
    void shouldAddUpTheLivesOfANodeThatIsKilledAndStartedAgain() throws IOException {
        try (Node killed = new Node(1, 11)) {
            process(11, 100, 0, 1_000);
            killed.sampled(5_000, 1_000, 0);
            killed.count(AgentCounter.SYNC_COUNT, AgentRole.SYNCER, 100);
            final CostMeter meter = meter(killed);
            meter.expectFaults();
            meter.start(0, STARTED_MS + 10_000);
            process(11, 150, 0, 3_000);
            killed.sampled(7_000, 3_000, 0); // 2,000 bytes in two seconds of four
            killed.count(AgentCounter.SYNC_COUNT, AgentRole.SYNCER, 7);
            meter.poll(STARTED_MS + 14_000);
            kill(11);
            meter.poll(STARTED_MS + 15_000);
            try (Node again = new Node(1, 21)) {
                process(21, 5, 0, 100);
                assertTrue(meter.renew(again.meter()));
                assertFalse(meter.renew(again.meter()), "it is known already");
                again.count(AgentCounter.SYNC_COUNT, AgentRole.SYNCER, 3);
                again.sampled(20_000, 900, 0); // since its start, which is where made-up nodes start
                again.peak(AgentCounter.LONGEST_WRITE_NS, AgentRole.ENGINE, 15_500, 41 * MS);
                process(21, 30, 0, 500, 119); // with 200 ms of children
                meter.poll(STARTED_MS + 16_000);
                meter.end(1_000, STARTED_MS + 20_000);
                final Cost cost = meter.cost(RECORD_LENGTH);
                final BrokerCost node = cost.brokers().get(0);
                assertEquals(500 * MS + (300 + 1_190 + 990) * MS, node.cpuNs(), "all of the new process");
                assertEquals(2_000 + 500, node.diskWriteBytes());
                assertEquals(4_000 + 900, node.allocBytes(), "until it was seen last, and since the new one's start");
                assertEquals(10, cost.fsyncs());
                assertEquals(41 * MS, cost.longestWriteNs());
                assertEquals(21, node.pid());
                assertNull(node.atEnd());
                assertEquals("broker-1", node.name());
                assertEquals(Map.of("broker-1", 21L), meter.processIds());
                assertEquals(List.of(), cost.unavailable());
            }
            meter.close();
        }
    }

    @Test
    void shouldCountWhatANodeUsedUntilItWasKilledForGood() throws IOException {
        try (Node killed = new Node(1, 11); Node alive = new Node(2, 12)) {
            process(11, 100, 0, 1_000);
            process(12, 100, 0, 1_000);
            killed.sampled(5_000, 1_000, 0);
            alive.sampled(5_000, 1_000, 0);
            killed.count(AgentCounter.SYNC_COUNT, AgentRole.SYNCER, 100);
            final CostMeter meter = meter(killed, alive);
            meter.expectFaults();
            meter.start(0, STARTED_MS + 10_000);
            process(11, 150, 0, 3_000);
            killed.sampled(7_000, 3_000, 0); // 2,000 bytes in two seconds of four
            killed.count(AgentCounter.SYNC_COUNT, AgentRole.SYNCER, 7);
            meter.poll(STARTED_MS + 14_000);
            kill(11);
            meter.poll(STARTED_MS + 15_000);
            process(12, 200, 0, 5_000);
            alive.sampled(15_000, 2_000, 0);
            meter.end(1_000, STARTED_MS + 20_000);
            final Cost cost = meter.cost(RECORD_LENGTH);
            assertEquals(1_500 * MS, cost.brokers().get(0).cpuNs() + cost.brokers().get(1).cpuNs());
            assertEquals(2_000 + 4_000, cost.diskWriteBytes());
            assertEquals((4_000 + 1_000) / 1_000.0, cost.brokerAllocBytesPerMsg(), 1e-9);
            assertEquals(7, cost.fsyncs());
            assertNotNull(cost.longestWriteNs());
            assertEquals(List.of(), cost.unavailable());
            assertEquals(BrokerCost.GONE, cost.brokers().get(0).atEnd());
            assertNull(cost.brokers().get(1).atEnd());
            assertEquals(1, meter.remarks().size());
            assertTrue(meter.remarks().get(0).startsWith("Process 11 (broker-1) had ended"), meter.remarks()::toString);
            meter.close();
        }
    }

    @Test
    void shouldCountNothingOfANodeThatWasKilledBeforeItCouldBeLookedAt() throws IOException {
        for (final boolean isKilledAtOnce : List.of(true, false)) {
            try (Node killed = new Node(1, 11)) {
                process(11, 100, 0, 1_000);
                killed.sampled(5_000, 1_000, 0);
                final CostMeter meter = meter(killed);
                meter.expectFaults();
                if (isKilledAtOnce) {
                    kill(11);
                }
                meter.start(0, STARTED_MS + 10_000);
                if (!isKilledAtOnce) {
                    kill(11);
                }
                meter.end(1_000, STARTED_MS + 20_000);
                final Cost cost = meter.cost(RECORD_LENGTH);
                assertEquals(0, cost.brokerCpuSPerGb());
                assertEquals(0, cost.diskWriteBytes());
                assertEquals(0, cost.brokerAllocBytesPerMsg());
                assertEquals(0, cost.fsyncs());
                assertEquals(BrokerCost.GONE, cost.brokers().get(0).atEnd());
                meter.close();
            }
        }
    }

    @Test
    void shouldNotLetANodeAllocateWhileItStandsStill() throws IOException {
        try (Node paused = new Node(1, 11)) {
            process(11, 100, 0, 1_000);
            paused.sampled(9_500, 1_000, 0);
            final CostMeter meter = meter(paused);
            meter.expectFaults();
            meter.start(0, STARTED_MS + 10_000);
            paused.sampled(13_500, 5_000, 0);
            meter.poll(STARTED_MS + 14_000);
            process(11, 200, 0, 2_000);
            final Path stat = proc.root().resolve("11/stat");
            Files.writeString(stat, Files.readString(stat).replace(") S ", ") T "));
            meter.poll(STARTED_MS + 29_000);
            meter.end(1_000, STARTED_MS + 30_000);
            final BrokerCost cost = meter.cost(RECORD_LENGTH).brokers().get(0);
            assertEquals(BrokerCost.STOPPED, cost.atEnd());
            assertEquals(1_000 * MS, cost.cpuNs());
            assertEquals(5_000, cost.allocBytes(), "of four seconds and one more, not of twenty");
            assertTrue(meter.remarks().get(0).contains("stood still"), meter.remarks()::toString);
            meter.close();
        }
    }

    @Test
    void shouldGoOnWithTheStallsOfANodeThatIsStartedAgain() throws IOException {
        final long pid = ProcessHandle.current().pid();
        final BrokerMeter mute = BrokerMeter.open(12, 3, proc, Optional.empty());
        try (MeterFile file = MeterFile.create();
            CostMeter meter = new CostMeter(List.of(mute), List.of(), events::add)) {
            file.keeps(Timing.HICCUP);
            file.keeps(Timing.SYNC);
            process(12, 1, 1, 1);
            meter.start(0, STARTED_MS);
            assertFalse(meter.brokers().get(0).hasHiccups());
            file.record(Timing.HICCUP, 30 * MS); // from the new process's start on
            assertTrue(meter.renew(BrokerMeter.open(pid, 3, ProcFiles.ofThisMachine(), Optional.empty())));
            file.record(Timing.HICCUP, 2 * MS);
            final Histogram stalls = meter.brokers().get(0).takeHiccups();
            assertEquals(2, stalls.getTotalCount());
            assertEquals(30.0 * MS, stalls.getMaxValue(), 0.02 * 30 * MS);
            assertEquals(0, meter.brokers().get(0).takeHiccups().getTotalCount());
            assertFalse(meter.renew(BrokerMeter.open(13, 4, proc, Optional.empty())), "no node of the run");
        }
    }

    @Test
    void shouldHaveNoCostWhenNothingWasAcknowledged() {
        final CostMeter meter = new CostMeter(List.of(), List.of(), events::add);
        assertNull(meter.cost(RECORD_LENGTH));
        meter.start(5, 0);
        meter.end(5, 10);
        assertNull(meter.cost(RECORD_LENGTH));
    }

    @Test
    void shouldReportAForeignFileWhenAProcessHasOneMapped() throws IOException {
        final Path foreign = dir.resolve("millrace-1-1-counters");
        Files.write(foreign, new byte[1_000]);
        try (BrokerMeter meter = BrokerMeter.open(11, 1, proc, Optional.of(foreign))) {
            assertTrue(meter.countersProblem().contains("does not begin like one"), meter.countersProblem());
            assertTrue(meter.cost().agents().isEmpty());
        }
    }

    @Test
    void shouldTakeWhatAProcessTellsOfItselfWhenItKeepsAMeterButNoCounters() throws IOException {
        final long pid = ProcessHandle.current().pid();
        try (MeterFile file = MeterFile.create()) {
            file.keeps(Timing.HICCUP);
            file.keeps(Timing.SYNC);
            file.record(Timing.SYNC, 900 * MS); // before the phase
            sample(file, 1_000, 5_000, 1, 2);
            final BrokerMeter broker = BrokerMeter.open(pid, 3, ProcFiles.ofThisMachine(), Optional.empty());
            assertEquals("broker-3", broker.name());
            assertTrue(broker.hasHiccups() && broker.hasAgent());
            file.record(Timing.HICCUP, 2 * MS);
            file.record(Timing.HICCUP, 40 * MS);
            final CostMeter meter = new CostMeter(List.of(broker), List.of(), events::add);
            meter.start(0, STARTED_MS);
            for (int i = 1; i <= 2_000; i++) {
                file.record(Timing.SYNC, i * 1_000L);
            }
            sample(file, 3_000, 105_000, 4, 17);
            meter.end(100, STARTED_MS + 4_000);
            file.record(Timing.SYNC, 800 * MS); // after it
            final Histogram stalls = broker.takeHiccups();
            assertEquals(2, stalls.getTotalCount());
            assertEquals(40.0 * MS, stalls.getMaxValue(), 0.02 * 40 * MS);
            assertEquals(0, broker.takeHiccups().getTotalCount());
            final Cost cost = meter.cost(RECORD_LENGTH);
            assertEquals(2_000, cost.fsyncLatency().count());
            assertEquals(1.0 * MS, cost.fsyncLatency().p50Ns(), 0.02 * MS);
            assertEquals(1.98 * MS, cost.fsyncLatency().p99Ns(), 0.04 * MS);
            assertEquals(2.0 * MS, cost.fsyncLatency().maxNs(), 0.04 * MS);
            assertEquals(2_000.0, cost.brokerAllocBytesPerMsg(), 1e-9, "100,000 bytes in 2 s, so twice that in 4 s");
            assertEquals("broker-3", cost.brokers().get(0).name());
            assertNotNull(cost.brokers().get(0).gcPauseNs());
            assertEquals(List.of("Syncs, longest calls and duty cycles of the brokers: not available: process " + pid
                + " keeps no counters of ours."), cost.unavailable());
            meter.close();
        }
    }

    @Test
    void shouldTellHowTheKernelTreatedTheThreadsWhenProcSaysSo() throws IOException {
        process(12, 1, 1, 1);
        thread(12, 12, 100, 10, 5_000);
        thread(12, 13, 7, 3, 1_000);
        thread(12, 14, 1_000, 1, 77);
        Files.writeString(proc.root().resolve("12/task/14/comm"), "hiccup-meter\n");
        Files.writeString(proc.root().resolve("12/task/13/comm"), "engine\n");
        final CostMeter meter =
            new CostMeter(List.of(BrokerMeter.open(12, 1, proc, Optional.empty())), List.of(), events::add);
        meter.start(0, 0);
        thread(12, 12, 150, 12, 9_000);
        thread(12, 13, 8, 3, 1_500);
        thread(12, 14, 9_000, 9, 99);
        Files.writeString(proc.root().resolve("12/task/14/schedstat"), "50123456 99 99\n"); // 50 ms more
        process(12, 11, 1, 1); // 100 ms more
        meter.end(5, 1);
        final Cost cost = meter.cost(RECORD_LENGTH);
        assertEquals(new Scheduling(51L, 2L, 4_500L), cost.brokerScheduling(), "the meter's own thread left out");
        assertEquals(50 * MS, cost.brokers().get(0).cpuNs());
        assertEquals(53, cost.brokerContextSwitches());
        assertEquals(10.6, cost.brokerSwitchesPerMsg(), 1e-9);
        assertNull(cost.fsyncLatency());
        assertTrue(cost.clientScheduling().voluntarySwitches() >= 0, "of this process");
    }

    @Test
    void shouldFindEveryListenerOrNoneWhenLookingThroughProc() throws IOException {
        Files.createDirectories(proc.root().resolve("net"));
        Files.writeString(proc.root().resolve("net/tcp"),
            "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
            + "   0: 0100007F:2384 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 501 1 0\n"
            + "   1: 0100007F:2385 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 502 1 0\n"
            + "   2: 0100007F:2386 0100007F:9999 01 00000000:00000000 00:00000000 00000000     0        0 503 1 0\n");
        for (int i = 1; i <= 3; i++) {
            Files.createDirectories(proc.root().resolve("7" + i + "/fd"));
            Files.createSymbolicLink(proc.root().resolve("7" + i + "/fd/9"), Path.of("socket:[50" + i + "]"));
        }
        for (int i = 10; i < 30; i++) { // no links, so they cannot be read, like those of files closed meanwhile
            Files.createFile(proc.root().resolve("71/fd/" + i));
        }
        assertEquals(List.of(71L, 72L), LocalBrokers.find(List.of(local(9092), local(9093)), proc).processIds());
        final LocalBrokers.Found missing = LocalBrokers.find(List.of(local(9092), local(9094)), proc);
        assertEquals(List.of(), missing.processIds());
        assertTrue(missing.problem().contains("port 9094") && missing.problem().contains("--broker-pids"),
            missing.problem());
        final LocalBrokers.Found remote = LocalBrokers.find(
            List.of(new InetSocketAddress(InetAddress.getByAddress(new byte[] {10, 0, 0, 1}), 9092)), proc);
        assertTrue(remote.problem().contains("10.0.0.1:9092 is not on this machine"), remote.problem());
    }

    private void kill(final long pid) throws IOException {
        for (final String file : List.of("stat", "io")) {
            Files.delete(proc.root().resolve(pid + "/" + file));
        }
    }

    private static InetSocketAddress local(final int port) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    private CostMeter meter(final Node... nodes) {
        final List<BrokerMeter> meters = new ArrayList<>();
        for (final Node node : nodes) {
            meters.add(node.meter());
        }
        return new CostMeter(meters, List.of(), events::add);
    }

    /** A name like that is allowed, and must not confuse. */
    private void process(final long pid, final long userTicks, final long systemTicks, final long written)
        throws IOException {
        process(pid, userTicks, systemTicks, written, 99);
    }

    private void process(final long pid, final long userTicks, final long systemTicks, final long written,
        final long childrenTicks) throws IOException {
        final Path folder = proc.root().resolve(Long.toString(pid));
        Files.createDirectories(folder);
        Files.writeString(folder.resolve("stat"), pid + " (a) 9 9 (b c) S 1 2 3 4 5 6 7 8 9 10 " + userTicks + " "
            + systemTicks + " " + childrenTicks + " 99 20 0\n");
        Files.writeString(folder.resolve("io"), "rchar: 1\nwchar: 2\nread_bytes: 3\nwrite_bytes: " + written
            + "\ncancelled_write_bytes: 77\n");
    }

    private void thread(final long pid, final long id, final long voluntary, final long involuntary,
        final long runDelayNs) throws IOException {
        final Path folder = Files.createDirectories(proc.root().resolve(pid + "/task/" + id));
        Files.writeString(folder.resolve("status"), "Name:\ta\nvoluntary_ctxt_switches:\t" + voluntary
            + "\nnonvoluntary_ctxt_switches:\t" + involuntary + "\n");
        Files.writeString(folder.resolve("schedstat"), "123456 " + runDelayNs + " 99\n");
        Files.writeString(proc.root().resolve(pid + "/schedstat"), "123456 1 99\n");
    }

    private static void sample(final MeterFile file, final long atMs, final long allocatedLength, final long gcCount,
        final long gcPauseMs) {
        file.set(Figure.ALLOCATED_LENGTH, allocatedLength);
        file.set(Figure.GC_COUNT, gcCount);
        file.set(Figure.GC_PAUSE_NS, gcPauseMs * MS);
        file.set(Figure.SAMPLED_AT_MS, atMs);
    }

    /** The counters of a node that is not there. */
    private final class Node implements AutoCloseable {
        private final long pid;
        private final CountersFile file;
        private final Map<Integer, AtomicCounter> counters = new HashMap<>();
        private final Map<Integer, PeakCounter> peaks = new HashMap<>();

        Node(final int nodeId, final long pid) throws IOException {
            this.pid = pid;
            file = CountersFile.create(dir.resolve("node-" + nodeId), nodeId, pid, STARTED_MS, 0);
            for (final NodeCounter counter : NodeCounter.values()) {
                if (counter == NodeCounter.RING_HIGH_WATER_LENGTH) {
                    file.newPeak(counter.typeId(), counter.label());
                } else {
                    counters.put(counter.typeId(), file.newCounter(counter.typeId(), counter.label()));
                }
            }
            for (final AgentRole role : AgentRole.values()) {
                for (final AgentCounter counter : AgentCounter.values()) {
                    if (!counter.isOf(role)) {
                        continue;
                    }
                    final int typeId = counter.typeId(role);
                    if (counter.name().startsWith("LONGEST")) {
                        peaks.put(typeId, file.newPeak(typeId, counter.label(role)));
                    } else {
                        counters.put(typeId, file.newCounter(typeId, counter.label(role)));
                    }
                }
            }
        }

        BrokerMeter meter() {
            return BrokerMeter.open(pid, 9, proc, Optional.of(file.path()));
        }

        void sampled(final long atMs, final long allocatedLength, final long gcPauseMs) {
            counters.get(NodeCounter.ALLOCATED_LENGTH.typeId()).setRelease(allocatedLength);
            counters.get(NodeCounter.GC_PAUSE_NS.typeId()).setRelease(gcPauseMs * MS);
            counters.get(NodeCounter.SAMPLED_AT_MS.typeId()).setRelease(atMs);
        }

        void count(final AgentCounter counter, final AgentRole role, final long delta) {
            counters.get(counter.typeId(role)).getAndAddRelease(delta);
        }

        void peak(final AgentCounter counter, final AgentRole role, final long atMs, final long ns) {
            peaks.get(counter.typeId(role)).record(atMs * MS, ns);
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }
}
