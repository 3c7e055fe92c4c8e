package io.millrace.load.run;

import io.millrace.load.workload.Slo;
import io.millrace.results.model.LatencySummary;
import io.millrace.results.model.Measured;
import io.millrace.results.model.RunFindings;
import io.millrace.results.model.Tags;
import io.millrace.results.model.Verification;
import java.util.ArrayList;
import java.util.List;

/** Holds a result against its service levels; no state. */
final class SloJudge {
    private SloJudge() {
    }

    /**
     * {@return every service level with what was measured; one whose figure is not known is not met}
     *
     * @param levels       asked for
     * @param measured     with its latencies
     * @param achieved     acknowledged of what was due, 1 without a schedule
     * @param verification null if nothing was read back
     * @param faults       null without faults
     */
    static List<RunFindings.SloResult> judge(
        final List<Slo> levels,
        final Measured measured,
        final double achieved,
        final Verification verification,
        final RunFindings.FaultVerdict faults) {
        final List<RunFindings.SloResult> results = new ArrayList<>();
        for (final Slo level : levels) {
            final Double value = value(level.metric(), measured, achieved, verification, faults);
            results.add(new RunFindings.SloResult(level.word(), value, value != null && level.isMet(value)));
        }
        return results;
    }

    private static Double value(
        final String metric,
        final Measured measured,
        final double achieved,
        final Verification verification,
        final RunFindings.FaultVerdict faults) {
        return switch (metric) {
            case "achieved" -> achieved;
            case "errors" -> (double) measured.errors().values().stream().mapToLong(Long::longValue).sum();
            case "unavailable" -> faults == null ? 0.0 : Double.valueOf(faults.unavailableNs());
            case "recover" -> faults == null ? Double.valueOf(0)
                : faults.recoverNs() == null ? null : Double.valueOf(faults.recoverNs());
            case "lost_acked", "duplicates", "reordered", "corrupt", "gaps" ->
                verification == null ? null : Double.valueOf(count(metric, verification));
            default -> latency(metric, measured);
        };
    }

    private static long count(final String metric, final Verification verification) {
        return switch (metric) {
            case "lost_acked" -> verification.lostAcked();
            case "duplicates" -> verification.duplicates();
            case "reordered" -> verification.reordered();
            case "corrupt" -> verification.corrupt();
            default -> verification.gaps();
        };
    }

    private static Double latency(final String metric, final Measured measured) {
        final int dot = metric.indexOf('.');
        final String tag = switch (metric.substring(0, dot)) {
            case "rt" -> Tags.ACK_RT;
            case "service" -> Tags.ACK_SERVICE;
            case "lag" -> Tags.SCHED_LAG;
            default -> Tags.E2E_RT;
        };
        final LatencySummary summary = measured.latency() == null ? null : measured.latency().get(tag);
        if (summary == null) {
            return null;
        }
        final Long value = switch (metric.substring(dot + 1)) {
            case "p50" -> summary.p50Ns();
            case "p90" -> summary.p90Ns();
            case "p99" -> summary.p99Ns();
            case "p99.9" -> summary.p999Ns();
            case "p99.99" -> summary.p9999Ns();
            default -> summary.maxNs();
        };
        return value == null ? null : Double.valueOf(value);
    }
}
