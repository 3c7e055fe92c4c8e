package io.millrace.load.run;

import io.millrace.results.model.RunFindings;

/**
 * Ends what no clock ends: a warm-up that waits for the steady state, a backlog, the wait for the consumers. Called by
 * the run's thread.
 */
interface Conductor {
    /**
     * A phase begins.
     *
     * @param phase its name
     */
    void onPhase(String phase);

    /**
     * An interval has been sampled.
     *
     * @param phase of it
     * @param last  what it showed
     * @param nowNs current time
     */
    void onSecond(String phase, IntervalSampler.Snapshot last, long nowNs);

    /**
     * Looks how far a backlog is; every few milliseconds.
     *
     * @param nowNs current time
     * @return what has begun, for the timeline; null if nothing has
     */
    String poll(long nowNs);

    /** {@return true while consumers catch up with a backlog} */
    boolean isDraining();

    /**
     * {@return true once nothing is waited for any more}
     *
     * @param sentAgoNs how long ago the last sending thread ended
     */
    boolean mayEnd(long sentAgoNs);

    /** {@return what building up and draining a backlog came to, null without one} */
    RunFindings.BacklogResult backlog();

    /** Says what went wrong, at the end. */
    void conclude();
}
