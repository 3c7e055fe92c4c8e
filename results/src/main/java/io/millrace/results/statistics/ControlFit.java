package io.millrace.results.statistics;

import io.millrace.results.model.Experiment;
import io.millrace.results.store.ExperimentData;
import io.millrace.results.store.RunData;

import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Whether what two equal sides differed by says anything of a comparison that nobody named it for. */
public final class ControlFit {
    private ControlFit() {
    }

    /**
     * Looks for what speaks against a control.
     *
     * @param control an experiment whose two sides are the same
     * @param base    runs of the side that is the measure
     * @return half a sentence, or null if nothing does
     */
    public static String objection(final ExperimentData control, final List<RunData> base) {
        final List<Experiment.Leg> legs = control.experiment().legs();
        if (legs == null || legs.size() != 2) {
            return "it has " + (legs == null ? 0 : legs.size()) + " sides, not two";
        }
        final Set<String> settings = RunCells.group(control.runs()).keySet();
        if (settings.size() != 1 || !settings.equals(RunCells.group(base).keySet())) {
            return "its settings are not those of the base side, they differ in " + String.join(", ",
                RunCells.different(Stream.concat(control.runs().stream(), base.stream()).toList()));
        }
        final int pairCount =
            Duel.validPairs(control.runs(legs.get(0).name()), control.runs(legs.get(1).name()));
        return pairCount >= Rules.MIN_PAIRS ? null : "it has " + pairCount + " valid pair"
            + (pairCount == 1 ? "" : "s") + ", fewer than " + Rules.MIN_PAIRS;
    }
}
