package io.millrace.results.report;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.results.model.RunStatus;
import io.millrace.results.store.ExperimentReader;
import io.millrace.results.store.JmhRuns;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Reports as a browser shows them. Without Chromium it is left out, and says so. */
class ReportInBrowserTest {
    /** Marks whose words, "acks=all, 12.3 to 12.9 s: ...", end before that second. */
    private static final String MARKS_BEFORE_20 = "[].filter.call(document.querySelectorAll("
        + "'svg.wide .cluster title'), function (title) { return / (1?[0-9])\\.\\d+ s: /.test(title.textContent); })"
        + ".length";

    @TempDir
    private Path temp;

    @Test
    void shouldFitEveryScreenAndReadOutByKeyboard() throws IOException, InterruptedException {
        final Optional<Path> program = Browser.find();
        if (program.isEmpty()) {
            System.out.println("[peers] left out, Chromium is missing: apt-get install chromium");
        }
        Assumptions.assumeTrue(program.isPresent(), "Chromium is missing");
        final List<Path> pages = List.of(
            page("ab", SyntheticRuns.busy(temp.resolve("runs-ab"), 21)),
            page("troubled", SyntheticRuns.troubled(temp.resolve("runs-troubled"), 22)),
            page("backlog", SyntheticRuns.backlog(temp.resolve("runs-backlog"), 24, 3, true)),
            page("workers", SyntheticRuns.workers(temp.resolve("runs-workers"), 25)),
            page("drain", SyntheticRuns.backlog(temp.resolve("runs-drain"), 26, 1, false)),
            page("matrix", SyntheticRuns.matrix(temp.resolve("runs-matrix"), 23, 6),
                JmhRuns.run(temp.resolve("jmh"), RunStatus.OK, JmhRuns.JSON)));
        try (Browser browser = Browser.start(program.get(), Files.createDirectory(temp.resolve("profile")))) {
            for (final Path page : pages) {
                for (final int width : new int[] {390, 820, 1440}) {
                    browser.open(page, width, width == 820);
                    assertEquals("[]", browser.evaluate(PageChecks.FLAWS).toString(), page + " at " + width);
                }
                browser.openForPrint(page);
                assertEquals("[]", browser.evaluate(PageChecks.FLAWS).toString(), page + " on paper");
                assertEquals("[]", browser.evaluate(PageChecks.PRINT_FLAWS).toString(), page + " on paper");
            }
            keyboard(browser, pages.get(0));
            browser.allowScripts(false);
            browser.open(pages.get(0), 1440, false);
            browser.allowScripts(true);
            assertEquals(List.of(), browser.problems());
        }
    }

    /** Tab reaches the charts, arrows read them out, and a narrower stretch draws its marks anew. */
    private static void keyboard(final Browser browser, final Path page) throws InterruptedException {
        browser.open(page, 1440, false);
        boolean isReached = false;
        for (int i = 0; i < 60 && !isReached; i++) {
            browser.key("Tab");
            isReached = browser.evaluate("!!document.activeElement.closest('#timeline-section figure')").asBoolean();
        }
        assertTrue(isReached, "the timeline is not reached by Tab");
        browser.key("ArrowRight");
        final JsonNode tip = browser.evaluate("(document.querySelector('.tip') || {}).textContent || ''");
        assertTrue(tip.asText().contains("p99"), tip.toString());
        final int before = browser.evaluate("document.querySelectorAll('svg.wide .cluster').length").asInt();
        assertTrue(before > 0, "no marks");
        assertTrue(browser.evaluate(MARKS_BEFORE_20).asInt() > 0, "no marks before second 20");
        browser.evaluate("(function () { var from = document.getElementById('window-from'); from.value = 20;"
            + " from.dispatchEvent(new Event('input')); })()");
        assertTrue(browser.evaluate("document.querySelector('#window strong').textContent").asText()
            .startsWith("Seconds 20 to "));
        assertEquals(0, browser.evaluate(MARKS_BEFORE_20).asInt(), "marks of seconds that are not shown");
    }

    private Path page(final String name, final Path... dirs) {
        final Path page = temp.resolve(name + ".html");
        io.millrace.results.command.ReportCommand.write(ExperimentReader.read(List.of(dirs)), page);
        return page;
    }
}
