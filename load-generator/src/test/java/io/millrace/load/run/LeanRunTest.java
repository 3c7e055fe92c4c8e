package io.millrace.load.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.load.run.FakeBroker.Fault;
import io.millrace.load.workload.Workload;
import io.millrace.load.workload.WorkloadBuilder;
import io.millrace.results.model.RunDocument;
import io.millrace.results.model.RunFindings;
import io.millrace.results.model.RunStatus;
import io.millrace.results.model.Tags;
import io.millrace.results.store.RunReader;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.function.LongFunction;
import java.util.function.Supplier;
import org.agrona.concurrent.SystemEpochClock;
import org.agrona.concurrent.SystemNanoClock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whole runs of the lean driver against a broker that fails on purpose. */
@Timeout(600)
class LeanRunTest {
    private static final int RECORDS = 4_000;

    @TempDir
    private Path dir;

    private final StopSignal stop = new StopSignal();
    private int runCount;

    @ParameterizedTest
    @CsvSource({
        "all,none,1,1,0ms", "leader,none,1,1,0ms", "none,none,1,1,0ms", "all,lz4,1,1,2ms", "leader,lz4,3,2,0ms",
        "all,none,5,2,1ms"})
    void shouldFindNothingWrongWithABrokerThatWorks(
        final String acks, final String codec, final String producers, final String threads, final String linger) {
        try (FakeBroker broker = new FakeBroker(i -> Fault.NONE)) {
            final RunReport report = answered(() -> run(broker, settings().set("acks", acks)
                .set("compression", codec).set("producers", producers).set("threads", threads).set("linger", linger)));
            final RunDocument document = report.document();
            assertEquals(RECORDS, document.measured().acked(), document.notes()::toString);
            assertTrue(document.verify().isClean(), report.findings()::toString);
            assertTrue(document.verify().checked() >= RECORDS);
            assertEquals(0, document.verify().lostUnacked());
            assertTrue(document.measured().errors().isEmpty());
            assertNotEquals(ExitCodes.INCORRECT, report.exitCode());
            assertEquals(runCount, broker.deletedTopics.size(), "each run's own topic is deleted");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "record-size=dist:0.7x64B+0.3x1KiB|compression=none",
        "record-size=dist:0.7x64B+0.3x1KiB|compression=lz4",
        "keys=zipf:100|compression=gzip",
        "keys=uniform:1000,record-size=dist:1x32B+1x4000B|compression=snappy",
        "compressible=0.5,topics=3,partitions=2|compression=zstd",
        "arrival=poisson,topics=2|compression=none",
        "arrival=burst:100|compression=none"})
    void shouldFindNothingWrongWhateverIsSent(final String more, final String codec) {
        try (FakeBroker broker = new FakeBroker(i -> Fault.NONE)) {
            final WorkloadBuilder settings = settings().set("producers", "2").set(codec);
            for (final String setting : more.split(",")) {
                settings.set(setting);
            }
            final RunReport report = answered(() -> run(broker, settings));
            final RunDocument document = report.document();
            assertTrue(document.verify().isClean(), report.findings()::toString);
            assertEquals(RECORDS, document.measured().acked(), document.notes()::toString);
            assertEquals(0, document.verify().lostUnacked());
        }
    }

    @ParameterizedTest
    @CsvSource({"1,1", "2,2"})
    void shouldMeasureEndToEndWhenThereAreConsumers(final String consumers, final String topics) {
        try (FakeBroker broker = new FakeBroker(i -> Fault.NONE)) {
            final RunReport report = run(broker, settings().set("consumers", consumers)
                .set("topics", topics));
            final RunDocument document = report.document();
            assertEquals(RECORDS, document.measured().consumed(), document.notes()::toString);
            assertEquals(RECORDS, document.measured().latency().get(Tags.E2E_RT).count());
            assertTrue(document.measured().latency().get(Tags.E2E_RT).maxNs() > 0);
            assertTrue(document.verify().isClean(), report.findings()::toString);
        }
    }

    @Test
    void shouldCountARecordOnceWhenConsumersReceiveItTwice() {
        try (FakeBroker broker = new FakeBroker(i -> i == 5 ? Fault.DOUBLE : Fault.NONE)) {
            final RunDocument document =
                run(broker, settings().set("consumers", "1").set("warmup", "0s")).document();
            assertTrue(document.verify().duplicates() > 0, document.notes()::toString);
            assertEquals(RECORDS, document.measured().consumed(), document.notes()::toString);
            assertEquals(RECORDS, document.measured().latency().get(Tags.E2E_RT).count());
        }
    }

    @Test
    void shouldBuildAndDrainABacklogWhenAsked() {
        try (FakeBroker broker = new FakeBroker(i -> Fault.NONE)) {
            final RunReport report = run(broker, settings().set("num-records", "0").set("duration", "1s")
                .set("consumers", "1").set("backlog", "64KiB").set("drain", "60s").set("cooldown", "100ms"));
            final RunFindings.BacklogResult backlog = report.document().findings().backlog();
            assertTrue(backlog.builtRecords() >= 1_024, backlog::toString);
            assertTrue(backlog.drainNs() != null && backlog.drainNs() > 0, backlog::toString);
            assertEquals(4_000, report.document().measured().sent(), "the backlog is not in the measured phase");
            assertTrue(report.document().verify().isClean(), report.findings()::toString);
            assertTrue(report.document().verify().checked() > 5_000);
        }
    }

    @Test
    void shouldKeepTheServiceLevelsAskedForInTheResult() {
        try (FakeBroker broker = new FakeBroker(i -> Fault.NONE)) {
            final RunReport report = run(broker, settings().set("slo", "rt.max<1ns; lost_acked==0"));
            assertEquals(List.of(false, true),
                report.document().findings().slo().stream().map(RunFindings.SloResult::isMet).toList());
            assertTrue(report.exitCode() == ExitCodes.SLO_MISSED || report.exitCode() == ExitCodes.INVALID);
        }
    }

    @Test
    void shouldShowTheWholeTailWhenTheTargetStalls() {
        // Nothing is answered for a second, while a record is due every 250 us: with the clock at the send time only
        // those in flight would look slow, with the clock at the due time a third of all are late by up to a second.
        final java.util.concurrent.atomic.AtomicBoolean hasStalled = new java.util.concurrent.atomic.AtomicBoolean();
        try (FakeBroker broker = new FakeBroker(i -> {
            if (i > 100 && hasStalled.compareAndSet(false, true)) {
                final long endNs = System.nanoTime() + 1_000_000_000L;
                while (System.nanoTime() - endNs < 0) {
                    java.util.concurrent.locks.LockSupport.parkNanos(endNs - System.nanoTime());
                }
            }
            return Fault.NONE;
        })) {
            final RunReport report = run(broker, settings().set("warmup", "0s").set("num-records", "12000")
                .set("in-flight", "16"));
            final RunDocument document = report.document();
            final org.HdrHistogram.Histogram all = RunReader.read(report.directory()).merged(Tags.ACK_RT);
            assertTrue(all.getMaxValue() >= 990_000_000L, "longest " + all.getMaxValue());
            final long late = all.getCountBetweenValues(250_000_000L, Long.MAX_VALUE / 2);
            assertTrue(late >= 2_800, "due in the first 750 ms of the stall: 3000, found " + late);
            final org.HdrHistogram.Histogram service =
                RunReader.read(report.directory()).merged(Tags.ACK_SERVICE);
            // 16 in this stall, and as many in each that the machine adds
            assertTrue(service.getCountBetweenValues(250_000_000L, Long.MAX_VALUE / 2) <= late / 4,
                "by the time of sending only what was in flight looks late");
            assertEquals(12_000, document.measured().acked());
        }
    }

    @Test
    void shouldRetryWithoutLossOrDuplicateWhenTheBrokerFailsAtRandom() {
        final long seed = new SplittableRandom().nextLong();
        final SplittableRandom random = new SplittableRandom(seed);
        final Fault[] faults = {Fault.NOT_LEADER, Fault.DROP, Fault.LOST_ANSWER, Fault.TIMED_OUT};
        final LongFunction<Fault> script =
            i -> random.nextInt(25) == 0 ? faults[random.nextInt(faults.length)] : Fault.NONE;
        try (FakeBroker broker = new FakeBroker(script)) {
            final RunReport report =
                answered(() -> run(broker, settings().set("producers", "2").set("rate", "2000")));
            final RunDocument document = report.document();
            final String context = "seed " + seed + " " + report.findings() + document.measured().errors();
            assertTrue(document.verify().isClean(), context);
            assertEquals(0, document.verify().lostUnacked(), context);
            assertEquals(RECORDS, document.measured().acked(), context);
            assertTrue(document.measured().errors().isEmpty(), context);
        }
    }

    @Test
    void shouldLoseNothingWhenTheWindowsAreFull() {
        final RunReport report = answered(this::runWithFullWindows);
        final RunDocument document = report.document();
        final String context = report.findings() + " " + document.measured().errors();
        assertEquals(60_000, document.measured().acked(), context);
        assertTrue(document.verify().isClean(), context);
        assertTrue(document.notes().stream().anyMatch(note -> note.contains("in-flight window")));
    }

    private RunReport runWithFullWindows() {
        try (FakeBroker broker = new FakeBroker(i -> i % 100 == 50 ? Fault.LOST_ANSWER : Fault.NONE)) {
            return run(broker, settings().set("rate", "-1").set("num-records", "60k").set("record-size", "1KiB")
                .set("warmup", "0s").set("producers", "4"));
        }
    }

    /** A run waits ten seconds for the last answers: what a slower machine still owes then is counted apart. */
    private static RunReport answered(final Supplier<RunReport> run) {
        RunReport report = run.get();
        for (int i = 0; i < 3 && isOwedAnswers(report); i++) {
            assertTrue(report.document().verify().isClean(), report.findings()::toString);
            report = run.get();
        }
        return report;
    }

    private static boolean isOwedAnswers(final RunReport report) {
        final Set<String> errors = report.document().measured().errors().keySet();
        return !errors.isEmpty() && Set.of("NO_ANSWER", "NOT_SENT").containsAll(errors);
    }

    @Test
    void shouldCountWhatIsRefusedForGoodAndKeepTheRestInOrder() {
        try (FakeBroker broker = new FakeBroker(i -> i % 40 == 7 ? Fault.REFUSE : Fault.NONE)) {
            final RunReport report = run(broker, settings().set("warmup", "0s").set("batch-size", "1KiB"));
            final RunDocument document = report.document();
            assertTrue(document.measured().errors().get("INVALID_RECORD") > 0, document.measured().errors()::toString);
            assertTrue(document.verify().isClean(), report.findings()::toString);
            assertEquals(RunStatus.INVALID, document.status());
            assertTrue(document.invalidReasons().contains("errors"));
            assertEquals(document.measured().sent(), document.measured().acked()
                + document.measured().errors().values().stream().mapToLong(Long::longValue).sum());
        }
    }

    @Test
    void shouldGiveUpInTimeWhenTheBrokerNeverTakesAnything() {
        try (FakeBroker broker = new FakeBroker(i -> Fault.NOT_LEADER)) {
            final RunReport report = run(broker, settings().set("delivery-timeout", "500ms").set("num-records", "500")
                .set("warmup", "0s"));
            final RunDocument document = report.document();
            assertEquals(0, document.measured().acked());
            assertEquals(500, document.measured().errors().get("DELIVERY_TIMEOUT"));
            assertEquals(500, document.verify().lostUnacked());
            assertEquals(0, document.verify().lostAcked());
            assertEquals(500, document.measured().latency().get(Tags.ACK_RT).count(), "all failed, none is left out");
            // A batch is given up when its first record is 500 ms old, and the last of all records is due 125 ms after
            // the first of all: so none fails sooner than 375 ms after it was due, whatever the machine does.
            assertTrue(RunReader.read(report.directory()).merged(Tags.ACK_RT).getMinNonZeroValue() > 370_000_000L,
                document.measured().latency()::toString);
        }
    }

    @Test
    void shouldEndWithFiveWhenAnAcknowledgedBatchIsGone() {
        try (FakeBroker broker = new FakeBroker(i -> i == 30 ? Fault.LOSE : Fault.NONE)) {
            final RunReport report = run(broker, settings().set("batch-size", "1KiB"));
            assertTrue(report.document().verify().lostAcked() > 0);
            assertEquals(ExitCodes.INCORRECT, report.exitCode());
        }
    }

    @Test
    void shouldEndWithFiveWhenABatchIsThereTwice() {
        try (FakeBroker broker = new FakeBroker(i -> i == 30 ? Fault.DOUBLE : Fault.NONE)) {
            final RunReport report = run(broker, settings().set("batch-size", "1KiB"));
            assertTrue(report.document().verify().duplicates() > 0);
            assertEquals(ExitCodes.INCORRECT, report.exitCode());
        }
    }

    @Test
    void shouldKeepWhatWasMeasuredWhenInterrupted() {
        try (FakeBroker broker = new FakeBroker(i -> {
            if (i == 20) {
                stop.interrupt();
            }
            return Fault.NONE;
        })) {
            // so many that they cannot all be due when the broker sees its 21st request
            final int planned = 40 * RECORDS;
            final RunReport report = run(broker, settings().set("num-records", String.valueOf(planned)));
            assertEquals(RunStatus.INTERRUPTED, report.document().status());
            assertEquals(ExitCodes.INTERRUPTED, report.exitCode());
            assertTrue(report.document().measured().sent() < planned);
            assertEquals(1, broker.deletedTopics.size());
        }
    }

    private static WorkloadBuilder settings() {
        return new WorkloadBuilder().set("rate", "4000").set("num-records", String.valueOf(RECORDS))
            .set("warmup", "100ms").set("partitions", "3").set("replication-factor", "1").set("record-size", "64B");
    }

    private RunReport run(final FakeBroker broker, final WorkloadBuilder settings) {
        final Workload workload = settings.build();
        final Target target = new Target(broker.address(), "fake broker", true, dir);
        final RunIdentity identity = new RunIdentity(UUID.randomUUID(), dir.resolve("run-" + ++runCount), null, null,
            null, 0, List.of("test"), WorkloadYaml.sha256(workload, List.of()));
        final Progress silent =
            new Progress(new PrintStream(OutputStream.nullOutputStream()), true, false);
        return new BenchRun(new RunSetup(workload, target, identity,
            new KafkaBackend(broker.address(), SystemNanoClock.INSTANCE), silent, stop, SystemNanoClock.INSTANCE,
            SystemEpochClock.INSTANCE, RunExtras.none())).execute();
    }
}
