package io.millrace.load.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.load.run.FakeBroker.Fault;
import io.millrace.load.workload.Workload;
import io.millrace.load.workload.WorkloadBuilder;
import io.millrace.results.model.RunDocument;
import io.millrace.results.model.RunStatus;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.function.LongFunction;
import org.agrona.concurrent.SystemEpochClock;
import org.agrona.concurrent.SystemNanoClock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whole runs of the lean driver against a broker that fails on purpose. */
@Timeout(300)
class LeanRunTest {
    private static final int RECORDS = 4_000;

    @TempDir
    private Path dir;

    private final StopSignal stop = new StopSignal();

    @ParameterizedTest
    @CsvSource({
        "all,none,1,1,0ms", "leader,none,1,1,0ms", "none,none,1,1,0ms", "all,lz4,1,1,2ms", "leader,lz4,3,2,0ms",
        "all,none,5,2,1ms"})
    void shouldFindNothingWrongWithABrokerThatWorks(
        final String acks, final String codec, final String producers, final String threads, final String linger) {
        try (FakeBroker broker = new FakeBroker(i -> Fault.NONE)) {
            final RunReport report = run(broker, settings().set("acks", acks).set("compression", codec)
                .set("producers", producers).set("threads", threads).set("linger", linger));
            final RunDocument document = report.document();
            assertEquals(RECORDS, document.measured().acked(), document.notes()::toString);
            assertTrue(document.verify().isClean(), report.findings()::toString);
            assertTrue(document.verify().checked() >= RECORDS);
            assertEquals(0, document.verify().lostUnacked());
            assertTrue(document.measured().errors().isEmpty());
            assertNotEquals(ExitCodes.INCORRECT, report.exitCode());
            assertEquals(1, broker.deletedTopics.size(), "the run's own topic is deleted");
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
            final RunReport report = run(broker, settings().set("producers", "2").set("rate", "2000"));
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
        try (FakeBroker broker = new FakeBroker(i -> i % 100 == 50 ? Fault.LOST_ANSWER : Fault.NONE)) {
            final RunReport report = run(broker, settings().set("rate", "-1").set("num-records", "60k")
                .set("record-size", "1KiB").set("warmup", "0s").set("producers", "4"));
            final RunDocument document = report.document();
            final String context = report.findings() + " " + document.measured().errors();
            assertEquals(60_000, document.measured().acked(), context);
            assertTrue(document.verify().isClean(), context);
            assertTrue(document.notes().stream().anyMatch(note -> note.contains("in-flight window")));
        }
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
        final RunIdentity identity = new RunIdentity(UUID.randomUUID(), dir.resolve("run"), null, null, null, 0,
            List.of("test"), WorkloadYaml.sha256(workload, List.of()));
        final Progress silent =
            new Progress(new PrintStream(OutputStream.nullOutputStream()), true, false);
        return new BenchRun(workload, target, identity,
            new KafkaBackend(broker.address(), SystemNanoClock.INSTANCE), silent, stop, SystemNanoClock.INSTANCE,
            SystemEpochClock.INSTANCE).execute();
    }
}
