package io.millrace.load.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.load.record.Ledger;
import io.millrace.load.workload.Workload;
import io.millrace.load.workload.WorkloadBuilder;
import io.millrace.results.model.RunDocument;
import io.millrace.results.model.RunEvent;
import io.millrace.results.model.Tags;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import org.HdrHistogram.Histogram;
import org.agrona.concurrent.SystemEpochClock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is decided for processes that are slow to hear of it, on a clock that runs as fast as the test. */
@Timeout(120)
class SharedRunTest {
    private static final long S = 1_000_000_000L;

    @TempDir
    private Path dir;

    private long nowNs = 100 * S;

    @Test
    void shouldNameTheMomentSoFarAheadThatTheSlowestHearsOfIt() {
        final SlowCrew crew = new SlowCrew(9 * S);
        final RunDocument document = run(crew, "steady:60s");
        assertEquals(9 * S, crew.startNs - crew.beganNs);
        assertTrue(crew.measureStartNs - crew.measureToldNs >= 9 * S - SlowCrew.STEP_NS,
            () -> "told at " + crew.measureToldNs + ", for " + crew.measureStartNs);
        assertTrue(crew.measureStartNs < crew.startNs + 60 * S);
        assertFalse(document.invalidReasons().contains("steady"), document.notes()::toString);
    }

    @Test
    void shouldBeginAsPlannedWhenThereIsNoTimeLeftToTellOfAnEarlierStart() {
        final SlowCrew crew = new SlowCrew(9 * S);
        final RunDocument document = run(crew, "steady:14s");
        assertNull(crew.measureStartNs);
        assertFalse(document.invalidReasons().contains("steady"), "it was steady");
    }

    private RunDocument run(final SlowCrew crew, final String warmup) {
        final Workload workload = new WorkloadBuilder().set("driver", "null").set("rate", "1000")
            .set("duration", "2s").set("warmup", warmup).set("verify", "false").build();
        try (crew) {
            return new SharedRun(new RunSetup(workload, new Target(null, "nothing", true, dir),
                new RunIdentity(UUID.randomUUID(), dir.resolve("run"), null, null, null, 0, List.of("test"), "-"),
                new NullBackend(() -> nowNs), new Progress(new PrintStream(OutputStream.nullOutputStream()), true,
                false), new StopSignal(), () -> nowNs, SystemEpochClock.INSTANCE, RunExtras.none()), crew)
                .execute().document();
        }
    }

    /** Time goes on when it is asked; its load is as steady as can be. */
    private final class SlowCrew implements Crew {
        private static final long STEP_NS = S / 2;

        private final long noticeNs;
        private final Histogram second = new Histogram(3);
        private long beganNs;
        private long startNs;
        private long toldNs;
        private long measureToldNs;
        private Long measureStartNs;
        private boolean isFinished;

        SlowCrew(final long noticeNs) {
            this.noticeNs = noticeNs;
            second.recordValueWithCount(1_000_000, 1_000);
        }

        @Override
        public int size() {
            return 2;
        }

        @Override
        public String clock() {
            return "one";
        }

        @Override
        public void prepare(final String topic, final String bootstrap, final long[] startOffsets,
            final BooleanSupplier stopped) {
        }

        @Override
        public long noticeNs() {
            return noticeNs;
        }

        @Override
        public void begin(final long atNs, final long startEpochMs) {
            beganNs = nowNs;
            startNs = atNs;
            toldNs = atNs;
        }

        @Override
        public void poll() {
            nowNs += STEP_NS;
        }

        @Override
        public List<Second> takeSeconds() {
            final List<Second> seconds = new ArrayList<>();
            while (nowNs - toldNs >= S) {
                final boolean isWarm = toldNs - startOfMeasuring() >= 0;
                final String tag = isWarm ? Tags.ACK_RT : Tags.WARMUP_PREFIX + Tags.ACK_RT;
                final long ms = (toldNs - startNs) / 1_000_000;
                toldNs += S;
                seconds.add(new Second(isWarm ? "measure" : "warmup", ms, ms + 1_000, 1_000, 1_000, 0,
                    new HashMap<>(Map.of(tag, second))));
            }
            return seconds;
        }

        private long startOfMeasuring() {
            return measureStartNs == null ? Long.MAX_VALUE : measureStartNs;
        }

        @Override
        public List<RunEvent> takeEvents() {
            return List.of();
        }

        @Override
        public RunTotals totals() {
            return new RunTotals(2_000, 0, 2_000, 2_000, 0, 2_000, 2_000, 0, 0, 0, 0, 0, 2 * S, 2 * S, 2 * S,
                Map.of());
        }

        @Override
        public boolean isMeasuringDone() {
            return isLoadDone();
        }

        @Override
        public boolean isLoadDone() {
            return nowNs - (measureStartNs == null ? startNs + 14 * S : measureStartNs) >= 2 * S;
        }

        @Override
        public boolean isEnded() {
            return isFinished;
        }

        @Override
        public String consumerProblem() {
            return null;
        }

        @Override
        public List<String> lost() {
            return List.of();
        }

        @Override
        public void measureFrom(final long atNs) {
            measureToldNs = nowNs;
            measureStartNs = atNs;
        }

        @Override
        public void pause(final boolean isPause) {
        }

        @Override
        public void endLoad() {
        }

        @Override
        public void finish() {
            isFinished = true;
        }

        @Override
        public void stop(final boolean isInterrupted) {
            isFinished = true;
        }

        @Override
        public Result conclude(final Ledger into) {
            return new Result(List.of(), List.of(), null, List.of(), Map.of());
        }

        @Override
        public void close() {
            isFinished = true;
        }
    }
}
