package io.millrace.load.run;

import io.millrace.load.record.AckGaps;
import io.millrace.load.record.Ledger;
import io.millrace.results.model.RunEvent;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.HdrHistogram.Histogram;
import org.agrona.concurrent.NanoClock;

/**
 * Between a share of a run and the process that coordinates it: what the share is to do, what it has recorded. Shared:
 * the run's thread tells, whatever thread serves the coordinator asks.
 */
public final class ShareLink {
    /** Samples and events that nobody has asked for; a coordinator that is gone ends the run long before. */
    private static final int MAX_WAITING = 20_000;
    private static final long NS_PER_MS = 1_000_000L;
    private static final List<String> PHASES = List.of("warmup", "measure", "backlog", "drain", "cooldown");

    private final Assignment assignment;
    private final long maxSilenceNs;
    private final StopSignal stop;
    private final NanoClock clock;

    // Guarded by this.
    private final Deque<Sample> samples = new ArrayDeque<>();
    private final Deque<RunEvent> events = new ArrayDeque<>();
    private long firstSample;
    private long firstEvent;
    private Map<String, String> histograms = new LinkedHashMap<>();
    private String tickPhase = "";
    private int tick;
    private boolean isReady;
    private boolean isBegun;
    private long startNs;
    private long startEpochMs;
    private Supplier<RunTotals> totals = () -> RunTotals.NONE;
    private BooleanSupplier measuringDone = () -> false;
    private BooleanSupplier loadDone = () -> false;
    private Supplier<Throwable> consumerFailure = () -> null;
    private Result result;

    private volatile long heardNs;
    private volatile Long measureStartNs;
    private volatile boolean isPaused;
    private volatile boolean isDraining;
    private volatile boolean isLoadOver;
    private volatile boolean isFinished;

    /**
     * @param assignment   what is this process's
     * @param maxSilenceNs a coordinator that has not been heard for so long is gone
     * @param stop         of the run
     * @param clock        of the run
     */
    public ShareLink(
        final Assignment assignment, final long maxSilenceNs, final StopSignal stop, final NanoClock clock) {
        this.assignment = assignment;
        this.maxSilenceNs = maxSilenceNs;
        this.stop = stop;
        this.clock = clock;
        heardNs = clock.nanoTime();
    }

    /**
     * What of a run is one process's.
     *
     * @param firstProducer  place of this process's first producer among all
     * @param producerCount  this process's producers
     * @param allProducers   of all processes
     * @param startOffsets   where each partition of each topic stood before the run
     * @param consumerPlaces which of the consumers are this process's
     * @param consumerCount  consumers among which the partitions are dealt out
     * @param isOwnOnly      true if this process's consumers count only what its producers sent
     * @param clockOffsetsNs this process's clock minus that of each producer's process; null if it is one clock
     */
    public record Assignment(
        int firstProducer,
        int producerCount,
        int allProducers,
        long[] startOffsets,
        int[] consumerPlaces,
        int consumerCount,
        boolean isOwnOnly,
        long[] clockOffsetsNs) {
    }

    /**
     * What was recorded in one interval.
     *
     * @param phase   its place in the order of phases
     * @param tick    from 1 in each phase
     * @param startMs from the start of the run
     * @param endMs   from the start of the run
     * @param sent    records
     * @param acked   records
     * @param failed  records
     * @param hdr     histograms by tag, compressed, in base64
     */
    public record Sample(
        int phase, int tick, long startMs, long endMs, long sent, long acked, long failed, Map<String, String> hdr) {
        /** {@return the name of the phase} */
        public String phaseName() {
            return PHASES.get(Math.max(0, Math.min(PHASES.size() - 1, phase)));
        }
    }

    /**
     * How a share ended.
     *
     * @param problem what ended it early, null if nothing did
     * @param notes   for the reader
     * @param totals  of all threads
     * @param cost    of this process, or null
     * @param gaps    times without acknowledgement, by session, from the start of the run; empty without faults
     * @param ledger  of what was sent, or null
     * @param files   that were recorded beside it, relative to the directory of the share's result
     */
    public record Result(
        String problem,
        List<String> notes,
        RunTotals totals,
        ClientCost cost,
        List<AckGaps.Session> gaps,
        Ledger ledger,
        List<String> files) {
        /**
         * {@return the end of a share that did not come far}
         *
         * @param problem what ended it
         */
        public static Result failed(final String problem) {
            return new Result(problem, List.of(), RunTotals.NONE, null, List.of(), null, List.of());
        }
    }

    /**
     * How far a share is.
     *
     * @param isReady         everything is open, the start is waited for
     * @param totals          counted so far
     * @param isMeasuringDone no more measured records are sent
     * @param isLoadDone      every sending thread has ended
     * @param consumerProblem what ended a consumer, or null
     * @param samples         new ones, oldest first
     * @param nextSample      number of the one after them
     * @param events          new ones, oldest first; times from the start of the run
     * @param nextEvent       number of the one after them
     * @param result          null while it goes on, and while there are samples left
     */
    public record State(
        boolean isReady,
        RunTotals totals,
        boolean isMeasuringDone,
        boolean isLoadDone,
        String consumerProblem,
        List<Sample> samples,
        long nextSample,
        List<RunEvent> events,
        long nextEvent,
        Result result) {
    }

    /** {@return what is this process's} */
    Assignment assignment() {
        return assignment;
    }

    boolean isMine(final int producerId) {
        return !assignment.isOwnOnly || producerId >= assignment.firstProducer
            && producerId < assignment.firstProducer + assignment.producerCount;
    }

    long clockOffsetNs(final int producerId) {
        final long[] offsets = assignment.clockOffsetsNs;
        return offsets == null || producerId < 0 || producerId >= offsets.length ? 0 : offsets[producerId];
    }

    /** Says that everything is open, and waits for the moment to begin. */
    synchronized long awaitStartNs() {
        isReady = true;
        while (!isBegun) {
            if (stop.isStopped() || isAbandoned(clock.nanoTime())) {
                throw new IllegalStateException(stop.isStopped() ? "stopped before it began"
                    : "the coordinator has not been heard of for " + maxSilenceNs / 1_000_000_000L + " s");
            }
            try {
                wait(100);
            } catch (final InterruptedException ex) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted while waiting for the start", ex);
            }
        }
        if (startNs - clock.nanoTime() < 0) {
            throw new IllegalStateException("the start came " + (clock.nanoTime() - startNs) / NS_PER_MS
                + " ms too late; is this machine or the network overloaded?");
        }
        return startNs;
    }

    synchronized void onRunning(
        final Supplier<RunTotals> live,
        final BooleanSupplier isMeasuringDone,
        final BooleanSupplier isLoadDone,
        final Supplier<Throwable> failure) {
        totals = live;
        measuringDone = isMeasuringDone;
        loadDone = isLoadDone;
        consumerFailure = failure;
    }

    synchronized void onTick(final String phase) {
        tick = phase.equals(tickPhase) ? tick + 1 : 1;
        tickPhase = phase;
    }

    synchronized void onHistogram(final String tag, final Histogram histogram) {
        if (histogram.getTotalCount() > 0) {
            final ByteBuffer buffer = ByteBuffer.allocate(histogram.getNeededByteBufferCapacity());
            final int length = histogram.encodeIntoCompressedByteBuffer(buffer);
            histograms.put(tag, Base64.getEncoder().encodeToString(Arrays.copyOf(buffer.array(), length)));
        }
    }

    synchronized void onInterval(
        final long fromMs, final long toMs, final long sent, final long acked, final long failed) {
        if (samples.size() >= MAX_WAITING) {
            samples.removeFirst();
            firstSample++;
        }
        samples.add(new Sample(Math.max(0, PHASES.indexOf(tickPhase)), tick, fromMs - startEpochMs,
            toMs - startEpochMs, sent, acked, failed, histograms));
        histograms = new LinkedHashMap<>();
    }

    synchronized void onEvent(final RunEvent event) {
        if (events.size() < MAX_WAITING) {
            events.add(new RunEvent(event.atMs() - startEpochMs, event.type(), event.name(), event.detail(),
                event.durationNs()));
        }
    }

    /**
     * The share has ended; only the first call counts.
     *
     * @param end how
     */
    public synchronized void onEnded(final Result end) {
        if (result == null) {
            result = end;
        }
    }

    /** {@return when the run began, on this process's clock} */
    synchronized long startNs() {
        return startNs;
    }

    /** {@return when the measured phase is to begin; null as planned} */
    Long measureStartNs() {
        return measureStartNs;
    }

    boolean isPaused() {
        return isPaused;
    }

    boolean isDraining() {
        return isDraining;
    }

    boolean isLoadOver() {
        return isLoadOver;
    }

    boolean isFinished() {
        return isFinished;
    }

    /**
     * {@return true if the coordinator has not been heard of for too long}
     *
     * @param nowNs current time
     */
    boolean isAbandoned(final long nowNs) {
        return nowNs - heardNs > maxSilenceNs;
    }

    /**
     * Names the moment to begin.
     *
     * @param atNs      on this process's clock
     * @param epochMs   the same on its wall clock
     */
    public synchronized void begin(final long atNs, final long epochMs) {
        heardNs = clock.nanoTime();
        startNs = atNs;
        startEpochMs = epochMs;
        isBegun = true;
        notifyAll();
    }

    /**
     * Lets the measured phase begin earlier than planned.
     *
     * @param atNs on this process's clock
     */
    public void measureFrom(final long atNs) {
        measureStartNs = atNs;
    }

    /**
     * Lets the consumers stand still, or go on.
     *
     * @param isPause true for standing still
     */
    public void pause(final boolean isPause) {
        if (isPause != isPaused) {
            isDraining = !isPause;
        }
        isPaused = isPause;
    }

    /** Ends the load after the measured phase. */
    public void endLoad() {
        isLoadOver = true;
    }

    /** Lets the share end: nothing is waited for any more. */
    public void finish() {
        isDraining = false;
        isFinished = true;
    }

    /** The coordinator is there. */
    public void heard() {
        heardNs = clock.nanoTime();
    }

    /** {@return how it ended, null while it goes on} */
    public synchronized Result result() {
        return result;
    }

    /**
     * {@return how far it is}
     *
     * @param fromSample  first sample wanted; those before are forgotten
     * @param fromEvent   first event wanted; those before are forgotten
     * @param maxLength   of the samples' histograms, about
     */
    public synchronized State state(final long fromSample, final long fromEvent, final int maxLength) {
        heardNs = clock.nanoTime();
        while (firstSample < fromSample && !samples.isEmpty()) {
            samples.removeFirst();
            firstSample++;
        }
        while (firstEvent < fromEvent && !events.isEmpty()) {
            events.removeFirst();
            firstEvent++;
        }
        final List<Sample> some = new ArrayList<>();
        long length = 0;
        for (final Sample sample : samples) {
            if (length > maxLength) {
                break;
            }
            some.add(sample);
            length += 200 + sample.hdr.values().stream().mapToLong(String::length).sum();
        }
        final List<RunEvent> heard = events.stream().limit(200).toList();
        final Throwable failure = consumerFailure.get();
        return new State(isReady, totals.get(), measuringDone.getAsBoolean(), loadDone.getAsBoolean(),
            failure == null ? null : String.valueOf(failure), some, firstSample + some.size(), heard,
            firstEvent + heard.size(), some.size() == samples.size() ? result : null);
    }
}
