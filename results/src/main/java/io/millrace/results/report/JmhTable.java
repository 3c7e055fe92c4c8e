package io.millrace.results.report;

import io.millrace.results.model.JmhResult;
import io.millrace.results.model.RunStatus;
import io.millrace.results.statistics.ForkInterval;
import io.millrace.results.store.JmhRun;

import java.util.ArrayList;
import java.util.List;

/** JMH runs on the console. */
final class JmhTable {
    private JmhTable() {
    }

    static String render(final List<JmhRun> runs) {
        final StringBuilder text = new StringBuilder();
        for (final JmhRun run : runs) {
            text.append(text.isEmpty() ? "" : "\n").append("JMH run ").append(run.document().started()).append(", ")
                .append(run.status().word()).append('\n');
            if (run.results().isEmpty()) {
                text.append("  nothing had been measured when it ended\n");
                continue;
            }
            final List<List<String>> rows = new ArrayList<>();
            rows.add(List.of("benchmark", "mode", "score", "+- 99.9 %", "95 % CI over forks", "unit"));
            run.results().forEach(result -> rows.add(row(result)));
            text.append(SummaryTable.aligned(rows));
            if (run.status() != RunStatus.OK) {
                run.document().notes().forEach(note -> text.append("  ").append(note).append('\n'));
            }
        }
        return text.toString();
    }

    private static List<String> row(final JmhResult result) {
        final String params = JmhFormat.params(result);
        final ForkInterval interval = ForkInterval.of(result.primary());
        return List.of(
            result.shortName() + (params.isEmpty() ? "" : " (" + params + ")"),
            result.mode(),
            JmhFormat.score(result.primary().score()),
            JmhFormat.score(result.primary().scoreError()),
            interval == null ? Format.NONE
                : JmhFormat.score(interval.low()) + " .. " + JmhFormat.score(interval.high()),
            result.primary().unit());
    }
}
