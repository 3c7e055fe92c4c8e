package io.millrace.results.report;

import io.millrace.results.store.ExperimentData;
import io.millrace.results.store.ExperimentReader;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import static org.junit.jupiter.api.Assertions.assertTrue;

/** Reads what a page says. */
final class Pages {
    private Pages() {
    }

    /** {@return what lies in a directory} */
    static ExperimentData read(final Path dir) {
        return ExperimentReader.read(List.of(dir));
    }

    /** {@return the words of a page, those of its notes and tables among them} */
    static String text(final String html) {
        return html.replaceAll("(?s)<(style|script)>.*?</\\1>", "").replaceAll("<[^>]+>", " ").replaceAll("\\s+", " ");
    }

    /** {@return the cells of a table, its head first} */
    static List<List<String>> table(final String html, final String id) {
        final Matcher table = Pattern.compile("(?s)<table id=\"" + id + "\">(.*?)</table>").matcher(html);
        assertTrue(table.find(), "no table " + id);
        final List<List<String>> rows = new ArrayList<>();
        final Matcher row = Pattern.compile("(?s)<tr>(.*?)</tr>").matcher(table.group(1));
        while (row.find()) {
            final List<String> cells = new ArrayList<>();
            final Matcher cell = Pattern.compile("(?s)<t[hd][^>]*>(.*?)</t[hd]>").matcher(row.group(1));
            while (cell.find()) {
                cells.add(cell.group(1).replaceAll("<[^>]+>", "").strip());
            }
            rows.add(cells);
        }
        return rows;
    }
}
