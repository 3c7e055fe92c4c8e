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
    private static final String UNAVAILABLE = "unavailable";
    private static final String RECOVER = "recover";
    private static final String LOST = "lost_acked";
    private static final String GAPS = "gaps";

    private SloJudge() {
    }

    /**
     * {@return every service level with what was measured; one whose figure is not known is not met}
     *
     * <p>What proves a quantile is told by {@link Measured#isProven}.
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
        final Measured told = measured.withMissing(missing.sent(), missing.consumed(), achieved);
        for (final Slo level : levels) {
            final Double value = isProven(level.metric(), told) && !isDeleted(level.metric(), missing)
                ? value(level.metric(), measured, achieved, verification, faults) : null;
            results.add(new RunFindings.SloResult(level.word(), value, value != null && level.isMet(value)));
        }
        return results;
    }

    /**
     * {@return in words, why a service level has no figure}
     *
     * @param expression of the level
     * @param measured   see above
     * @param faults     see above
     * @param missing    see above
     */
    static String whyUnknown(
        final String expression,
        final Measured measured,
        final RunFindings.FaultVerdict faults,
        final Missing missing) {
        if (expression.startsWith(UNAVAILABLE) || expression.startsWith(RECOVER)) {
            return faults == null ? "not measured: only a run with --faults tells it"
                : "the service had not recovered when the measured phase ended";
        }
        if (isDeleted(expression, missing)) {
            return String.format(Locale.ROOT, "retention deleted %,d records before they were read back",
                missing.deleted());
        }
        final long failedCount = measured.failedCount();
        final boolean isEndToEnd = expression.startsWith(END_TO_END);
        final boolean isResponse = expression.startsWith(RESPONSE) || expression.startsWith(SERVICE);
        if (isEndToEnd && missing.consumed() > 0) {
            return String.format(Locale.ROOT, "consumers never received %,d records", missing.consumed());
        }
        if ((isResponse || isEndToEnd) && missing.sent() > failedCount) {
            return String.format(Locale.ROOT, "%,d records that were due were never sent", missing.sent());
        }
        if ((isResponse || isEndToEnd) && failedCount > 0) {
            return String.format(Locale.ROOT, "%,d of %,d records failed: when they would have been %s is not known",
                failedCount, failedCount + measured.acked(), isResponse ? "acknowledged" : "received");
        }
        return "not measured";
    }

    /**
     * Records of which nothing was measured.
     *
     * @param sent     due in the measured phase, but never sent
     * @param consumed acknowledged, but not received by consumers by the end
     * @param deleted  by retention, before they could be read back
     */
    record Missing(long sent, long consumed, long deleted) {
        static final Missing NONE = new Missing(0, 0, 0);
    }

    /** What is gone tells neither that it was whole nor that it was not. */
    private static boolean isDeleted(final String metric, final Missing missing) {
        return missing.deleted() > 0 && (metric.startsWith(LOST) || metric.startsWith(GAPS));
    }

    private static boolean isProven(final String metric, final Measured measured) {
        final String tag = tag(metric);
        return tag == null || measured.isProven(tag, switch (metric.substring(metric.indexOf('.') + 1)) {
            case "p50" -> 0.5;
            case "p90" -> 0.9;
            case "p99" -> 0.99;
            case "p99.9" -> 0.999;
            case "p99.99" -> 0.9999;
            default -> 1;
        });
    }

    /** Of the times a service level is about; null if it is about none. */
    private static String tag(final String metric) {
        return switch (metric.substring(0, metric.indexOf('.') + 1)) {
            case RESPONSE -> Tags.ACK_RT;
            case SERVICE -> Tags.ACK_SERVICE;
            case "lag." -> Tags.SCHED_LAG;
            case END_TO_END -> Tags.E2E_RT;
            default -> null;
        };
    }

    private static Double value(
        final String metric,
        final Measured measured,
        final double achieved,
        final Verification verification,
        final RunFindings.FaultVerdict faults) {
        return switch (metric) {
            case "achieved" -> achieved;
            case "errors" -> (double) measured.failedCount();
            case UNAVAILABLE -> faults == null ? null : Double.valueOf(faults.unavailableNs());
            case RECOVER -> faults == null || faults.recoverNs() == null ? null : Double.valueOf(faults.recoverNs());
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
        final LatencySummary summary = measured.latency() == null ? null : measured.latency().get(tag(metric));
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
