package io.millrace.load.command;

import io.millrace.load.workload.WorkloadException;
import io.millrace.results.model.Experiment;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The frame of the commands that make several runs in one directory and can go on there. Main thread. */
abstract class ExperimentCommand implements Callable<Integer> {
    @Spec
    CommandSpec spec;

    @Mixin
    WorkloadOptions options;

    @Option(order = 39, names = "--resume", paramLabel = "DIR",
        description = "Go on with an experiment that was interrupted, with the command line it was begun with: what is "
            + "finished is not run again. Stands alone, or with --mixed.")
    private Path resume;

    @Option(order = 39, names = "--mixed",
        description = "With --resume: go on even though the finished runs come from another build or machine than this "
            + "one; the result says so.")
    private boolean isMixed;

    private Path resumedDir;
    private Experiment before;

    /**
     * Takes the directory to go on in, before the command line it was begun with is parsed.
     *
     * @param dir        of the experiment
     * @param experiment as far as it came
     */
    final void resume(final Path dir, final Experiment experiment) {
        resumedDir = dir;
        before = experiment;
    }

    /** {@return the experiment as far as it came, or null} */
    final Experiment before() {
        return before;
    }

    @Override
    public final Integer call() {
        try {
            if (resume != null && resumedDir == null) {
                return Resume.run(spec, resume, isMixed, fresh());
            }
            if (isMixed) {
                throw new WorkloadException("mixed: has no effect without --resume; leave it out");
            }
            prepare();
        } catch (final WorkloadException ex) {
            throw new ParameterException(spec.commandLine(), ex.getMessage(), ex);
        }
        if (isDryRun()) {
            return 0;
        }
        final BenchSession session = new BenchSession(spec.commandLine(), options);
        final Path out = resumedDir != null ? resumedDir : session.outDirectory();
        return session.execute(out, before != null, () -> run(session, out));
    }

    /** {@return a new one of its kind} */
    abstract ExperimentCommand fresh();

    /**
     * Checks everything before anything is started.
     *
     * @throws WorkloadException with what is wrong
     */
    abstract void prepare();

    /** {@return true if there is nothing more to do} */
    boolean isDryRun() {
        return false;
    }

    /**
     * Makes the runs.
     *
     * @param session to make them in
     * @param out     directory of the experiment
     * @return exit code
     */
    abstract int run(BenchSession session, Path out);

    final void sayHowToGoOn(final Path out) {
        spec.commandLine().getErr().println("go on with: millrace bench " + spec.name() + " --resume " + out);
    }
}
