package io.millrace.load.run;

import io.millrace.load.record.AckGaps;
import io.millrace.load.record.Ledger;
import io.millrace.results.model.Environment;
import io.millrace.results.model.RunEvent;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.HdrHistogram.Histogram;

/**
 * Processes that send one load together, as the run that coordinates them sees them; owned by its thread. Times are the
 * coordinator's. A process that is lost is out of the crew: what it told until then stays counted.
 */
public interface Crew extends AutoCloseable {
    /** {@return how many there are} */
    int size();

    /** {@return how end-to-end times are measured, once all are ready: by "one" clock, their "own", "measured" ones} */
    String clock();

    /**
     * Lets each open what it needs; returns when all are ready.
     *
     * @param topic        records go to
     * @param bootstrap    brokers, null for the null driver
     * @param startOffsets of all partitions of all topics, null without a topic
     * @param stopped      true to give up
     */
    void prepare(String topic, String bootstrap, long[] startOffsets, BooleanSupplier stopped);

    /** {@return how far ahead a moment must be named for all to hear of it in time; known when all are ready} */
    default long noticeNs() {
        return 0;
    }

    /**
     * Names the moment to begin.
     *
     * @param startNs      of the run
     * @param startEpochMs the same on the wall clock
     */
    void begin(long startNs, long startEpochMs);

    /** Takes what has arrived, tells what was decided, asks anew; never waits. */
    void poll();

    /** {@return intervals of which all processes have told, in order} */
    List<Second> takeSeconds();

    /** {@return what the processes told of beside, wall-clock} */
    List<RunEvent> takeEvents();

    /** {@return the sum of what all have counted so far} */
    RunTotals totals();

    /** {@return true if no more measured records are sent} */
    boolean isMeasuringDone();

    /** {@return true if every sending thread has ended} */
    boolean isLoadDone();

    /** {@return true if all have ended} */
    boolean isEnded();

    /** {@return what ended a consumer, or null} */
    String consumerProblem();

    /** {@return how each process was stalled within the measured phase so far, by what a sentence calls it} */
    default Map<String, Histogram> stalls() {
        return Map.of();
    }

    /** {@return who was lost and why, in sentences} */
    List<String> lost();

    /**
     * Lets the measured phase begin earlier than planned.
     *
     * @param startNs the new start, far enough ahead to be told
     */
    void measureFrom(long startNs);

    /**
     * Lets all consumers stand still, or go on.
     *
     * @param isPause true for standing still
     */
    void pause(boolean isPause);

    /** Ends the load after the measured phase. */
    void endLoad();

    /** Lets all end: nothing is waited for any more. */
    void finish();

    /**
     * Ends all early.
     *
     * @param isInterrupted true if the user wants it
     */
    void stop(boolean isInterrupted);

    /**
     * Asks for what is known at the end only.
     *
     * @param into takes what each has sent and what was acknowledged; null if nobody wants to know
     * @return the rest
     */
    Result conclude(Ledger into);

    /**
     * Brings what the processes have recorded beside their results; after {@link #conclude}.
     *
     * @param directory of the run's result
     * @param problems  takes sentences about what could not be brought
     * @return files, relative to the directory
     */
    default List<String> fetch(final Path directory, final Consumer<String> problems) {
        return List.of();
    }

    /** Lets go of all; whoever still runs is stopped. */
    @Override
    void close();

    /**
     * One interval of all processes.
     *
     * @param phase   it belongs to
     * @param startMs wall-clock start
     * @param endMs   wall-clock end
     * @param sent    records
     * @param acked   records
     * @param failed  records
     * @param byTag   histograms, added up bucket by bucket
     */
    record Second(
        String phase, long startMs, long endMs, long sent, long acked, long failed, Map<String, Histogram> byTag) {
    }

    /**
     * What is known at the end.
     *
     * @param problems     what ended a process early, in sentences
     * @param notes        for the reader
     * @param cost         of all processes, null if it is not known of each
     * @param gaps         times without acknowledgement, by session
     * @param environments of the processes, by name
     */
    record Result(
        List<String> problems,
        List<String> notes,
        ClientCost cost,
        List<AckGaps.Session> gaps,
        Map<String, Environment> environments) {
    }
}
