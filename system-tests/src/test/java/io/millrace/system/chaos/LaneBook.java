package io.millrace.system.chaos;

import io.millrace.system.history.Guarantee;
import io.millrace.system.history.HistoryEvent;
import io.millrace.system.history.HistorySink;

/** Numbers lanes. Any thread. */
final class LaneBook {
    private final HistorySink history;
    private int next;

    LaneBook(final HistorySink history) {
        this.history = history;
    }

    /** Begins a lane; its event stands before all others of it. */
    synchronized int open(final int process, final int partition, final Guarantee guarantee) {
        history.append(new HistoryEvent.Lane(next, process, partition, guarantee));
        return next++;
    }
}
