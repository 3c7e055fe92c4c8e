package io.millrace.results.model;

/** Names of the events of type "phase" which the report looks for; the others are those of the timeline's rows. */
public final class Phases {
    /** Consumers stand still from now on, so that a backlog builds up. */
    public static final String CONSUMERS_PAUSE = "consumers pause";
    /** They go on, to read what waits. */
    public static final String CONSUMERS_GO_ON = "consumers go on";
    /** They have caught up. */
    public static final String BACKLOG_DRAINED = "backlog drained";
    /** They had not caught up when the time for it was over. */
    public static final String BACKLOG_GIVEN_UP = "backlog given up";

    private Phases() {
    }
}
