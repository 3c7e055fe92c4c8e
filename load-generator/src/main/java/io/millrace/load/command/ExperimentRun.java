package io.millrace.load.command;

import io.millrace.load.run.RunIdentity;
import io.millrace.load.run.RunReport;
import io.millrace.load.workload.Workload;
import io.millrace.load.workload.WorkloadException;
import io.millrace.results.model.Experiment;
import io.millrace.results.model.ResultsException;
import io.millrace.results.model.RunDocument;
import io.millrace.results.model.RunStatus;
import io.millrace.results.store.ExperimentStore;
import io.millrace.results.store.RunReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * The runs of one experiment in one directory. A run that is there already, finished, is not run again; one that was
 * interrupted is put aside and run anew, and so is the other half of its pair. Main thread.
 */
final class ExperimentRun {
    private static final double THRESHOLD_RATIO = 0.05;
    private static final String DISCARDED = "discarded";

    private final BenchSession session;
    private final Path out;
    private final String kind;
    private final List<String> command;
    private final String experimentId;
    private final Instant started;
    private final List<String> runs = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    private List<Experiment.Leg> legs = List.of();
    private int pairs;
    private int reusedCount;

    ExperimentRun(final BenchSession session, final Path out, final String kind, final Experiment before) {
        this.session = session;
        this.out = out;
        this.kind = kind;
        command = before == null ? session.command() : before.command();
        experimentId = before == null ? UUID.randomUUID().toString() : before.experimentId();
        started = before == null ? Instant.now() : before.started();
        if (before != null && before.notes() != null) {
            notes.addAll(before.notes()); // of the runs that are not made again
        }
    }

    void legs(final List<Experiment.Leg> sides, final int pairCount) {
        legs = List.copyOf(sides);
        pairs = pairCount;
    }

    void note(final String sentence) {
        if (!notes.contains(sentence)) {
            notes.add(sentence);
        }
    }

    String id() {
        return experimentId;
    }

    /** {@return runs that were there already} */
    int reusedCount() {
        return reusedCount;
    }

    void store() {
        ExperimentStore.write(out, new Experiment(Experiment.SCHEMA, experimentId, kind, started, command, legs, pairs,
            THRESHOLD_RATIO, List.copyOf(runs), List.copyOf(notes)));
    }

    /** {@return true if a run of that name is finished} */
    boolean isDone(final String name) {
        final Path dir = out.resolve(name);
        if (!RunReader.isRunDirectory(dir)) {
            return false;
        }
        try {
            final RunStatus status = RunReader.read(dir).document().status();
            return status == RunStatus.OK || status == RunStatus.INVALID;
        } catch (final ResultsException ex) {
            return false; // damaged: it is put aside as one that was interrupted
        }
    }

    /**
     * Puts aside what is there of a pair that is not whole: what makes a pair worth more than two runs is that both met
     * the same brokers, one right after the other.
     *
     * @param names of its runs
     */
    void redoUnlessWhole(final List<String> names) {
        final List<String> done = names.stream().filter(this::isDone).toList();
        if (!done.isEmpty() && done.size() < names.size()) {
            done.forEach(this::discard);
            note("Made anew, since the other half of its pair was not there when the experiment went on: "
                + String.join(", ", done) + ".");
        }
    }

    /**
     * Runs one run, unless it is there.
     *
     * @param name      of its directory
     * @param workload  of it
     * @param bootstrap of another cluster than the command's, or null
     * @param leg       side it belongs to
     * @param label     of the side
     * @param pair      from 1
     * @param sha256    of the workload without what differs between sides
     * @return what became of it
     */
    RunReport run(
        final String name,
        final Workload workload,
        final String bootstrap,
        final String leg,
        final String label,
        final int pair,
        final String sha256) {
        final Path dir = out.resolve(name);
        RunReport report;
        if (isDone(name)) {
            final RunDocument document = RunReader.read(dir).document();
            if (!sha256.equals(document.workloadSha256()) || !leg.equals(document.leg())) {
                throw new WorkloadException("resume: " + dir + " was made with another workload than this command line "
                    + "asks for; its workload file has changed. Begin anew with another --out");
            }
            reusedCount++;
            report = RunReport.stored(dir, document);
        } else {
            if (Files.exists(dir)) {
                discard(name);
            }
            report = session.run(workload, bootstrap,
                new RunIdentity(UUID.randomUUID(), dir, experimentId, leg, label, pair, command, sha256));
            session.idleWords().ifPresent(words -> note("Before these runs: " + words + "."));
        }
        runs.add(name);
        store();
        return report;
    }

    /** Results are never overwritten, not even a part of one. */
    private void discard(final String name) {
        try {
            int number = 1;
            while (Files.exists(out.resolve(DISCARDED).resolve(String.valueOf(number)).resolve(name))) {
                number++;
            }
            final Path aside = out.resolve(DISCARDED).resolve(String.valueOf(number)).resolve(name);
            Files.createDirectories(aside.getParent());
            Files.move(out.resolve(name), aside);
        } catch (final IOException ex) {
            throw new UncheckedIOException("cannot put the run " + name + " aside", ex);
        }
    }
}
