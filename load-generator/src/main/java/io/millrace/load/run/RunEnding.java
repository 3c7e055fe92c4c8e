package io.millrace.load.run;

import io.millrace.load.record.AckGaps;
import io.millrace.load.record.Ledger;
import io.millrace.load.workload.Workload;
import io.millrace.results.model.Cost;
import io.millrace.results.model.Measured;
import io.millrace.results.model.RunDocument;
import io.millrace.results.model.RunFindings;
import io.millrace.results.model.RunStatus;
import io.millrace.results.model.Verification;
import io.millrace.results.store.RunWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Comes when the load is over: adds up, reads everything back, judges, writes the result. No state. */
final class RunEnding {
    private RunEnding() {
    }

    /**
     * What is left of a run when its load is over.
     *
     * @param plan     its phases
     * @param topic    its records are in
     * @param ledger   of what was sent, or null
     * @param totals   of all threads and processes
     * @param cost     of the measured phase, or null
     * @param isCut    true if the run was ended early
     * @param isWhole  true if all processes that sent have told everything
     * @param failed   true if something broke, which the verdict says
     * @param injected faults
     * @param gaps     times without acknowledgement, by session; empty without faults
     * @param seconds  of the measured phase, if there were faults
     * @param backlog  what it came to, or null
     * @param files    recorded beside the result
     */
    record Load(
        RunPlan plan,
        RunTopic topic,
        Ledger ledger,
        RunTotals totals,
        Cost cost,
        boolean isCut,
        boolean isWhole,
        boolean failed,
        List<FaultRunner.Injected> injected,
        List<AckGaps.Session> gaps,
        List<IntervalSampler.Second> seconds,
        RunFindings.BacklogResult backlog,
        List<String> files) {
    }

    static RunReport conclude(
        final RunSetup setup, final Load load, final RunVerdict verdict, final RunWriter writer) {
        final Workload workload = setup.workload();
        final StopSignal stop = setup.stop();
        RunStatus forced = load.failed() ? RunStatus.FAILED : null;
        final RunTotals totals = load.totals();
        final Measured measured = RunSummary.measured(workload, load.plan(), totals, load.isCut(), load.cost())
            .withLatency(writer.summaries());
        final double achieved = RunSummary.achieved(workload, load.plan(), measured, totals);
        if (forced == null && load.isWhole() && !stop.isInterrupted()) {
            verdict.judgeRate(workload, measured, achieved, totals.unsent());
            verdict.judgeErrors(workload, measured, totals.failed());
            verdict.noteWarmupErrors(totals.failedInAll() - totals.failed());
            verdict.judgeConsumers(totals, workload.consumers() > 0);
        }
        Verification verification = null;
        List<String> findings = List.of();
        if (load.ledger() != null && !stop.isInterrupted()) {
            try {
                setup.progress().say("reading everything back");
                final RunTopic.Checked checked = load.topic().verify(setup.backend(), load.ledger(),
                    setup.identity().recordRunId(), workload.lengths(), stop, setup.nanoClock());
                verification = checked.verification();
                verdict.deleted(checked.deletedCount());
                findings = findings(checked);
                findings.forEach(verdict::note);
            } catch (final RuntimeException ex) {
                forced = RunStatus.FAILED;
                verdict.note("Reading back failed: " + ex.getMessage());
            }
        }
        if (stop.isInterrupted()) {
            forced = RunStatus.INTERRUPTED;
            verification = null;
        }
        final RunVerdict.Beside beside = new RunVerdict.Beside(
            load.plan(), load.injected(), load.gaps(), load.seconds(), load.backlog(), load.files());
        verdict.judgeBeside(
            workload, setup.extras(), beside, measured, achieved, verification, forced == null && load.isWhole());
        final RunDocument document = writer.finish(verdict.outcome(forced,
            measured.withMissing(totals.unsent(), verdict.neverConsumedCount(), achieved), verification));
        return new RunReport(setup.identity().directory(), document,
            RunVerdict.exitCode(document.status(), verification, verdict.findings()), findings);
    }

    private static List<String> findings(final RunTopic.Checked checked) {
        final List<String> findings = new ArrayList<>(checked.findings());
        if (checked.unknownCount() > 0) {
            findings.add(String.format(Locale.ROOT, "%,d records of a lost worker were not checked: what it sent is "
                + "not known.", checked.unknownCount()));
        }
        if (checked.deletedCount() > 0) {
            findings.add(String.format(Locale.ROOT, "%,d records were deleted by the topic's retention before they "
                + "were read back: they were not checked, and whether acknowledged ones among them had been lost is "
                + "not known.", checked.deletedCount()));
        }
        return findings;
    }
}
