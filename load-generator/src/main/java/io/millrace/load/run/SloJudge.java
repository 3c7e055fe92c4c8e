package io.millrace.load.run;

import io.millrace.load.workload.Slo;
import io.millrace.results.model.LatencySummary;
import io.millrace.results.model.Measured;
import io.millrace.results.model.RunFindings;
import io.millrace.results.model.Tags;
import io.millrace.results.model.Verification;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Holds a result against its service levels; no state. */
final class SloJudge {
    private static final String RESPONSE = "rt.";
    private static final String SERVICE = "service.";
    private static final String END_TO_END = "e2e.";

    private SloJudge() {
    }

    /**
     * {@return every service level with what was measured; one whose figure is not known is not met}
     *
     * <p>Of a record that failed only the least response time is known, and one that no consumer received has no
     * end-to-end time: nothing proves a quantile that reaches into those.
     *
     * @param levels             asked for
     * @param measured           with its latencies
     * @param achieved           acknowledged of what was due, 1 without a schedule
     * @param verification       null if nothing was read back
     * @param faults             null without faults
     * @param missing            records of which nothing was measured
     */
    static List<RunFindings.SloResult> judge(
        final List<Slo> levels,
        final Measured measured,
        final double achieved,
        final Verification verification,
        final RunFindings.FaultVerdict faults,
        final Missing missing) {
        final List<RunFindings.SloResult> results = new ArrayList<>();
        for (final Slo level : levels) {
            final boolean isKnown = !hidesFailures(level.metric(), measured, missing.sent())
                && !(level.metric().startsWith(END_TO_END) && missing.consumed() > 0);
            final Double value = isKnown ? value(level.metric(), measured, achieved, verification, faults) : null;
            results.add(new RunFindings.SloResult(level.word(), value, value != null && level.isMet(value)));
        }
        return results;
    }

    /**
     * {@return in words, why a service level has no figure}
     *
     * @param expression of the level
     * @param measured   see above
     * @param missing    see above
     */
    static String whyUnknown(final String expression, final Measured measured, final Missing missing) {
        final long failedCount = failedCount(measured);
        final boolean isResponse = expression.startsWith(RESPONSE) || expression.startsWith(SERVICE);
        if (isResponse && missing.sent() > failedCount) {
            return String.format(Locale.ROOT, "%,d records that were due were never sent", missing.sent());
        }
        if (isResponse && failedCount > 0) {
            return String.format(Locale.ROOT, "%,d of %,d records failed: when they would have been acknowledged "
                + "is not known", failedCount,
                failedCount + measured.acked());
        }
        return missing.consumed() > 0 && expression.startsWith(END_TO_END)
            ? String.format(Locale.ROOT, "consumers never received %,d records", missing.consumed()) : "not measured";
    }

    /**
     * Records of which nothing was measured.
     *
     * @param sent     due in the measured phase, but never sent
     * @param consumed acknowledged, but not received by consumers by the end
     */
    record Missing(long sent, long consumed) {
        static final Missing NONE = new Missing(0, 0);
    }

    private static boolean hidesFailures(final String metric, final Measured measured, final long neverSentCount) {
        if (!metric.startsWith(RESPONSE) && !metric.startsWith(SERVICE)) {
            return false;
        }
        final double beyond = switch (metric.substring(metric.indexOf('.') + 1)) {
            case "p50" -> 0.5;
            case "p90" -> 0.1;
            case "p99" -> 0.01;
            case "p99.9" -> 0.001;
            case "p99.99" -> 0.0001;
            default -> 0;
        };
        final long unknownCount = failedCount(measured) + neverSentCount;
        return unknownCount > beyond * (unknownCount + measured.acked());
    }

    private static long failedCount(final Measured measured) {
        return measured.errors().values().stream().mapToLong(Long::longValue).sum();
    }

    private static Double value(
        final String metric,
        final Measured measured,
        final double achieved,
        final Verification verification,
        final RunFindings.FaultVerdict faults) {
        return switch (metric) {
            case "achieved" -> achieved;
            case "errors" -> (double) failedCount(measured);
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
