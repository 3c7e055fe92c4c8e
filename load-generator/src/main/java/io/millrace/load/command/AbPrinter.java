package io.millrace.load.command;

import io.millrace.results.store.RunFiles;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Prints what a comparison came to. */
final class AbPrinter {
    private AbPrinter() {
    }

    static void print(final Path dir, final boolean isJson, final PrintWriter out) {
        if (isJson) {
            try {
                out.println(Files.readString(dir.resolve(RunFiles.EXPERIMENT)));
            } catch (final IOException ex) {
                throw new UncheckedIOException("cannot read back " + dir, ex);
            }
        } else {
            out.println();
            out.println("result: " + dir);
            out.println("report: millrace report " + dir);
        }
        out.flush();
    }
}
