package io.millrace.load.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.load.driver.Backend;
import io.millrace.load.driver.LoadDriver;
import io.millrace.load.driver.RecordSource;
import io.millrace.load.driver.TopicAdmin;
import io.millrace.load.run.FakeBroker.Fault;
import io.millrace.load.workload.Workload;
import io.millrace.load.workload.WorkloadBuilder;
import io.millrace.results.model.Verification;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.ToLongFunction;
import org.agrona.concurrent.SystemEpochClock;
import org.agrona.concurrent.SystemNanoClock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What goes wrong between a log and its reader is found in a whole run: one record is spoilt on purpose. */
@Timeout(600)
class SpoiltRecordsTest {
    private static final int SPOILT = 137;

    @TempDir
    private Path dir;

    /** What becomes of one record, and where that is counted. */
    enum Spoil {
        LOSE(Verification::lostAcked),
        DOUBLE(Verification::duplicates),
        DELAY(Verification::reordered),
        FLIP_A_BIT(Verification::corrupt),
        CUT_SHORT(Verification::corrupt);

        private final ToLongFunction<Verification> count;

        Spoil(final ToLongFunction<Verification> count) {
            this.count = count;
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldFindOneSpoiltRecordAmongMany(final Spoil spoil) {
        try (FakeBroker broker = new FakeBroker(i -> Fault.NONE)) {
            final RunReport report = run(broker, settings(),
                new Spoiling(new KafkaBackend(broker.address(), SystemNanoClock.INSTANCE), spoil));
            assertTrue(spoil.count.applyAsLong(report.document().verify()) > 0, report.document().verify()::toString);
            assertEquals(ExitCodes.INCORRECT, report.exitCode());
        }
    }

    @Test
    void shouldCallLostWhatIsMissingAtTheHeadWhenNoRetentionCanHaveDeletedIt() {
        try (FakeBroker broker = new FakeBroker(i -> Fault.NONE)) {
            final RunReport report = runBehindAMovedStart(broker,
                settings().set("topic.retention.ms", "3600000").set("topic.retention.bytes", "-1"), null);
            final Verification verify = report.document().verify();
            assertEquals(1_500, verify.checked(), verify::toString);
            assertEquals(500, verify.lostAcked(), verify::toString);
            assertEquals(ExitCodes.INCORRECT, report.exitCode());
            assertEquals("lost at the head: partition=0 begins at offset 500, and its retention (bytes=-1 ms=3600000) "
                + "cannot have deleted that yet", report.findings().get(0));
        }
    }

    @Test
    void shouldNotCallLostWhatTheRetentionOfItsTopicDeleted() {
        try (FakeBroker broker = new FakeBroker(i -> Fault.NONE)) {
            final TopicCheck.Found[] seen = new TopicCheck.Found[1];
            final RunReport report = runBehindAMovedStart(
                broker, settings().set("topic.retention.bytes", "10000").set("slo", "lost_acked==0"), seen);
            isExcused(report);
            assertTrue(report.document().notes().contains("Service level not met: lost_acked==0 (retention deleted 500 "
                + "records before they were read back)."), report::toString);
            assertEquals(1_500, seen[0].records());
            assertEquals(0, seen[0].gaps());
            assertEquals(List.of("partition 0: offsets 0 to 499 were deleted by retention, and not checked"),
                seen[0].findings());
        }
    }

    @Test
    void shouldNotCallLostWhatIsMissingInATopicOfOthers() {
        try (FakeBroker broker = new FakeBroker(i -> Fault.NONE)) {
            try (TopicAdmin admin = new KafkaBackend(broker.address(), SystemNanoClock.INSTANCE).openAdmin()) {
                admin.create("theirs", 1, 1, Map.of());
            }
            isExcused(runBehindAMovedStart(broker, settings().set("topic", "theirs"), null));
        }
    }

    @Test
    void shouldKnowWhatARetentionCanHaveDeleted() {
        final long hourNs = 3_600_000_000_000L;
        final TopicRetention none =
            TopicRetention.of(Map.of("retention.bytes", "-1"), Map.of("retention.ms", "604800000"));
        assertFalse(none.canHaveDeleted(1_000_000, 1_000, hourNs), "a week");
        assertTrue(TopicRetention.of(Map.of("retention.ms", "604800000"), Map.of()).canHaveDeleted(1, 1, 0),
            "the brokers' own limit of bytes is not known");
        final TopicRetention told = TopicRetention.of(
            Map.of("retention.ms", "-1"), Map.of("retention.ms", "60000", "retention.bytes", "1000000000"));
        assertEquals(new TopicRetention(1_000_000_000, 60_000), told, "what the cluster says counts");
        assertTrue(told.canHaveDeleted(1, 10, hourNs));
        assertFalse(told.canHaveDeleted(1, 10, hourNs / 100));
        assertTrue(told.canHaveDeleted(1_000_000, 1_000, 0));
    }

    private static void isExcused(final RunReport report) {
        final Verification verify = report.document().verify();
        assertEquals(1_500, verify.checked(), verify::toString);
        assertTrue(verify.isClean(), verify::toString);
        assertTrue(report.document().notes().stream().anyMatch(note ->
            note.startsWith("500 records were deleted by the topic's retention")), report::toString);
    }

    private static WorkloadBuilder settings() {
        return new WorkloadBuilder().set("rate", "4000").set("num-records", "2000").set("warmup", "0s")
            .set("partitions", "1").set("replication-factor", "1").set("record-size", "64B");
    }

    /** The first 500 records are gone when everything is written and nothing read. */
    private RunReport runBehindAMovedStart(
        final FakeBroker broker, final WorkloadBuilder settings, final TopicCheck.Found[] seen) {
        final Backend real = new KafkaBackend(broker.address(), SystemNanoClock.INSTANCE);
        return run(broker, settings, new Backend() {
            @Override
            public TopicAdmin openAdmin() {
                return real.openAdmin();
            }

            @Override
            public LoadDriver openDriver(final Workload of, final String topic, final long runId) {
                return real.openDriver(of, topic, runId);
            }

            @Override
            public RecordSource openSource() {
                broker.logStart = 500;
                return (topic, starts, ends, handler) -> {
                    if (seen != null) {
                        seen[0] = TopicCheck.read(real, topic, () -> false);
                    }
                    real.openSource().readAll(topic, starts, ends, handler);
                };
            }
        });
    }

    private RunReport run(final FakeBroker broker, final WorkloadBuilder settings, final Backend backend) {
        return new BenchRun(new RunSetup(settings.build(), new Target(broker.address(), "fake broker", true, dir),
            new RunIdentity(UUID.randomUUID(), dir.resolve("run"), null, null, null, 0, List.of("test"), "-"), backend,
            new Progress(new PrintStream(OutputStream.nullOutputStream()), true, false), new StopSignal(),
            SystemNanoClock.INSTANCE, SystemEpochClock.INSTANCE, RunExtras.none())).execute();
    }

    private record Spoiling(Backend real, Spoil spoil) implements Backend {
        @Override
        public TopicAdmin openAdmin() {
            return real.openAdmin();
        }

        @Override
        public LoadDriver openDriver(final Workload workload, final String topic, final long runId) {
            return real.openDriver(workload, topic, runId);
        }

        @Override
        public RecordSource openSource() {
            return (topic, starts, ends, handler) ->
                real.openSource().readAll(topic, starts, ends, new SpoilingHandler(handler, spoil));
        }
    }

    private static final class SpoilingHandler implements RecordSource.Handler {
        private final RecordSource.Handler to;
        private final Spoil spoil;
        private int number;
        private ByteBuffer held;

        SpoilingHandler(final RecordSource.Handler to, final Spoil spoil) {
            this.to = to;
            this.spoil = spoil;
        }

        @Override
        public void onRecord(final int partition, final ByteBuffer buffer, final int index, final int length) {
            if (number++ == SPOILT) {
                switch (spoil) {
                    case LOSE -> { }
                    case DOUBLE -> {
                        to.onRecord(partition, buffer, index, length);
                        to.onRecord(partition, buffer, index, length);
                    }
                    case DELAY -> {
                        held = ByteBuffer.allocate(length);
                        held.put(0, buffer, index, length);
                    }
                    case FLIP_A_BIT -> {
                        buffer.put(index + 40, (byte) (buffer.get(index + 40) ^ 4));
                        to.onRecord(partition, buffer, index, length);
                    }
                    default -> to.onRecord(partition, buffer, index, length - 1);
                }
                return;
            }
            to.onRecord(partition, buffer, index, length);
            if (held != null) {
                final ByteBuffer late = held;
                held = null;
                to.onRecord(partition, late, 0, length);
            }
        }

        @Override
        public void onDamagedBatch(final int partition, final long offset, final String reason) {
            to.onDamagedBatch(partition, offset, reason);
        }

        @Override
        public boolean isStopped() {
            return to.isStopped();
        }
    }
}
