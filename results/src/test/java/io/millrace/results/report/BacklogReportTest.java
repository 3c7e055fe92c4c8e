package io.millrace.results.report;

import io.millrace.results.statistics.LegSummary;
import io.millrace.results.store.ExperimentData;
import io.millrace.results.store.RunData;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

import static io.millrace.results.report.Pages.read;
import static io.millrace.results.report.Pages.table;
import static io.millrace.results.report.Pages.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

class BacklogReportTest {
    @TempDir
    private Path temp;

    @Test
    void shouldDrawWhatWaitsWithItsPhases() {
        final ExperimentData data = read(SyntheticRuns.backlog(temp.resolve("backlog"), 1, 1, false));
        final BacklogTrack track = BacklogTrack.of(data.runs().get(0), 0, "run");
        assertEquals(6, track.goOnS(), 1e-9);
        assertEquals(8, track.endS(), 1e-9);
        assertTrue(track.isCaughtUp());
        assertEquals(-5, track.points().get(0).atS(), 1e-9, "a few seconds before");
        assertEquals(0, track.waitingAt(0), 1e-9);
        assertEquals(6000, track.waitingAt(3), 1e-9);
        assertEquals(12_000, track.waitingAt(6), 1e-9);
        assertEquals(0, track.waitingAt(8), 1e-9);
        assertEquals(2000, track.points().get(3).receivedPerS(), 1e-9, "before they stood still");
        final String html = HtmlReport.render(data);
        for (final String words : new String[] {"consumers stand still", "consumers go on", "caught up",
            "records that wait for the consumers", "seconds since the consumers stood still"}) {
            assertTrue(html.contains(">" + words + "</text>"), words);
        }
        assertEquals("12,000", table(html, "backlog").get(1).get(1));
        assertTrue(html.indexOf("id=\"backlog-section\"") < html.indexOf(">consumers go on</text>"));
    }

    @Test
    void shouldDrawSeveralRunsAndOneThatWasCutOff() {
        final ExperimentData data = read(SyntheticRuns.backlog(temp.resolve("backlog"), 2, 3, true));
        final BacklogTrack cut = BacklogTrack.of(data.runs().get(2), 0, "run 3");
        assertEquals(6, cut.goOnS(), 1e-9);
        assertTrue(Double.isNaN(cut.endS()) && !cut.isCaughtUp());
        final String html = HtmlReport.render(data);
        assertTrue(html.contains("class=\"curve leg0 written\""), "its speed");
        assertFalse(html.contains(">caught up</text>"), "the runs differ in when");
        assertTrue(html.contains("<span>filled: consumers go on</span>"), "what the marks mean");
        assertEquals(1 + 2, table(html, "backlog").size());
        final Path only = data.runs().get(2).dir();
        assertTrue(text(HtmlReport.render(read(only))).contains("No run got as far as to drain it."));
    }

    @Test
    void shouldNotDrawACourseThatDoesNotAddUp() throws IOException {
        final ExperimentData data = read(SyntheticRuns.backlog(temp.resolve("backlog"), 3, 1, false));
        final RunData run = data.runs().get(0);
        final Path file = run.dir().resolve("run.json");
        Files.writeString(file, Files.readString(file).replace("\"built_records\" : 12000",
            "\"built_records\" : 50000"));
        final ExperimentData wrong = read(run.dir());
        assertFalse(new BacklogChart(LegSummary.of(wrong)).hasData());
        assertTrue(text(HtmlReport.render(wrong)).contains("Its course is not drawn"));
    }
}
