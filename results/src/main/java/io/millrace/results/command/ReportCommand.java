package io.millrace.results.command;

import io.millrace.results.model.ResultsException;
import io.millrace.results.report.HtmlReport;
import io.millrace.results.report.ReportData;
import io.millrace.results.report.SummaryTable;
import io.millrace.results.store.ExperimentData;
import io.millrace.results.store.ExperimentReader;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.concurrent.Callable;

/** {@code millrace report}: run directories in, one HTML file out. */
@Command(
    name = "report",
    mixinStandardHelpOptions = true,
    description = {
        "Write one self-contained HTML file about benchmark runs.",
        "It opens offline and needs no other file. Interrupted runs are reported as far as they got."},
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
        "0:the report was written, whatever it says",
        "1:the report could not be written",
        "2:a directory is no result of millrace bench or millrace jmh, or is damaged"},
    footerHeading = "%nExamples:%n",
    footer = {
        "  millrace report results/ab-1               an experiment, with all its runs",
        "  millrace report run-1 run-2 -o page.html   single runs side by side",
        "  millrace report results/runs/jmh-1         JMH benchmarks",
        "  millrace report results/ab-1 jmh.json      load runs beside what JMH wrote",
        "                                             with -rf json: which design, and",
        "                                             what it costs on a cluster",
        "  millrace report results/ab-1 --table       only the table, on the console",
        "  millrace report results/ab-1 --format csv  a row a run"})
public final class ReportCommand implements Callable<Integer> {
    private static final int FAILED = 1;
    private static final int UNUSABLE_INPUT = 2;

    @Parameters(
        arity = "1..*",
        paramLabel = "DIR",
        description = "Run directories, experiment directories that contain runs, or JSON files of JMH (-rf json).")
    private List<Path> dirs;

    @Option(
        names = {"-o", "--output"},
        paramLabel = "FILE",
        description = "Where to write the report; by default report.html in the first DIR, or beside it if "
            + "it is a file. An existing file is "
            + "replaced.")
    private Path output;

    @Option(names = "--table", description = "Print the summary table only and write no file.")
    private boolean isTableOnly;

    @Option(names = "--format", paramLabel = "F", defaultValue = "HTML", description = "html, or md, json, csv: "
        + "printed, or written to the file that -o names. Default: html.")
    private Form format;
    @Spec
    private CommandSpec spec;

    /** Picocli makes the instance. */
    public ReportCommand() {
    }

    /** What the report is written as. */
    enum Form { HTML, MD, JSON, CSV }

    @Override
    public Integer call() {
        final ExperimentData data;
        try {
            data = ExperimentReader.read(dirs);
        } catch (final ResultsException ex) {
            return fail(ex.getMessage(), UNUSABLE_INPUT);
        }
        if (format == Form.HTML || isTableOnly) {
            spec.commandLine().getOut().print(SummaryTable.render(data));
        }
        data.problems().forEach(problem -> spec.commandLine().getErr().println("millrace: left out: " + problem));
        data.runs().forEach(run -> run.warnings().forEach(warning ->
            spec.commandLine().getErr().println("millrace: " + run.dir() + ": " + warning)));
        data.jmhRuns().forEach(run -> run.warnings().forEach(warning ->
            spec.commandLine().getErr().println("millrace: " + run.dir() + ": " + warning)));
        if (!isTableOnly && format != Form.HTML) {
            return text(data);
        }
        if (!isTableOnly) {
            final Path file = output == null ? beside(dirs.get(0)) : output;
            try {
                write(data, file);
            } catch (final ResultsException ex) {
                return fail(ex.getMessage(), FAILED);
            }
            spec.commandLine().getOut().println();
            spec.commandLine().getOut().println("Report: " + file.toAbsolutePath().normalize());
        }
        spec.commandLine().getOut().flush();
        return 0;
    }

    /** In a directory, or beside a file. */
    private static Path beside(final Path named) {
        return Files.isDirectory(named) ? named.resolve("report.html") : named.resolveSibling("report.html");
    }

    private int text(final ExperimentData data) {
        final String text = switch (format) {
            case MD -> ReportData.markdown(data);
            case CSV -> ReportData.csv(data);
            default -> ReportData.json(data);
        };
        try {
            if (output == null) {
                spec.commandLine().getOut().print(text);
            } else {
                write(text, output);
            }
        } catch (final ResultsException ex) {
            return fail(ex.getMessage(), FAILED);
        }
        spec.commandLine().getOut().flush();
        return 0;
    }

    /**
     * Writes the report of an experiment; for commands that end with one.
     *
     * @param data the runs
     * @param file where to; replaced if it exists, its directory created if absent
     * @throws ResultsException if it cannot be written
     */
    public static void write(final ExperimentData data, final Path file) {
        write(HtmlReport.render(data, file), file);
    }

    private static void write(final String text, final Path file) {
        final Path target = file.toAbsolutePath().normalize();
        if (Files.isDirectory(target)) {
            throw new ResultsException("cannot write the report: " + target + " is a directory; name a file with -o");
        }
        try {
            Files.createDirectories(target.getParent());
            final Path temporary = target.resolveSibling("." + target.getFileName() + ".tmp");
            try {
                Files.writeString(temporary, text, StandardCharsets.UTF_8);
                Files.move(temporary, target, StandardCopyOption.REPLACE_EXISTING);
            } finally {
                Files.deleteIfExists(temporary);
            }
        } catch (final IOException ex) {
            throw new ResultsException("cannot write the report " + target + ": " + ex
                + "; check that the directory may be written and has space, or name another file with -o", ex);
        }
    }

    private int fail(final String message, final int exitCode) {
        spec.commandLine().getErr().println("millrace: " + message);
        spec.commandLine().getErr().flush();
        return exitCode;
    }
}
