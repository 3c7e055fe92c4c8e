package io.millrace.load.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.load.driver.TopicAdmin;
import io.millrace.load.record.AckGaps;
import io.millrace.load.record.SessionRecorder;
import io.millrace.load.workload.FaultStep;
import io.millrace.load.workload.Workload;
import io.millrace.load.workload.WorkloadBuilder;
import io.millrace.results.model.RunFindings;
import io.millrace.results.model.Verification;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(400)
class FaultsTest {
    private static final long MS = 1_000_000L;
    private static final long S = 1_000 * MS;

    private final List<Process> processes = new ArrayList<>();

    @AfterEach
    void endProcesses() {
        processes.forEach(Process::destroyForcibly);
    }

    @Test
    void shouldProveThatAProcessIsGone() throws Exception {
        final Process process = sleeper();
        final String proof = new FaultTools(null).apply(step("1s kill leader"), victim(process), () -> true);
        assertEquals("process " + process.pid() + " ended", proof);
        assertTrue(process.waitFor(60, TimeUnit.SECONDS));
    }

    @Test
    void shouldLetAPausedProcessGoOn() throws Exception {
        final Process process = sleeper();
        final FaultTools tools = new FaultTools(null);
        assertTrue(tools.apply(step("1s pause leader for 50ms"), victim(process), () -> true).contains("going on"));
        assertTrue(process.isAlive());
        tools.healAll();
    }

    @Test
    void shouldGoOnWhenAPausedProcessIsGone() throws Exception {
        final Process process = sleeper();
        final FaultTools tools = new FaultTools(null);
        final String message = assertThrows(IllegalStateException.class,
            () -> tools.apply(step("1s pause leader for 200s"), victim(process), () -> {
                process.destroyForcibly().onExit().join();
                return false;
            })).getMessage();
        assertEquals("process " + process.pid() + " ended while it was paused", message);
        tools.healAll();
    }

    @Test
    void shouldNotFindANodeThatIsNotThere() {
        final TopicAdmin.ClusterNodes nodes = new TopicAdmin.ClusterNodes(
            Map.of(1, new InetSocketAddress("127.0.0.1", 1)), 1, 1, List.of(1));
        final FaultTools tools = new FaultTools(null);
        assertThrows(IllegalStateException.class, () -> tools.victim("follower", nodes), "there is one replica");
        assertThrows(IllegalStateException.class, () -> tools.victim("node-7", nodes));
        assertThrows(IllegalStateException.class, () -> tools.victim("leader", nodes), "nobody listens there");
    }

    @Test
    void shouldSayHowLongAPartitionHadNoService() {
        final RunPlan plan = RunPlan.of(workload(), 0);
        final SessionRecorder recorder = recorder(4 * S, 6500 * MS);
        final RunFindings.FaultVerdict verdict = FaultJudge.judge(List.of(injected(4 * S, true)), 1,
            FaultJudge.gaps(List.of(recorder), plan), plan, seconds(4, 8), new Verification(1, 0, 0, 0, 0, 0, 0));
        assertEquals(2500 * MS, verdict.unavailableNs(), 20 * MS);
        assertEquals(4 * S, verdict.recoverNs(), "the last raised second ends 4 s after the fault");
        assertEquals(0, verdict.lostAcked());
        assertTrue(verdict.isProven());
        assertEquals(4 * 100, verdict.latency().count(), "of the seconds until the recovery");
    }

    @Test
    void shouldCountTheTimeWithoutServiceOnceWhenAnotherFaultComesMeanwhile() {
        final RunPlan plan = RunPlan.of(workload(), 0);
        final RunFindings.FaultVerdict verdict = FaultJudge.judge(
            List.of(injected(4 * S, true), injected(5 * S, true)), 2,
            FaultJudge.gaps(List.of(recorder(3990 * MS, 7 * S)), plan), plan, seconds(0, 0), null);
        assertEquals(S, verdict.faults().get(0).unavailableNs(), 20 * MS);
        assertEquals(2 * S, verdict.faults().get(1).unavailableNs(), 20 * MS);
        assertEquals(3 * S, verdict.unavailableNs(), 20 * MS);
    }

    @Test
    void shouldSayThatAFaultGoesOnWhenTheNextComesBeforeItIsOver() {
        final RunPlan plan = RunPlan.of(workload(), 0);
        // killed at 2.5 s, started again at 6.5 s, as before from 9 s on
        final RunFindings.FaultVerdict verdict = FaultJudge.judge(
            List.of(injected(2_500 * MS, true), injected(6_500 * MS, true)), 2, List.of(), plan, seconds(2, 9), null);
        assertEquals(6_500 * MS, verdict.faults().get(0).recoverNs());
        assertEquals(2_500 * MS, verdict.faults().get(1).recoverNs());
        assertEquals(6_500 * MS, verdict.recoverNs());
        assertEquals(7 * 100, verdict.latency().count(), "every second once");
        final RunFindings.FaultVerdict never = FaultJudge.judge(
            List.of(injected(2_500 * MS, true), injected(6_500 * MS, true)), 2, List.of(), plan, seconds(2, 10), null);
        assertNull(never.faults().get(0).recoverNs());
        assertNull(never.recoverNs());
        final RunFindings.FaultVerdict close = FaultJudge.judge(
            List.of(injected(2_500 * MS, true), injected(2_700 * MS, true)), 2, List.of(), plan, seconds(2, 4), null);
        assertEquals(List.of(1_500 * MS, 1_300 * MS),
            close.faults().stream().map(RunFindings.Fault::recoverNs).toList(), "within one second");
    }

    @Test
    void shouldNotBlameAFaultForTheSecondInWhichTheNextCame() {
        final RunPlan plan = RunPlan.of(workload(), 0);
        final List<IntervalSampler.Second> seconds = new ArrayList<>(seconds(2, 4));
        seconds.set(7, seconds(7, 8).get(7));
        final RunFindings.FaultVerdict verdict = FaultJudge.judge(
            List.of(injected(2_500 * MS, true), injected(7_500 * MS, true)), 2, List.of(), plan, seconds, null);
        assertEquals(List.of(1_500 * MS, 500 * MS),
            verdict.faults().stream().map(RunFindings.Fault::recoverNs).toList());
        assertEquals(3 * 100, verdict.latency().count());
    }

    @Test
    void shouldTakeTheShortestGapOfAllSessionsForThePartitions() {
        final RunPlan plan = RunPlan.of(workload(), 0);
        final RunFindings.FaultVerdict verdict = FaultJudge.judge(List.of(injected(4 * S, true)), 1,
            FaultJudge.gaps(List.of(recorder(4 * S, 6 * S), recorder(4 * S, 5 * S)), plan), plan, seconds(0, 0), null);
        assertEquals(S, verdict.unavailableNs(), 20 * MS);
        assertNull(verdict.lostAcked());
    }

    @Test
    void shouldNotTakeASessionThatNeverServedAPartitionForOneThatAlwaysDid() {
        final RunPlan plan = RunPlan.of(workload(), 0);
        final SessionRecorder other = begun(2);
        for (long atNs = 0; atNs < 10 * S; atNs += 10 * MS) {
            other.onAcked(0, 0, 0, atNs, atNs, atNs);
        }
        for (final List<SessionRecorder> sessions : List.of(List.of(recorder(4 * S, 6 * S), other),
            List.of(other, recorder(4 * S, 6 * S)))) {
            final RunFindings.FaultVerdict verdict = FaultJudge.judge(List.of(injected(4 * S, true)), 1,
                FaultJudge.gaps(sessions, plan), plan, seconds(0, 0), null);
            assertEquals(2 * S, verdict.unavailableNs(), 20 * MS);
        }
    }

    @Test
    void shouldFindAnOutageOfAPartitionThatOnlySomeWorkersServe() {
        final RunPlan plan = RunPlan.of(workload(), 0);
        final SessionRecorder other = begun(2);
        for (long atNs = 0; atNs < 10 * S; atNs += 10 * MS) {
            other.onAcked(0, 0, 0, atNs, atNs, atNs);
        }
        // each process looks at its own sessions
        final List<AckGaps.Session> sessions = new ArrayList<>(FaultJudge.gaps(List.of(other), plan));
        sessions.addAll(FaultJudge.gaps(List.of(recorder(4 * S, 6 * S)), plan));
        sessions.addAll(FaultJudge.gaps(List.of(other), plan));
        final RunFindings.FaultVerdict verdict =
            FaultJudge.judge(List.of(injected(4 * S, true)), 1, sessions, plan, seconds(0, 0), null);
        assertEquals(2 * S, verdict.unavailableNs(), 20 * MS);
    }

    @Test
    void shouldNotTakeASessionThatCameAfterTheFaultForOneThatWasServed() {
        final RunPlan plan = RunPlan.of(workload(), 0);
        final SessionRecorder late = begun(2);
        for (long atNs = 8 * S; atNs < 10 * S; atNs += 10 * MS) {
            late.onAcked(0, 1, 0, atNs, atNs, atNs);
        }
        final RunFindings.FaultVerdict verdict = FaultJudge.judge(List.of(injected(4 * S, true)), 1,
            FaultJudge.gaps(List.of(late, recorder(4 * S, 6 * S)), plan), plan, seconds(0, 0), null);
        assertEquals(2 * S, verdict.unavailableNs(), 20 * MS);
    }

    @Test
    void shouldFindAnOutageAmongManyUsualGaps() {
        final RunPlan plan = RunPlan.of(workload(), 0);
        final int partitions = 10_000;
        final SessionRecorder recorder = begun(partitions);
        for (long round = 0; round < 25; round++) { // each partition every 400 ms, give or take some
            for (int i = 0; i < partitions; i++) {
                final long atNs = round * 400 * MS + i * 40_000L + (i * 31L + round * 17) % 20 * MS;
                if (i % 3 != 1 || atNs < 4 * S || atNs > 7 * S) {
                    recorder.onAcked(0, i, 0, atNs, atNs, atNs);
                }
            }
        }
        final List<AckGaps.Session> sessions = FaultJudge.gaps(List.of(recorder), plan);
        assertTrue(sessions.get(0).gaps().size() <= 10 * partitions, "bounded");
        for (final int limit : List.of(Integer.MAX_VALUE, 3_400)) {
            final RunFindings.FaultVerdict verdict = FaultJudge.judge(List.of(injected(4 * S, true)), 1,
                sessions.stream().map(session -> session.longest(limit)).toList(), plan, seconds(0, 0), null);
            assertEquals(3_200 * MS, verdict.unavailableNs(), 300 * MS);
            final RunFindings.FaultVerdict none = FaultJudge.judge(List.of(injected(8 * S, true)), 1,
                sessions.stream().map(session -> session.longest(limit)).toList(), plan, seconds(0, 0), null);
            assertEquals(0, none.unavailableNs(), "gaps as usual are none");
        }
    }

    @Test
    void shouldFindAnOutageOfAllOfManyPartitions() {
        final RunPlan plan = RunPlan.of(workload(), 0);
        final int partitions = 10_000;
        final SessionRecorder recorder = begun(partitions);
        for (long round = 0; round < 25; round++) {
            for (int i = 0; i < partitions; i++) {
                final long atNs = round * 400 * MS + i * 40_000L;
                if (atNs < 4 * S || atNs > 7 * S) {
                    recorder.onAcked(0, i, 0, atNs, atNs, atNs);
                }
            }
        }
        final RunFindings.FaultVerdict verdict = FaultJudge.judge(List.of(injected(4 * S, true)), 1,
            FaultJudge.gaps(List.of(recorder), plan), plan, seconds(0, 0), null);
        assertEquals(3_200 * MS, verdict.unavailableNs(), 300 * MS);
    }

    @Test
    void shouldFindAnOutageThatIsNoLongerThanTheStart() {
        final RunPlan plan = RunPlan.of(workload(), 0);
        final SessionRecorder recorder = begun(2);
        for (long atNs = 900 * MS; atNs < 10 * S; atNs += 10 * MS) {
            recorder.onAcked(0, 0, 0, atNs, atNs, atNs);
            if (atNs <= 4 * S || atNs >= 5_500 * MS) {
                recorder.onAcked(0, 1, 0, atNs, atNs, atNs);
            }
        }
        final RunFindings.FaultVerdict verdict = FaultJudge.judge(List.of(injected(4 * S, true)), 1,
            FaultJudge.gaps(List.of(recorder), plan), plan, seconds(0, 0), null);
        assertEquals(1_500 * MS, verdict.unavailableNs(), 20 * MS, "0.9 s until the first answer are not usual");
    }

    @Test
    void shouldSayThatTheServiceDidNotComeBack() {
        final RunPlan plan = RunPlan.of(workload(), 0);
        final RunFindings.FaultVerdict verdict = FaultJudge.judge(List.of(injected(4 * S, false)), 2,
            FaultJudge.gaps(List.of(recorder(4 * S, 10 * S)), plan), plan, seconds(4, 10), null);
        assertNull(verdict.recoverNs());
        assertTrue(!verdict.isProven());
        assertEquals(6 * S, verdict.unavailableNs(), 20 * MS);
    }

    private Process sleeper() throws IOException {
        final Process process = new ProcessBuilder("sleep", "300").start();
        processes.add(process);
        return process;
    }

    private static FaultTools.Victim victim(final Process process) {
        return new FaultTools.Victim(1, "", new InetSocketAddress("127.0.0.1", 1), process.pid());
    }

    private static FaultStep step(final String text) {
        return FaultStep.parse(text).get(0);
    }

    private static Workload workload() {
        return new WorkloadBuilder().set("warmup", "0s").set("duration", "10s").build();
    }

    private static FaultRunner.Injected injected(final long atNs, final boolean isProven) {
        return new FaultRunner.Injected(step("4s kill leader"), atNs, atNs / MS, "node 1", isProven, "seen");
    }

    /** Measures from the beginning, and keeps the gaps of so many partitions. */
    private static SessionRecorder begun(final int partitions) {
        final SessionRecorder recorder = new SessionRecorder(null, true);
        recorder.measureFrom(0);
        recorder.keepGaps(new AckGaps(partitions, 5 * MS));
        return recorder;
    }

    /** Two partitions with an acknowledgement every 10 ms, the second one silent for a while. */
    private static SessionRecorder recorder(final long silentFromNs, final long silentToNs) {
        final SessionRecorder recorder = begun(2);
        for (long atNs = 0; atNs < 10 * S; atNs += 10 * MS) {
            recorder.onAcked(0, 0, 0, atNs, atNs, atNs);
            if (atNs <= silentFromNs || atNs >= silentToNs) {
                recorder.onAcked(0, 1, 0, atNs, atNs, atNs);
            }
        }
        return recorder;
    }

    /** Ten seconds with 100 samples each, slow from one to another. */
    private static List<IntervalSampler.Second> seconds(final int slowFrom, final int slowTo) {
        final List<IntervalSampler.Second> seconds = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            final Histogram times = new Histogram(3);
            final long ns = i >= slowFrom && i < slowTo ? 500 * MS : MS;
            times.recordValueWithCount(ns, 100);
            seconds.add(new IntervalSampler.Second(i * 1000L, (i + 1) * 1000L, ns, 0, times));
        }
        return seconds;
    }
}
