package io.millrace.load.run;

import io.millrace.results.model.LatencySummary;
import io.millrace.results.model.RunDocument;
import io.millrace.results.model.RunStatus;
import io.millrace.results.store.RunData;
import io.millrace.results.store.RunReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;

/**
 * Whether a result says the same in all its files.
 *
 * @param document of the run
 * @param problems in sentences; empty if there are none
 */
public record ResultCheck(RunDocument document, List<String> problems) {
    /**
     * Reads a result directory and compares its parts.
     *
     * @param dir of the run
     * @return what was found
     */
    public static ResultCheck of(final Path dir) {
        final RunData data = RunReader.read(dir);
        final RunDocument document = data.document();
        final List<String> problems = new ArrayList<>(data.warnings());
        if (document.status() == RunStatus.OK || document.status() == RunStatus.INVALID) {
            counts(data, document, problems);
        }
        return new ResultCheck(document, List.copyOf(problems));
    }

    private static void counts(final RunData data, final RunDocument document, final List<String> problems) {
        if (document.measured() == null) {
            problems.add("run.json says " + document.status().word() + " but has no figures.");
            return;
        }
        for (final Map.Entry<String, LatencySummary> entry : document.measured().latency().entrySet()) {
            final List<RunData.Interval> intervals = data.intervals(entry.getKey());
            final Histogram sum = new Histogram(3);
            sum.setAutoResize(true);
            intervals.forEach(interval -> sum.add(interval.histogram()));
            final LatencySummary summary = entry.getValue();
            if (sum.getTotalCount() < summary.count()) {
                continue; // the reader has said so
            }
            if (sum.getTotalCount() != summary.count()) {
                problems.add("latency.hlog has " + sum.getTotalCount() + " samples of " + entry.getKey() + ", run.json "
                    + summary.count() + ".");
            } else if (summary.maxNs() != null && sum.getMaxValue() != summary.maxNs()) {
                problems.add("latency.hlog has a maximum of " + sum.getMaxValue() + " ns of " + entry.getKey()
                    + ", run.json " + summary.maxNs() + " ns.");
            }
        }
        final long errors = document.measured().errors().values().stream().mapToLong(Long::longValue).sum();
        if (document.measured().acked() + errors > document.measured().sent()) {
            problems.add("More records were answered (" + document.measured().acked() + " and " + errors
                + " errors) than sent (" + document.measured().sent() + ").");
        }
    }
}
