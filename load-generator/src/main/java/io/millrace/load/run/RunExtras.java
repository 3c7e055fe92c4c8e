package io.millrace.load.run;

import io.millrace.load.profile.Profiling;
import io.millrace.load.target.RunningTarget;
import java.util.function.Consumer;
import org.HdrHistogram.Histogram;

/**
 * What a run may have beside its workload and target; every part may be null.
 *
 * @param system    the system that was started for it, which can start nodes again
 * @param durability what an acknowledgement of the target promises, in words
 * @param share     its place among several processes that share a schedule
 * @param intervals hears of every interval that is written
 * @param floor     what the harness itself reaches on this machine
 * @param profiling what is recorded beside the run
 * @param idle      what the machine did before anything was started
 */
public record RunExtras(
    RunningTarget system,
    String durability,
    Share share,
    Consumer<Interval> intervals,
    HarnessFloor floor,
    Profiling profiling,
    IdleCheck idle) {

    /**
     * Extras without a look at the machine before.
     *
     * @param system     see above
     * @param durability see above
     * @param share      see above
     * @param intervals  see above
     * @param floor      see above
     * @param profiling  see above
     */
    public RunExtras(
        final RunningTarget system,
        final String durability,
        final Share share,
        final Consumer<Interval> intervals,
        final HarnessFloor floor,
        final Profiling profiling) {
        this(system, durability, share, intervals, floor, profiling, null);
    }

    /** {@return nothing} */
    public static RunExtras none() {
        return new RunExtras(null, null, null, null, null, null, null);
    }

    /**
     * A place among several processes.
     *
     * @param startNs       when the first record is due, on this process's clock
     * @param firstProducer place of this process's first producer among all
     * @param allProducers  of all processes
     */
    public record Share(long startNs, int firstProducer, int allProducers) {
    }

    /**
     * An interval as written.
     *
     * @param tag       of the histogram
     * @param startMs   wall-clock start
     * @param endMs     wall-clock end
     * @param histogram valid during the call
     */
    public record Interval(String tag, long startMs, long endMs, Histogram histogram) {
    }
}
