package io.millrace.results.command;

import io.millrace.results.statistics.ChangePoint;
import io.millrace.results.statistics.ChangePoints;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

import java.io.PrintWriter;
import java.util.List;

/** {@code millrace history gate}. */
@Command(
    name = "gate",
    mixinStandardHelpOptions = true,
    description = {
        "Fail if the newest change of level is for the worse and recent.",
        "A change can be found once three points lie behind it, so look back at least that far."},
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
        "0:no recent change for the worse",
        "2:the file cannot be used",
        "6:a line got worse",
        "7:a line has too few points to tell (only with --fail-on inconclusive)"})
final class HistoryGateCommand extends HistoryQuery {
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
        if (last < 1) {
            refuse("--last=" + last + ": it must be 1 or more; a change shows once three points lie behind it");
        }
    }

    @Override
    int run(final List<HistoryLines.Line> lines, final PrintWriter out) {
        // The permutation test cannot go below one in a thousand.
        final double level = Math.max(0.001, (1 - confidence) / Math.max(1, lines.size()));
        int worse = 0;
        int few = 0;
        for (final HistoryLines.Line line : lines) {
            if (line.points().size() < ChangePoints.MIN_POINTS) {
                few++;
                continue;
            }
            final List<ChangePoint> changes = line.changes(level, threshold);
            final ChangePoint newest = changes.isEmpty() ? null : changes.get(changes.size() - 1);
            if (newest != null && newest.index() >= line.points().size() - last && line.isWorse(newest)) {
                worse++;
                out.println(line.series() + "\n  " + line.key() + ": " + HistoryListCommand.describe(line, newest));
            }
        }
        out.println(lines.size() + " lines: " + worse + " got worse in the last " + last + " points"
            + (few == 0 ? "" : ", " + few + " have fewer than " + ChangePoints.MIN_POINTS
            + " points, too few to tell"));
        return failOn == CompareCommand.FailOn.NEVER ? 0 : worse > 0 ? CompareCommand.REGRESSED
            : few > 0 && failOn == CompareCommand.FailOn.INCONCLUSIVE ? CompareCommand.INCONCLUSIVE : 0;
    }
}
