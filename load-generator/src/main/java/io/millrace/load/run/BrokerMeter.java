package io.millrace.load.run;

import io.millrace.results.model.AgentCost;
import io.millrace.results.model.BrokerCost;
import io.millrace.results.model.RunEvent;
import io.millrace.transport.counters.AgentCounter;
import io.millrace.transport.counters.AgentRole;
import io.millrace.transport.counters.CountersView;
import io.millrace.transport.counters.NodeCounter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;

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
    private static final AgentCounter[] PEAKS =
        {AgentCounter.LONGEST_DUTY_CYCLE_NS, AgentCounter.LONGEST_WRITE_NS, AgentCounter.LONGEST_SYNC_NS};

    private final long pid;
    private final ProcFiles proc;
    private final CountersView counters;
    private final String countersProblem;
    private final Map<Integer, Long> longest = new HashMap<>();
    private final Map<Integer, Long> startValues = new HashMap<>();
    private final Map<Integer, Long> endValues = new HashMap<>();
    private long startMs;
    private long polledMs;
    private long endMs = -1;
    private long startCpuNs = -1;
    private long endCpuNs = -1;
    private long startDiskLength = -1;
    private long endDiskLength = -1;
    private boolean hasEnded;
    private JvmPerfData.Collections startCollections;
    private JvmPerfData.Collections endCollections;

    private BrokerMeter(final long pid, final ProcFiles proc, final CountersView counters, final String problem) {
        this.pid = pid;
        this.proc = proc;
        this.counters = counters;
        countersProblem = problem;
    }

    /**
     * A meter of one process.
     *
     * @param pid      of the broker
     * @param proc     tells of processes
     * @param counters the broker's file, if it has one
     * @return the meter, to be closed
     */
    static BrokerMeter open(final long pid, final ProcFiles proc, final Optional<Path> counters) {
        if (counters.isEmpty()) {
            return new BrokerMeter(pid, proc, null, "process " + pid + " keeps no counters of ours");
        }
        try {
            return new BrokerMeter(pid, proc, CountersView.open(counters.get()), null);
        } catch (final IOException ex) {
            return new BrokerMeter(pid, proc, null, ex.getMessage());
        }
    }

    /** {@return the broker's process} */
    long processId() {
        return pid;
    }

    /** Marks the beginning of what is measured. */
    void start(final long nowMs) {
        startMs = nowMs;
        polledMs = nowMs;
        startCpuNs = proc.cpuNs(pid);
        startDiskLength = proc.diskWriteLength(pid);
        startCollections = collections();
        read(startValues);
    }

    /**
     * Looks at what was longest since the last time; to be called every few seconds at least.
     *
     * @param nowMs  wall-clock time
     * @param events hears of what took too long
     */
    void poll(final long nowMs, final Consumer<RunEvent> events) {
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

    /** Marks its end. */
    void end(final long nowMs, final Consumer<RunEvent> events) {
        poll(nowMs, events);
        endMs = nowMs;
        endCpuNs = proc.cpuNs(pid);
        endDiskLength = proc.diskWriteLength(pid);
        endCollections = collections();
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
            sampled(NodeCounter.ALLOCATED_LENGTH.typeId()),
            counters == null ? collected(JvmPerfData.Collections::count) : sampled(NodeCounter.GC_COUNT.typeId()),
            counters == null ? collected(JvmPerfData.Collections::pauseNs)
                : sampled(NodeCounter.GC_PAUSE_NS.typeId()),
            counted(NodeCounter.RING_FULL_COUNT.typeId()),
            counters == null || hasEnded ? null : longest.getOrDefault(NodeCounter.RING_HIGH_WATER_LENGTH.typeId(), 0L),
            agents);
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

    private Long collected(final ToLongFunction<JvmPerfData.Collections> figure) {
        return startCollections == null || endCollections == null ? null
            : Long.valueOf(figure.applyAsLong(endCollections) - figure.applyAsLong(startCollections));
    }

    private void read(final Map<Integer, Long> values) {
        if (counters == null) {
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
        final Long difference = counted(typeId);
        final Long spanMs = counted(NodeCounter.SAMPLED_AT_MS.typeId());
        return difference == null || spanMs == null || spanMs == 0 ? null
            : Long.valueOf(Math.round((double) difference * (endMs - startMs) / spanMs));
    }

    private Long peak(final AgentCounter counter, final AgentRole role) {
        return counter.isOf(role) ? longest.getOrDefault(counter.typeId(role), 0L) : null;
    }
}
