package io.millrace.results.report;

import io.millrace.results.store.ExperimentData;
import io.millrace.results.store.RunData;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;

import static io.millrace.results.report.Pages.read;
import static io.millrace.results.report.Pages.table;
import static io.millrace.results.report.Pages.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** What makes a figure worth less than it looks stands beside it. */
class ReportCaveatsTest {
    @TempDir
    private Path temp;

    @Test
    void shouldSayWithTheVerdictWhatIsInvalidLostOrFailed() {
        final String html = HtmlReport.render(read(SyntheticRuns.troubled(temp.resolve("ab"), 1)));
        final String verdict = section(html, "verdict");
        assertTrue(verdict.contains("class=\"caveat\">3 of 8 runs are not valid"), verdict);
        assertTrue(verdict.contains("class=\"caveat\">Reading everything back found 3 acknowledged but lost"), verdict);
        assertEquals(1, verdict.split("acknowledged but lost", -1).length - 1, "told once");
        assertTrue(section(html, "ratio-section").contains("3 of 4 pairs left out: a run is invalid or missing."));
    }

    @Test
    void shouldSayWhatTheResponseTimeOfFailedRecordsIs() throws IOException {
        final Path dir = SyntheticRuns.experiment(temp.resolve("ab"), 2, 3, 1, 5, 500);
        change(dir, text -> text.replace("\"errors\" : { }", "\"errors\" : { \"TIMED_OUT\" : 5 }"));
        final String html = HtmlReport.render(read(dir));
        final String words = "15 measured records failed with acks=leader (TIMED_OUT), 0.2 % of those sent: "
            + "among the response times each counts with the time until it failed";
        assertTrue(section(html, "verdict").contains(words), section(html, "verdict"));
        assertTrue(section(html, "latency-section").contains(words), "beside the percentiles");
    }

    @Test
    void shouldSayThatWorkloadsAndMachinesDiffer() throws IOException {
        final Path dir = SyntheticRuns.experiment(temp.resolve("ab"), 3, 2, 1, 5, 500);
        final Path file = read(dir).runs().get(0).dir().resolve("run.json");
        Files.writeString(file, Files.readString(file).replace("\"workloadSha256\" : \"abc\"",
            "\"workloadSha256\" : \"abd\"").replaceAll("\"fingerprint\" : \"\\w+\"", "\"fingerprint\" : \"f\""));
        final String verdict = section(HtmlReport.render(read(dir)), "verdict");
        assertTrue(verdict.contains("did not all have the same workload (2 different ones)"), verdict);
        assertTrue(verdict.contains("come from 2 different machines or set-ups"), verdict);
    }

    @Test
    void shouldSayThatTheMachineStalledAsLongAsTheTail() throws IOException {
        final Path dir = SyntheticRuns.experiment(temp.resolve("ab"), 4, 1, 0.05, 8, 2000);
        final String html = HtmlReport.render(read(dir));
        assertTrue(section(html, "latency-section").contains("With acks=all the measuring process itself was stalled "
            + "for "), section(html, "latency-section"));
        assertFalse(section(html, "latency-section").contains("With acks=leader the measuring process"));
    }

    @Test
    void shouldSayWhichCostOneSideDidNotTell() throws IOException {
        final Path dir = SyntheticRuns.experiment(temp.resolve("ab"), 5, 3, 1, 5, 500);
        for (final RunData run : read(dir).runs("B")) {
            final Path file = run.dir().resolve("run.json");
            Files.writeString(file, Files.readString(file).replaceAll("\"broker_cpu_s_per_GB\" : [0-9.]+",
                "\"broker_cpu_s_per_GB\" : null"));
        }
        final String html = HtmlReport.render(read(dir));
        assertTrue(section(html, "ratio-section").contains("Not measured of acks=all: "),
            section(html, "ratio-section"));
    }

    @Test
    void shouldMarkTheFiguresOfOneInvalidRun() throws IOException {
        final Path dir = SyntheticRuns.experiment(temp.resolve("ab"), 6, 1, 1, 5, 500);
        change(dir, text -> text.replace("\"status\" : \"ok\"", "\"status\" : \"invalid\"").replace(
            "\"invalidReasons\" : [ ]", "\"invalidReasons\" : [ \"rate\" ]"));
        final String html = HtmlReport.render(read(dir.resolve("run-01-A")));
        final String verdict = section(html, "verdict");
        assertTrue(verdict.contains("The run is not valid (rate): its figures are shown, conclusions are not."),
            verdict);
        assertEquals(3, verdict.split("! not valid", -1).length - 1, "each figure of the strip");
        assertTrue(text(html).contains("Timeline Second by second."), "no runs laid over each other");
    }

    @Test
    void shouldTellServiceLevelsAndFaultsInTheVerdict() {
        final String verdict = section(HtmlReport.render(read(SyntheticRuns.experiment(temp.resolve("ab"), 7, 3, 1, 26,
            400))), "verdict");
        assertTrue(verdict.contains("service levels</span><span class=\"figure\">3 of 6"), verdict);
        assertTrue(verdict.contains("with acks=all a partition was without acknowledgement for 2.90 s at the longest, "
            + "and the service was as before 3.40 s after a fault at the latest"), verdict);
    }

    @Test
    void shouldNameEveryMachineThatTookPart() {
        final ExperimentData data = read(SyntheticRuns.workers(temp.resolve("workers"), 8));
        final String html = HtmlReport.render(data);
        final List<List<String>> machines = table(html, "machines");
        assertEquals(1 + 2, machines.size(), machines.toString());
        assertEquals("the measuring process, worker 127.0.0.1:9410", machines.get(1).get(1));
        assertEquals(List.of("load-2.example", "worker 192.0.2.7:9410, worker 192.0.2.7:9411",
            "Another Processor &lt;9&gt;", "16", "64.0 GiB"), machines.get(2).subList(0, 5));
        assertFalse(HtmlReport.render(read(SyntheticRuns.experiment(temp.resolve("ab"), 9, 1, 1, 4, 200)))
            .contains("id=\"machines\""), "one machine is described below the command");
    }

    private static void change(final Path dir, final UnaryOperator<String> change) throws IOException {
        for (final RunData run : read(dir).runs()) {
            final Path file = run.dir().resolve("run.json");
            Files.writeString(file, change.apply(Files.readString(file)));
        }
    }

    private static String section(final String html, final String id) {
        final int from = html.indexOf("<section id=\"" + id + "\"");
        assertTrue(from >= 0, "no section " + id);
        return html.substring(from, html.indexOf("</section>", from));
    }
}
