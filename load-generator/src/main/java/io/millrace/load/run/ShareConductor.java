package io.millrace.load.run;

import io.millrace.load.record.SessionRecorder;
import io.millrace.results.model.RunFindings;
import java.util.List;

/** Does what another process has decided for all shares of a run; owned by the run's thread. */
final class ShareConductor implements Conductor {
    private final ShareLink share;
    private final RunPlan plan;
    private final List<SessionRecorder> recorders;
    private final Consumers consumers;
    private final StopSignal stop;
    private boolean isMoved;
    private boolean isPaused;
    private String problem;

    ShareConductor(
        final ShareLink share,
        final RunPlan plan,
        final List<SessionRecorder> recorders,
        final Consumers consumers,
        final StopSignal stop) {
        this.share = share;
        this.plan = plan;
        this.recorders = recorders;
        this.consumers = consumers;
        this.stop = stop;
    }

    @Override
    public void onPhase(final String phase) {
    }

    @Override
    public void onSecond(final String phase, final IntervalSampler.Snapshot last, final long nowNs) {
    }

    @Override
    public String poll(final long nowNs) {
        if (problem == null && share.isAbandoned(nowNs)) {
            problem = "the coordinator has not been heard of for long; the share was ended";
            stop.interrupt();
        }
        final Long startNs = share.measureStartNs();
        if (startNs != null && !isMoved) {
            isMoved = true;
            if (startNs - nowNs < 0) {
                problem = "the measured phase was to begin before this worker heard of it";
                stop.stop();
            } else {
                LocalConductor.measureFrom(startNs, plan, recorders);
            }
        }
        if (share.isLoadOver()) {
            plan.endLoadAfter();
        }
        if (share.isPaused() != isPaused) {
            isPaused = !isPaused;
            consumers.pause(isPaused);
            return isPaused ? "consumers pause" : "consumers go on";
        }
        return null;
    }

    @Override
    public boolean isDraining() {
        return share.isDraining();
    }

    @Override
    public boolean mayEnd(final long sentAgoNs) {
        return share.isFinished();
    }

    @Override
    public RunFindings.BacklogResult backlog() {
        return null;
    }

    @Override
    public void conclude() {
    }

    /** {@return what ended the share early, or null} */
    String problem() {
        return problem;
    }
}
