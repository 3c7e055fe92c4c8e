package io.millrace.load.command;

import io.millrace.load.workload.WorkloadException;
import io.millrace.results.model.Experiment;
import io.millrace.results.model.ResultsException;
import io.millrace.results.store.ExperimentStore;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/** Goes on with an experiment: its own command line is parsed again, for the directory it was begun in. */
final class Resume {
    private static final String RESUME = "--resume";
    private static final String MIXED = "--mixed";

    private Resume() {
    }

    /**
     * Runs a command anew in the directory of an experiment.
     *
     * @param spec    of the command that was given; the experiment must be of its name
     * @param dir     of the experiment
     * @param isMixed true to go on with another build or on another machine
     * @param command a new one of its kind
     * @return exit code
     */
    static int run(
        final CommandSpec spec, final Path dir, final boolean isMixed, final ExperimentCommand command) {
        final String kind = spec.name();
        checkAlone(spec.commandLine().getParseResult());
        final Experiment before;
        try {
            before = ExperimentStore.read(dir);
        } catch (final ResultsException ex) {
            throw new WorkloadException("resume: " + dir + " is no experiment that can go on: " + ex.getMessage());
        }
        final List<String> words = before.command() == null ? List.of() : before.command();
        final int at = words.indexOf(kind);
        final boolean isKind =
            kind.equals(before.kind()) || "ab".equals(kind) && Experiment.CONTROL.equals(before.kind());
        if (!isKind || at < 0) {
            throw new WorkloadException("resume: " + dir + " is an experiment of kind " + before.kind() + "; go on "
                + "with 'millrace bench " + before.kind() + " --resume " + dir + "'");
        }
        command.resume(dir, checked(dir, before, isMixed));
        final CommandLine line = new CommandLine(command);
        final CommandLine given = spec.commandLine();
        line.setOut(given.getOut()).setErr(given.getErr())
            .setExecutionExceptionHandler(given.getExecutionExceptionHandler())
            .setParameterExceptionHandler(given.getParameterExceptionHandler())
            .setCaseInsensitiveEnumValuesAllowed(given.isCaseInsensitiveEnumValuesAllowed())
            .setAbbreviatedOptionsAllowed(given.isAbbreviatedOptionsAllowed());
        return line.execute(words.subList(at + 1, words.size()).toArray(String[]::new));
    }

    /** Runs of several builds or machines would be taken for repeats of one thing. */
    private static Experiment checked(final Path dir, final Experiment before, final boolean isMixed) {
        final List<String> differences = EarlierRuns.differences(dir, before);
        if (differences.isEmpty()) {
            return before;
        }
        final String words = String.join("; ", differences);
        if (!isMixed) {
            throw new WorkloadException("resume: the finished runs of " + dir + " come from another build or machine ("
                + words + "), and what is compared would be both in one; begin anew with another --out, or pass "
                + MIXED + " to go on all the same");
        }
        final List<String> notes = new ArrayList<>(before.notes() == null ? List.of() : before.notes());
        notes.add("Resumed with another build or on another machine than the runs before it: " + words + ".");
        return new Experiment(before.schema(), before.experimentId(), before.kind(), before.started(),
            before.command(), before.legs(), before.pairs(), before.threshold(), before.runs(), notes);
    }

    /** What is given beside would have no effect, since the experiment's own command line counts. */
    private static void checkAlone(final ParseResult given) {
        final List<String> others = new ArrayList<>();
        given.matchedOptions().stream().map(OptionSpec::longestName)
            .filter(name -> !RESUME.equals(name) && !MIXED.equals(name)).distinct().forEach(others::add);
        given.matchedPositionals().stream().map(PositionalParamSpec::paramLabel).distinct().forEach(others::add);
        if (!others.isEmpty()) {
            throw new WorkloadException("resume: " + String.join(", ", others) + " would have no effect: an experiment "
                + "goes on with the command line it was begun with; leave it out, or begin anew with another --out");
        }
    }
}
