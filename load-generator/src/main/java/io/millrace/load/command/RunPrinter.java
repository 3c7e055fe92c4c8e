package io.millrace.load.command;

import io.millrace.load.run.RunReport;
import io.millrace.load.workload.Units;
import io.millrace.load.workload.Workload;
import io.millrace.results.model.LatencySummary;
import io.millrace.results.model.Measured;
import io.millrace.results.model.RunDocument;
import io.millrace.results.model.RunFindings;
import io.millrace.results.model.Tags;
import io.millrace.results.model.Verification;
import io.millrace.results.store.RunFiles;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.Locale;
import java.util.Map;

/** Prints one run's result for a reader at a terminal, or as it stands in its file. */
final class RunPrinter {
    private RunPrinter() {
    }

    static void print(final RunReport report, final Workload workload, final boolean isJson, final boolean isVerbose,
        final PrintWriter out) {
        if (isJson) {
            printJson(report, out);
            return;
        }
        final RunDocument document = report.document();
        final Measured measured = document.measured();
        out.printf(Locale.ROOT, "%n%s%s  acks=%s  %s%s  %s  %s%n",
            document.status().word().toUpperCase(Locale.ROOT),
            document.invalidReasons().isEmpty() ? "" : " " + document.invalidReasons(),
            workload.acks().word(),
            Units.rate(measured.achievedPerS()),
            workload.isUnlimited() ? " (closed by the in-flight window)" : " of " + Units.rate(workload.ratePerS()),
            Units.length((long) measured.bytesPerS()) + "/s",
            String.format(Locale.ROOT, "%,d records", measured.acked()));
        out.printf(Locale.ROOT, "  %-15s %10s %10s %10s %10s %10s%n", "", "p50", "p99", "p99.9", "p99.99", "max");
        final Map<String, LatencySummary> latency = measured.latency();
        row(out, "response time", latency.get(Tags.ACK_RT));
        final long failedCount = measured.errors().values().stream().mapToLong(Long::longValue).sum();
        if (failedCount > 0) {
            out.printf(Locale.ROOT, "  %-15s %,d records failed, and count with the time until they did%n", "",
                failedCount);
        }
        row(out, "service time", latency.get(Tags.ACK_SERVICE));
        row(out, "schedule lag", latency.get(Tags.SCHED_LAG));
        row(out, "end to end", latency.get(Tags.E2E_RT));
        row(out, "client hiccup", latency.get(Tags.HICCUP_CLIENT));
        latency.keySet().stream().filter(tag -> tag.startsWith(Tags.HICCUP_BROKER_PREFIX)).sorted().forEach(tag ->
            row(out, tag.substring(Tags.HICCUP_PREFIX.length()) + " hiccup", latency.get(tag)));
        CostPrinter.print(out, measured.cost(), isVerbose);
        verification(out, document.verify());
        findings(out, document.findings());
        measured.errors().forEach((name, count) -> out.printf(Locale.ROOT, "  error %s: %,d%n", name, count));
        document.notes().forEach(note -> out.println("  note: " + note));
        out.println("  result: " + report.directory());
        out.println("  report: millrace report " + report.directory());
        out.flush();
    }

    private static void row(final PrintWriter out, final String name, final LatencySummary summary) {
        if (summary != null && summary.count() > 0) {
            out.printf(Locale.ROOT, "  %-15s %10s %10s %10s %10s %10s%n", name, value(summary.p50Ns()),
                value(summary.p99Ns()), value(summary.p999Ns()), value(summary.p9999Ns()), value(summary.maxNs()));
        }
    }

    private static void verification(final PrintWriter out, final Verification verify) {
        if (verify == null) {
            out.println("  verified        no");
            return;
        }
        out.printf(Locale.ROOT, "  verified        %,d read back: lost acked %d, lost unacked %d, duplicates %d, "
            + "gaps %d, reordered %d, corrupt %d%n", verify.checked(), verify.lostAcked(), verify.lostUnacked(),
            verify.duplicates(), verify.gaps(), verify.reordered(), verify.corrupt());
    }

    private static void findings(final PrintWriter out, final RunFindings findings) {
        if (findings == null) {
            return;
        }
        for (final RunFindings.SloResult level : findings.slo()) {
            out.printf(Locale.ROOT, "  service level   %s: %s%n", level.expression(), level.isMet() ? "met" : "missed");
        }
        final RunFindings.FaultVerdict verdict = findings.faults();
        if (verdict != null) {
            for (final RunFindings.Fault fault : verdict.faults()) {
                out.printf(Locale.ROOT, "  %-15s %s: without service %s, as before after %s; %s%s%n", fault.action(),
                    fault.target(), Units.duration(fault.unavailableNs()),
                    fault.recoverNs() == null ? "more time than there was" : Units.duration(fault.recoverNs()),
                    fault.isProven() ? "" : "NOT PROVEN: ", fault.proof());
            }
            out.printf(Locale.ROOT, "  faults          without service %s in all, as before after %s at most; acked "
                + "records lost: %s%n", Units.duration(verdict.unavailableNs()),
                verdict.recoverNs() == null ? "more time than there was" : Units.duration(verdict.recoverNs()),
                verdict.lostAcked() == null ? "not known" : verdict.lostAcked());
        }
        final RunFindings.BacklogResult backlog = findings.backlog();
        if (backlog != null) {
            out.printf(Locale.ROOT, "  backlog         %s built in %s; drained in %s at %s%s%n",
                Units.length(backlog.builtBytes()), Units.duration(backlog.buildNs()),
                backlog.drainNs() == null ? "more time than allowed" : Units.duration(backlog.drainNs()),
                Units.rate(backlog.drainedPerS()), backlog.isLoadOn() ? " beside the load" : "");
        }
        findings.files().forEach(file -> out.println("  recorded        " + file));
    }

    private static String value(final Long ns) {
        return ns == null ? "-" : Units.duration(ns);
    }

    private static void printJson(final RunReport report, final PrintWriter out) {
        try {
            out.println(Files.readString(report.directory().resolve(RunFiles.RUN)));
            out.flush();
        } catch (final IOException ex) {
            throw new UncheckedIOException("cannot read back " + report.directory(), ex);
        }
    }
}
