package io.millrace.results.report;

import io.millrace.results.model.RunEvent;
import io.millrace.results.statistics.LegSummary;
import io.millrace.results.store.RunData;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;

/**
 * Something that happened while a run that is drawn was measured.
 *
 * @param leg   number of the side
 * @param label of the side
 * @param pair  of the run
 * @param atS   since measuring began
 * @param event as recorded
 */
record Happening(int leg, String label, int pair, double atS, RunEvent event) {
    /** Kinds of events of which a busy machine has hundreds, none of which stands for itself. */
    private static final Set<String> MINOR = Set.of("stall", "gc", "client", "hiccup");

    /** Everything worth a mark, side by side, by the time at which it happened. */
    static List<Happening> of(final List<LegSummary> legs) {
        final List<Happening> all = new ArrayList<>();
        for (int leg = 0; leg < legs.size(); leg++) {
            final List<Happening> ofLeg = new ArrayList<>();
            for (final RunData run : legs.get(leg).usedRuns()) {
                for (final RunEvent event : RunSeries.marked(run)) {
                    ofLeg.add(new Happening(leg, legs.get(leg).label(), run.document().pair(),
                        (event.atMs() - RunSeries.startMs(run)) / 1000.0, event));
                }
            }
            ofLeg.sort(Comparator.comparingDouble(Happening::atS));
            all.addAll(ofLeg);
        }
        return all;
    }

    /** {@return true if it deserves a line of its own: a fault, an error, an election} */
    boolean isGrave() {
        return !MINOR.contains(event.type());
    }

    /** {@return type and name, "stall, node 2 engine write call"} */
    String kind() {
        return event.name() == null || event.name().equals(event.type()) ? event.type()
            : event.type() + ", " + event.name();
    }
}
