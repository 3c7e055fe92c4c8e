package io.millrace.load.run;

import io.millrace.load.record.AckGaps;
import io.millrace.load.workload.Units;
import io.millrace.load.workload.Workload;
import io.millrace.results.model.Measured;
import io.millrace.results.model.RunFindings;
import io.millrace.results.model.RunOutcome;
import io.millrace.results.model.RunStatus;
import io.millrace.results.model.Verification;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.HdrHistogram.Histogram;

/** Judges a run by its own figures: what makes it invalid, what the reader should know; owned by the run's thread. */
final class RunVerdict {
    private static final double MIN_ACHIEVED = 0.99;
    /** A stall is a broker's own when so much of the longest can be a pause of its collector. */
    private static final double LEAST_GC_PART = 0.8;
    /** Above that one per cent of the time was lost in stalls that long. */
    private static final long MAX_HICCUP_P99_NS = 50_000_000;
    private static final long MAX_HICCUP_NS = 1_000_000_000;
    private static final double MAX_DRIFT = 0.25;
    private static final double MAX_STEP = 0.25;
    /** A load with a schedule that changed by more was not measured in a steady state, whatever the machine did. */
    private static final double UNSTEADY_DRIFT = 0.5;
    /** Beyond that chance makes a trend once in a thousand times. */
    private static final double UNSTEADY_TREND = 3.29;
    private static final int MIN_UNSTEADY_INTERVALS = 20;
    /** Less of a change can be the machine's. */
    private static final double UNSTEADY_STEP_NS = 500_000;

    private final List<String> reasons = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    private ProcessorUse processors;
    private RunFindings findings;
    private long neverSentCount;
    private long neverConsumedCount;
    private long deletedCount;

    void note(final String sentence) {
        notes.add(sentence);
    }

    /**
     * Notes what may not have happened.
     *
     * @param sentence null if it did not
     */
    void noteIfAny(final String sentence) {
        if (sentence != null) {
            notes.add(sentence);
        }
    }

    void invalid(final String reason, final String sentence) {
        if (!reasons.contains(reason)) {
            reasons.add(reason);
        }
        notes.add(sentence);
    }

    void judgeRate(
        final Workload workload, final Measured measured, final double achieved, final long unsentCount) {
        neverSentCount = unsentCount;
        if (workload.isUnlimited()) {
            notes.add("No rate was set: the load was closed by the in-flight window of " + workload.inFlightCount()
                + " records, so response times are those of a full window and leave out what an open load would wait.");
            return;
        }
        if (achieved < MIN_ACHIEVED) {
            final String sentence = String.format(Locale.ROOT, "Achieved %s of %s (%.1f %%, less than %.0f %%); %,d "
                + "records that were due were never sent.", Units.rate(measured.achievedPerS()),
                Units.rate(workload.ratePerS()), 100 * achieved, 100 * MIN_ACHIEVED, unsentCount);
            if (workload.faults().isEmpty()) {
                invalid("rate", sentence + " Latencies of an overloaded target say how long it was overloaded; lower "
                    + "--rate.");
            } else {
                note(sentence + " The faults took their time from it.");
            }
        }
    }

    void judgeErrors(final Workload workload, final Measured measured, final long failedCount) {
        if (failedCount > 0 && !workload.faults().isEmpty()) {
            note(String.format(Locale.ROOT, "%,d measured records failed during the faults: %s. Among the response "
                + "times each counts with the time until it failed, the least it would have taken; service times are "
                + "those of the %,d that were acknowledged.", failedCount, measured.errors(), measured.acked()));
        } else if (failedCount > 0) {
            invalid("errors", String.format(Locale.ROOT, "%,d measured records failed: %s.",
                failedCount, measured.errors()));
        }
    }

    void noteWarmupErrors(final long failedCount) {
        if (failedCount > 0) {
            notes.add(String.format(Locale.ROOT, "%,d records of the warm-up failed.", failedCount));
        }
    }

    void judgeUnsteady(final long warmupNs) {
        invalid("steady", "The warm-up of up to " + Units.duration(warmupNs) + " ended before the median response "
            + "time was steady; allow a longer one, or look for what keeps changing.");
    }

    /** Tells who used the processors, null if that is not known; call before drift and stalls are judged. */
    void processors(final ProcessorUse use) {
        processors = use;
    }

    /**
     * Judges a process that sends by its own stalls: one of several that stalled would not show among all.
     *
     * @param process begins a sentence
     */
    void judgeHiccups(final String process, final long p99Ns, final long maxNs) {
        if (p99Ns > MAX_HICCUP_P99_NS || maxNs > MAX_HICCUP_NS) {
            judgeStall(stalled(process, p99Ns, maxNs), maxNs, "");
        }
    }

    private static String stalled(final String process, final long p99Ns, final long maxNs) {
        return process + " was stalled: p99 " + Units.duration(p99Ns) + ", longest " + Units.duration(maxNs)
            + " (limits " + Units.duration(MAX_HICCUP_P99_NS) + ", " + Units.duration(MAX_HICCUP_NS) + ")";
    }

    /** Processes of the run that take the processors from each other do so in every such run: that is a result. */
    private void judgeStall(final String sentence, final long maxNs, final String rest) {
        if (maxNs <= MAX_HICCUP_NS && processors != null && processors.isCrowdedByTheRun()) {
            note(sentence + rest + ";" + inEachOthersWay());
        } else {
            invalid("hiccup", sentence + rest + "; quieten the machine.");
        }
    }

    private String inEachOthersWay() {
        return String.format(Locale.ROOT, " the processes of the run took %.0f %% of the processors' time, others "
            + "%.0f %%: they were in each other's way. These times are of brokers and clients that share the "
            + "processors of one machine.", 100 * processors.own(), 100 * processors.others());
    }

    /**
     * Judges a broker by its own stalls. What it does to itself, and what a fault was meant to do to it, is a result
     * and makes nothing invalid; only what the machine did to it does.
     *
     * @param mostGcPauseNs its pauses in the second with most of them: many short ones in all make no long one
     */
    void judgeBrokerHiccups(
        final String name, final long p99Ns, final long maxNs, final long mostGcPauseNs, final boolean hasFaults) {
        if (p99Ns <= MAX_HICCUP_P99_NS && maxNs <= MAX_HICCUP_NS) {
            return;
        }
        final String sentence = stalled("The process " + name, p99Ns, maxNs);
        if (hasFaults) {
            note(sentence + "; the run has faults, which may be why.");
        } else if (mostGcPauseNs >= maxNs * LEAST_GC_PART) {
            note(sentence + "; it paused " + Units.duration(mostGcPauseNs)
                + " for garbage collection within a second.");
        } else {
            judgeStall(sentence, maxNs, ", and not by garbage collection (" + Units.duration(mostGcPauseNs)
                + " within a second at most)");
        }
    }

    /**
     * Judges a run by what was recorded in each of its seconds.
     *
     * @param p50Ns         median response times
     * @param hiccups       stalls of each process that sends, by what begins a sentence
     * @param brokerHiccups stalls of brokers, by name
     * @param cost          of the brokers
     * @param processors    who used them, null if that is not known of all these processes
     * @param workload      of the run
     */
    void judgeIntervals(
        final List<Double> p50Ns,
        final Map<String, Histogram> hiccups,
        final Map<String, Histogram> brokerHiccups,
        final CostMeter cost,
        final ProcessorUse processors,
        final Workload workload) {
        cost.remarks().forEach(this::note);
        processors(processors);
        judgeDrift(workload, p50Ns);
        hiccups.forEach((process, stalls) ->
            judgeHiccups(process, stalls.getValueAtPercentile(99), stalls.getMaxValue()));
        brokerHiccups.forEach((name, stalls) -> judgeBrokerHiccups(name, stalls.getValueAtPercentile(99),
            stalls.getMaxValue(), cost.mostGcPauseNs(name), !workload.faults().isEmpty()));
    }

    /**
     * Looks whether the measured phase was steady. What a warm-up of fixed length leaves is judged only where it is
     * beyond doubt: a slope over the whole phase that chance does not make, halves that differ, and by more than a busy
     * machine makes of it. What a full window waits (no rate) wanders with the throughput, faults and curves are there
     * to change something, and processes that crowd each other make waves that a longer warm-up would not end.
     *
     * @param workload of the run
     * @param p50Ns    median response time of each second
     */
    void judgeDrift(final Workload workload, final List<Double> p50Ns) {
        final double drift = SteadyCheck.drift(p50Ns);
        final double stepNs = SteadyCheck.step(p50Ns);
        final double step = stepNs == 0 ? 0 : stepNs / Math.max(1, SteadyCheck.before(p50Ns));
        final boolean isStep = step > MAX_STEP || step < 1 / (1 + MAX_STEP) - 1;
        if (Math.abs(drift) <= MAX_DRIFT && !isStep) {
            return;
        }
        final String sentence = String.format(Locale.ROOT, "Not steady: the median response time drifted by %+.0f %% "
            + "over the measured phase, and that of its second half is %+.0f %% off that of the first; the figures are "
            + "of something that was still changing. A longer --warmup, or --warmup auto, may help.",
            100 * drift, 100 * step);
        final boolean isBeyondDoubt = Math.abs(drift) > UNSTEADY_DRIFT && isStep && Math.abs(stepNs) >= UNSTEADY_STEP_NS
            && p50Ns.size() >= MIN_UNSTEADY_INTERVALS && Math.abs(SteadyCheck.trend(p50Ns)) > UNSTEADY_TREND
            && !workload.isUnlimited() && workload.faults().isEmpty() && !workload.arrival().isCurve();
        if (isBeyondDoubt && processors != null && processors.isCrowdedByTheRun()) {
            note(sentence + " But" + inEachOthersWay());
        } else if (isBeyondDoubt) {
            invalid("steady", sentence);
        } else {
            note(sentence);
        }
    }

    void judgeConsumers(final RunTotals totals, final boolean hasConsumers) {
        if (totals.negative() > 0) {
            invalid("clock", String.format(Locale.ROOT, "%,d records arrived before they were due: the clock is not "
                + "the producers'.", totals.negative()));
        }
        if (totals.damaged() > 0) {
            invalid("damage", String.format(Locale.ROOT, "Consumers received %,d damaged records or batches, whose "
                + "checksum does not hold; they are left out of the end-to-end times. Reading back says what lies "
                + "damaged in the log.", totals.damaged()));
        }
        if (hasConsumers && totals.consumedInAll() < totals.ackedInAll()) {
            neverConsumedCount = totals.ackedInAll() - totals.consumedInAll();
            note(String.format(Locale.ROOT, "Consumers received %,d of %,d acknowledged records by the end: the "
                + "slowest end-to-end times are missing.", totals.consumedInAll(), totals.ackedInAll()));
        }
        if (hasConsumers && totals.failedInAll() > 0 && !totals.isAllConsumed()) {
            note(String.format(Locale.ROOT, "Consumers received %,d of %,d records that were acknowledged or failed. "
                + "Failed ones may be in the log all the same, and count like acknowledged ones: of up to %,d "
                + "acknowledged records the end-to-end times may be missing, and a backlog may have been larger by "
                + "%,d.", totals.consumedInAll(), totals.ackedInAll() + totals.failedInAll(),
                Math.min(totals.ackedInAll(), totals.ackedInAll() + totals.failedInAll() - totals.consumedInAll()),
                totals.failedInAll()));
        }
    }

    /** {@return records that were acknowledged and that consumers did not receive by the end} */
    long neverConsumedCount() {
        return neverConsumedCount;
    }

    /** Tells how many records were deleted before they could be read back; call before the rest is judged. */
    void deleted(final long count) {
        deletedCount = count;
    }

    /** What the run was asked to judge beside its validity. */
    void judgeBeside(
        final Workload workload,
        final RunExtras extras,
        final Beside beside,
        final Measured measured,
        final double achieved,
        final Verification verification,
        final boolean isComplete) {
        RunFindings.FaultVerdict faults = null;
        if (!workload.faults().isEmpty()) {
            faults = FaultJudge.judge(beside.injected(), workload.faults().size(), beside.gaps(), beside.plan(),
                beside.seconds(), isLossUnknown(verification) ? null : verification);
            if (!faults.isProven() && isComplete) {
                invalid("fault", "Not every fault happened as planned: " + faults.faults().stream()
                    .filter(fault -> !fault.isProven()).map(fault -> fault.action() + ": " + fault.proof()).toList()
                    + ", " + faults.faults().size() + " of " + workload.faults().size() + " were tried.");
            }
        }
        final SloJudge.Missing missing = new SloJudge.Missing(neverSentCount, neverConsumedCount,
            deletedCount);
        final List<RunFindings.SloResult> slo = isComplete
            ? SloJudge.judge(workload.slo(), measured, achieved, verification, faults, missing) : List.of();
        for (final RunFindings.SloResult level : slo) {
            if (!level.isMet()) {
                note("Service level not met: " + level.expression() + (level.value() != null ? "."
                    : " (" + SloJudge.whyUnknown(level.expression(), measured, faults, missing) + ")."));
            }
        }
        final boolean isHarness = "null".equals(workload.driver());
        final List<String> near = extras.floor() == null || isHarness ? List.of() : extras.floor().near(measured);
        near.forEach(this::note);
        findings = new RunFindings(slo, faults, beside.backlog(), near, beside.files(), extras.durability());
    }

    private boolean isLossUnknown(final Verification verification) {
        return verification == null || deletedCount > 0 && verification.lostAcked() == 0;
    }

    /**
     * What happened beside the load.
     *
     * @param plan     of the run
     * @param injected faults
     * @param gaps     times without acknowledgement, by session
     * @param seconds  of the measured phase, if there were faults
     * @param backlog  what it came to, or null
     * @param files    recorded beside the result
     */
    record Beside(
        RunPlan plan,
        List<FaultRunner.Injected> injected,
        List<AckGaps.Session> gaps,
        List<IntervalSampler.Second> seconds,
        RunFindings.BacklogResult backlog,
        List<String> files) {
    }

    RunFindings findings() {
        return findings;
    }

    RunOutcome outcome(final RunStatus forced, final Measured measured, final Verification verification) {
        final RunStatus status = forced != null ? forced : reasons.isEmpty() ? RunStatus.OK : RunStatus.INVALID;
        return new RunOutcome(status, List.copyOf(reasons), List.copyOf(notes), measured, verification, findings);
    }

    static int exitCode(
        final RunStatus status, final Verification verification, final RunFindings findings) {
        final boolean isMissed = findings != null && findings.slo().stream().anyMatch(level -> !level.isMet());
        final int byStatus = switch (status) {
            case OK -> isMissed ? ExitCodes.SLO_MISSED : ExitCodes.OK;
            case INVALID -> ExitCodes.INVALID;
            case INTERRUPTED -> ExitCodes.INTERRUPTED;
            default -> ExitCodes.INTERNAL;
        };
        return verification == null || isCorrect(verification)
            ? byStatus
            : ExitCodes.worse(byStatus, ExitCodes.INCORRECT);
    }

    private static boolean isCorrect(final Verification verification) {
        return verification.lostAcked() == 0 && verification.duplicates() == 0 && verification.reordered() == 0
            && verification.corrupt() == 0;
    }
}
