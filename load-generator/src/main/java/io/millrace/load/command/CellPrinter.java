package io.millrace.load.command;

import io.millrace.load.workload.Units;
import io.millrace.results.model.LatencySummary;
import io.millrace.results.model.Measured;
import io.millrace.results.model.RunDocument;
import io.millrace.results.model.Tags;
import java.io.PrintWriter;
import java.util.Locale;

/** Prints one run in one line. */
final class CellPrinter {
    private CellPrinter() {
    }

    static void row(final PrintWriter out, final String name, final String label, final RunDocument document) {
        final Measured measured = document.measured();
        final LatencySummary rt = measured == null || measured.latency() == null ? null
            : measured.latency().get(Tags.ACK_RT);
        out.printf(Locale.ROOT, "%-14s %-11s %12s  p50 %-9s p99 %-9s p99.9 %-9s max %-9s %s%n", name,
            document.status().word() + (document.invalidReasons().isEmpty() ? "" : document.invalidReasons()),
            measured == null ? "-" : Units.rate(measured.achievedPerS()), value(rt == null ? null : rt.p50Ns()),
            value(rt == null ? null : rt.p99Ns()), value(rt == null ? null : rt.p999Ns()),
            value(rt == null ? null : rt.maxNs()), label);
        out.flush();
    }

    static String value(final Long ns) {
        return ns == null ? "-" : Units.duration(ns);
    }
}
