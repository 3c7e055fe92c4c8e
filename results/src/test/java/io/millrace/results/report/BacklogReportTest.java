package io.millrace.results.report;

import io.millrace.results.model.Phases;
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
        assertEquals(8, RunSeries.lengthS(data.runs().get(0)), "the backlog is not part of the measured phase");
        assertEquals(8, LatencySteps.of(data.runs(), 1).stepCount());
        final String html = HtmlReport.render(data);
        assertTrue(html.contains("1 run of 8 s measured"), "its length");
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
    void shouldPeakWhenTheConsumersGoOnWithinASecond() throws IOException {
        final RunData run = read(SyntheticRuns.backlog(temp.resolve("backlog"), 4, 1, false)).runs().get(0);
        final Path file = run.dir().resolve("events.jsonl");
        final long goOnMs = run.events().stream().filter(event -> Phases.CONSUMERS_GO_ON.equals(event.name()))
            .findFirst().orElseThrow().atMs();
        Files.writeString(file, Files.readString(file).replace(String.valueOf(goOnMs), String.valueOf(goOnMs + 500)));
        final BacklogTrack track = BacklogTrack.of(read(run.dir()).runs().get(0), 0, "run");
        assertEquals(6.5, track.goOnS(), 1e-9);
        assertEquals(12_000, track.waitingAt(6.5), 1e-9, "as the run says");
        final double drainedPerS = run.document().findings().backlog().drainedPerS();
        assertEquals(0, pointAt(track, 6.5).receivedPerS(), 1e-9, "they stood still before");
        assertEquals(2 * drainedPerS, pointAt(track, 7).receivedPerS(), 1, "all of the second's in half of it");
    }

    private static BacklogTrack.Point pointAt(final BacklogTrack track, final double atS) {
        return track.points().stream().filter(point -> Math.abs(point.atS() - atS) < 1e-6).findFirst().orElseThrow();
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
