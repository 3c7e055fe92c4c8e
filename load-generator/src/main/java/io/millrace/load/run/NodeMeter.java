package io.millrace.load.run;

import io.millrace.results.model.AgentCost;
import io.millrace.results.model.BrokerCost;
import io.millrace.results.model.LatencySummary;
import io.millrace.results.model.RunEvent;
import io.millrace.results.model.Scheduling;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.HdrHistogram.Histogram;
import org.agrona.CloseHelper;

/**
 * What one node of the cluster uses, which may be killed and go on as another process: then it is the sum of its lives.
 * Owned by the run's thread.
 */
final class NodeMeter implements AutoCloseable {
    private final List<BrokerMeter> lives = new ArrayList<>();
    private int firstMeasured;
    private int endMeasured = -1;
    private boolean isStarted;

    NodeMeter(final BrokerMeter first) {
        lives.add(first);
    }

    /** {@return what histograms and files of the run call it, "broker-2"} */
    String name() {
        return lives.get(0).name();
    }

    /** {@return the process that it is now} */
    long processId() {
        return last().processId();
    }

    /** {@return true if a thread inside it measures its stalls} */
    boolean hasHiccups() {
        return lives.stream().anyMatch(BrokerMeter::hasHiccups);
    }

    /** {@return its stalls since the last call} */
    Histogram takeHiccups() {
        final Histogram all = new Histogram(3);
        all.setAutoResize(true);
        lives.stream().filter(BrokerMeter::hasHiccups).forEach(life -> all.add(life.takeHiccups()));
        return all;
    }

    /**
     * Marks the beginning of what is measured.
     *
     * @param nowMs    wall-clock time
     * @param mayBeHit true if it may be killed, after which most can no longer be read
     */
    void start(final long nowMs, final boolean mayBeHit) {
        firstMeasured = lives.size() - 1;
        isStarted = true;
        last().start(nowMs, mayBeHit);
    }

    /**
     * Looks at it; about once a second.
     *
     * @param nowMs    wall-clock time
     * @param mayBeHit true if it may be killed, after which most can no longer be read
     * @param events   hears of what took too long
     */
    void poll(final long nowMs, final boolean mayBeHit, final Consumer<RunEvent> events) {
        last().poll(nowMs, events);
        if (mayBeHit) {
            last().see(nowMs);
        }
    }

    /**
     * Another process has taken its place.
     *
     * @param next   that process
     * @param events hears of what took too long
     */
    void become(final BrokerMeter next, final Consumer<RunEvent> events) {
        if (isStarted && endMeasured < 0) {
            last().endAsSeen(events);
            next.startAtBirth();
        }
        lives.add(next);
    }

    /** Marks the end of what is measured. */
    void end(final long nowMs, final Consumer<RunEvent> events) {
        endMeasured = lives.size();
        last().end(nowMs, events);
    }

    /** {@return what was used; nulls for what is not known} */
    BrokerCost cost() {
        final BrokerCost sum = measured().stream().map(BrokerMeter::cost).reduce(NodeMeter::plus).orElseThrow();
        final Histogram syncs = syncTimes();
        return measured().size() == 1 ? sum : new BrokerCost(sum.pid(), sum.nodeId(), sum.cpuNs(),
            sum.diskWriteBytes(), sum.allocBytes(), sum.gcCount(), sum.gcPauseNs(), sum.ringFullCount(),
            sum.ringHighWaterBytes(), sum.agents(), name(), syncs == null ? null : LatencySummary.of(syncs),
            sum.scheduling(), sum.atEnd());
    }

    /** {@return how long each sync took that somebody may wait for; null if that is not known} */
    Histogram syncTimes() {
        final Histogram all = new Histogram(3);
        all.setAutoResize(true);
        for (final BrokerMeter life : measured()) {
            if (life.syncTimes() == null) {
                return null;
            }
            all.add(life.syncTimes());
        }
        return all;
    }

    /** {@return its pauses for garbage collection from one look to the next, most of them; 0 if they are not known} */
    long mostGcPauseNs() {
        return measured().stream().mapToLong(BrokerMeter::mostGcPauseNs).max().orElse(0);
    }

    @Override
    public void close() {
        CloseHelper.closeAll(lives);
    }

    private BrokerMeter last() {
        return lives.get(lives.size() - 1);
    }

    private List<BrokerMeter> measured() {
        return lives.subList(firstMeasured, endMeasured < 0 ? lives.size() : endMeasured);
    }

    private static BrokerCost plus(final BrokerCost before, final BrokerCost after) {
        final boolean haveAgents = before.agents().size() == after.agents().size();
        return new BrokerCost(after.pid(), after.nodeId() == null ? before.nodeId() : after.nodeId(),
            sum(before.cpuNs(), after.cpuNs()), sum(before.diskWriteBytes(), after.diskWriteBytes()),
            sum(before.allocBytes(), after.allocBytes()), sum(before.gcCount(), after.gcCount()),
            sum(before.gcPauseNs(), after.gcPauseNs()), sum(before.ringFullCount(), after.ringFullCount()),
            most(before.ringHighWaterBytes(), after.ringHighWaterBytes()),
            haveAgents ? IntStream.range(0, after.agents().size())
                .mapToObj(i -> plus(before.agents().get(i), after.agents().get(i))).toList() : List.of(),
            before.name(), null, plus(before.scheduling(), after.scheduling()), after.atEnd());
    }

    private static AgentCost plus(final AgentCost before, final AgentCost after) {
        return new AgentCost(after.agent(), sum(before.cpuNs(), after.cpuNs()),
            sum(before.allocBytes(), after.allocBytes()),
            most(before.longestDutyCycleNs(), after.longestDutyCycleNs()),
            sum(before.slowDutyCycleCount(), after.slowDutyCycleCount()),
            sum(before.writeCount(), after.writeCount()), sum(before.writeBytes(), after.writeBytes()),
            most(before.longestWriteNs(), after.longestWriteNs()), sum(before.syncCount(), after.syncCount()),
            most(before.longestSyncNs(), after.longestSyncNs()));
    }

    private static Scheduling plus(final Scheduling before, final Scheduling after) {
        return before == null || after == null ? null : new Scheduling(
            sum(before.voluntarySwitches(), after.voluntarySwitches()),
            sum(before.involuntarySwitches(), after.involuntarySwitches()),
            sum(before.runDelayNs(), after.runDelayNs()));
    }

    /** Half a sum is none. */
    private static Long sum(final Long before, final Long after) {
        return before == null || after == null ? null : Long.valueOf(before + after);
    }

    private static Long most(final Long before, final Long after) {
        return before == null || after == null ? null : Long.valueOf(Math.max(before, after));
    }
}
