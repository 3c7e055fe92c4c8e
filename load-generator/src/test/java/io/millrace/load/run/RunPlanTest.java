package io.millrace.load.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.load.profile.ProfileKind;
import io.millrace.load.profile.Profiling;
import io.millrace.load.workload.Workload;
import io.millrace.load.workload.WorkloadBuilder;
import io.millrace.results.model.GitRevision;
import io.millrace.results.model.RunHeader;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RunPlanTest {
    @Test
    void shouldPlanATimedRun() {
        final RunPlan plan = RunPlan.of(
            new WorkloadBuilder().set("warmup", "2s").set("duration", "3s").set("rate", "100").build(), 1_000);
        assertEquals(2_000_001_000L, plan.measureStartNs());
        assertEquals(5_000_001_000L, plan.measureEndNs());
        assertEquals(300, plan.measureTicks());
        assertEquals(10_000_000_000L, plan.graceNs());
    }

    @Test
    void shouldPlanACountedRun() {
        final WorkloadBuilder settings = new WorkloadBuilder().set("num-records", "500").set("warmup", "0s");
        final RunPlan scheduled = RunPlan.of(new WorkloadBuilder(settings).set("rate", "100").build(), 0);
        assertEquals(5_000_000_000L, scheduled.measureEndNs());
        assertEquals(500, scheduled.measureTicks());
        final RunPlan unlimited = RunPlan.of(new WorkloadBuilder(settings).set("rate", "-1").build(), 0);
        assertFalse(unlimited.isTimed());
    }

    @Test
    void shouldRefuseARunThatWouldFillTheDisk() {
        final Workload workload =
            new WorkloadBuilder().set("rate", "1M").set("record-size", "50KB").set("duration", "1h").build();
        final RunRefusedException refused = assertThrows(RunRefusedException.class,
            () -> DiskEstimate.check(workload, new Target("127.0.0.1:1", "", true, Path.of("."))));
        assertEquals(ExitCodes.USAGE, refused.exitCode());
        assertTrue(refused.getMessage().contains("3 replicas"), refused.getMessage());
        assertTrue(refused.getMessage().contains("free; lower --rate"), refused.getMessage());
        DiskEstimate.check(workload, new Target("10.0.0.1:1", "", false, Path.of(".")));
    }

    @Test
    void shouldSeeADriftButNotNoise() {
        final List<Double> steady = IntStream.range(0, 60).mapToObj(i -> 100.0 + i * 37 % 11).toList();
        assertEquals(0, SteadyCheck.drift(steady), 0.05);
        final List<Double> rising = IntStream.range(0, 60).mapToObj(i -> 100.0 + i).toList();
        assertEquals(59 / 129.5, SteadyCheck.drift(rising), 0.01);
        assertEquals(0, SteadyCheck.drift(rising.subList(0, 5)), "too few to tell");
    }

    @Test
    void shouldSeeADriftThatBeginsAfterAThousandIntervals() {
        final List<Double> late =
            IntStream.range(0, 4_000).mapToObj(i -> 100.0 + Math.max(0, i - 1_000) / 30.0).toList();
        assertTrue(SteadyCheck.drift(late) > 0.4, "" + SteadyCheck.drift(late));
    }

    @Test
    void shouldPutAnIncorrectHistoryOverEverything() {
        assertEquals(ExitCodes.INCORRECT, ExitCodes.worse(ExitCodes.INVALID, ExitCodes.INCORRECT));
        assertEquals(ExitCodes.INVALID, ExitCodes.worse(ExitCodes.OK, ExitCodes.INVALID));
        assertEquals(ExitCodes.INVALID, ExitCodes.worse(ExitCodes.SLO_MISSED, ExitCodes.INVALID));
        assertEquals(ExitCodes.SLO_MISSED, ExitCodes.worse(ExitCodes.SLO_MISSED, ExitCodes.REGRESSION));
        assertEquals(ExitCodes.INTERRUPTED, ExitCodes.worse(ExitCodes.INTERRUPTED, ExitCodes.INTERNAL));
    }

    @Test
    void shouldEndAnUnpacedRunWithItsLastAnswerWhenItBeganWithAnEmptyWindow() {
        final WorkloadBuilder settings = new WorkloadBuilder().set("num-records", "20k").set("rate", "-1");
        final RunTotals totals = new RunTotals(0, 0, 20_000, 20_000, 0, 20_000, 20_000, 0, 0, 0, 0, 0, 4_000_000_000L,
            4_000_000_000L, 20_000_000_000L, Map.of());
        final Workload cold = new WorkloadBuilder(settings).set("warmup", "0s").build();
        assertEquals(1_000, RunSummary.measured(cold, RunPlan.of(cold, 0), totals, false, null).achievedPerS(), 1e-9);
        final Workload warm = new WorkloadBuilder(settings).set("warmup", "5s").build();
        assertEquals(5_000, RunSummary.measured(warm, RunPlan.of(warm, 0), totals, false, null).achievedPerS(), 1e-9,
            "its window was full at the start, too");
        final Workload paced = new WorkloadBuilder(settings).set("warmup", "0s").set("rate", "5k").build();
        assertEquals(5_000, RunSummary.measured(paced, RunPlan.of(paced, 0), totals, false, null).achievedPerS(),
            1e-9);
    }

    @Test
    void shouldNotCallACountedRunFullThatTookTwiceItsTime() {
        for (final String arrival : List.of("uniform", "poisson", "burst:100")) {
            final WorkloadBuilder settings = new WorkloadBuilder().set("num-records", "100k").set("rate", "10k")
                .set("warmup", "0s").set("arrival", arrival);
            assertEquals(0.52, achieved(settings, 10.02, 19.2), 0.01, arrival);
            assertEquals(1, achieved(settings, 9.99, 10), 0.003, arrival);
        }
        final WorkloadBuilder random =
            new WorkloadBuilder().set("num-records", "100k").set("rate", "10k").set("arrival", "poisson");
        assertEquals(1, achieved(random, 9.7, 9.701), 0.001, "random gaps may be short");
        assertEquals(1, achieved(random, 10.3, 10.301), 0.001, "or long");
    }

    private static double achieved(final WorkloadBuilder settings, final double lastDueS, final double lastSendS) {
        final Workload workload = settings.build();
        final RunPlan plan = RunPlan.of(workload, 0);
        final RunTotals totals = new RunTotals(100_000, 0, 100_000, 100_000, 0, 100_000, 100_000, 0, 0, 0, 0, 0,
            (long) (lastDueS * 1e9), (long) (lastSendS * 1e9), (long) (lastSendS * 1e9), Map.of());
        return RunSummary.achieved(
            workload, plan, RunSummary.measured(workload, plan, totals, false, null), totals);
    }

    @Test
    void shouldTellWhatWasRecordedBesideTheRun() {
        assertEquals("none", recording(null));
        assertEquals("jfr", recording(new Profiling(null)));
        assertEquals("alloc", recording(new Profiling(ProfileKind.ALLOC)));
    }

    private static Object recording(final Profiling profiling) {
        final RunHeader header = new RunHeader("id", null, null, null, 0, Instant.EPOCH, List.of(),
            GitRevision.unknown(), null, new HashMap<>(), null);
        return RunSummary.with(header, new RunExtras(null, null, null, null, profiling, null, null)).params()
            .getOrDefault("recording", "none");
    }

    @Test
    void shouldTellWhichStartOfTheSystemARunMet() {
        final RunHeader header = new RunHeader("id", null, null, null, 0, Instant.EPOCH, List.of(),
            GitRevision.unknown(), null, new HashMap<>(), null);
        assertEquals("start-7", RunSummary.with(header, new RunExtras(null, null, null, null, null, null, "start-7"))
            .params().get("cluster"));
    }

    @Test
    void shouldTellTheOtherSettingsThatAreNotTheDefault() {
        assertEquals("", RunSummary.otherSettings(new WorkloadBuilder().set("acks", "leader").set("name", "x")
            .set("slo", "rt.p99<5ms").set("runs", "7").set("warmup", "10000ms").build()));
        assertEquals("connections=2; nodes=1; topic.a=1; topic.b=2; topic.c=3; warmup=steady:60s",
            RunSummary.otherSettings(new WorkloadBuilder().set("connections", "2").set("nodes", "1")
            .set("topic.c", "3").set("topic.a", "1").set("topic.b", "2").set("warmup", "auto").build()));
    }

    @Test
    void shouldListTopicSettingsInOneOrderSoThatTheHashIsTheSameInEveryProcess() {
        final WorkloadBuilder settings = new WorkloadBuilder();
        List.of("f", "b", "a", "e", "c", "d").forEach(key -> settings.set("topic." + key, "1"));
        assertEquals(List.of("topic.a", "topic.b", "topic.c", "topic.d", "topic.e", "topic.f"),
            settings.build().asTree().keySet().stream().filter(key -> key.startsWith("topic.")).toList());
    }

    @Test
    void shouldHashWorkloadsByWhatIsLeft() {
        final WorkloadBuilder settings = new WorkloadBuilder();
        final Workload leader = new WorkloadBuilder(settings).set("acks", "leader").build();
        final Workload all = new WorkloadBuilder(settings).set("acks", "all").build();
        assertEquals(WorkloadYaml.sha256(leader, List.of("acks")), WorkloadYaml.sha256(all, List.of("acks")));
        assertFalse(WorkloadYaml.sha256(leader, List.of()).equals(WorkloadYaml.sha256(all, List.of())));
        assertTrue(WorkloadYaml.write(all).contains("\n  acks: \"all\"\n"));
    }
}
