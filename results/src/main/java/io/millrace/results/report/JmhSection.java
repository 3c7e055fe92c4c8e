package io.millrace.results.report;

import io.millrace.results.model.JmhMetric;
import io.millrace.results.model.JmhResult;
import io.millrace.results.model.RunStatus;
import io.millrace.results.report.HtmlTable.Markup;
import io.millrace.results.statistics.ForkInterval;
import io.millrace.results.statistics.Medians;
import io.millrace.results.store.JmhRun;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** JMH runs: a table for each, every fork's iterations as dots and, folded away, as figures. */
final class JmhSection {
    static final String INTRO = "What code does by itself, in one process and without a network. Score: the "
        + "mean of all iterations; ± half of JMH's 99.9 % interval, which takes "
        + "iterations for independent. 95 % CI: over the forks, by Student's t; a new process changes the level, so "
        + "this is the interval to judge by. Dots: a row for each fork, a dot for each iteration, from the lowest to "
        + "the highest of the row's benchmark.";

    private static final List<String> QUANTILES = List.of("50.0", "99.0", "99.9", "100.0");
    /** JMH's unit of what a benchmark counted itself; its score is the sum over all iterations. */
    private static final String COUNT = "#";
    private static final int MAX_ROWS = 1000;
    private static final int MAX_LEADERS = 8;
    private static final int MAX_FORKS = 20;
    private static final int MAX_ITERATIONS = 100;
    private static final int DOTS_WIDTH = 150;
    private static final int FORK_HEIGHT = 11;
    private static final double MARGIN = 5;
    private static final double RADIUS = 3;

    private static final String LEGEND = "<p class=\"legend\"><span><i class=\"key round\" aria-hidden=\"true\"></i>a "
        + "fork</span><span><i class=\"key median-key\" aria-hidden=\"true\"></i>median of the forks</span><span>"
        + "<i class=\"key whisker-key\" aria-hidden=\"true\"></i>95 % interval over the forks</span>";

    private JmhSection() {
    }

    static String html(final List<JmhRun> runs) {
        final StringBuilder html = new StringBuilder();
        charts(html, runs);
        for (int i = 0; i < runs.size(); i++) {
            run(html, runs.get(i), i);
        }
        return html.toString();
    }

    private static void charts(final StringBuilder html, final List<JmhRun> runs) {
        for (final JmhRows rows : JmhRows.of(runs)) {
            final JmhChart chart = new JmhChart(rows);
            if (!chart.hasData()) {
                continue;
            }
            html.append("<h3>").append(Html.escape(rows.title())).append("</h3>\n");
            final List<String> leaders = rows.leaders();
            if (!leaders.isEmpty()) {
                html.append("<ul class=\"notes\">\n");
                leaders.stream().limit(MAX_LEADERS).forEach(leader ->
                    html.append("<li>").append(Html.escape(leader)).append("</li>\n"));
                html.append("</ul>\n");
            }
            html.append("<figure>\n").append(LEGEND);
            for (final int i : rows.runs().size() > 1 ? rows.runs() : List.<Integer>of()) {
                html.append("<span>").append(Tables.key(i).replace("\" aria", " round\" aria"))
                    .append(Html.escape(JmhRows.name(runs.get(i)))).append("</span>");
            }
            html.append("</p>\n").append(chart.draw()).append("</figure>\n");
        }
    }

    private static void run(final StringBuilder html, final JmhRun run, final int number) {
        html.append("<h3>").append(Html.escape(JmhRows.name(run) + ", " + HtmlReport.time(run.document().started())))
            .append(" <span class=\"chip ").append(run.status() == RunStatus.OK ? "good\">✓ " : "bad\">! ")
            .append(run.status().word()).append("</span></h3>\n<pre class=\"command\">")
            .append(Html.escape(EnvironmentCard.shell(run.document().command()))).append("</pre>\n");
        if (run.results().isEmpty()) {
            html.append(Html.paragraph("empty", "Nothing had been measured when this run ended."));
            return;
        }
        html.append(table(run, number));
        if (run.results().size() > MAX_ROWS) {
            html.append(Html.paragraph("intro", "And " + (run.results().size() - MAX_ROWS) + " more in "
                + run.dir().resolve("jmh-result.json")));
        }
        html.append("<ul class=\"notes\">\n");
        machines(run).forEach(line -> html.append("<li>").append(Html.escape(line)).append("</li>\n"));
        html.append("</ul>\n");
    }

    private static String table(final JmhRun run, final int number) {
        final boolean hasAllocation = run.results().stream().anyMatch(result -> result.allocation() != null);
        final List<Object> head = new ArrayList<>(
            List.of("benchmark", "parameters", "score", "median of forks", "95 % CI over forks"));
        if (hasAllocation) {
            head.add("allocated");
        }
        head.add("iterations by fork");
        final HtmlTable table = new HtmlTable(number == 0 ? "jmh" : "jmh-" + (number + 1),
            run.results().size() + (run.results().size() == 1 ? " result" : " results")).head(head);
        for (final JmhResult result : run.results().stream().limit(MAX_ROWS).toList()) {
            final List<Object> row = new ArrayList<>(
                List.of(name(result), params(result), score(result), median(result.primary()),
                    interval(result.primary())));
            if (hasAllocation) {
                row.add(result.allocation() == null ? Format.NONE : JmhFormat.score(result.allocation().score()) + " "
                    + result.allocation().unit());
            }
            row.add(new Markup(dots(result) + iterations(result.primary())));
            table.row(row);
        }
        return table.end();
    }

    /** May be broken before the method; with JMH's word for the mode below. */
    private static Markup name(final JmhResult result) {
        final StringBuilder html = new StringBuilder(Html.escape(result.shortName()).replace(".", "<wbr>."));
        advice(html, result.mode());
        return new Markup(html.toString());
    }

    private static Object params(final JmhResult result) {
        final String params = JmhFormat.params(result);
        return params.isEmpty() ? Format.NONE : params;
    }

    /** With JMH's interval, and below it what the benchmark counted itself. */
    private static Markup score(final JmhResult result) {
        final JmhMetric primary = result.primary();
        final StringBuilder html = new StringBuilder(Html.escape(
            JmhFormat.score(primary.score()) + " " + primary.unit()));
        if (Double.isFinite(primary.scoreError())) {
            advice(html, "± " + JmhFormat.score(primary.scoreError()));
        }
        if ("sample".equals(result.mode())) {
            QUANTILES.stream().filter(primary.quantiles()::containsKey).forEach(percent -> advice(html,
                "p" + percent.replace(".0", "") + " " + JmhFormat.score(primary.quantiles().get(percent))));
        }
        if (!result.isComplete()) {
            advice(html, primary.iterationCount() + (primary.iterationCount() == 1 ? " iteration" : " iterations")
                + " only");
        }
        result.counters().forEach((name, metric) ->
            advice(html, name + " "
                + (COUNT.equals(metric.unit()) ? JmhFormat.score(metric.iterationMean())
                : JmhFormat.score(metric.score()) + " " + metric.unit())));
        return new Markup(html.toString());
    }

    private static void advice(final StringBuilder html, final String text) {
        html.append("<span class=\"advice\">").append(Html.escape(text)).append("</span>");
    }

    private static Markup median(final JmhMetric metric) {
        final int forks = metric.forkMeans().size();
        final StringBuilder html = new StringBuilder(Html.escape(forks == 0 ? Format.NONE : JmhFormat.score(Medians.of(
            metric.forkMeans().stream().mapToDouble(Double::doubleValue).toArray()))));
        advice(html, Words.plural(forks, "fork"));
        return new Markup(html.toString());
    }

    private static String interval(final JmhMetric metric) {
        final ForkInterval interval = ForkInterval.of(metric);
        return interval == null ? Format.NONE
            : JmhFormat.score(interval.low()) + " – " + JmhFormat.score(interval.high());
    }

    private static String dots(final JmhResult result) {
        final List<List<Double>> forks = result.primary().forks().stream().limit(MAX_FORKS).toList();
        final double low = forks.stream().flatMap(List::stream).mapToDouble(Double::doubleValue).min().orElse(0);
        final double high = forks.stream().flatMap(List::stream).mapToDouble(Double::doubleValue).max().orElse(0);
        final Svg svg = new Svg(DOTS_WIDTH, Math.max(1, forks.size()) * FORK_HEIGHT);
        for (int fork = 0; fork < forks.size(); fork++) {
            final double y = (fork + 0.5) * FORK_HEIGHT;
            svg.line("grid", 0, y, DOTS_WIDTH, y);
            for (final double score : forks.get(fork).stream().limit(MAX_ITERATIONS).toList()) {
                final double share = high > low ? (score - low) / (high - low) : 0.5;
                svg.mark("mark leg" + fork % 4, 0, MARGIN + share * (DOTS_WIDTH - 2 * MARGIN), y, RADIUS);
            }
        }
        return svg.end("dots", "iterations of " + result.shortName() + " from " + JmhFormat.score(low) + " to "
            + JmhFormat.score(high), null);
    }

    private static String iterations(final JmhMetric metric) {
        final StringBuilder html = new StringBuilder("<details><summary>").append(metric.iterationCount())
            .append(metric.iterationCount() == 1 ? " figure" : " figures").append("</summary>");
        for (int fork = 0; fork < Math.min(MAX_FORKS, metric.forks().size()); fork++) {
            final List<Double> scores = metric.forks().get(fork);
            html.append("<span class=\"advice\">").append(fork + 1).append(": ").append(Html.escape(scores.stream()
                .limit(MAX_ITERATIONS).map(JmhFormat::score).collect(Collectors.joining(" · "))))
                .append(scores.size() > MAX_ITERATIONS ? " …" : "").append("</span>");
        }
        return html.append("</details>").toString();
    }

    /** What the forks ran on; one line as a rule, more when classes ask for different flags. */
    private static Set<String> machines(final JmhRun run) {
        final Set<String> lines = new LinkedHashSet<>();
        for (final JmhResult result : run.results()) {
            lines.add("JDK " + result.jdk() + ", " + result.vm() + (result.jvmArgs().isEmpty() ? ", no JVM flags"
                : ", JVM flags of the forks: " + String.join(" ", result.jvmArgs())));
        }
        run.document().notes().forEach(lines::add);
        run.warnings().forEach(warning -> lines.add(warning + "."));
        return lines;
    }
}
