package io.millrace.load.run;

import io.millrace.load.record.AckGaps;
import io.millrace.load.record.SessionRecorder;
import io.millrace.results.model.LatencySummary;
import io.millrace.results.model.RunFindings;
import io.millrace.results.model.Verification;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.HdrHistogram.Histogram;

/**
 * Says what faults did to the service; no state.
 *
 * <p>Without service was a partition for its longest time without acknowledgement, if that is more than twice the
 * longest one before the first fault, the time until its first acknowledgement aside.
 * As before is the service from the second on in which it has no errors, and its
 * p99 is no longer above three times the usual one of before.
 */
final class FaultJudge {
    private static final long NS_PER_MS = 1_000_000L;
    private static final double USUAL_GAP = 2;
    private static final double RAISED = 3;
    private static final double RAISED_NS = 5e6;

    private FaultJudge() {
    }

    /**
     * {@return what each session tells of times without acknowledgement, until the measured phase ends}
     *
     * @param recorders of the sessions, all closed
     * @param plan      of the run
     */
    static List<AckGaps.Session> gaps(final List<SessionRecorder> recorders, final RunPlan plan) {
        return recorders.stream()
            .map(recorder -> recorder.gaps().between(plan.warmupStartNs(), plan.measureEndNs())).toList();
    }

    static RunFindings.FaultVerdict judge(
        final List<FaultRunner.Injected> injected,
        final int plannedCount,
        final List<AckGaps.Session> sessions,
        final RunPlan plan,
        final List<IntervalSampler.Second> seconds,
        final Verification verification) {
        final List<RunFindings.Fault> faults = new ArrayList<>();
        final long[] untilMs = feltUntilMs(injected, seconds);
        final long firstNs = injected.isEmpty() ? plan.measureEndNs() : injected.get(0).atNs();
        final long usualNs = Math.max(longest(begun(sessions, plan), plan.measureStartNs(), firstNs, 0),
            sessions.stream().mapToLong(AckGaps.Session::floorNs).max().orElse(0));
        long unavailableNs = 0;
        Long recoverNs = 0L;
        for (int i = 0; i < injected.size(); i++) {
            final FaultRunner.Injected fault = injected.get(i);
            final FaultRunner.Injected next = i + 1 < injected.size() ? injected.get(i + 1) : null;
            final long gapNs = longest(sessions, fault.atNs(), next == null ? plan.measureEndNs() : next.atNs(),
                Math.round(USUAL_GAP * usualNs));
            final Long backNs =
                untilMs[i] == Long.MAX_VALUE ? null : Long.valueOf((untilMs[i] - fault.atMs()) * NS_PER_MS);
            faults.add(new RunFindings.Fault(fault.atMs(), fault.step().action().word(), fault.target(),
                fault.isProven(), fault.proof(), gapNs, backNs));
            unavailableNs += gapNs;
            recoverNs = recoverNs == null || backNs == null ? null : Long.valueOf(Math.max(recoverNs, backNs));
        }
        final boolean isProven =
            injected.size() == plannedCount && injected.stream().allMatch(FaultRunner.Injected::isProven);
        return new RunFindings.FaultVerdict(faults, isProven, unavailableNs, recoverNs,
            verification == null ? null : Long.valueOf(verification.lostAcked()), latency(injected, untilMs, seconds));
    }

    /** Until a partition is served for the first time, connections are made and code is loaded: that is not usual. */
    private static List<AckGaps.Session> begun(final List<AckGaps.Session> sessions, final RunPlan plan) {
        return sessions.stream().map(session -> new AckGaps.Session(
            session.gaps().stream().filter(gap -> gap.startNs() > plan.warmupStartNs()).toList(),
            session.served(), session.floorNs())).toList();
    }

    /**
     * A partition was served if any session had an acknowledgement: of the gaps of those that ever served it the
     * shortest counts. Of a gap that goes on beyond the window only the part within it: the rest belongs to the next
     * fault.
     */
    private static long longest(
        final List<AckGaps.Session> sessions,
        final long fromNs,
        final long toNs,
        final long aboveNs) {
        final Map<Integer, Long> byPartition = new TreeMap<>();
        for (final AckGaps.Session session : sessions) {
            final Map<Integer, Long> own = new TreeMap<>();
            for (final AckGaps.Gap gap : session.gaps()) {
                final long startNs = Math.max(gap.startNs(), fromNs);
                if (gap.endNs() - startNs > aboveNs && toNs - startNs > 0) {
                    own.merge(gap.partition(), Math.min(gap.endNs(), toNs) - startNs, Math::max);
                }
            }
            session.partitions().stream()
                .forEach(partition -> byPartition.merge(partition, own.getOrDefault(partition, 0L), Math::min));
        }
        return byPartition.values().stream().mapToLong(Long::longValue).max().orElse(0);
    }

    /** The usual p99 of a second before the first fault, and what is above it. */
    private static double limitNs(final List<IntervalSampler.Second> seconds, final long firstMs) {
        final double[] before = seconds.stream().filter(s -> s.endMs() <= firstMs && s.p99Ns() >= 0)
            .mapToDouble(IntervalSampler.Second::p99Ns).sorted().toArray();
        final double usual = before.length == 0 ? 0 : before[before.length / 2];
        return Math.max(RAISED * usual, usual + RAISED_NS);
    }

    /**
     * {@return until when each fault was felt, wall-clock; {@link Long#MAX_VALUE} to the end and beyond}
     *
     * <p>A second in which a fault was injected tells of that one alone. When the next fault comes while the service is
     * not yet as before, the one before goes on with it: it is over when both are.
     */
    private static long[] feltUntilMs(
        final List<FaultRunner.Injected> injected, final List<IntervalSampler.Second> seconds) {
        final long[] untilMs = new long[injected.size()];
        final double limitNs = injected.isEmpty() ? 0 : limitNs(seconds, injected.get(0).atMs());
        long laterMs = Long.MAX_VALUE;
        for (int i = injected.size() - 1; i >= 0; i--) {
            final long fromMs = injected.get(i).atMs();
            final long toMs = i + 1 < injected.size() ? injected.get(i + 1).atMs() : Long.MAX_VALUE;
            untilMs[i] = fromMs;
            boolean isRaised = i + 1 < injected.size(); // no whole second between two faults tells nothing
            for (final IntervalSampler.Second second : seconds) {
                if (second.endMs() > fromMs && second.endMs() <= toMs) {
                    isRaised = second.errors() > 0 || second.p99Ns() < 0 || second.p99Ns() > limitNs;
                    untilMs[i] = isRaised ? second.endMs() : untilMs[i];
                }
            }
            laterMs = isRaised ? laterMs : untilMs[i];
            untilMs[i] = laterMs;
        }
        return untilMs;
    }

    /** Of the seconds from each fault to its end; one that belongs to several counts once. */
    private static LatencySummary latency(
        final List<FaultRunner.Injected> injected,
        final long[] untilMs,
        final List<IntervalSampler.Second> seconds) {
        final Histogram latency = new Histogram(3);
        latency.setAutoResize(true);
        for (final IntervalSampler.Second second : seconds) {
            for (int i = 0; i < untilMs.length; i++) {
                final long fromMs = injected.get(i).atMs();
                if (second.endMs() > fromMs && second.startMs() < Math.max(untilMs[i], fromMs + 1)) {
                    latency.add(second.responseTime());
                    break;
                }
            }
        }
        return LatencySummary.of(latency);
    }
}
