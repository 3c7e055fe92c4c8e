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
            + "ops/s ± 250,000 hits 7 229,3"), text);
        assertTrue(text.contains(" 0.00251 B/op"), text);
        assertTrue(text.contains("1: 1,400,000 · 1,410,000 · 1,390,000"), text);
        assertTrue(text.contains("2: 1,600,001 · 1,610,001 · 1,590,001"), text);
        assertTrue(text.contains("LinkBenchmark .push avgt 2 threads 12.25 us/op 2 iterations only"), text);
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

    private static ExperimentData read(final Path dir) {
        return ExperimentReader.read(List.of(dir));
    }

    private static String text(final String html) {
        return html.replaceAll("(?s)<(style|script)>.*?</\\1>", "").replaceAll("<[^>]+>", " ").replaceAll("\\s+", " ");
    }
}
