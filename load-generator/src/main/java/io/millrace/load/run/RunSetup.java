package io.millrace.load.run;

import io.millrace.load.driver.Backend;
import io.millrace.load.workload.Workload;
import org.agrona.concurrent.EpochClock;
import org.agrona.concurrent.NanoClock;

/**
 * What a run is made of, whether its load comes from this process or from others.
 *
 * @param workload   what is sent, of all processes together
 * @param target     where to, for the result and the checks of this machine
 * @param identity   where the run stands in the world
 * @param backend    opens what is needed of the target
 * @param progress   shown to the user
 * @param stop       ends the run early
 * @param nanoClock  of the schedule and every latency
 * @param epochClock of the result files
 * @param extras     what the run has beside
 */
public record RunSetup(
    Workload workload,
    Target target,
    RunIdentity identity,
    Backend backend,
    Progress progress,
    StopSignal stop,
    NanoClock nanoClock,
    EpochClock epochClock,
    RunExtras extras) {
}
