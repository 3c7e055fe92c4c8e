package io.millrace.results.command;

import io.millrace.results.model.ResultsException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;

/** The frame of the sub-commands of {@code millrace history}: a file, what goes wrong with it, exit codes. */
abstract class HistoryAction implements Callable<Integer> {
    private static final int USAGE = 2;

    @Parameters(index = "0", paramLabel = "FILE", description = "History: a JSON object a line; add creates it.")
    private Path file;
    @Spec
    private CommandSpec spec;

    /** Picocli makes the instance. */
    HistoryAction() {
    }

    /** Checks what picocli does not; refuses what cannot be. */
    void check() {
    }

    final void refuse(final String message) {
        throw new ParameterException(spec.commandLine(), message);
    }

    /**
     * Does it.
     *
     * @param history  the file
     * @param out      for what was asked
     * @param problems receives sentences on what was left out
     * @return exit code
     * @throws ResultsException if it cannot be done
     */
    abstract int run(Path history, PrintWriter out, List<String> problems);

    @Override
    public final Integer call() {
        check();
        final PrintWriter out = spec.commandLine().getOut();
        final PrintWriter err = spec.commandLine().getErr();
        final List<String> problems = new ArrayList<>();
        try {
            return run(file, out, problems);
        } catch (final ResultsException ex) {
            err.println("millrace: " + ex.getMessage());
            return USAGE;
        } finally {
            problems.forEach(problem -> err.println("millrace: " + problem)); // which may be why it was refused
            out.flush();
            err.flush();
        }
    }
}
