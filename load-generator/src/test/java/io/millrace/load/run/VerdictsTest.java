package io.millrace.load.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.load.record.MeasuredStalls;
import io.millrace.load.workload.Slo;
import io.millrace.load.workload.WorkloadBuilder;
import io.millrace.results.model.LatencySummary;
import io.millrace.results.model.Measured;
import io.millrace.results.model.RunFindings;
import io.millrace.results.model.RunOutcome;
import io.millrace.results.model.RunStatus;
import io.millrace.results.model.Tags;
import io.millrace.results.model.Verification;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

class VerdictsTest {
    private static final Verification LOST = new Verification(10, 1, 0, 0, 1, 0, 0);

    @Test
    void shouldHoldAResultAgainstItsServiceLevels() {
        final Histogram times = new Histogram(3);
        for (int i = 1; i <= 100_000; i++) {
            times.recordValue(i * 1_000L);
        }
        final Measured measured = new Measured(1, 100_000, 100_000, 0, Map.of("X", 2L), 1, 1,
            Map.of(Tags.ACK_RT, LatencySummary.of(times)), null);
        final List<RunFindings.SloResult> results = SloJudge.judge(
            Slo.parse("rt.p99<100ms; rt.p50 < 10ms; achieved>=99%; errors==0; lost_acked==0; e2e.p99<1s; "
                + "rt.max<=101ms"),
            measured, 0.995, LOST, null, SloJudge.Missing.NONE);
        assertEquals(List.of(true, false, true, false, false, false, false),
            results.stream().map(RunFindings.SloResult::isMet).toList());
        assertEquals(null, results.get(6).value(), "two failed: how slow they would have been is not known");
        assertEquals(null, results.get(5).value(), "nothing was consumed, so it cannot be met");
    }

    @Test
    void shouldNotMeetAResponseTimeThatTheFailedRecordsHide() {
        final Histogram times = new Histogram(3);
        times.recordValueWithCount(1_000, 98_000);
        final Measured measured = new Measured(1, 100_000, 98_000, 98_000, Map.of("DELIVERY_TIMEOUT", 2_000L), 1, 1,
            Map.of(Tags.ACK_RT, LatencySummary.of(times), Tags.E2E_RT, LatencySummary.of(times)), null);
        final List<RunFindings.SloResult> results = SloJudge.judge(
            Slo.parse("rt.p50<1ms; rt.p90<1ms; rt.p99<1ms; rt.max<1ms; e2e.p99<1ms"), measured, 0.98, null, null,
            SloJudge.Missing.NONE);
        assertEquals(List.of(true, true, false, false, false), // what failed was not received, either
            results.stream().map(RunFindings.SloResult::isMet).toList());
        assertEquals("2,000 of 100,000 records failed: when they would have been acknowledged is not known",
            SloJudge.whyUnknown("rt.p99<1ms", measured, null, SloJudge.Missing.NONE));
        final RunVerdict verdict = new RunVerdict();
        verdict.judgeErrors(new WorkloadBuilder().set("faults", "1s kill leader").build(), measured, 2_000);
        assertEquals(RunStatus.OK, verdict.outcome(null, null, null).status());
        assertTrue(verdict.outcome(null, null, null).notes().get(0).startsWith("2,000 measured records failed during "
            + "the faults: {DELIVERY_TIMEOUT=2000}. Among the response times each counts"),
            verdict.outcome(null, null, null)::toString);
    }

    @Test
    void shouldNotMeetAnEndToEndTimeWhenConsumersNeverReceivedARecord() {
        final Histogram times = new Histogram(3);
        times.recordValueWithCount(1_000, 100_000);
        final Measured measured = new Measured(1, 100_001, 100_001, 100_000, Map.of(), 1, 1,
            Map.of(Tags.ACK_RT, LatencySummary.of(times), Tags.E2E_RT, LatencySummary.of(times)), null);
        final List<Slo> levels = Slo.parse("rt.max<1ms; e2e.max<1ms");
        assertEquals(List.of(true, true), SloJudge.judge(Slo.parse("rt.p99<1ms; e2e.p99<1ms"), measured, 1, null,
            null, new SloJudge.Missing(0, 1, 0)).stream().map(RunFindings.SloResult::isMet).toList(),
            "one of 100,001 does not move the 99th percentile");
        assertEquals(List.of(true, false), SloJudge.judge(levels, measured, 1, null, null,
            new SloJudge.Missing(0, 1, 0)).stream().map(RunFindings.SloResult::isMet).toList());
        assertEquals(List.of(true, true), SloJudge.judge(levels, measured, 1, null, null,
            SloJudge.Missing.NONE).stream().map(RunFindings.SloResult::isMet).toList());
        assertEquals("consumers never received 1 records", SloJudge.whyUnknown("e2e.max<1ms", measured, null,
            new SloJudge.Missing(0, 1, 0)));
    }

    @Test
    void shouldNotMeetAResponseTimeThatRecordsWhichWereNeverSentHide() {
        final Histogram times = new Histogram(3);
        times.recordValueWithCount(1_000, 98_000);
        final Measured measured = new Measured(1, 98_000, 98_000, 0, Map.of(), 1, 1,
            Map.of(Tags.ACK_RT, LatencySummary.of(times)), null);
        final SloJudge.Missing missing = new SloJudge.Missing(2_000, 0, 0);
        assertEquals(List.of(true, false), SloJudge.judge(Slo.parse("rt.p90<1ms; rt.p99<1ms"), measured, 0.98, null,
            null, missing).stream().map(RunFindings.SloResult::isMet).toList());
        assertEquals("2,000 records that were due were never sent",
            SloJudge.whyUnknown("rt.p99<1ms", measured, null, missing));
    }

    @Test
    void shouldNotMeetATimeWithoutServiceThatNobodyMeasured() {
        final Measured measured = new Measured(1, 10, 10, 0, Map.of(), 1, 1, Map.of(), null);
        final List<Slo> levels = Slo.parse("unavailable<1s; recover<1s");
        assertEquals(List.of(false, false), SloJudge.judge(levels, measured, 1, null, null, SloJudge.Missing.NONE)
            .stream().map(RunFindings.SloResult::isMet).toList());
        assertEquals("not measured: only a run with --faults tells it",
            SloJudge.whyUnknown("unavailable<1s", measured, null, SloJudge.Missing.NONE));
        final RunFindings.FaultVerdict faults =
            new RunFindings.FaultVerdict(List.of(), true, 1_000, null, null, null);
        assertEquals(List.of(true, false), SloJudge.judge(levels, measured, 1, null, faults, SloJudge.Missing.NONE)
            .stream().map(RunFindings.SloResult::isMet).toList());
        assertEquals("the service had not recovered when the measured phase ended",
            SloJudge.whyUnknown("recover<1s", measured, faults, SloJudge.Missing.NONE));
    }

    @Test
    void shouldInvalidateARunOnlyWhenTheMachineStalledABroker() {
        final long ms = 1_000_000L;
        final RunVerdict quiet = new RunVerdict();
        quiet.judgeBrokerHiccups("broker-1", ms, 900 * ms, 0, false);
        assertEquals(RunStatus.OK, quiet.outcome(null, null, null).status());
        assertEquals(List.of(), quiet.outcome(null, null, null).notes());
        final RunVerdict stalled = new RunVerdict();
        stalled.judgeBrokerHiccups("broker-2", ms, 1_200 * ms, 5 * ms, false);
        stalled.judgeBrokerHiccups("broker-3", 60 * ms, 900 * ms, 5 * ms, false);
        assertEquals(List.of("hiccup"), stalled.outcome(null, null, null).invalidReasons());
        assertTrue(stalled.outcome(null, null, null).notes().get(0).contains("The process broker-2 was stalled: p99 "),
            stalled.outcome(null, null, null)::toString);
        final RunVerdict own = new RunVerdict();
        own.judgeBrokerHiccups("broker-1", ms, 1_200 * ms, 1_150 * ms, false);
        own.judgeBrokerHiccups("broker-2", ms, 3_200 * ms, 0, true);
        assertEquals(RunStatus.OK, own.outcome(null, null, null).status());
        assertTrue(own.outcome(null, null, null).notes().get(0).contains("for garbage collection"));
        assertTrue(own.outcome(null, null, null).notes().get(1).contains("the run has faults"));
    }

    @Test
    void shouldNotLetARecordThatFailedStandInForOneThatConsumersLack() {
        final RunTotals lacking = totals(10_000, 3_000, 10_000);
        assertFalse(lacking.isAllConsumed(), "which 3,000 they lack is not known");
        final RunVerdict verdict = new RunVerdict();
        verdict.judgeConsumers(lacking, true);
        assertEquals(1, verdict.outcome(null, null, null).notes().size());
        assertTrue(verdict.outcome(null, null, null).notes().get(0).contains("of up to 3,000 acknowledged records"),
            verdict.outcome(null, null, null)::toString);
        final RunVerdict quiet = new RunVerdict();
        quiet.judgeConsumers(totals(10_000, 3_000, 13_000), true);
        quiet.judgeConsumers(totals(10_000, 0, 10_000), true);
        quiet.judgeConsumers(lacking, false);
        assertEquals(List.of(), quiet.outcome(null, null, null).notes());
    }

    @Test
    void shouldNotWaitForFailedRecordsThatDoNotCome() {
        final ArrivalWatch arrivals = new ArrivalWatch();
        assertTrue(arrivals.isOver(totals(90, 10, 100), 0), "all are there");
        assertFalse(arrivals.isOver(totals(90, 10, 92), 0));
        assertFalse(arrivals.isOver(totals(90, 10, 92), ArrivalWatch.QUIET_NS - 1));
        assertFalse(arrivals.isOver(totals(90, 10, 93), ArrivalWatch.QUIET_NS), "one more has come");
        assertTrue(arrivals.isOver(totals(90, 10, 93), 2 * ArrivalWatch.QUIET_NS));
        assertFalse(new ArrivalWatch().isOver(totals(90, 10, 89), 9 * ArrivalWatch.QUIET_NS), "one was acknowledged");
    }

    private static RunTotals totals(final long acked, final long failed, final long consumed) {
        return new RunTotals(acked + failed, 0, acked + failed, acked, failed, acked + failed, acked, failed,
            consumed, consumed, 0, 0, 0, 0, 0, Map.of());
    }

    @Test
    void shouldCountTheStallsOfTheMeasuredPhaseAlone() {
        final Histogram quiet = new Histogram(3);
        quiet.recordValueWithCount(1_000, 60_000);
        final Histogram stalled = new Histogram(3);
        stalled.recordValueWithCount(1_000, 29_400);
        stalled.recordValueWithCount(60_000_000, 600);
        final MeasuredStalls stalls = new MeasuredStalls();
        stalls.add("warmup", "x", stalled);
        stalls.add("measure", "x", stalled);
        stalls.add("drain", "x", quiet);
        stalls.add("cooldown", "x", quiet);
        assertEquals(30_000, stalls.byProcess().get("x").getTotalCount());
        assertTrue(stalls.byProcess().get("x").getValueAtPercentile(99) > 50_000_000, "not hidden by what followed");
    }

    @Test
    void shouldTellWithoutInvalidatingWhenTheRunItselfTookTheProcessors() {
        final long ms = 1_000_000L;
        final long s = 1_000 * ms;
        final ProcFiles.Processors before = ProcFiles.Processors.of("cpu  100 0 100 1000 0 10 10 0 0 0");
        final ProcFiles.Processors after = ProcFiles.Processors.of("cpu  1100 100 600 1200 50 20 140 10 0 0");
        final ProcessorUse crowded = ProcessorUse.between(before, after, 15 * s);
        assertEquals(0.82, crowded.own(), 0.001); // 15 s and 1.4 s of interrupts, of 20 s
        assertEquals(0.05, crowded.others(), 0.001);
        final RunVerdict own = new RunVerdict();
        own.processors(crowded);
        own.judgeHiccups("This process itself", 80 * ms, 140 * ms);
        own.judgeBrokerHiccups("broker-1", 90 * ms, 200 * ms, 5 * ms, false);
        assertEquals(RunStatus.OK, own.outcome(null, null, null).status());
        assertTrue(own.outcome(null, null, null).notes().get(0).contains("in each other's way"),
            own.outcome(null, null, null)::toString);
        own.judgeBrokerHiccups("broker-2", 90 * ms, 1_200 * ms, 5 * ms, false);
        assertEquals(List.of("hiccup"), own.outcome(null, null, null).invalidReasons(), "longer than any crowd");
        final RunVerdict disturbed = new RunVerdict();
        disturbed.processors(ProcessorUse.between(before, after, 10 * s));
        disturbed.judgeHiccups("This process itself", 80 * ms, 140 * ms);
        assertEquals(List.of("hiccup"), disturbed.outcome(null, null, null).invalidReasons(), "others took 30 %");
        assertNull(ProcessorUse.between(before, after, -1));
        assertNull(ProcessorUse.between(before, null, s));
        assertNull(ProcFiles.Processors.of("cpu 1 2 3"));
    }

    @Test
    void shouldEndWithWhatMattersMost() {
        final RunFindings missed = new RunFindings(List.of(new RunFindings.SloResult("rt.p99<1ns", 5.0, false)), null,
            null, null, null, null);
        assertEquals(ExitCodes.SLO_MISSED, RunVerdict.exitCode(RunStatus.OK, null, missed));
        assertEquals(ExitCodes.INVALID, RunVerdict.exitCode(RunStatus.INVALID, null, missed));
        assertEquals(ExitCodes.INCORRECT, RunVerdict.exitCode(RunStatus.INVALID, LOST, missed));
        assertEquals(ExitCodes.OK, RunVerdict.exitCode(RunStatus.OK, null, RunFindings.none()));
        assertEquals(ExitCodes.INTERRUPTED, RunVerdict.exitCode(RunStatus.INTERRUPTED, null, missed));
    }

    @Test
    void shouldNotTakeAMeasuredPhaseThatWasStillWarmingUp() {
        final List<Double> warming = IntStream.range(0, 30).mapToObj(i -> 3e6 - i * 1.6e6 / 29).toList();
        final WorkloadBuilder paced = new WorkloadBuilder();
        assertEquals(List.of("steady"), steadiness(paced, warming).invalidReasons());
        final RunOutcome full = steadiness(new WorkloadBuilder().set("rate", "-1"), warming);
        assertEquals(RunStatus.OK, full.status(), "a full window wanders");
        assertTrue(full.notes().get(0).startsWith("Not steady: the median response time drifted by -73 %"),
            full::toString);
        assertEquals(RunStatus.OK, steadiness(new WorkloadBuilder().set("faults", "1s kill leader"), warming).status());
        assertEquals(RunStatus.OK, steadiness(paced, warming.stream().map(ns -> ns / 10).toList()).status(),
            "a tenth of a millisecond can be the machine");
    }

    @Test
    void shouldTellOfAStepAndLeaveNoiseAlone() {
        final List<Double> step = IntStream.range(0, 30).mapToObj(i -> i < 15 ? 2e6 : 3e6).toList();
        assertEquals(1, steadiness(new WorkloadBuilder(), step).notes().size());
        final Random random = new Random(4711);
        final List<Double> noise =
            IntStream.range(0, 12).mapToObj(i -> 2e6 * (1 + (random.nextDouble() - 0.5) * 0.3)).toList();
        assertEquals(List.of(), steadiness(new WorkloadBuilder(), noise).notes(), "seed 4711");
        final List<Double> hiccup = IntStream.range(0, 30).mapToObj(i -> i > 12 && i < 18 ? 40e6 : 2e6).toList();
        assertEquals(List.of(), steadiness(new WorkloadBuilder(), hiccup).notes(), "a few slow seconds are no trend");
        assertEquals(List.of(), steadiness(new WorkloadBuilder(), step.subList(11, 20)).notes(), "too few to tell");
    }

    @Test
    void shouldNotTakeNoiseForAWarmUp() {
        final Random random = new Random(4712);
        int invalidCount = 0;
        for (int run = 0; run < 2_000; run++) {
            final List<Double> noise =
                IntStream.range(0, 20).mapToObj(i -> 2e6 * Math.exp(0.41 * random.nextGaussian())).toList();
            invalidCount += steadiness(new WorkloadBuilder(), noise).status() == RunStatus.OK ? 0 : 1;
        }
        assertTrue(invalidCount <= 8, invalidCount + " of 2,000 with seed 4712");
        final List<Double> falling = IntStream.range(0, 30).mapToObj(i -> 3e6 - i * 1.6e6 / 29).toList();
        assertEquals(RunStatus.OK, steadiness(new WorkloadBuilder(), falling.subList(0, 19)).status(), "too few");
        final RunVerdict crowded = new RunVerdict();
        crowded.processors(new ProcessorUse(0.98, 0.01, 0));
        crowded.judgeDrift(new WorkloadBuilder().build(), falling);
        assertEquals(RunStatus.OK, crowded.outcome(null, null, null).status());
        assertTrue(crowded.outcome(null, null, null).notes().get(0).contains("in each other's way"),
            crowded.outcome(null, null, null)::toString);
    }

    @Test
    void shouldTellATrendFromChance() {
        // 1 2 3 4 5: score 10, variance 5 * 4 * 15 / 18; 1 1 2: score 2, variance (3 * 2 * 11 - 2 * 1 * 9) / 18
        assertEquals(9 / Math.sqrt(50 / 3.0), SteadyCheck.trend(List.of(1.0, 2.0, 3.0, 4.0, 5.0)), 1e-9);
        assertEquals(-9 / Math.sqrt(50 / 3.0), SteadyCheck.trend(List.of(5.0, 4.0, 3.0, 2.0, 1.0)), 1e-9);
        assertEquals(1 / Math.sqrt(48 / 18.0), SteadyCheck.trend(List.of(1.0, 1.0, 2.0)), 1e-9);
        assertEquals(0, SteadyCheck.trend(List.of(1.0, 1.0, 1.0)));
        assertEquals(0, SteadyCheck.trend(List.of()));
    }

    private static RunOutcome steadiness(final WorkloadBuilder settings, final List<Double> p50Ns) {
        final RunVerdict verdict = new RunVerdict();
        verdict.judgeDrift(settings.build(), p50Ns);
        return verdict.outcome(null, null, null);
    }

    @Test
    void shouldCallAWarmUpSteadyOnceItIs() {
        final SteadyWatch watch = new SteadyWatch();
        for (int i = 0; i < 20; i++) {
            watch.add(1_000_000.0 / (i + 1), 1);
            assertFalse(watch.isSteady() && i < SteadyWatch.WINDOW, "falling at interval " + i);
        }
        final SteadyWatch settled = new SteadyWatch();
        for (int i = 0; i < SteadyWatch.WINDOW; i++) {
            assertFalse(settled.isSteady());
            settled.add(100_000 + i % 3 * 1_000, 1);
        }
        assertTrue(settled.isSteady());
        settled.add(-1, 0);
        assertFalse(settled.isSteady(), "no answers at all is not steady");
    }

    @Test
    void shouldNotCallAStepOrAnOverloadSteady() {
        final SteadyWatch step = new SteadyWatch();
        final SteadyWatch overload = new SteadyWatch();
        for (int i = 0; i < SteadyWatch.WINDOW; i++) {
            step.add(i < SteadyWatch.WINDOW / 2 ? 100_000 : 150_000, 1);
            overload.add(100_000, 0.5);
        }
        assertFalse(step.isSteady());
        assertFalse(overload.isSteady());
    }
}
