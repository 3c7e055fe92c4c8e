package io.millrace.load.run;

import com.sun.management.OperatingSystemMXBean;
import io.millrace.meter.GcPauses;
import io.millrace.results.model.AgentCost;
import io.millrace.results.model.BrokerCost;
import io.millrace.results.model.Cost;
import io.millrace.results.model.LatencySummary;
import io.millrace.results.model.RunEvent;
import io.millrace.results.model.Scheduling;
import io.millrace.transport.counters.AgentRole;
import io.millrace.transport.counters.CountersFinder;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.HdrHistogram.Histogram;
import org.agrona.CloseHelper;

/**
 * What this process and the local brokers use between the start and the end of the measured phase. Owned by the run's
 * thread.
 */
final class CostMeter implements AutoCloseable {
    private static final double NS_PER_S = 1e9;
    private static final double BYTES_PER_GB = 1e9;

    private final List<NodeMeter> brokers;
    private final List<InetSocketAddress> addresses;
    /** Processes as they are after nodes were started again; handed over by the fault thread. */
    private final AtomicReference<List<Long>> started = new AtomicReference<>();
    private final List<String> unavailable;
    private final Consumer<RunEvent> events;
    private final ProcFiles proc = ProcFiles.ofThisMachine();
    private final GcPauses collections = new GcPauses();
    private final ThreadAllocation allocation = new ThreadAllocation();
    private boolean isExpectingFaults;
    private Reading start;
    private Reading end;

    /**
     * @param brokers     every broker of the cluster, or none when they cannot all be measured
     * @param unavailable what cannot be measured then, and why
     * @param events      hears of long write calls and duty cycles
     */
    CostMeter(final List<BrokerMeter> brokers, final List<String> unavailable, final Consumer<RunEvent> events) {
        this(brokers, List.of(), unavailable, events);
    }

    private CostMeter(
        final List<BrokerMeter> brokers,
        final List<InetSocketAddress> addresses,
        final List<String> unavailable,
        final Consumer<RunEvent> events) {
        this.brokers = brokers.stream().map(NodeMeter::new).toList();
        this.addresses = addresses;
        this.unavailable = new ArrayList<>(unavailable);
        this.events = events;
        brokers.stream().filter(broker -> broker.countersProblem() != null).forEach(broker ->
            this.unavailable.add((broker.hasAgent() ? "Syncs" : "Allocation, syncs") + ", longest calls and duty "
                + "cycles of the brokers: not available: " + broker.countersProblem() + "."));
    }

    /**
     * A meter of this process and of a target's brokers as far as they can be measured from here.
     *
     * @param target  what is measured
     * @param brokers addresses of all its brokers, none when there are none
     * @param events  hears of long write calls and duty cycles
     * @return the meter, to be closed
     */
    static CostMeter of(
        final Target target, final List<InetSocketAddress> brokers, final Consumer<RunEvent> events) {
        final ProcFiles proc = ProcFiles.ofThisMachine();
        if (brokers.isEmpty() && target.brokerPids().isEmpty()) {
            return new CostMeter(List.of(), List.of(), events);
        }
        final LocalBrokers.Found found = target.brokerPids().isEmpty()
            ? LocalBrokers.find(brokers, proc) : new LocalBrokers.Found(target.brokerPids(), null);
        return new CostMeter(
            IntStream.range(0, found.processIds().size()).mapToObj(i -> BrokerMeter.open(found.processIds().get(i),
                i + 1, proc, CountersFinder.ofProcess(found.processIds().get(i)))).toList(), brokers,
            found.problem() == null ? List.of() : List.of("Cost of the brokers: not available: " + found.problem()
                + "."), events);
    }

    /** {@return the brokers, as far as they can be measured} */
    List<NodeMeter> brokers() {
        return brokers;
    }

    /**
     * {@return how long a broker paused for garbage collection in that second of the measured phase in which it paused
     * most, 0 if that is not known}
     *
     * @param name of the broker
     */
    long mostGcPauseNs(final String name) {
        return brokers.stream().filter(broker -> broker.name().equals(name)).mapToLong(NodeMeter::mostGcPauseNs)
            .findFirst().orElse(0);
    }

    /** {@return processes of the brokers by name, as far as they can be measured} */
    Map<String, Long> processIds() {
        final Map<String, Long> ids = new LinkedHashMap<>();
        brokers.forEach(broker -> ids.put(broker.name(), broker.processId()));
        return ids;
    }

    /** Looks closer at the brokers from now on: what is killed cannot be read any more. */
    void expectFaults() {
        isExpectingFaults = true;
    }

    /**
     * Nodes were started again, and are other processes now. Fault thread.
     *
     * @param processIds of all nodes, in their order; empty to look for those that listen where the brokers did
     */
    void nodesStarted(final List<Long> processIds) {
        started.set(!processIds.isEmpty() ? processIds : LocalBrokers.find(addresses, proc).processIds());
    }

    /**
     * A process has taken the place of a node's that was killed.
     *
     * @param next it, by the node's name
     * @return false if it is none of the nodes
     */
    boolean renew(final BrokerMeter next) {
        for (final NodeMeter broker : brokers) {
            if (broker.name().equals(next.name()) && broker.processId() != next.processId()) {
                broker.become(next, events);
                return true;
            }
        }
        return false;
    }

    private void renewStarted() {
        final List<Long> processIds = started.getAndSet(null);
        if (processIds != null) {
            renew(processIds);
        }
    }

    private void renew(final List<Long> processIds) {
        for (int i = 0; i < processIds.size(); i++) {
            final long pid = processIds.get(i);
            if (brokers.stream().allMatch(broker -> broker.processId() != pid)) {
                final BrokerMeter next = BrokerMeter.open(pid, i + 1, proc, CountersFinder.ofProcess(pid));
                if (!renew(next)) {
                    next.close();
                }
            }
        }
    }

    /**
     * Marks the start of the measured phase.
     *
     * @param ackedCount records acknowledged so far
     * @param nowMs      wall-clock time
     */
    void start(final long ackedCount, final long nowMs) {
        brokers.forEach(broker -> broker.start(nowMs, isExpectingFaults));
        start = read(ackedCount);
    }

    /**
     * Looks at the brokers' counters; about once a second.
     *
     * @param nowMs wall-clock time
     */
    void poll(final long nowMs) {
        if (start != null && end == null) {
            allocation.length();
            renewStarted();
            brokers.forEach(broker -> broker.poll(nowMs, isExpectingFaults, events));
        }
    }

    /**
     * Marks its end; only the first call counts.
     *
     * @param ackedCount records acknowledged so far
     * @param nowMs      wall-clock time
     * @return true if this call did
     */
    boolean end(final long ackedCount, final long nowMs) {
        if (end != null) {
            return false;
        }
        if (start != null) {
            renewStarted();
        }
        end = read(ackedCount);
        brokers.forEach(broker -> broker.end(nowMs, events));
        return true;
    }

    /** {@return which brokers did not run when the measured phase ended, and what their figures are then} */
    List<String> remarks() {
        return start == null || end == null ? List.of() : brokers.stream().map(NodeMeter::cost)
            .filter(broker -> broker.atEnd() != null && broker.cpuNs() != null)
            .map(broker -> "Process " + broker.pid() + " (" + broker.name() + ") " + (broker.atEnd()
                .equals(BrokerCost.STOPPED) ? "stood still when the measured phase ended."
                : "had ended before the measured phase did: its cost is what it had used when it was seen last, a "
                + "second before its end at most.")).toList();
    }

    /** {@return what this process used over the measured phase, null if it was not measured} */
    ClientCost client() {
        if (start == null || end == null) {
            return null;
        }
        return new ClientCost(end.ackedCount - start.ackedCount,
            start.clientCpuNs < 0 ? -1 : end.clientCpuNs - start.clientCpuNs,
            Math.max(0, end.allocated - start.allocated), end.gcPauseNs - start.gcPauseNs,
            BrokerMeter.difference(start.clientScheduling, end.clientScheduling));
    }

    /** {@return who used the processors of this machine over the measured phase, null if that is not known} */
    ProcessorUse processors() {
        final ClientCost client = client();
        if (client == null || client.cpuNs() < 0 || brokers.isEmpty()) {
            return null;
        }
        final Long brokersNs = sum(brokers.stream().map(broker -> broker.cost().cpuNs()));
        return brokersNs == null ? null
            : ProcessorUse.between(start.processors, end.processors, client.cpuNs() + brokersNs);
    }

    /**
     * {@return what the measured phase cost, null if it was not measured}
     *
     * @param recordLength of a record on average
     */
    Cost cost(final double recordLength) {
        return cost(recordLength, client());
    }

    /**
     * {@return what the measured phase cost, null if it was not measured}
     *
     * @param recordLength of a record on average
     * @param client       what the sending processes used
     */
    Cost cost(final double recordLength, final ClientCost client) {
        if (client == null || client.ackedCount() == 0 || start == null || end == null) {
            return null;
        }
        final long ackedCount = client.ackedCount();
        final double payloadLength = ackedCount * recordLength;
        final List<BrokerCost> costs = brokers.stream().map(NodeMeter::cost).toList();
        final Long cpuNs = sum(costs, BrokerCost::cpuNs);
        final Long written = sum(costs, BrokerCost::diskWriteBytes);
        final Long allocated = sum(costs, BrokerCost::allocBytes);
        final Scheduling ofBrokers = new Scheduling(sum(costs, broker -> broker.scheduling().voluntarySwitches()),
            sum(costs, broker -> broker.scheduling().involuntarySwitches()),
            sum(costs, broker -> broker.scheduling().runDelayNs()));
        final List<String> missing = new ArrayList<>(unavailable);
        if (!costs.isEmpty() && (cpuNs == null || written == null)) {
            missing.add("Processor time, disk writes and counters of the brokers: not available in full: /proc tells "
                + "nothing of one of these processes, or it has ended: "
                + costs.stream().map(BrokerCost::pid).toList() + ".");
        }
        if (missing.isEmpty() && !costs.isEmpty() && allocated == null) {
            missing.add("Allocation and garbage collection of the brokers: not available: they sample once a second, "
                + "and the measured phase was too short for two samples.");
        }
        return new Cost(
            client.cpuNs() < 0 ? null : (double) client.cpuNs() / ackedCount,
            cpuNs == null ? null : cpuNs / NS_PER_S / (payloadLength / BYTES_PER_GB),
            (double) client.allocated() / ackedCount,
            client.gcPauseNs(),
            written,
            sum(costs, broker -> sum(broker.agents().stream()
                .filter(agent -> roleOf(agent).isSyncing()).map(AgentCost::syncCount))),
            written == null ? null : written / payloadLength,
            allocated == null ? null : (double) allocated / ackedCount,
            sum(costs, BrokerCost::gcPauseNs),
            longest(costs, agent -> roleOf(agent) == AgentRole.ENGINE ? agent.longestWriteNs() : null),
            longest(costs, agent -> roleOf(agent) == AgentRole.SYNCER ? agent.longestSyncNs() : null),
            longest(costs, agent -> BrokerMeter.PROMPT.contains(roleOf(agent)) ? agent.longestDutyCycleNs() : null),
            costs, missing, switches(client.scheduling()), switches(ofBrokers), syncLatency(), client.scheduling(),
            ofBrokers, switches(ofBrokers) == null ? null : (double) switches(ofBrokers) / ackedCount);
    }

    /** Of all brokers together, null unless each of them tells. */
    private LatencySummary syncLatency() {
        if (brokers.isEmpty() || brokers.stream().anyMatch(broker -> broker.syncTimes() == null)) {
            return null;
        }
        final Histogram all = new Histogram(3);
        all.setAutoResize(true);
        brokers.forEach(broker -> all.add(broker.syncTimes()));
        return LatencySummary.of(all);
    }

    @Override
    public void close() {
        CloseHelper.closeAll(brokers);
    }

    /** Null unless it is known of every broker: half a sum is none. */
    private static Long sum(final List<BrokerCost> costs, final Function<BrokerCost, Long> figure) {
        return costs.isEmpty() ? null : sum(costs.stream().map(figure));
    }

    private static Long sum(final Stream<Long> values) {
        final List<Long> all = values.toList();
        return all.isEmpty() || all.contains(null) ? null : Long.valueOf(all.stream().mapToLong(Long::longValue).sum());
    }

    private static Long longest(final List<BrokerCost> costs, final Function<AgentCost, Long> figure) {
        if (costs.stream().anyMatch(broker -> broker.agents().isEmpty())) {
            return null;
        }
        return costs.stream().flatMap(broker -> broker.agents().stream()).map(figure).filter(Objects::nonNull)
            .max(Long::compare).orElse(null);
    }

    private static AgentRole roleOf(final AgentCost agent) {
        return AgentRole.valueOf(agent.agent().toUpperCase(java.util.Locale.ROOT));
    }

    private Reading read(final long ackedCount) {
        long clientCpuNs = -1;
        if (ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system) {
            clientCpuNs = system.getProcessCpuTime();
        }
        return new Reading(ackedCount, clientCpuNs, allocation.length(), collections.pauseNs(),
            proc.scheduling(ProcessHandle.current().pid()), proc.processors());
    }

    private static Long switches(final Scheduling scheduling) {
        return scheduling.voluntarySwitches() == null || scheduling.involuntarySwitches() == null ? null
            : Long.valueOf(scheduling.voluntarySwitches() + scheduling.involuntarySwitches());
    }

    private record Reading(
        long ackedCount,
        long clientCpuNs,
        long allocated,
        long gcPauseNs,
        Scheduling clientScheduling,
        ProcFiles.Processors processors) {
    }
}
