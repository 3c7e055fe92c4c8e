package io.millrace.results.report;

import io.millrace.results.model.JmhMetric;
import io.millrace.results.model.RunStatus;
import io.millrace.results.statistics.ForkInterval;
import io.millrace.results.store.ExperimentData;
import io.millrace.results.store.ExperimentReader;
import io.millrace.results.store.JmhRuns;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

class JmhReportTest {
    @TempDir
    private Path temp;

    @Test
    void shouldShowScoresForksAndFlagsWhenThereAreOnlyJmhRuns() throws IOException {
        final ExperimentData data = read(JmhRuns.run(temp.resolve("r"), RunStatus.OK, JmhRuns.JSON));
        final String html = HtmlReport.render(data);
        final String text = text(html);
        assertTrue(text.contains("RingToFileBenchmark .ringToFile thrpt length=1024, blockLength=65536 1,500,001 "
            + "ops/s ± 250,000 hits 7 1,500,001 2 forks 229,3"), text);
        assertTrue(text.contains(" 0.00251 B/op"), text);
        assertTrue(text.contains("1: 1,400,000 · 1,410,000 · 1,390,000"), text);
        assertTrue(text.contains("2: 1,600,001 · 1,610,001 · 1,590,001"), text);
        assertTrue(text.contains("LinkBenchmark .push avgt 2 threads 12.25 us/op 2 iterations only 12.25 1 fork"),
            text);
        assertTrue(text.contains("3 us/op ± 0.5 p50 2 p99 5.9 p99.9 6 p100 6"), text);
        assertTrue(text.contains("millrace jmh RingToFile -prof gc"), text);
        assertTrue(text.contains("JVM flags of the forks: --add-opens=java.base/sun.nio.ch=ALL-UNNAMED -Xmx1g"), text);
        assertTrue(text.contains("4f5a1c9b2d7e, with local changes"), text);
        assertEquals(6, html.split("<circle class=\"mark leg[01]\"", -1).length - 1 - 4, "dots of the first row");
        assertFalse(text.contains("NaN") || text.contains("Infinity") || text.contains("null"), text);
        assertFalse(text.contains("Response time"), text);
        assertFalse(Pattern.compile("(?i)(https?:)?//[a-z0-9]|src=|href=|url\\(|@import").matcher(html
            .replace("ObjectURL(", "")).find());
    }

    @Test
    void shouldShowBothWhenBenchAndJmhRunsAreNamedTogether() throws IOException {
        final Path bench = SyntheticRuns.experiment(temp.resolve("ab"), 1, 1, 1.5, 4, 500);
        final Path jmh = JmhRuns.run(temp.resolve("r"), RunStatus.OK, JmhRuns.JSON);
        final ExperimentData data = ExperimentReader.read(List.of(bench, jmh));
        final String html = HtmlReport.render(data);
        assertTrue(html.contains("id=\"latency-section\"") && html.contains("id=\"jmh-section\""));
        final String table = SummaryTable.render(data);
        assertTrue(text(html).contains("; beside 3 JMH results"), text(html));
        assertTrue(table.contains("RT p99") && table.contains("RingToFileBenchmark.ringToFile"), table);
        assertTrue(HtmlReport.render(ExperimentReader.read(List.of(temp))).contains("id=\"jmh-section\""));
    }

    @Test
    void shouldPrintATableWhenThereAreOnlyJmhRuns() throws IOException {
        final String table =
            SummaryTable.render(read(JmhRuns.run(temp.resolve("r"), RunStatus.INTERRUPTED, JmhRuns.JSON)));
        assertTrue(table.contains("interrupted"), table);
        assertTrue(Pattern.compile("LinkBenchmark\\.push \\(2 threads\\) +avgt +12\\.25 +- +- +us/op").matcher(table)
            .find(), table);
        assertTrue(table.chars().allMatch(c -> c < 128), table);
    }

    @Test
    void shouldSaySoWhenNothingWasMeasured() throws IOException {
        final ExperimentData data = read(JmhRuns.run(temp.resolve("r"), RunStatus.INTERRUPTED, "[]"));
        assertTrue(text(HtmlReport.render(data)).contains("Nothing had been measured when this run ended."));
        assertTrue(SummaryTable.render(data).contains("nothing had been measured"));
    }

    @Test
    void shouldEscapeWhatComesFromTheFile() throws IOException {
        final String json = JmhRuns.JSON.replace("ringToFile", "<img src=x>").replace("ops/s", "</table>")
            .replace("-Xmx1g", "<script>").replace("\"1024\"", "\"<b>\"").replace("\"thrpt\"", "\"<i>\"");
        final String html = HtmlReport.render(read(JmhRuns.run(temp.resolve("r"), RunStatus.OK, json)));
        assertFalse(html.contains("<img") || html.contains("<b>") || html.contains("<i>"), html);
        assertEquals(1, html.split("</script>", -1).length - 1);
        assertEquals(1, html.split("</table>", -1).length - 1);
    }

    @Test
    void shouldUseStudentsTOverForksWhenThereAreSeveral() {
        final ForkInterval interval = ForkInterval.of(
            new JmhMetric(11, 1, "ops/s", List.of(List.of(9.0, 11.0), List.of(12.0), List.of()),
            List.of(10.0, 12.0), Map.of()));
        assertEquals(11 - 12.706, interval.low(), 0.001);
        assertEquals(11 + 12.706, interval.high(), 0.001);
        assertNull(ForkInterval.of(new JmhMetric(10, 1, "ops/s", List.of(List.of(9.0, 11.0)),
            List.of(10.0), Map.of())));
    }

    @Test
    void shouldDrawDesignsBesideEachOtherWhenTheyShareASetting() throws IOException {
        final String json = "[" + peer("ring", 128, "", "[[100.0], [104.0], [98.0]]") + ","
            + peer("ring", 1024, "", "[[50.0], [52.0], [51.0]]") + ","
            + peer("file", 128, ", \"sync\" : \"never\"", "[[70.0], [71.0], [69.0]]") + ","
            + peer("file", 1024, ", \"sync\" : \"never\"", "[[49.0], [53.0], [50.5]]") + "]";
        final ExperimentData data = read(JmhRuns.run(temp.resolve("r"), RunStatus.OK, json));
        final List<JmhRows> rows = JmhRows.of(data.jmhRuns());
        assertEquals(1, rows.size());
        assertEquals(List.of("length=128", "length=1024"), List.copyOf(rows.get(0).bySetting().keySet()));
        assertEquals(List.of(
            "length=128: ring is ahead with 100 ops/s, file, sync=never follows with 0.70 times that; their intervals "
            + "lie apart.",
            "length=1024: ring is ahead with 51 ops/s, file, sync=never follows with 0.990 times that; their intervals "
            + "overlap, so that is not sure."), rows.get(0).leaders());
        final String html = HtmlReport.render(data);
        assertEquals(2 * 12, html.split("class=\"mark fork leg0\"", -1).length - 1, "a dot a fork, in two sizes");
        assertTrue(text(html).contains("length=128: ring is ahead"), text(html));
        assertTrue(text(html).contains("more is better"), text(html));
    }

    private static String peer(final String method, final int length, final String more, final String forks) {
        return "{\"benchmark\" : \"io.x.PeersBenchmark." + method + "\", \"mode\" : \"thrpt\", \"threads\" : 1, "
            + "\"forks\" : 3, \"measurementIterations\" : 1, \"params\" : { \"length\" : \"" + length + "\"" + more
            + " }, \"primaryMetric\" : { \"score\" : 1.0, \"scoreError\" : \"NaN\", \"scoreUnit\" : \"ops/s\", "
            + "\"rawData\" : " + forks + " }, \"secondaryMetrics\" : { } }";
    }

    private static ExperimentData read(final Path dir) {
        return ExperimentReader.read(List.of(dir));
    }

    private static String text(final String html) {
        return html.replaceAll("(?s)<(style|script)>.*?</\\1>", "").replaceAll("<[^>]+>", " ").replaceAll("\\s+", " ");
    }
}
