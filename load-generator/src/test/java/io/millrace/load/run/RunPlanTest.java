package io.millrace.load.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.load.workload.Workload;
import io.millrace.load.workload.WorkloadBuilder;
import java.nio.file.Path;
import java.util.List;
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
    void shouldPutAnIncorrectHistoryOverEverything() {
        assertEquals(ExitCodes.INCORRECT, ExitCodes.worse(ExitCodes.INVALID, ExitCodes.INCORRECT));
        assertEquals(ExitCodes.INVALID, ExitCodes.worse(ExitCodes.OK, ExitCodes.INVALID));
        assertEquals(ExitCodes.INVALID, ExitCodes.worse(ExitCodes.SLO_MISSED, ExitCodes.INVALID));
        assertEquals(ExitCodes.SLO_MISSED, ExitCodes.worse(ExitCodes.SLO_MISSED, ExitCodes.REGRESSION));
        assertEquals(ExitCodes.INTERRUPTED, ExitCodes.worse(ExitCodes.INTERRUPTED, ExitCodes.INTERNAL));
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
