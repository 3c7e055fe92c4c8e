package io.millrace.results.report;

import io.millrace.results.model.RunDocument;
import io.millrace.results.model.RunFindings;
import io.millrace.results.model.SweepResult;
import io.millrace.results.model.Tags;
import io.millrace.results.statistics.Comparison;
import io.millrace.results.statistics.LegSummary;
import io.millrace.results.statistics.MatrixComparison;
import io.millrace.results.statistics.Metric;
import io.millrace.results.statistics.RatioEstimate;
import io.millrace.results.statistics.RunCells;
import io.millrace.results.store.ExperimentData;
import io.millrace.results.store.JmhRun;
import io.millrace.results.store.RunData;
import io.millrace.results.store.SweepReader;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/** The whole report as one HTML page that asks nothing of the network; belongs to the thread that renders it. */
public final class HtmlReport {
    private static final String EVENT_LEGEND = "<span><i class=\"key count\" aria-hidden=\"true\">3</i>events, so many "
        + "close together</span><span><i class=\"key dashed\" aria-hidden=\"true\"></i>fault or error</span>";
    private static final int MAX_DRAWN = 6;
    private static final int MAX_HEAT_MAPS = 4;
    private static final DateTimeFormatter TIME =
        DateTimeFormatter.ofPattern("d MMMM yyyy, HH:mm 'UTC'", Locale.ENGLISH).withZone(ZoneOffset.UTC);

    private final ExperimentData data;
    private final Path file;
    private final boolean isMatrix;
    private final List<LegSummary> legs;
    /** At most {@link #MAX_DRAWN} of the sides, so that lines can be told apart. */
    private final List<LegSummary> drawn;
    private final Comparison comparison;
    private final StringBuilder html = new StringBuilder(1 << 18);

    private HtmlReport(final ExperimentData data, final Path file) {
        this.data = data;
        this.file = file;
        this.isMatrix = RunCells.isMatrix(data);
        this.legs = isMatrix ? LegSummary.ofCells(data) : LegSummary.of(data);
        this.drawn = spread(legs);
        this.comparison = Comparison.of(data);
    }

    /** Evenly over all of them, the first and the last included. */
    private static List<LegSummary> spread(final List<LegSummary> all) {
        if (all.size() <= MAX_DRAWN) {
            return all;
        }
        final List<LegSummary> some = new ArrayList<>();
        for (int i = 0; i < MAX_DRAWN; i++) {
            some.add(all.get(i * (all.size() - 1) / (MAX_DRAWN - 1)));
        }
        return some;
    }

    /**
     * Renders an experiment, or a single run.
     *
     * @param data at least one run
     * @return the page
     */
    public static String render(final ExperimentData data) {
        return render(data, null);
    }

    /**
     * Renders an experiment, or a single run, with links to what lies beside the report.
     *
     * @param data at least one run
     * @param file where the page will be, or null
     * @return the page
     */
    public static String render(final ExperimentData data, final Path file) {
        return new HtmlReport(data, file).page();
    }

    private String page() {
        final boolean hasBench = !data.runs().isEmpty();
        final String title = !hasBench ? "JMH benchmarks"
            : isMatrix ? Words.matrixTitle(data, legs.size()) : Words.title(data, legs);
        html.append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
            .append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
            .append("<meta name=\"color-scheme\" content=\"light dark\">\n")
            .append("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
                + "'unsafe-inline'; script-src 'unsafe-inline'\">\n")
            .append("<title>").append(Html.escape(title)).append(" – Millrace</title>\n<style>\n")
            .append(resource("report.css")).append("</style>\n</head>\n<body>\n<main>\n")
            .append("<div class=\"tools\" hidden></div>\n");
        header(title);
        if (hasBench) {
            bench();
        }
        if (!data.jmhRuns().isEmpty()) {
            section("jmh-section", "JMH benchmarks", JmhSection.INTRO, JmhSection.html(data.jmhRuns()));
        }
        notes();
        final List<RunDocument> documents = hasBench ? data.runs().stream().map(RunData::document).toList()
            : data.jmhRuns().stream().map(JmhRun::document).toList();
        final RunDocument first = documents.get(0);
        section("environment-section", "Environment", "", EnvironmentCard.html(documents, command(first),
            Machines.of(data.runs())));
        html.append("<footer>Millrace · experiment ").append(Html.escape(first.experimentId() == null
            ? first.runId() : first.experimentId())).append("</footer>\n</main>\n<script>\n")
            .append("window.millrace = ").append(pageData()).append(";\n")
            .append(resource("report.js")).append("</script>\n</body>\n</html>\n");
        return html.toString();
    }

    private void bench() {
        verdictStrip();
        rateCurve();
        matrix();
        percentiles();
        if (comparison != null) {
            ratios();
        }
        final String promises = Promises.of(legs).table();
        if (promises != null) {
            section("durability-section", "What an acknowledgement is worth",
                Objects.requireNonNullElse(Promises.of(legs).caveat(), ""), promises);
        }
        timeline();
        heatMaps();
        backlog();
        final String faults = FaultSection.html(legs);
        if (faults != null) {
            section("fault-section", "Faults", "The seconds around each fault. Back to normal: the rate is at 90 % of "
                + "what it was and the 99th percentile within twice what it was, and both stay there.",
                faults + FindingsTables.faults(legs) + FindingsTables.faultLatency(legs));
        }
        runs();
        final String slo = FindingsTables.slo(legs);
        if (slo != null) {
            section("slo-section", "Service levels", "Judged by each run for itself; a figure with too few samples "
                + "is not met.", slo);
        }
        section("throughput-section", "Throughput", "", Tables.throughput(legs));
        section("correctness-section", "Correctness", Words.correctness(legs), Tables.correctness(legs));
        final String cost = CostTables.html(legs);
        final String profiles = Artifacts.profiles(data.runs(), file);
        if (cost != null || !profiles.isEmpty()) {
            section("cost-section", "Cost", "", cost == null ? profiles : CostBars.html(legs) + cost + profiles);
        }
    }

    private void backlog() {
        final BacklogChart chart = new BacklogChart(legs);
        final String table = FindingsTables.backlog(legs);
        if (table == null && !chart.hasData()) {
            return;
        }
        begin("backlog-section", "Backlog", "After the measured phase the consumers stood still until enough waited "
            + "for them, then caught up. " + FindingsTables.backlogWords(legs));
        if (chart.hasData()) {
            figure(chart.draw(), chart.legend(legs));
        } else {
            html.append(Html.paragraph("advice", "Its course is not drawn: the runs do not tell its phases, or the "
                + "times at which records were received do not add up to it."));
        }
        html.append(table == null ? Html.paragraph("advice", "No run got as far as to drain it.") : table);
        end();
    }

    private void rateCurve() {
        final RateCurve curve = new RateCurve(data.runs());
        if (curve.hasData()) {
            begin("rate-section", "Latency against throughput", sweep() + curve.words());
            figure(curve.draw(), curve.legend());
            html.append(curve.table());
            end();
        }
    }

    /** What the sweep itself says, if it left its result. */
    private String sweep() {
        final SweepResult sweep = SweepReader.beside(data.runs());
        if (sweep == null) {
            return "";
        }
        final String asked = String.join(" and ", sweep.slo());
        return (sweep.maxRatePerS() == null ? "The sweep found no rate that meets " + asked
            : "The sweep found " + Format.rate(sweep.maxRatePerS()) + " as the highest rate that meets " + asked
            + (sweep.repeatCount() > 0 ? ", in " + sweep.repeatMet() + " of " + sweep.repeatCount() + " repeated runs"
            : "")) + (sweep.failRatePerS() == null ? "" : "; " + Format.rate(sweep.failRatePerS())
            + (sweep.isFailUndecided() ? " is undecided" : " did not"))
            + (sweep.isComplete() ? ". " : "; it was not finished. ")
            + (sweep.undecidedPerS().isEmpty() ? "" : "Undecided: " + sweep.undecidedPerS().stream().map(Format::rate)
            .collect(Collectors.joining(", ")) + ", where the machine spoilt each run or the target was still "
            + "warming up; the search went on as if they had missed, so the highest rate may lie beyond. ");
    }

    private void matrix() {
        if (!isMatrix) {
            return;
        }
        final String p99 = MatrixTable.html(data.runs(), Metric.RT_P99);
        if (p99 != null) {
            begin("matrix-section", "Every setting", "");
            html.append(p99).append(MatrixTable.html(data.runs(), Metric.RT_P50));
            end();
        }
        final MatrixComparison cells = MatrixComparison.of(data.runs(), data.experiment().threshold());
        if (cells != null) {
            begin("cells-section", "What " + cells.factor() + "=" + cells.other() + " costs, setting by setting",
                "Ratio to " + cells.factor() + "=" + cells.base() + " with its 95 % interval; the verdicts hold with "
                + "95 % confidence all together." + (cells.along().isEmpty() ? "" : " With it change "
                + String.join(", ", cells.along()) + "."));
            figure(new ForestPlot(CellForest.rows(cells), cells.rules().threshold(), cells.other() + " to "
                + cells.base()).draw(), "");
            html.append(CellForest.table(cells));
            end();
        }
    }

    private void heatMaps() {
        final int stepS = new TimelineChart(drawn).stepS();
        final List<LatencySteps> steps = drawn.stream().limit(MAX_HEAT_MAPS)
            .map(leg -> LatencySteps.of(leg.usedRuns(), stepS)).toList();
        if (steps.stream().noneMatch(step -> step.stepCount() > 1)) {
            return;
        }
        final int lowest = steps.stream().mapToInt(LatencySteps::lowest).min().orElse(0);
        final int highest = steps.stream().mapToInt(LatencySteps::highest).max().orElse(0);
        begin("heat-section", "Where the records lie", "Each column is a moment" + (isSingle() ? "" : " of the runs "
            + "laid over each other") + ", each cell a band of response times; the stronger its colour, the larger its "
            + "share of that moment's records.");
        for (int leg = 0; leg < steps.size(); leg++) {
            if (steps.get(leg).stepCount() == 0) {
                continue; // a side that has no run yet
            }
            figure(new HeatMap(steps.get(leg), leg, stepS, lowest, highest).draw(drawn.get(leg).label()), "");
        }
        end();
    }

    /** What the script needs: histograms by step for the timeline's window, and the figures to be saved. */
    private String pageData() {
        final Map<String, Object> page = new LinkedHashMap<>();
        final TimelineChart chart = new TimelineChart(drawn);
        page.put("step_s", chart.stepS());
        page.put("length_s", chart.lengthS());
        page.put("buckets_per_doubling", LatencySteps.PER_DOUBLING);
        final List<Object> sides = new ArrayList<>();
        for (final LegSummary leg : data.runs().isEmpty() ? List.<LegSummary>of() : drawn) {
            final Map<String, Object> side = new LinkedHashMap<>();
            side.put("label", leg.label());
            side.put("runs", leg.usedRuns().size());
            side.put("steps", LatencySteps.of(leg.usedRuns(), chart.stepS()).compact());
            sides.add(side);
        }
        page.put("sides", sides);
        page.put("events", chart.marks().data());
        page.put("report", ReportData.document(data));
        return ReportData.embedded(page);
    }

    /** A moment in the report's words. */
    static String time(final Instant moment) {
        return TIME.format(moment);
    }

    private void header(final String title) {
        html.append("<header><p class=\"brand\">Millrace</p>\n<h1>").append(Html.escape(title)).append("</h1>\n");
        if (data.runs().isEmpty()) {
            final int resultCount = data.jmhRuns().stream().mapToInt(run -> run.results().size()).sum();
            html.append(Html.paragraph("sub", resultCount + (resultCount == 1 ? " result" : " results") + " of "
                + data.jmhRuns().size() + " run" + (data.jmhRuns().size() == 1 ? "" : "s") + ", "
                + time(data.jmhRuns().get(0).document().started())));
            html.append("</header>\n");
            return;
        }
        final RunData first = data.runs().get(0);
        final long seconds = first.document().measured() == null ? RunSeries.lengthS(first)
            : Math.round(first.document().measured().durationNs() / 1e9);
        final int jmhCount = data.jmhRuns().stream().mapToInt(run -> run.results().size()).sum();
        html.append(Html.paragraph("sub", (isMatrix ? "" : Tables.load(first) + ", ") + data.runs().size() + " run"
            + (data.runs().size() == 1 ? "" : "s")
            + (seconds == 0 ? ", nothing measured, " : " of " + seconds + " s measured, ")
            + TIME.format(first.document().started()) + (jmhCount == 0 ? "" : "; beside "
            + Words.plural(jmhCount, "JMH result"))));
        html.append("</header>\n");
    }

    private void verdictStrip() {
        final List<String> caveats = Caveats.ofVerdict(data, legs, comparison);
        html.append("<section id=\"verdict\" class=\"verdict\">\n");
        if (comparison != null) {
            html.append(Html.paragraph("headline", Words.headline(comparison)));
        }
        html.append(Html.paragraph("second", String.join(" ",
            isMatrix ? "" : Words.rate(legs), caveats.contains(Words.validity(legs)) ? "" : Words.validity(legs),
            caveats.contains(Words.correctness(legs)) ? "" : Words.correctness(legs), Words.faults(legs))
            .replaceAll(" {2,}", " ").strip()));
        final List<String> leaders = JmhRows.of(data.jmhRuns()).stream().map(JmhRows::leaders).flatMap(List::stream)
            .toList();
        if (!leaders.isEmpty()) {
            html.append(Html.paragraph("second", "By itself, without a cluster (JMH): "
                + (leaders.size() == 1 ? leaders.get(0) : leaders.get(0) + " " + (leaders.size() - 1)
                + " more such comparisons stand under JMH benchmarks.")));
        }
        html.append(Caveats.html(caveats));
        final String levels = levels();
        final int tileCount = (isMatrix ? 3 : 5) + (levels.isEmpty() ? 0 : 1);
        html.append("<div class=\"tiles").append(tileCount > 5 ? " six" : "").append("\" style=\"--n:")
            .append(tileCount).append("\">\n");
        if (comparison != null) {
            tile(Metric.RT_P50);
            tile(Metric.RT_P99);
            tile(Metric.RATE);
        } else if (isMatrix) {
            tile("settings", String.valueOf(legs.size()), "", "");
        } else {
            for (final Metric metric : List.of(Metric.RT_P50, Metric.RT_P99, Metric.RATE)) {
                tile(name(metric), Words.figure(metric, legs.get(0).median(metric)), "", legs.get(0)
                    .isFromInvalidRuns() ? "<span class=\"chip bad\">! not valid</span>" : "");
            }
        }
        final int runCount = data.runs().size();
        final long validCount = data.runs().stream().filter(RunData::isValid).count();
        tile("valid runs", validCount + " of " + runCount, "", "<span class=\"chip "
            + (validCount == runCount ? "good\">✓ valid" : "bad\">! see notes") + "</span>");
        final boolean isChecked = legs.stream().anyMatch(leg -> leg.verification() != null);
        final boolean isClean = legs.stream().allMatch(leg -> leg.verification() == null
            || leg.verification().isClean());
        final long lost = legs.stream().filter(leg -> leg.verification() != null)
            .mapToLong(leg -> leg.verification().lostAcked()).sum();
        tile("acked and lost", isChecked ? Format.count(lost) : Format.NONE, "", "<span class=\"chip "
            + (!isChecked ? "inconclusive\">? not checked" : isClean ? "good\">✓ correct" : "bad\">! violated")
            + "</span>");
        html.append(levels).append("</div>\n</section>\n");
    }

    /** The tile of the service levels, each in each run; empty if none was asked for. */
    private String levels() {
        final List<RunFindings.SloResult> asked = data.runs().stream().map(run -> run.document().findings())
            .filter(Objects::nonNull).flatMap(findings -> findings.slo().stream()).toList();
        final long met = asked.stream().filter(RunFindings.SloResult::isMet).count();
        return asked.isEmpty() ? "" : tileHtml("service levels", met + " of " + asked.size(), "", "<span class=\"chip "
            + (met == asked.size() ? "good\">✓ met" : "bad\">! missed") + "</span>");
    }

    private void tile(final Metric metric) {
        final RatioEstimate estimate = comparison.estimate(metric);
        tile(name(metric), Double.isFinite(estimate.ratio()) ? "×" + Format.ratio(estimate.ratio()) : Format.NONE,
            estimate.hasInterval() ? "95 % CI " + Format.ratio(estimate.low()) + " – " + Format.ratio(estimate.high())
                : "no interval",
            "<span class=\"chip " + estimate.verdict().word() + "\">" + Words.sign(estimate.verdict()) + " "
                + estimate.verdict().word() + "</span>");
    }

    private static String name(final Metric metric) {
        return metric.isTime() ? "response time, " + metric.label().replace("RT ", "") : metric.label();
    }

    private void tile(final String name, final String figure, final String detail, final String chip) {
        html.append(tileHtml(name, figure, detail, chip));
    }

    private static String tileHtml(final String name, final String figure, final String detail, final String chip) {
        return "<div class=\"tile\"><span class=\"name\">" + Html.escape(name) + "</span><span class=\"figure\">"
            + Html.escape(figure) + "</span><span class=\"detail\">" + Html.escape(detail) + "</span>" + chip
            + "</div>\n";
    }

    private void percentiles() {
        final PercentileChart chart = new PercentileChart(drawn);
        begin("latency-section", "Response time by percentile", legs.size() > 1
            ? "The further right, the rarer: from p90 on each gridline is ten times rarer than the one before." : "");
        html.append(Caveats.html(Caveats.ofLatency(legs)));
        if (chart.hasData()) {
            figure(chart.draw(), legend(chart.hasRuns(), chart.hasHiccup(), chart.hasBrokerHiccup(),
                chart.hasBand()));
        } else {
            html.append(Html.paragraph("empty", "No response times were recorded in the measured phase."));
        }
        if (drawn.stream().allMatch(leg -> leg.usedRuns().isEmpty())) {
            end();
            return;
        }
        html.append("<h3>Response time, service time, schedule lag</h3>\n");
        final BreakdownChart breakdown = new BreakdownChart(drawn);
        if (breakdown.hasData()) {
            html.append("<p class=\"legend\"><span><i class=\"key kind0\" aria-hidden=\"true\"></i>response time, from "
                + "the intended send time</span><span><i class=\"key kind1\" aria-hidden=\"true\"></i>service time, "
                + "from the actual one</span><span><i class=\"key kind2\" aria-hidden=\"true\"></i>schedule lag"
                + "</span></p>\n<div class=\"pairs\">");
            for (int leg = 0; leg < drawn.size(); leg++) {
                figure(breakdown.draw(leg), "");
            }
            html.append("</div>\n");
        }
        html.append(Tables.latency(drawn));
        end();
    }

    private void ratios() {
        begin("ratio-section", "How sure is that?", "Ratio of " + comparison.other().label() + " to "
            + comparison.base().label() + " with its 95 % interval. The shaded band is the threshold: inside it, a "
            + "difference does not matter."
            + (comparison.pairCount() == 0 ? "" : " From " + Words.basis(comparison) + "."));
        html.append(Caveats.html(Caveats.ofRatios(comparison, legs)));
        if (comparison.estimates().stream().anyMatch(estimate -> Double.isFinite(estimate.ratio()))) {
            figure(new ForestPlot(comparison).draw(), "");
        }
        html.append(Tables.comparison(comparison));
        end();
    }

    private void timeline() {
        final TimelineChart chart = new TimelineChart(drawn);
        if (!chart.hasData()) {
            return;
        }
        begin("timeline-section", "Timeline", isSingle() ? chart.stepS() > 1 ? "In steps of " + chart.stepS() + " s."
            : "Second by second." : "Bold: all runs of a side merged" + (chart.stepS() > 1
            ? ", in steps of " + chart.stepS() + " s" : ", second by second") + ". Thin: each run by itself.");
        figure(chart.draw(), legend(!isSingle(), false, false, false)
            .replace("</p>", (chart.marks().isEmpty() ? "" : EVENT_LEGEND) + "</p>"));
        html.append("<div id=\"window\" hidden></div>\n");
        html.append(EventList.html(Happening.of(drawn)));
        end();
    }

    /** {@return true if no side has several runs that could be laid over each other} */
    private boolean isSingle() {
        return drawn.stream().allMatch(leg -> leg.usedRuns().size() < 2);
    }

    private void runs() {
        begin("runs-section", "Run by run", comparison != null
            ? "A line joins the two runs of a pair. Dashed: the median of a side. Hollow marks are runs that are not "
            + "valid." : "");
        if (data.runs().stream().anyMatch(run -> !run.intervals(Tags.ACK_RT).isEmpty()) && data.runs().size() > 1
            && !isMatrix) {
            html.append("<div class=\"pairs\">");
            figure(new RunDots(legs, Metric.RT_P50).draw(), "");
            figure(new RunDots(legs, Metric.RT_P99).draw(), "");
            figure(new RunDots(legs, Metric.RATE).draw(), "");
            if (legs.stream().anyMatch(leg -> Double.isFinite(leg.median(Metric.BROKER_CPU)))) {
                figure(new RunDots(legs, Metric.BROKER_CPU).draw(), "");
            }
            html.append("</div>\n").append(legend(false, false, false, false));
        }
        html.append(Tables.runs(legs));
        html.append(Artifacts.logs(data.runs(), file));
        end();
    }

    private void notes() {
        begin("notes-section", "What to keep in mind", "");
        html.append("<ul class=\"notes\">\n");
        Notes.of(data, legs, comparison).forEach(note ->
            html.append("<li>").append(Html.escape(note)).append("</li>\n"));
        html.append("</ul>\n");
        if (data.runs().isEmpty()) {
            end();
            return;
        }
        html.append("<h3>How the figures were made</h3>\n<ul class=\"notes\">\n");
        Notes.method(comparison).forEach(note ->
            html.append("<li>").append(Html.escape(note)).append("</li>\n"));
        html.append("</ul>\n");
        end();
    }

    private String legend(final boolean hasRuns, final boolean hasHiccup, final boolean hasBrokerHiccup,
        final boolean hasBand) {
        final StringBuilder legend = new StringBuilder("<p class=\"legend\">");
        for (int i = 0; i < drawn.size(); i++) {
            legend.append("<span>").append(Tables.key(i)).append(Html.escape(drawn.get(i).label())).append("</span>");
        }
        if (hasRuns) {
            legend.append("<span><i class=\"key thin\" aria-hidden=\"true\"></i>single runs</span>");
        }
        if (hasBand) {
            legend.append("<span><i class=\"key uncertain\" aria-hidden=\"true\"></i>95 % interval over the runs"
                + "</span>");
        }
        if (hasHiccup) {
            legend.append("<span><i class=\"key hiccup\" aria-hidden=\"true\"></i>stalls of the measuring process"
                + "</span>");
        }
        if (hasBrokerHiccup) {
            legend.append("<span><i class=\"key hiccup inside\" aria-hidden=\"true\"></i>stalls inside the brokers"
                + "</span>");
        }
        return legend.append("</p>\n").toString();
    }

    private List<String> command(final RunDocument first) {
        final List<String> command = data.experiment().command();
        return command == null || command.isEmpty() ? first.command() : command;
    }

    private void section(final String id, final String title, final String intro, final String content) {
        begin(id, title, intro);
        html.append(content);
        end();
    }

    private void begin(final String id, final String title, final String intro) {
        html.append("<section id=\"").append(id).append("\">\n<h2>").append(Html.escape(title)).append("</h2>\n");
        if (!intro.isEmpty()) {
            html.append(Html.paragraph("intro", intro));
        }
    }

    private void end() {
        html.append("</section>\n");
    }

    private void figure(final String drawing, final String legend) {
        html.append("<figure>\n").append(legend).append(drawing).append("</figure>\n");
    }

    private static String resource(final String name) {
        try (InputStream in = HtmlReport.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("resource " + name + " is missing from the jar");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (final IOException ex) {
            throw new UncheckedIOException("resource " + name + " cannot be read", ex);
        }
    }
}
