package io.millrace.load.command;

import io.millrace.results.model.Environment;
import io.millrace.results.model.Experiment;
import io.millrace.results.model.GitRevision;
import io.millrace.results.model.ResultsException;
import io.millrace.results.model.RunDocument;
import io.millrace.results.model.RunStatus;
import io.millrace.results.store.EnvironmentProbe;
import io.millrace.results.store.RunReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;

/** Tells whether the finished runs of an experiment come from this build and this machine; no state. */
final class EarlierRuns {
    private static final int SHORT = 12;
    /** What the kernel keeps for itself differs a little from one start of the machine to the next. */
    private static final double SAME_MEMORY = 0.01;

    private EarlierRuns() {
    }

    /**
     * {@return how build and machine of the finished runs differ from those of now; empty if they do not, as far as is
     * known}
     *
     * @param dir    of the experiment
     * @param before as far as it came
     */
    static List<String> differences(final Path dir, final Experiment before) {
        final GitRevision revision = new GitRevision(
            System.getProperty("millrace.git.sha", GitRevision.unknown().sha()),
            Boolean.getBoolean("millrace.git.dirty"));
        final Environment now = EnvironmentProbe.capture(null);
        final Set<String> differences = new LinkedHashSet<>();
        for (final String name : before.runs() == null ? List.<String>of() : before.runs()) {
            final RunDocument run = finished(dir.resolve(name));
            if (run == null) {
                continue;
            }
            if (run.git() != null && !run.git().equals(revision)) {
                differences.add("source: " + words(run.git()) + " then, " + words(revision) + " now");
            }
            if (run.env() != null) {
                differ(differences, "JDK", run.env(), now, Environment::jdk);
                differ(differences, "processor", run.env(), now, Environment::cpu);
                differ(differences, "cores", run.env(), now, Environment::cores);
                if (!isSameMemory(run.env().memoryBytes(), now.memoryBytes())) {
                    differ(differences, "memory", run.env(), now, Environment::memoryBytes);
                }
                differ(differences, "kernel", run.env(), now, Environment::kernel);
            }
        }
        return new ArrayList<>(differences);
    }

    /** {@return true for what one machine may have told at two of its starts} */
    static boolean isSameMemory(final Long then, final Long now) {
        return then != null && now != null && Math.abs(then - now) <= SAME_MEMORY * Math.max(then, now);
    }

    private static RunDocument finished(final Path run) {
        if (!RunReader.isRunDirectory(run)) {
            return null;
        }
        try {
            final RunDocument document = RunReader.read(run).document();
            return document.status() == RunStatus.OK || document.status() == RunStatus.INVALID ? document : null;
        } catch (final ResultsException ex) {
            return null; // damaged: it will be made anew
        }
    }

    private static void differ(
        final Set<String> differences,
        final String what,
        final Environment then,
        final Environment now,
        final Function<Environment, Object> fact) {
        if (!Objects.equals(fact.apply(then), fact.apply(now))) {
            differences.add(what + ": " + fact.apply(then) + " then, " + fact.apply(now) + " now");
        }
    }

    private static String words(final GitRevision revision) {
        return revision.sha().substring(0, Math.min(SHORT, revision.sha().length()))
            + (revision.dirty() ? " with changes" : "");
    }
}
