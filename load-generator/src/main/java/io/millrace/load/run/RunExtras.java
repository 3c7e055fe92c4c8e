package io.millrace.load.run;

import io.millrace.load.profile.Profiling;
import io.millrace.load.target.RunningTarget;

/**
 * What a run may have beside its workload and target; every part may be null.
 *
 * @param system    the system that was started for it, which can start nodes again
 * @param durability what an acknowledgement of the target promises, in words
 * @param share     its place among several processes that share a schedule
 * @param floor     what the harness itself reaches on this machine
 * @param profiling what is recorded beside the run
 * @param idle      what the machine did before anything was started
 * @param cluster   what tells the processes of the system from those of another start
 */
public record RunExtras(
    RunningTarget system,
    String durability,
    ShareLink share,
    HarnessFloor floor,
    Profiling profiling,
    IdleCheck idle,
    String cluster) {

    /** {@return nothing} */
    public static RunExtras none() {
        return new RunExtras(null, null, null, null, null, null, null);
    }
}
