package io.millrace.load.run;

/** Asks a run to end early; set by any thread, read by all. */
public final class StopSignal {
    private volatile boolean stopped;
    private volatile boolean interrupted;

    /** Ends the run because something went wrong. */
    public void stop() {
        stopped = true;
    }

    /** Ends the run because the user wants it: what was measured is kept, status interrupted. */
    public void interrupt() {
        interrupted = true;
        stopped = true;
    }

    /** {@return true once the run is to end} */
    public boolean isStopped() {
        return stopped;
    }

    /** {@return true if the user ended it} */
    public boolean isInterrupted() {
        return interrupted;
    }
}
