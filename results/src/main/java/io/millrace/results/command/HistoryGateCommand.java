package io.millrace.results.command;

import io.millrace.results.statistics.ChangePoints;
import io.millrace.results.statistics.RecentChange;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;

/** {@code millrace history gate}. */
@Command(
    name = "gate",
    mixinStandardHelpOptions = true,
    description = {
        "Fail if a line got worse lately: its last points against the level before them.",
        "It takes three points of the new level and five of the one before, more where a line is restless: "
            + "look back at least three points. What could not have been seen is said."},
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
        "0:no recent change for the worse",
        "2:the file cannot be used",
        "6:a line got worse",
        "7:a line has too few points to tell, or is too restless (only with --fail-on inconclusive)"})
final class HistoryGateCommand extends HistoryQuery {
    /** A line in which even so much would not show tells nothing. */
    private static final double DOUBLED = 2;

    @Option(names = "--last", paramLabel = "N", defaultValue = "5",
        description = "A change among the last N points is recent. Default: ${DEFAULT-VALUE}.")
    private int last;
    @Option(names = "--threshold", paramLabel = "SHARE", defaultValue = "5%", converter = ShareConverter.class,
        description = "Smallest change that matters. Default: ${DEFAULT-VALUE}.")
    private double threshold;
    @Option(names = "--confidence", paramLabel = "SHARE", defaultValue = "0.99", converter = ShareConverter.class,
        description = "That a change is none by chance, all lines together. Default: ${DEFAULT-VALUE}.")
    private double confidence;
    @Option(names = "--fail-on", paramLabel = "WHAT", defaultValue = "REGRESSION",
        description = "What to end with an exit code of its own for: regression, inconclusive (or regression) or "
            + "never. Default: regression.")
    private CompareCommand.FailOn failOn;

    @Override
    void check() {
        check(threshold, confidence);
        if (last < ChangePoints.MIN_SEGMENT) {
            refuse("--last=" + last + ": it must be " + ChangePoints.MIN_SEGMENT
                + " or more; a change shows once so many points lie behind it");
        }
    }

    @Override
    int run(final List<HistoryLines.Line> lines, final PrintWriter out) {
        final double level = (1 - confidence) / Math.max(1, lines.size());
        int worse = 0;
        int few = 0;
        double least = Double.POSITIVE_INFINITY;
        double most = 0;
        for (final HistoryLines.Line line : lines) {
            final RecentChange recent =
                RecentChange.of(line.medians(), last, level, threshold, line.last().isLowerBetter());
            if (recent.change() != null) {
                worse++;
                out.println(line.series() + "\n  " + line.key() + ": "
                    + HistoryListCommand.describe(line, recent.change()));
            } else if (recent.visibleRatio() > DOUBLED) {
                few++;
            } else {
                least = Math.min(least, recent.visibleRatio());
                most = Math.max(most, recent.visibleRatio());
            }
        }
        out.println(lines.size() + " lines: " + worse + " got worse in the last " + last + " points"
            + (few == 0 ? "" : ", " + few + " have too few points of one level, or are too restless, to tell: a figure "
            + "twice as bad would not have shown")
            + (most == 0 ? "" : String.format(Locale.ROOT, "; of the others changes of %.0f to %.0f %% or more would "
            + "have shown", 100 * (least - 1), 100 * (most - 1))));
        return failOn == CompareCommand.FailOn.NEVER ? 0 : worse > 0 ? CompareCommand.REGRESSED
            : few > 0 && failOn == CompareCommand.FailOn.INCONCLUSIVE ? CompareCommand.INCONCLUSIVE : 0;
    }
}
