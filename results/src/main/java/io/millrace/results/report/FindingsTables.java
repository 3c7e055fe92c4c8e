package io.millrace.results.report;

import io.millrace.results.model.LatencySummary;
import io.millrace.results.model.RunFindings;
import io.millrace.results.report.HtmlTable.Markup;
import io.millrace.results.statistics.LegSummary;
import io.millrace.results.statistics.Medians;
import io.millrace.results.store.RunData;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What runs were asked to judge themselves: service levels, faults, backlogs. */
final class FindingsTables {
    private static final double NS_PER_S = 1e9;

    private FindingsTables() {
    }

    /** Null if no service level was asked for. */
    static String slo(final List<LegSummary> legs) {
        final HtmlTable table = new HtmlTable("slo", "Service levels, over all runs of a side")
            .head(List.of("", "asked for", "met in", "worst run"));
        boolean isAsked = false;
        for (final LegSummary leg : legs) {
            final Map<String, List<RunFindings.SloResult>> byExpression = new LinkedHashMap<>();
            leg.runs().stream().map(run -> run.document().findings()).filter(findings -> findings != null)
                .flatMap(findings -> findings.slo().stream()).forEach(slo ->
                byExpression.computeIfAbsent(slo.expression(), e -> new ArrayList<>()).add(slo));
            for (final Map.Entry<String, List<RunFindings.SloResult>> slo : byExpression.entrySet()) {
                isAsked = true;
                final long met = slo.getValue().stream().filter(RunFindings.SloResult::isMet).count();
                final double worst = slo.getValue().stream().filter(result -> result.value() != null)
                    .mapToDouble(RunFindings.SloResult::value)
                    .reduce(slo.getKey().contains(">") ? Math::min : Math::max).orElse(Double.NaN);
                final boolean isTime = slo.getKey().matches("\\s*(rt|e2e|ack|service|lag)\\..*");
                table.row(List.of(leg.label(), slo.getKey(), new Markup("<span class=\"chip "
                    + (met == slo.getValue().size() ? "good\">✓ " : "bad\">! ") + met + " of " + slo.getValue().size()
                    + "</span>"), isTime ? Format.time(worst) : Double.isFinite(worst) ? Format.trimmed(worst)
                    : Format.NONE));
            }
        }
        return isAsked ? table.end() : null;
    }

    /** Faults as the runs judged them, with what proves them; empty if none did. */
    static String faults(final List<LegSummary> legs) {
        final HtmlTable table = new HtmlTable("fault-verdicts", "As the runs themselves judged; recovered: until "
            + "the last second with errors or with a latency that the fault raised")
            .head(List.of("", "fault", "longest gap of a partition", "recovered after", "lost acked", "seen"));
        boolean isKnown = false;
        for (final LegSummary leg : legs) {
            for (final RunData run : leg.runs()) {
                final RunFindings.FaultVerdict verdict = run.document().findings() == null ? null
                    : run.document().findings().faults();
                for (final RunFindings.Fault fault : verdict == null ? List.<RunFindings.Fault>of()
                    : verdict.faults()) {
                    isKnown = true;
                    table.row(List.of(leg.label() + ", run " + run.document().pair(),
                        fault.action() + " " + fault.target(), Format.time((double) fault.unavailableNs()),
                        fault.recoverNs() == null ? "not until the end" : Format.time(fault.recoverNs()),
                        verdict.lostAcked() == null ? "not checked" : Format.count(verdict.lostAcked()),
                        fault.isProven() ? "yes" : "no: " + fault.proof()));
                }
            }
        }
        return isKnown ? table.end() : "";
    }

    /** Response times from each fault to its recovery; empty if no run tells. */
    static String faultLatency(final List<LegSummary> legs) {
        final HtmlTable table = new HtmlTable("fault-latency", "Response time from a fault "
            + "to its recovery").head(List.of("", "records", "p50", "p90", "p99", "p99.9", "max"));
        boolean isKnown = false;
        for (final LegSummary leg : legs) {
            for (final RunData run : leg.runs()) {
                final RunFindings.FaultVerdict verdict = run.document().findings() == null ? null
                    : run.document().findings().faults();
                final LatencySummary s = verdict == null ? null : verdict.latency();
                if (s != null && s.count() > 0) {
                    isKnown = true;
                    table.row(List.of(leg.label() + ", run " + run.document().pair(), Format.count(s.count()),
                        Format.time(s.p50Ns()), Format.time(s.p90Ns()), Format.time(s.p99Ns()),
                        Format.time(s.p999Ns()), Format.time(s.maxNs())));
                }
            }
        }
        return isKnown ? table.end() : "";
    }

    /** In a sentence, what draining costs beside building; empty if no run built up a backlog. */
    static String backlogWords(final List<LegSummary> legs) {
        final List<String> sentences = new ArrayList<>();
        for (final LegSummary leg : legs) {
            final List<RunFindings.BacklogResult> all = leg.runs().stream().map(run -> run.document().findings())
                .filter(findings -> findings != null && findings.backlog() != null).map(RunFindings::backlog).toList();
            final double built = Medians.of(all.stream().filter(backlog -> backlog.buildNs() > 0)
                .mapToDouble(backlog -> backlog.builtRecords() * NS_PER_S / backlog.buildNs()).toArray());
            final double drained = Medians.of(all.stream().filter(backlog -> backlog.drainNs() != null)
                .mapToDouble(RunFindings.BacklogResult::drainedPerS).filter(rate -> rate > 0).toArray());
            if (Double.isFinite(drained) && Double.isFinite(built) && built > 0) {
                sentences.add("With " + leg.label() + " what waits is read at " + Format.rate(drained) + ", "
                    + Format.ratio(drained / built) + " times as fast as it was written (" + Format.rate(built)
                    + "; medians of the runs).");
            }
        }
        return String.join(" ", sentences);
    }

    /** Null if no run built up a backlog. */
    static String backlog(final List<LegSummary> legs) {
        final HtmlTable table = new HtmlTable("backlog", "Consumers stood still, then caught up")
            .head(List.of("", "records that waited", "bytes", "built in", "read in", "read at", "producers meanwhile"));
        boolean isKnown = false;
        for (final LegSummary leg : legs) {
            for (final RunData run : leg.runs()) {
                final RunFindings.BacklogResult backlog = run.document().findings() == null ? null
                    : run.document().findings().backlog();
                if (backlog != null) {
                    isKnown = true;
                    table.row(List.of(leg.label() + ", run " + run.document().pair(),
                        Format.count(backlog.builtRecords()), Format.bytes(backlog.builtBytes()),
                        Format.time((double) backlog.buildNs()), backlog.drainNs() == null ? "not in time"
                        : Format.time(backlog.drainNs()), Format.rate(backlog.drainedPerS()),
                        backlog.isLoadOn() ? "went on" : "stood still"));
                }
            }
        }
        return isKnown ? table.end() : null;
    }
}
