package io.millrace.results.report;

import io.millrace.results.model.Quantiles;
import io.millrace.results.model.RunStatus;
import io.millrace.results.model.SweepResult;
import io.millrace.results.model.Tags;
import io.millrace.results.statistics.Comparison;
import io.millrace.results.statistics.LegSummary;
import io.millrace.results.statistics.Metric;
import io.millrace.results.statistics.RatioEstimate;
import io.millrace.results.statistics.RunCells;
import io.millrace.results.store.ExperimentData;
import io.millrace.results.store.RunData;
import io.millrace.results.store.SweepStore;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import static io.millrace.results.report.Pages.read;
import static io.millrace.results.report.Pages.table;
import static io.millrace.results.report.Pages.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

class HtmlReportTest {
    @TempDir
    private Path temp;

    @Test
    void shouldShowTheFiguresOfTheRunsInItsTables() {
        final ExperimentData data = read(SyntheticRuns.experiment(temp.resolve("ab"), 1, 3, 1.5, 8, 2000));
        final String html = HtmlReport.render(data);
        final List<LegSummary> legs = LegSummary.of(data);

        final List<List<String>> latency = table(html, "latency");
        final Histogram rt = legs.get(1).merged(Tags.ACK_RT);
        final List<String> row = latency.stream().filter(r -> r.get(0).equals("acks=all response time")).findFirst()
            .orElseThrow(() -> new AssertionError(latency.toString()));
        assertEquals(List.of("48,000", Format.time(Quantiles.value(rt, 0.5)), Format.time(Quantiles.value(rt, 0.9)),
            Format.time(Quantiles.value(rt, 0.99)), Format.time(Quantiles.value(rt, 0.999)), Format.NONE,
            Format.time((double) rt.getMaxValue())), row.subList(1, 8));

        final RatioEstimate p99 = Comparison.of(data).estimate(Metric.RT_P99);
        final List<String> ratios = table(html, "comparison").get(1 + Metric.RT_P99.ordinal());
        assertEquals(Format.ratio(p99.ratio()), ratios.get(3));
        assertEquals(Format.ratio(p99.low()) + " – " + Format.ratio(p99.high()), ratios.get(4));
        assertTrue(ratios.get(5).contains(p99.verdict().word()), ratios.toString());

        assertEquals(1 + 6, table(html, "runs").size());
        assertEquals(1 + 2, table(html, "throughput").size());
        assertEquals("48,000 0 0 0 0 0 0",
            String.join(" ", table(html, "correctness").get(1).subList(1, 8)));
        final List<List<String>> cost = table(html, "cost");
        assertTrue(cost.contains(List.of("broker processor time per GB", "6.20 s", "9.10 s")), cost.toString());
        assertTrue(cost.contains(List.of("broker allocation per record", "33 B", "41 B")), cost.toString());
        assertTrue(cost.contains(List.of("duty cycle", "4.20 ms", "4.20 ms")), cost.toString());
        assertEquals(List.of("broker-2 (gone at the end in 3 of 3 runs) acks=all", "2.00 s"),
            table(html, "brokers").get(4).subList(0, 2));
        assertEquals(List.of("engine acks=leader", "600 ms", "–", "7.00 ms"),
            table(html, "agents").get(1).subList(0, 4));
        assertTrue(html.contains("Nothing is missing here but a &lt;sentence&gt;."));
        final RatioEstimate cpu = Comparison.of(data).estimate(Metric.BROKER_CPU);
        assertEquals(9.1 / 6.2, cpu.ratio(), 1e-9);
        assertTrue(Comparison.of(data).estimate(Metric.BROKER_ALLOC).ratio() > 1);
        assertTrue(html.contains("millrace bench ab --a acks=leader --b acks=all"));
    }

    @Test
    void shouldAskNothingOfTheNetwork() {
        final String html =
            HtmlReport.render(read(SyntheticRuns.experiment(temp.resolve("ab"), 2, 2, 1.5, 6, 1000)));
        assertFalse(Pattern.compile("(?i)(https?:)?//[a-z0-9]|src=|href=|url\\(|@import").matcher(html
            .replace("ObjectURL(", "")).find()); // the button that saves the figures
        assertTrue(html.contains("default-src 'none'"));
    }

    @Test
    void shouldStaySmallWithManyLongRuns() {
        final ExperimentData data = read(SyntheticRuns.experiment(temp.resolve("ab"), 3, 6, 1.2, 60, 20));
        final int length = HtmlReport.render(data).length();
        assertTrue(length < 1_000_000, "length=" + length);
    }

    @Test
    void shouldEscapeEverythingThatComesFromFiles() throws IOException {
        final Path dir = SyntheticRuns.experiment(temp.resolve("ab"), 4, 2, 1.5, 5, 500);
        final String attack = "</script><img src=x onerror=alert(1)>'&";
        final String json = attack.replace("\"", "\\\"");
        for (final RunData run : read(dir).runs()) {
            final Path file = run.dir().resolve("run.json");
            Files.writeString(file, Files.readString(file)
                .replace("\"lean\"", "\"" + json + "\"")
                .replace("\"acks=all\"", "\"" + json + "\"")
                .replace("\"notes\" : [ ]", "\"notes\" : [ \"" + json + "\" ]")
                .replace("\"--pairs\"", "\"" + json + "\""));
            Files.writeString(run.dir().resolve("events.jsonl"), "{\"at_ms\":" + (run.intervals(Tags.ACK_RT).get(1)
                .startMs()) + ",\"type\":\"" + json + "\",\"name\":\"" + json + "\",\"detail\":\"" + json + "\"}\n");
        }
        final Path experiment = dir.resolve("experiment.json");
        Files.writeString(experiment, Files.readString(experiment).replace("\"acks=all\"", "\"" + json + "\"")
            .replace("\"--pairs\"", "\"" + json + "\""));
        final String html = HtmlReport.render(read(dir));
        assertFalse(html.contains("<img"), "unescaped");
        assertEquals(1, html.split("</script>", -1).length - 1);
        assertTrue(html.contains("&lt;img src=x onerror=alert(1)&gt;&#39;&amp;"));
    }

    @Test
    void shouldSayPlainlyWhatIsNotValidAndWhatWasLost() {
        final ExperimentData data = read(SyntheticRuns.troubled(temp.resolve("ab"), 5));
        final String text = text(HtmlReport.render(data));
        assertTrue(text.contains("3 of 8 runs are not valid (failed, rate, hiccup, interrupted)"), text);
        assertTrue(text.contains("3 acknowledged but lost with acks=leader"), text);
        assertTrue(text.contains("the machine stalled for 212 ms"), text);
        assertTrue(text.contains("3 of 4 pairs are left out of the ratios"), text);
        assertTrue(text.contains("needs at least 2 more pairs (4 runs)"), text);
        assertTrue(text.contains("broker 3 closed the connection"), text);
    }

    @Test
    void shouldAllowNoConclusionWhenNoRunIsValid() throws IOException {
        final Path dir = SyntheticRuns.experiment(temp.resolve("ab"), 6, 3, 3, 5, 500);
        for (final RunData run : read(dir).runs()) {
            final Path file = run.dir().resolve("run.json");
            Files.writeString(file, Files.readString(file).replace("\"status\" : \"ok\"", "\"status\" : \"invalid\""));
        }
        final ExperimentData data = read(dir);
        assertTrue(Comparison.of(data).estimates().stream().allMatch(RatioEstimate::isFlagged));
        final String html = HtmlReport.render(data);
        assertTrue(text(html).contains("from invalid runs: no conclusion"), html);
        assertFalse(html.contains("class=\"chip regressed\""), html);
    }

    @Test
    void shouldReportRunsThatDiedBeforeTheirFirstSecond() throws IOException {
        final Path dir = SyntheticRuns.experiment(temp.resolve("ab"), 7, 1, 1, 5, 500);
        for (final RunData run : read(dir).runs()) {
            final Path file = run.dir().resolve("run.json");
            Files.writeString(file, Files.readString(file).replace("\"status\" : \"ok\"", "\"status\" : \"running\"")
                .replaceAll("(?s)\"measured\" : \\{.*?\\n  \\},\\n", "\"measured\" : null,\n"));
            Files.delete(run.dir().resolve("latency.hlog"));
            Files.delete(run.dir().resolve("timeline.csv"));
            Files.delete(run.dir().resolve("events.jsonl"));
        }
        final ExperimentData data = read(dir);
        assertEquals(RunStatus.INTERRUPTED, data.runs().get(0).status());
        final String text = text(HtmlReport.render(data));
        assertTrue(text.contains("No response times were recorded"), text);
        assertTrue(text.contains("latency.hlog is missing"), text);
        assertTrue(text.contains("Nothing was acknowledged in a measured phase"), text);
        assertFalse(text.contains("kept the target rate") || text.contains("p99.99"), text);
        assertFalse(text.contains("NaN") || text.contains("Infinity"), text);
        assertFalse(SummaryTable.render(data).contains("NaN"));
    }

    @Test
    void shouldReportASingleRunWithoutRatios() {
        final Path dir = SyntheticRuns.experiment(temp.resolve("ab"), 8, 1, 1, 5, 500);
        final ExperimentData data = read(dir.resolve("run-01-A"));
        final String html = HtmlReport.render(data);
        assertTrue(text(html).contains("Run of acks=leader"), html);
        assertFalse(html.contains("id=\"comparison\""), html);
        assertFalse(html.contains("class=\"bars\""), "one bar alone says nothing");
        assertFalse(SummaryTable.render(data).contains("ratio"));
    }

    @Test
    void shouldReportAnExperimentThatEndedBeforeItsSecondSide() throws IOException {
        final Path dir = SyntheticRuns.experiment(temp.resolve("ab"), 17, 1, 1, 5, 500);
        try (java.util.stream.Stream<Path> files = Files.walk(dir.resolve("run-02-B"))) {
            for (final Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
        final String html = HtmlReport.render(read(dir));
        assertTrue(html.contains("id=\"heat-section\""), "of the side that has a run");
        assertTrue(html.contains("class=\"caveat\">There is no run of acks=all yet"), html);
        assertTrue(text(html).contains("not both sides have enough samples"), text(html));
        assertTrue(text(html).contains("acks=leader kept the target rate"), text(html));
        assertFalse(text(html).contains("no rate was set") || text(html).contains("unlimited"), text(html));
    }

    @Test
    void shouldDrawAFaultWhoseSecondsAreNotAllKnown() throws IOException {
        final Path dir = SyntheticRuns.experiment(temp.resolve("ab"), 18, 3, 1, 26, 400);
        for (final RunData run : read(dir).runs()) {
            final Path file = run.dir().resolve("timeline.csv");
            final List<String> rows = Files.readAllLines(file);
            rows.remove(12);
            Files.write(file, rows);
        }
        final String html = HtmlReport.render(read(dir));
        final String faults = html.substring(html.indexOf("id=\"fault-section\""), html.indexOf("id=\"faults\""));
        assertTrue(faults.contains(">400</text>"), "the rate's axis reaches to the rate");
    }

    @Test
    void shouldCallAControlByItsName() throws IOException {
        final Path dir = SyntheticRuns.experiment(temp.resolve("ab"), 19, 1, 1, 5, 500);
        final Path file = dir.resolve("experiment.json");
        Files.writeString(file, Files.readString(file).replace("\"kind\" : \"ab\"", "\"kind\" : \"aa\""));
        final String html = HtmlReport.render(read(dir));
        assertTrue(html.contains("<h1>Control: acks=leader against itself</h1>"), html);
        assertTrue(html.contains("class=\"caveat\">Both sides are the same"), html);
        assertTrue(ReportData.markdown(read(dir)).startsWith("# Control: "));
    }

    @Test
    void shouldPrintTheSummaryTable() {
        final ExperimentData data = read(SyntheticRuns.experiment(temp.resolve("ab"), 9, 5, 2, 8, 2000));
        final String table = SummaryTable.render(data);
        final RatioEstimate p99 = Comparison.of(data).estimate(Metric.RT_P99);
        final String row = table.lines().filter(line -> line.startsWith("RT p99 ")).findFirst().orElseThrow();
        assertTrue(row.contains(Format.ratio(p99.low()) + " .. " + Format.ratio(p99.high())), row);
        assertTrue(row.endsWith("regressed"), row);
        assertTrue(table.contains("lost acked"), table);
        assertTrue(table.chars().allMatch(c -> c < 128), table);
        assertTrue(table.lines().limit(13).allMatch(line -> line.length() <= 100), table);
    }

    @Test
    void shouldShowEverySettingWhenTheRunsAreAMatrix() {
        settings(read(SyntheticRuns.matrix(temp.resolve("matrix"), 10, 6)));
        settings(read(SyntheticRuns.twoSidesOfManyRates(temp.resolve("sides"), 10, 6)));
    }

    private static void settings(final ExperimentData data) {
        assertNull(Comparison.of(data), "settings are no rivals");
        final String html = HtmlReport.render(data);
        assertEquals(1 + 10, table(html, "rates").size());
        assertEquals(1 + 2, table(html, "matrix-rt-p99").size());
        assertEquals(1 + 10, table(html, "cells").size());
        assertFalse(html.contains("id=\"comparison\""), "sides that mix rates have no one ratio");
        final List<List<String>> cells = table(html, "cells");
        assertTrue(cells.stream().anyMatch(row -> row.get(0).equals("rate=200") && row.get(1).equals("RT p50")
            && row.get(5).contains(" – ")),
            cells.toString());
        assertTrue(cells.stream().filter(row -> row.get(0).equals("rate=900"))
            .allMatch(row -> row.get(6).contains("from invalid runs")), cells.toString());
        assertTrue(text(html).contains("acks=all: The highest rate sustained within rt.p99 &lt; 8ms is 600/s"),
            text(html));
        final String table = SummaryTable.render(data);
        assertTrue(table.contains("acks=all, rate=900") && !table.contains("ratio"), table);
        assertFalse(html.contains("class=\"headline\""), "no verdict of one setting against another");
        assertTrue(html.contains("<h1>10 settings: acks, rate</h1>"), html);
        assertFalse(ReportData.json(data).contains("\"comparison\""), "no verdict in JSON");
        final String markdown = ReportData.markdown(data);
        assertTrue(markdown.contains("| acks=all, rate=900 | 0 of 3 |") && !markdown.contains("| ratio |"), markdown);
    }

    @Test
    void shouldTellSidesApartWhichDifferInNoSettingThatIsKnown() throws IOException {
        final Path dir = SyntheticRuns.matrix(temp.resolve("matrix"), 16, 4);
        for (final RunData run : read(dir).runs()) {
            final Path file = run.dir().resolve("run.json");
            Files.writeString(file, Files.readString(file).replaceAll("\"acks\" : \"\\w+\"", "\"acks\" : \"all\""));
        }
        final ExperimentData data = read(dir);
        assertEquals(List.of("side", "rate_per_s"), RunCells.factors(data.runs()));
        assertEquals(10, LegSummary.ofCells(data).size());
        final String html = HtmlReport.render(data);
        assertEquals(1 + 10, table(html, "matrix-rt-p99").size());
        assertFalse(html.contains("id=\"cells\"") || html.contains("class=\"headline\""), html);
    }

    @Test
    void shouldEndTheSustainedRatesAtTheFirstOneThatWasMissed() {
        final Path dir = SyntheticRuns.sweep(temp.resolve("sweep"), 17, 400);
        final String text = text(HtmlReport.render(read(dir)));
        assertTrue(text.contains("The highest rate sustained within rt.p99 &lt; 8ms is 200/s"), text);
        assertTrue(text.startsWith(" Latency against throughput"), text);
        assertFalse(text.contains("times that of") || text.contains("How sure is that?"), text);
        assertTrue(SummaryTable.render(read(dir)).contains("is 200/s (1 run"));
        SweepStore.write(dir, new SweepResult(SweepResult.SCHEMA, List.of("rt.p99<8ms"), 400L, 600L, List.of(), 2, 3,
            true, List.of()));
        final String swept = text(HtmlReport.render(read(dir)));
        assertTrue(swept.contains("The sweep found 400/s") && swept.contains("rt.p99 &lt; 8ms is 400/s"), swept);
        assertTrue(swept.contains("; 600/s did not. ") && !swept.contains("ndecided"), swept);
        SweepStore.write(dir, new SweepResult(SweepResult.SCHEMA, List.of("rt.p99<8ms"), 400L, 600L,
            List.of(600L, 800L), 2, 3, true, List.of()));
        final String spoilt = text(HtmlReport.render(read(dir)));
        assertEquals("undecided", table(HtmlReport.render(read(dir)), "rates").get(3).get(7));
        assertTrue(spoilt.contains("; 600/s is undecided. Undecided: 600/s, 800/s, where the machine spoilt"), spoilt);
    }

    @Test
    void shouldCloseUpWhenThereWasAFault() {
        final String html = HtmlReport.render(read(SyntheticRuns.experiment(temp.resolve("ab"), 11, 3, 1, 26, 400)));
        final List<List<String>> faults = table(html, "faults");
        assertEquals(1 + 2, faults.size());
        assertEquals(List.of("kill node 2 (leader of partition 0), process 4711", "12 s", "0"),
            faults.get(1).subList(1, 4));
        assertTrue(faults.get(1).get(4).matches("[34] s"), faults.toString());
        final List<String> judged = table(html, "fault-verdicts").get(1);
        assertEquals(List.of("kill node 2 &lt;leader&gt;", "2.90 s", "3.40 s", "0", "yes"), judged.subList(1, 6));
        assertEquals("✓ 3 of 3", table(html, "slo").get(1).get(2));
        assertEquals("! 0 of 3", table(html, "slo").get(2).get(2));
        assertEquals("100,000", table(html, "backlog").get(1).get(1));
        assertTrue(text(html).contains("what the harness itself reaches on this machine: rt.p50"), "note");
    }

    @Test
    void shouldSayInATableWhatAnAcknowledgementIsWorth() {
        final String html = HtmlReport.render(read(SyntheticRuns.experiment(temp.resolve("ab"), 14, 1, 1, 4, 200)));
        final List<List<String>> rows = table(html, "durability");
        assertEquals(List.of("", "acks=leader", "acks=all"), rows.get(0));
        assertEquals(List.of("system", "Millrace", "Other &lt;1.2&gt;"), rows.get(1));
        assertTrue(rows.contains(List.of("replicas of a partition", "3", "3")), rows.toString());
        assertTrue(rows.contains(List.of("acknowledged by ≠ unequal", "the leader", "all in-sync replicas")),
            rows.toString());
        assertTrue(rows.contains(List.of("acknowledged when", "in the leader&#39;s page cache",
            "in the page caches of all in-sync replicas")), rows.toString());
        assertTrue(rows.contains(List.of("synced before the answer ≠ unequal", "no", "yes")), rows.toString());
        assertTrue(rows.contains(List.of("batch, linger", "up to 64.0 KiB, 5 ms", "up to 64.0 KiB, 5 ms")),
            rows.toString());
        assertTrue(rows.contains(List.of("settings that are not its defaults", "some.key=7", "some.key=7")),
            rows.toString());
        assertTrue(html.contains("class=\"caveat\""), "the caveat stands with the verdict");
        assertTrue(text(html).contains("(they differ in: acks, acknowledged by, synced before the answer)"),
            text(html));
        assertFalse(html.contains("{system="), "a raw map");
    }

    @Test
    void shouldFoldManyEventsAndPutTheirMarksTogether() {
        final String html = HtmlReport.render(read(SyntheticRuns.busy(temp.resolve("ab"), 15)));
        final List<List<String>> kinds = table(html, "event-kinds");
        assertTrue(kinds.get(1).get(0).startsWith("stall, node "), kinds.toString());
        final int count = kinds.stream().skip(1).mapToInt(row -> Integer.parseInt(row.get(1))).sum();
        assertTrue(html.contains("<summary>All " + count + " events, one by one</summary>"), "count=" + count);
        final String visible = html.substring(html.indexOf("Events while measuring"),
            html.indexOf("id=\"event-kinds\""));
        assertTrue(visible.contains("kill node 2") && !visible.contains("stall"), visible);
        assertEquals(2, html.split("kill node 2 at 12.3 s, acks=", -1).length - 1, "a close-up each");
        final Matcher pills = Pattern.compile("class=\"pill-text\"[^>]*>(\\d+)<").matcher(html);
        int inMarks = 0;
        int marks = 0;
        while (pills.find()) {
            inMarks += Integer.parseInt(pills.group(1));
            marks++;
        }
        assertTrue(marks > 10 && marks < 180 && inMarks <= 2 * count && inMarks > 1.9 * count,
            "marks=" + marks + " events in them=" + inMarks + " of twice " + count);
        assertTrue(html.length() < 1_000_000, "length=" + html.length());
    }

    @Test
    void shouldReadQuantilesFromTheStepsThatThePageCarries() {
        final ExperimentData data = read(SyntheticRuns.experiment(temp.resolve("ab"), 12, 2, 1, 5, 900));
        final LegSummary leg = LegSummary.of(data).get(0);
        final LatencySteps steps = LatencySteps.of(leg.usedRuns(), 1);
        long total = 0;
        for (int step = 0; step < steps.stepCount(); step++) {
            total += steps.total(step);
            final List<Long> row = steps.compact().get(step);
            assertEquals(steps.total(step), row.stream().skip(2).filter(n -> n > 0).mapToLong(n -> n).sum());
        }
        assertEquals(leg.merged(Tags.ACK_RT).getTotalCount(), total);
        final double ns = 1_234_567;
        assertEquals(ns, LatencySteps.edgeNs(LatencySteps.bucket((long) ns) + 0.5), ns * 0.03);
    }

    @Test
    void shouldLinkWhatLiesBesideTheReport() throws IOException {
        final Path dir = SyntheticRuns.experiment(temp.resolve("ab"), 13, 1, 1, 4, 200);
        Files.createDirectories(dir.resolve("run-01-A/flame"));
        Files.writeString(dir.resolve("run-01-A/flame/cpu <1>.html"), "x");
        final String html = HtmlReport.render(read(dir), dir.resolve("report.html"));
        assertTrue(html.contains("href=\"./run-01-A/flame/cpu%20%3C1%3E.html\""), html);
        assertTrue(html.indexOf("href=\"./run-01-A/flame") > html.indexOf("id=\"cost-section\""), "with the costs");
        assertFalse(HtmlReport.render(read(dir), temp.resolve("else/where.html")).contains("href="));
    }
}
