package io.millrace.load.run;

import io.millrace.load.driver.Backend;
import io.millrace.load.driver.TopicAdmin;
import io.millrace.load.workload.Workload;
import io.millrace.results.model.RunDocument;
import io.millrace.results.model.RunFindings;
import io.millrace.results.model.RunOutcome;
import io.millrace.results.store.RunWriter;
import java.util.function.BiFunction;

/** A run whose load comes from other processes: its topic, its result and its verdict; no state. */
public final class SharedRun {
    private SharedRun() {
    }

    /**
     * Makes topic and result, lets the work be done, and cleans up.
     *
     * @param workload of all processes together
     * @param target   of the run
     * @param identity of the run
     * @param backend  of the target
     * @param progress shown to the user
     * @param work     given the topic's name and the result's writer; ends with {@link #conclude}
     * @return what became of it
     */
    public static RunReport execute(
        final Workload workload,
        final Target target,
        final RunIdentity identity,
        final Backend backend,
        final Progress progress,
        final BiFunction<String, RunWriter, RunReport> work) {
        DiskEstimate.check(workload, target);
        try (TopicAdmin admin = backend.openAdmin();
            RunTopic topic = RunTopic.open(admin, workload, identity, progress);
            RunWriter writer = RunWriter.create(identity.directory(),
                RunSummary.header(workload, target, identity, "several workers, each with the driver named", topic))) {
            writer.workload(WorkloadYaml.write(workload));
            return work.apply(topic.name(), writer);
        }
    }

    /**
     * Holds the result against its service levels and writes it.
     *
     * @param workload of all processes together
     * @param identity of the run
     * @param writer   of its result
     * @param outcome  added up
     * @return what became of it
     */
    public static RunReport conclude(
        final Workload workload, final RunIdentity identity, final RunWriter writer, final RunOutcome outcome) {
        final double achieved = workload.isUnlimited() ? 1 : outcome.measured().achievedPerS() / workload.ratePerS();
        final RunFindings findings = new RunFindings(SloJudge.judge(workload.slo(),
            outcome.measured().withLatency(writer.summaries()), achieved, outcome.verification(), null), null, null,
            null, null, null);
        final RunDocument document = writer.finish(new RunOutcome(outcome.status(), outcome.invalidReasons(),
            outcome.notes(), outcome.measured(), outcome.verification(), findings));
        return RunReport.stored(identity.directory(), document);
    }
}
