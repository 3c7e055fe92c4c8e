package io.millrace.load.command;

import io.millrace.results.report.SummaryTable;
import io.millrace.results.store.ExperimentReader;
import io.millrace.results.store.RunFiles;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Prints what a comparison came to. */
final class AbPrinter {
    private AbPrinter() {
    }

    static void print(final Path dir, final boolean isJson, final PrintWriter out) {
        print(dir, isJson, List.of(), List.of(), out);
    }

    static void print(
        final Path dir,
        final boolean isJson,
        final List<String> promises,
        final List<String> unequal,
        final PrintWriter out) {
        if (isJson) {
            try {
                out.println(Files.readString(dir.resolve(RunFiles.EXPERIMENT)));
            } catch (final IOException ex) {
                throw new UncheckedIOException("cannot read back " + dir, ex);
            }
        } else {
            out.println();
            out.print(SummaryTable.render(ExperimentReader.read(List.of(dir))));
            out.println();
            promises.forEach(out::println);
            unequal.forEach(out::println);
            out.println("result: " + dir);
            out.println("report: millrace report " + dir);
        }
        out.flush();
    }
}
