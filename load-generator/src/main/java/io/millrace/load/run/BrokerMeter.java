package io.millrace.load.run;

import io.millrace.meter.Figure;
import io.millrace.meter.MeterView;
import io.millrace.meter.Timing;
import io.millrace.results.model.AgentCost;
import io.millrace.results.model.BrokerCost;
import io.millrace.results.model.LatencySummary;
import io.millrace.results.model.RunEvent;
import io.millrace.results.model.Scheduling;
import io.millrace.transport.counters.AgentCounter;
import io.millrace.transport.counters.AgentRole;
import io.millrace.transport.counters.CountersView;
import io.millrace.transport.counters.NodeCounter;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;
import org.HdrHistogram.Histogram;

/**
 * What one local broker uses between two moments: from /proc for any broker, and from its counters for one of ours.
 * Owned by the run's thread.
 */
final class BrokerMeter implements AutoCloseable {
    /** A call or a duty cycle of this length is an event of the run. */
    static final long EVENT_NS = 20_000_000L;
    /** The agents that must not wait for the disk; a long duty cycle of the others is a long call of theirs. */
    static final Set<AgentRole> PROMPT = EnumSet.of(AgentRole.NETWORK, AgentRole.ENGINE, AgentRole.METADATA);

    private static final int READ_ATTEMPTS = 3;
    /** So often a broker samples itself: one that stands still has done nothing since. */
    private static final long SAMPLE_MS = 1_000;
    private static final AgentCounter[] PEAKS =
        {AgentCounter.LONGEST_DUTY_CYCLE_NS, AgentCounter.LONGEST_WRITE_NS, AgentCounter.LONGEST_SYNC_NS};

    private final long pid;
    private final String name;
    private final ProcFiles proc;
    private final MeterView meter;
    private final TimingCounts hiccups;
    private final TimingCounts syncs;
    private final CountersView counters;
    private final String countersProblem;
    private final Map<Integer, Long> longest = new HashMap<>();
    private final Map<Integer, Long> startValues = new HashMap<>();
    private final Map<Integer, Long> endValues = new HashMap<>();
    private long startMs;
    private long polledMs;
    private long endMs = -1;
    private long seenMs;
    private long startCpuNs = -1;
    private long endCpuNs = -1;
    private long startDiskLength = -1;
    private long endDiskLength = -1;
    /** Its figures are kept while it lives, since it may be killed. */
    private boolean isWatched;
    private boolean hasEnded;
    private String atEnd;
    private JvmPerfData.Collections startCollections;
    private JvmPerfData.Collections endCollections;
    private Scheduling startScheduling;
    private Scheduling endScheduling;
    private Histogram syncTimes;
    private long polledGcPauseNs = -1;
    private long mostGcPauseNs;

    private BrokerMeter(final long pid, final int number, final ProcFiles proc, final MeterView meter,
        final CountersView counters, final String problem) {
        this.pid = pid;
        this.proc = proc;
        this.meter = meter;
        this.counters = counters;
        countersProblem = problem;
        name = "broker-" + (counters == null ? number : counters.nodeId());
        hiccups = meter != null && meter.has(Timing.HICCUP) ? new TimingCounts(meter, Timing.HICCUP) : null;
        syncs = meter != null && meter.has(Timing.SYNC) ? new TimingCounts(meter, Timing.SYNC) : null;
    }

    /**
     * A meter of one process.
     *
     * @param pid      of the broker
     * @param number   of the broker among those of the run, if it has no id that can be read
     * @param proc     tells of processes
     * @param counters the broker's file, if it has one
     * @return the meter, to be closed
     */
    static BrokerMeter open(final long pid, final int number, final ProcFiles proc, final Optional<Path> counters) {
        final MeterView meter = MeterView.ofProcess(proc.root(), pid);
        String problem = "process " + pid + " keeps no counters of ours";
        if (counters.isPresent()) {
            try {
                return new BrokerMeter(pid, number, proc, meter, CountersView.open(counters.get()), null);
            } catch (final IOException ex) {
                problem = ex.getMessage();
            }
        }
        return new BrokerMeter(pid, number, proc, meter, null, problem);
    }

    /** {@return what histograms and files of the run call it, "broker-2"} */
    String name() {
        return name;
    }

    /** {@return true if it tells what it allocates, though it keeps no counters of ours} */
    boolean hasAgent() {
        return counters == null && meter != null && meter.get(Figure.SAMPLED_AT_MS) > 0;
    }

    /** {@return true if a thread inside it measures its stalls} */
    boolean hasHiccups() {
        return hiccups != null;
    }

    /** {@return its stalls since the last call; only if it measures them} */
    Histogram takeHiccups() {
        return hiccups.take();
    }

    /** {@return the broker's process} */
    long processId() {
        return pid;
    }

    /**
     * Marks the beginning of what is measured.
     *
     * @param nowMs    wall-clock time
     * @param mayBeHit true if it may be killed, after which most can no longer be read
     */
    void start(final long nowMs, final boolean mayBeHit) {
        startMs = nowMs;
        polledMs = nowMs;
        startCpuNs = proc.cpuNs(pid);
        startDiskLength = proc.diskWriteLength(pid);
        startCollections = collections();
        startScheduling = proc.scheduling(pid);
        if (syncs != null) {
            syncs.take();
        }
        polledGcPauseNs = gcPauseNs();
        mostGcPauseNs = 0;
        read(startValues);
        if (mayBeHit && !see(nowMs)) { // hit at once
            startFromNothing();
            isWatched = true;
            seenMs = nowMs;
            endCpuNs = 0;
            endDiskLength = 0;
            endCollections = startCollections;
            endScheduling = startScheduling;
        }
    }

    private void startFromNothing() {
        startCpuNs = 0;
        startDiskLength = 0;
        startCollections = new JvmPerfData.Collections(0, 0);
        startScheduling = new Scheduling(0L, 0L, 0L);
    }

    /**
     * Looks at what was longest since the last time; to be called every few seconds at least.
     *
     * @param nowMs  wall-clock time
     * @param events hears of what took too long
     */
    void poll(final long nowMs, final Consumer<RunEvent> events) {
        if (endMs < 0) {
            pollCollections();
        }
        if (counters == null || endMs >= 0 || nowMs <= polledMs) {
            return;
        }
        for (final AgentRole role : AgentRole.values()) {
            for (final AgentCounter counter : PEAKS) {
                final CountersView.Peak peak =
                    counter.isOf(role) ? counters.longest(counter.typeId(role), polledMs, nowMs) : null;
                if (peak != null) {
                    longest.merge(counter.typeId(role), peak.value(), Math::max);
                    if (peak.value() >= EVENT_NS && PROMPT.contains(role)) {
                        events.accept(new RunEvent(peak.atMs(), "stall", "node " + counters.nodeId() + " "
                            + role.label() + (counter == AgentCounter.LONGEST_DUTY_CYCLE_NS ? " duty cycle"
                            : counter == AgentCounter.LONGEST_WRITE_NS ? " write call" : " sync call"), null,
                            peak.value()));
                    }
                }
            }
        }
        final CountersView.Peak fill =
            counters.longest(NodeCounter.RING_HIGH_WATER_LENGTH.typeId(), polledMs, nowMs);
        if (fill != null) {
            longest.merge(NodeCounter.RING_HIGH_WATER_LENGTH.typeId(), fill.value(), Math::max);
        }
        polledMs = nowMs;
    }

    /**
     * Keeps what can only be read while the process lives; once a second where it may be killed.
     *
     * @param nowMs wall-clock time
     * @return false if it is gone
     */
    boolean see(final long nowMs) {
        if (endMs >= 0) {
            return true;
        }
        final long cpuNs = proc.state(pid) == 0 ? -1 : proc.cpuNs(pid);
        final long diskLength = cpuNs < 0 ? -1 : proc.diskWriteLength(pid);
        if (cpuNs < 0 || diskLength < 0 && startDiskLength >= 0) { // gone meanwhile
            return false;
        }
        isWatched = true;
        endCpuNs = cpuNs;
        endDiskLength = diskLength;
        endCollections = collections();
        endScheduling = proc.scheduling(pid);
        seenMs = nowMs;
        return true;
    }

    /** Marks the beginning with that of the process: it has taken the place of another one since. */
    void startAtBirth() {
        startMs = counters != null ? counters.startedMs() : ProcessHandle.of(pid)
            .flatMap(process -> process.info().startInstant()).map(Instant::toEpochMilli).orElse(0L);
        polledMs = startMs;
        startFromNothing();
        if (syncs != null) {
            syncs.restartAtBirth();
        }
        if (hiccups != null) {
            hiccups.restartAtBirth();
        }
        read(startValues);
        startValues.replaceAll((typeId, value) -> 0L);
    }

    /**
     * Marks the end with what was seen last: the process is gone, and what it counted in memory is what it came to.
     *
     * @param events hears of what took too long
     */
    void endAsSeen(final Consumer<RunEvent> events) {
        if (endMs < 0) {
            poll(Math.max(polledMs, seenMs), events);
            endMs = Math.max(startMs, seenMs);
            atEnd = BrokerCost.GONE;
            syncTimes = syncs == null ? null : syncs.take();
            hasEnded = startCpuNs >= 0 && endCpuNs < 0;
            read(endValues);
        }
    }

    /** Marks its end. */
    void end(final long nowMs, final Consumer<RunEvent> events) {
        poll(nowMs, events);
        if (isWatched && !see(nowMs)) {
            endAsSeen(events);
            return;
        }
        final char state = proc.state(pid);
        atEnd = state == 0 ? BrokerCost.GONE : state == 'T' ? BrokerCost.STOPPED : null;
        endMs = nowMs;
        endCpuNs = proc.cpuNs(pid);
        endDiskLength = proc.diskWriteLength(pid);
        endCollections = collections();
        endScheduling = proc.scheduling(pid);
        syncTimes = syncs == null ? null : syncs.take();
        hasEnded = startCpuNs >= 0 && endCpuNs < 0;
        read(endValues);
    }

    /** {@return what was used; nulls for what is not known} */
    BrokerCost cost() {
        final List<AgentCost> agents = new ArrayList<>();
        if (counters != null && !hasEnded) {
            for (final AgentRole role : AgentRole.values()) {
                agents.add(new AgentCost(role.label(),
                    sampled(AgentCounter.CPU_NS.typeId(role)),
                    sampled(AgentCounter.ALLOCATED_LENGTH.typeId(role)),
                    peak(AgentCounter.LONGEST_DUTY_CYCLE_NS, role),
                    counted(AgentCounter.SLOW_DUTY_CYCLE_COUNT.typeId(role)),
                    counted(AgentCounter.WRITE_COUNT.typeId(role)),
                    counted(AgentCounter.WRITE_LENGTH.typeId(role)),
                    peak(AgentCounter.LONGEST_WRITE_NS, role),
                    counted(AgentCounter.SYNC_COUNT.typeId(role)),
                    peak(AgentCounter.LONGEST_SYNC_NS, role)));
            }
        }
        return new BrokerCost(pid, counters == null ? null : Integer.valueOf(counters.nodeId()),
            startCpuNs < 0 || endCpuNs < 0 ? null : Long.valueOf(endCpuNs - startCpuNs),
            startDiskLength < 0 || endDiskLength < 0 ? null : Long.valueOf(endDiskLength - startDiskLength),
            counters == null ? metered(Figure.ALLOCATED_LENGTH) : sampled(NodeCounter.ALLOCATED_LENGTH.typeId()),
            counters == null ? collected(JvmPerfData.Collections::count, Figure.GC_COUNT)
                : sampled(NodeCounter.GC_COUNT.typeId()),
            counters == null ? collected(JvmPerfData.Collections::pauseNs, Figure.GC_PAUSE_NS)
                : sampled(NodeCounter.GC_PAUSE_NS.typeId()),
            counted(NodeCounter.RING_FULL_COUNT.typeId()),
            counters == null || hasEnded ? null : longest.getOrDefault(NodeCounter.RING_HIGH_WATER_LENGTH.typeId(), 0L),
            agents, name, syncTimes == null || hasEnded ? null : LatencySummary.of(syncTimes), scheduling(),
            atEnd);
    }

    /** {@return its pauses for garbage collection from one look to the next, most of them; 0 if they are not known} */
    long mostGcPauseNs() {
        return mostGcPauseNs;
    }

    /** A pause counts when it is over, and all at once: so much lies between two looks. */
    private void pollCollections() {
        final long nowNs = gcPauseNs();
        if (nowNs >= 0 && polledGcPauseNs >= 0) {
            mostGcPauseNs = Math.max(mostGcPauseNs, nowNs - polledGcPauseNs);
        }
        polledGcPauseNs = nowNs;
    }

    /** {@return pauses so far, -1 if they are not known} */
    private long gcPauseNs() {
        if (counters != null) {
            return counters.get(NodeCounter.GC_PAUSE_NS.typeId());
        }
        if (meter != null && meter.get(Figure.SAMPLED_AT_MS) > 0) {
            return meter.get(Figure.GC_PAUSE_NS);
        }
        final JvmPerfData.Collections now = collections();
        return now == null ? -1 : now.pauseNs();
    }

    /** {@return how long each sync took that somebody may wait for; null if that is not known} */
    Histogram syncTimes() {
        return hasEnded ? null : syncTimes;
    }

    /** {@return how its threads were treated} */
    Scheduling scheduling() {
        return difference(startScheduling, endScheduling);
    }

    /** {@return what came between two readings; threads that ended meanwhile took theirs with them} */
    static Scheduling difference(final Scheduling start, final Scheduling end) {
        return start == null || end == null ? null : new Scheduling(
            difference(start.voluntarySwitches(), end.voluntarySwitches()),
            difference(start.involuntarySwitches(), end.involuntarySwitches()),
            difference(start.runDelayNs(), end.runDelayNs()));
    }

    private static Long difference(final Long start, final Long end) {
        return start == null || end == null || end < start ? null : Long.valueOf(end - start);
    }

    /** {@return why there is nothing from counters, null when there is} */
    String countersProblem() {
        return countersProblem;
    }

    @Override
    public void close() {
        if (counters != null) {
            counters.close();
        }
    }

    /** Of a JVM that is not one of ours. */
    private JvmPerfData.Collections collections() {
        return counters != null ? null : JvmPerfData.read(Path.of("/tmp"), pid); // where HotSpot keeps it on Linux
    }

    private Long collected(final ToLongFunction<JvmPerfData.Collections> figure, final Figure alternative) {
        return startCollections == null || endCollections == null ? metered(alternative)
            : Long.valueOf(figure.applyAsLong(endCollections) - figure.applyAsLong(startCollections));
    }

    /** From the meter of a JVM that has our agent, which samples as our brokers do. */
    private Long metered(final Figure figure) {
        return scaled(counted(meteredId(figure)), counted(meteredId(Figure.SAMPLED_AT_MS)));
    }

    /** Beside those of the counters, which are above 0. */
    private static int meteredId(final Figure figure) {
        return -1 - figure.ordinal();
    }

    private void read(final Map<Integer, Long> values) {
        if (counters == null) {
            final long sampledAtMs = meter == null ? 0 : meter.get(Figure.SAMPLED_AT_MS);
            for (final Figure figure : sampledAtMs == 0 ? new Figure[0] : Figure.values()) {
                values.put(meteredId(figure), meter.get(figure));
            }
            return;
        }
        long sampledAtMs;
        int attempts = 0;
        do { // once more when the broker sampled meanwhile
            sampledAtMs = counters.get(NodeCounter.SAMPLED_AT_MS.typeId());
            readOnce(values);
        } while (++attempts < READ_ATTEMPTS && sampledAtMs != counters.get(NodeCounter.SAMPLED_AT_MS.typeId()));
    }

    private void readOnce(final Map<Integer, Long> values) {
        for (final NodeCounter counter : NodeCounter.values()) {
            values.put(counter.typeId(), counters.get(counter.typeId()));
        }
        for (final AgentRole role : AgentRole.values()) {
            for (final AgentCounter counter : AgentCounter.values()) {
                if (counter.isOf(role)) {
                    values.put(counter.typeId(role), counters.get(counter.typeId(role)));
                }
            }
        }
    }

    /** What a broker counted that ended meanwhile says nothing of the whole phase. */
    private Long counted(final int typeId) {
        if (hasEnded) {
            return null;
        }
        final long start = startValues.getOrDefault(typeId, -1L);
        final long end = endValues.getOrDefault(typeId, -1L);
        return start < 0 || end < start ? null : Long.valueOf(end - start);
    }

    /** What the broker samples once a second covers another second than the phase; the rate within it is taken. */
    private Long sampled(final int typeId) {
        return scaled(counted(typeId), counted(NodeCounter.SAMPLED_AT_MS.typeId()));
    }

    private Long scaled(final Long difference, final Long spanMs) {
        if (difference == null || spanMs == null) {
            return null;
        }
        if (spanMs == 0) { // of a process that was hit before it sampled once more, that is all there is to know
            return BrokerCost.GONE.equals(atEnd) && difference == 0 ? difference : null;
        }
        final long measuredMs = endMs - startMs;
        return Math.round((double) difference
            * (BrokerCost.STOPPED.equals(atEnd) ? Math.min(measuredMs, spanMs + SAMPLE_MS) : measuredMs) / spanMs);
    }

    private Long peak(final AgentCounter counter, final AgentRole role) {
        return counter.isOf(role) ? longest.getOrDefault(counter.typeId(role), 0L) : null;
    }
}
