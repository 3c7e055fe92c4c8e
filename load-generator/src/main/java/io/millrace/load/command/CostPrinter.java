package io.millrace.load.command;

import io.millrace.load.workload.Units;
import io.millrace.results.model.AgentCost;
import io.millrace.results.model.BrokerCost;
import io.millrace.results.model.Cost;
import io.millrace.results.model.LatencySummary;
import io.millrace.results.model.Scheduling;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/** Prints what a run cost for a reader at a terminal. */
final class CostPrinter {
    private static final String NONE = "-";

    private CostPrinter() {
    }

    static void print(final PrintWriter out, final Cost cost, final boolean isVerbose) {
        if (cost == null) {
            return;
        }
        line(out, "client cost",
            part(cost.clientCpuNsPerMsg(), ns -> Units.duration(Math.round(ns)) + " CPU a record"),
            part(cost.allocBytesPerMsg(), bytes -> allocation(bytes) + " allocated a record"),
            part(cost.gcPauseNs(), ns -> "GC " + Units.duration(ns)),
            part(cost.clientContextSwitches(), n -> String.format(Locale.ROOT, "%,d context switches", n)),
            part(cost.clientScheduling(), CostPrinter::involuntary));
        line(out, "broker cost",
            part(cost.brokerCpuSPerGb(), s -> String.format(Locale.ROOT, "%.1f CPU s per GB", s)),
            part(cost.brokerAllocBytesPerMsg(), bytes -> allocation(bytes) + " allocated a record"),
            part(cost.brokerGcPauseNs(), ns -> "GC " + Units.duration(ns)),
            part(cost.brokerContextSwitches(), n -> String.format(Locale.ROOT, "%,d context switches", n)),
            part(cost.brokerScheduling(), CostPrinter::involuntary));
        line(out, "broker disk",
            part(cost.diskWriteBytes(), bytes -> Units.length(bytes) + " written"),
            part(cost.writeAmplification(), ratio -> String.format(Locale.ROOT, "%.2f a byte of payload", ratio)),
            part(cost.fsyncs(), count -> String.format(Locale.ROOT, "%,d syncs", count)));
        line(out, "broker syncs", part(cost.fsyncLatency(), CostPrinter::syncs));
        line(out, "broker longest",
            part(cost.longestWriteNs(), ns -> "write call " + Units.duration(ns)),
            part(cost.longestSyncNs(), ns -> "sync " + Units.duration(ns)),
            part(cost.longestDutyCycleNs(), ns -> "duty cycle " + Units.duration(ns)));
        cost.unavailable().forEach(sentence -> out.println("  note: " + sentence));
        if (isVerbose) {
            cost.brokers().forEach(broker -> broker(out, broker));
        }
    }

    private static void broker(final PrintWriter out, final BrokerCost broker) {
        line(out, broker.nodeId() == null ? "pid " + broker.pid() : "node " + broker.nodeId(),
            part(broker.atEnd(), state -> state + " at the end"),
            part(broker.cpuNs(), ns -> Units.duration(ns) + " CPU"),
            part(broker.allocBytes(), bytes -> Units.length(bytes) + " allocated"),
            part(broker.diskWriteBytes(), bytes -> Units.length(bytes) + " to disk"),
            part(broker.gcCount(), count -> count + " collections"),
            part(broker.ringFullCount(), count -> String.format(Locale.ROOT, "%,d claims found a full ring", count)),
            part(broker.ringHighWaterBytes(), bytes -> "ring fill up to " + Units.length(bytes)));
        if (!broker.agents().isEmpty()) {
            out.printf("    %-12s %10s %10s %10s %6s %10s %10s %10s %8s %10s%n", "agent", "CPU", "allocated",
                "cycle max", "slow", "writes", "written", "write max", "syncs", "sync max");
        }
        for (final AgentCost agent : broker.agents()) {
            out.printf("    %-12s %10s %10s %10s %6s %10s %10s %10s %8s %10s%n", agent.agent(),
                time(agent.cpuNs()), length(agent.allocBytes()), time(agent.longestDutyCycleNs()),
                count(agent.slowDutyCycleCount()), count(agent.writeCount()), length(agent.writeBytes()),
                time(agent.longestWriteNs()), count(agent.syncCount()), time(agent.longestSyncNs()));
        }
    }

    private static String involuntary(final Scheduling scheduling) {
        return scheduling.involuntarySwitches() == null ? null
            : String.format(Locale.ROOT, "%,d of them forced", scheduling.involuntarySwitches());
    }

    private static String syncs(final LatencySummary times) {
        return String.format(Locale.ROOT, "%,d of the logs: p50 %s, p99 %s, max %s", times.count(),
            time(times.p50Ns()), time(times.p99Ns()), time(times.maxNs()));
    }

    private static void line(final PrintWriter out, final String name, final String... parts) {
        final List<String> known = new ArrayList<>();
        for (final String part : parts) {
            if (part != null) {
                known.add(part);
            }
        }
        if (!known.isEmpty()) {
            out.printf("  %-15s %s%n", name, String.join(", ", known));
        }
    }

    private static <T> String part(final T figure, final Function<T, String> words) {
        return figure == null ? null : words.apply(figure);
    }

    private static String allocation(final double bytes) {
        return bytes < 10 ? String.format(Locale.ROOT, "%.2f B", bytes) : Units.length(Math.round(bytes));
    }

    private static String time(final Long ns) {
        return ns == null ? NONE : Units.duration(ns);
    }

    private static String length(final Long bytes) {
        return bytes == null ? NONE : Units.length(bytes);
    }

    private static String count(final Long count) {
        return count == null ? NONE : String.format(Locale.ROOT, "%,d", count);
    }
}
