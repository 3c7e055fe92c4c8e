package io.millrace.results.report;

import io.millrace.results.store.RunData;

import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** Links from the report to what lies beside it: recordings, flame graphs, logs. Belongs to the method that renders. */
final class Artifacts {
    private static final List<String> DIRECTORIES = List.of("flame", "jfr", "gc", "logs");
    private static final Set<String> PROFILES = Set.of("flame", "jfr");
    private static final int MAX_FILES = 200;

    private Artifacts() {
    }

    /** Flame graphs and recordings, for where costs stand; empty if the report lies elsewhere, or there are none. */
    static String profiles(final List<RunData> runs, final Path report) {
        final String items = items(runs, report, true);
        return items.isEmpty() ? "" : "<h3>Flame graphs and recordings</h3>\n<ul class=\"notes\">\n" + items
            + "</ul>\n";
    }

    /** Logs and whatever else there is, folded; empty if the report lies elsewhere, or there is nothing. */
    static String logs(final List<RunData> runs, final Path report) {
        final String items = items(runs, report, false);
        return items.isEmpty() ? "" : "<details class=\"files\"><summary>Logs</summary>\n<ul class=\"notes\">\n" + items
            + "</ul></details>\n";
    }

    private static String items(final List<RunData> runs, final Path report, final boolean isProfile) {
        if (report == null || report.toAbsolutePath().getParent() == null) {
            return "";
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
            files.removeIf(file -> PROFILES.contains(run.dir().relativize(file).getName(0).toString()) != isProfile);
            if (!files.isEmpty() && run.dir().startsWith(home)) {
                html.append("<li>").append(Html.escape(name(run, home))).append(": ")
                    .append(files.stream().map(file -> "<a href=\"" + link(home.relativize(file)) + "\">"
                        + Html.escape(run.dir().relativize(file)) + "</a>").collect(Collectors.joining(" · ")))
                    .append("</li>\n");
            }
        }
        return html.toString();
    }

    private static String name(final RunData run, final Path home) {
        final String below = home.relativize(run.dir()).toString();
        return below.isEmpty() ? "this run" : below;
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
