package io.millrace.results.report;

import io.millrace.results.store.RunData;

import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** Links from the report to what lies beside it: recordings, flame graphs, logs. Belongs to the method that renders. */
final class Artifacts {
    private static final List<String> DIRECTORIES = List.of("flame", "jfr", "gc", "logs");
    private static final int MAX_FILES = 200;

    private Artifacts() {
    }

    /** Null if the report lies elsewhere, or there is nothing. */
    static String html(final List<RunData> runs, final Path report) {
        if (report == null || report.toAbsolutePath().getParent() == null) {
            return null;
        }
        final Path home = report.toAbsolutePath().normalize().getParent();
        final StringBuilder html = new StringBuilder();
        for (final RunData run : runs) {
            final List<Path> files = files(run.dir());
            if (run.document().findings() != null) {
                run.document().findings().files().stream().map(name -> run.dir().resolve(name).normalize())
                    .filter(path -> path.startsWith(run.dir()) && !files.contains(path) && Files.isRegularFile(path))
                    .forEach(files::add);
            }
            if (!files.isEmpty() && run.dir().startsWith(home)) {
                html.append("<li>").append(Html.escape(home.relativize(run.dir()).toString())).append(": ")
                    .append(files.stream().map(file -> "<a href=\"" + link(home.relativize(file)) + "\">"
                        + Html.escape(run.dir().relativize(file)) + "</a>").collect(Collectors.joining(" · ")))
                    .append("</li>\n");
            }
        }
        return html.isEmpty() ? null : "<details class=\"files\"><summary>Flame graphs, recordings, logs</summary>\n"
            + "<ul class=\"notes\">\n" + html + "</ul></details>\n";
    }

    private static List<Path> files(final Path dir) {
        final List<Path> files = new ArrayList<>();
        for (final String name : DIRECTORIES) {
            if (Files.isDirectory(dir.resolve(name))) {
                try (Stream<Path> inside = Files.list(dir.resolve(name))) {
                    inside.filter(Files::isRegularFile).sorted().limit(MAX_FILES).forEach(files::add);
                } catch (final IOException ex) {
                    continue; // what cannot be listed cannot be linked
                }
            }
        }
        return files;
    }

    private static String link(final Path relative) {
        return StreamSupport.stream(relative.spliterator(), false)
            .map(part -> URLEncoder.encode(part.toString(), StandardCharsets.UTF_8).replace("+", "%20"))
            .collect(Collectors.joining("/", "./", ""));
    }
}
