package io.millrace.results.command;

import io.millrace.results.statistics.ChangePoint;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;

/** {@code millrace history list}. */
@Command(
    name = "list",
    mixinStandardHelpOptions = true,
    description = "Show every line with its newest figure and the points at which its level changed.",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:shown", "2:the file cannot be used"})
final class HistoryListCommand extends HistoryQuery {
    @Option(names = "--threshold", paramLabel = "SHARE", defaultValue = "5%", converter = ShareConverter.class,
        description = "Smallest change worth a mention. Default: ${DEFAULT-VALUE}.")
    private double threshold;
    @Option(names = "--confidence", paramLabel = "SHARE", defaultValue = "0.99", converter = ShareConverter.class,
        description = "That a change is none by chance. Default: ${DEFAULT-VALUE}.")
    private double confidence;

    @Override
    void check() {
        check(threshold, confidence);
    }

    @Override
    int run(final List<HistoryLines.Line> lines, final PrintWriter out) {
        String series = "";
        for (final HistoryLines.Line line : lines) {
            if (!line.series().equals(series)) {
                series = line.series();
                out.println(series);
            }
            out.printf(Locale.ROOT, "  %-14s %4d points, newest %.4g %s%n", line.key(), line.points().size(),
                line.last().median(), line.last().unit());
            for (final ChangePoint change : line.changes(1 - confidence, threshold)) {
                out.println("    " + describe(line, change));
            }
        }
        return 0;
    }

    static String describe(final HistoryLines.Line line, final ChangePoint change) {
        return String.format(Locale.ROOT, "%s at %s, %s: %+.1f %% (%.4g to %.4g)",
            line.isWorse(change) ? "worse" : "better", line.points().get(change.index()).time(),
            line.commit(change.index()), (change.ratio() - 1) * 100, change.before(), change.after());
    }
}
