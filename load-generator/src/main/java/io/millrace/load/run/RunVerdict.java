package io.millrace.load.run;

import io.millrace.load.workload.Units;
import io.millrace.load.workload.Workload;
import io.millrace.results.model.Measured;
import io.millrace.results.model.RunOutcome;
import io.millrace.results.model.RunStatus;
import io.millrace.results.model.Verification;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Judges a run by its own figures: what makes it invalid, what the reader should know; owned by the run's thread. */
final class RunVerdict {
    private static final double MIN_ACHIEVED = 0.99;
    /** Above that one per cent of the time was lost in stalls that long. */
    private static final long MAX_HICCUP_P99_NS = 50_000_000;
    private static final long MAX_HICCUP_NS = 1_000_000_000;
    private static final double MAX_DRIFT = 0.25;

    private final List<String> reasons = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();

    void note(final String sentence) {
        notes.add(sentence);
    }

    void invalid(final String reason, final String sentence) {
        if (!reasons.contains(reason)) {
            reasons.add(reason);
        }
        notes.add(sentence);
    }

    void judgeRate(final Workload workload, final Measured measured, final long unsentCount) {
        if (workload.isUnlimited()) {
            notes.add("No rate was set: the load was closed by the in-flight window of " + workload.inFlightCount()
                + " records, so response times are those of a full window and leave out what an open load would wait.");
            return;
        }
        if (measured.achievedPerS() < MIN_ACHIEVED * workload.ratePerS()) {
            invalid("rate", String.format(Locale.ROOT, "Achieved %s of %s (%.1f %%, less than %.0f %%); %,d records "
                + "that were due were never sent. Latencies of an overloaded target say how long it was overloaded; "
                + "lower --rate.", Units.rate(measured.achievedPerS()), Units.rate(workload.ratePerS()),
                100 * measured.achievedPerS() / workload.ratePerS(), 100 * MIN_ACHIEVED, unsentCount));
        }
    }

    void judgeErrors(final Measured measured, final long failedCount) {
        if (failedCount > 0) {
            invalid("errors", String.format(Locale.ROOT, "%,d measured records failed and have no response time: %s.",
                failedCount, measured.errors()));
        }
    }

    void noteWarmupErrors(final long failedCount) {
        if (failedCount > 0) {
            notes.add(String.format(Locale.ROOT, "%,d records of the warm-up failed.", failedCount));
        }
    }

    void judgeHiccups(final long p99Ns, final long maxNs) {
        if (p99Ns > MAX_HICCUP_P99_NS || maxNs > MAX_HICCUP_NS) {
            invalid("hiccup", "This process itself was stalled: p99 " + Units.duration(p99Ns) + ", longest "
                + Units.duration(maxNs) + " (limits " + Units.duration(MAX_HICCUP_P99_NS) + ", "
                + Units.duration(MAX_HICCUP_NS) + "); quieten the machine.");
        }
    }

    void judgeDrift(final double drift) {
        if (Math.abs(drift) > MAX_DRIFT) {
            notes.add(String.format(Locale.ROOT, "Not steady: the median response time drifted by %+.0f %% over the "
                + "measured phase; a longer --warmup may help.", 100 * drift));
        }
    }

    RunOutcome outcome(final RunStatus forced, final Measured measured, final Verification verification) {
        final RunStatus status = forced != null ? forced : reasons.isEmpty() ? RunStatus.OK : RunStatus.INVALID;
        return new RunOutcome(status, List.copyOf(reasons), List.copyOf(notes), measured, verification);
    }

    static int exitCode(final RunStatus status, final Verification verification) {
        final int byStatus = switch (status) {
            case OK -> ExitCodes.OK;
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
