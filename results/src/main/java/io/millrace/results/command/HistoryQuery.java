package io.millrace.results.command;

import io.millrace.results.store.HistoryStore;
import picocli.CommandLine.Option;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;

/** What the sub-commands of {@code millrace history} that look at lines share: which lines. */
abstract class HistoryQuery extends HistoryAction {
    @Option(names = "--series", paramLabel = "WORDS", description = "Only series with all of these words.")
    private String words;
    @Option(names = "--metric", split = ",", paramLabel = "M", description = "Only these figures.")
    private List<String> metrics;

    /** Picocli makes the instance. */
    HistoryQuery() {
    }

    abstract int run(List<HistoryLines.Line> lines, PrintWriter out);

    /** As {@code compare} bounds them. */
    final void check(final double threshold, final double confidence) {
        if (!(threshold > 0 && threshold < 1) || !(confidence >= 0.5 && confidence < 1)) {
            refuse("--threshold=" + threshold + " --confidence=" + confidence
                + ": the threshold must be between 0 and 1, the confidence from 0.5 to below 1");
        }
    }

    @Override
    final int run(final Path history, final PrintWriter out, final List<String> problems) {
        return run(HistoryLines.of(HistoryStore.read(history, problems), history, words, metrics), out);
    }
}
