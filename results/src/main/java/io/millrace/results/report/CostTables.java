package io.millrace.results.report;

import io.millrace.results.model.AgentCost;
import io.millrace.results.model.BrokerCost;
import io.millrace.results.model.Cost;
import io.millrace.results.model.LatencySummary;
import io.millrace.results.model.Measured;
import io.millrace.results.model.Scheduling;
import io.millrace.results.report.HtmlTable.Markup;
import io.millrace.results.statistics.LegSummary;
import io.millrace.results.statistics.Medians;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import java.util.stream.Collectors;

/** What the measured phase cost: side beside side, and, folded away, by broker and by agent. */
final class CostTables {
    private static final int MAX_MISSING = 10;

    private final List<LegSummary> legs;
    private final HtmlTable table = new HtmlTable("cost", "Median over the runs");
    private final int columnCount;
    private String group;

    private CostTables(final List<LegSummary> legs) {
        this.legs = legs;
        final List<Object> head = new ArrayList<>(List.of(""));
        legs.forEach(leg -> head.add(leg.label()));
        columnCount = head.size();
        table.head(head);
    }

    /** Null if no run measured any cost. */
    static String html(final List<LegSummary> legs) {
        if (legs.stream().allMatch(leg -> costs(leg).isEmpty())) {
            return null;
        }
        return new CostTables(legs).sides() + missing(legs) + brokers(legs) + agents(legs);
    }

    private String sides() {
        group = "Processor";
        row("broker processor time per GB", Cost::brokerCpuSPerGb, s -> Format.digits(s) + " s");
        row("client processor time per record", Cost::clientCpuNsPerMsg, Format::time);
        row("broker context switches", Cost::brokerContextSwitches, Format::count);
        row("broker context switches per record", Cost::brokerSwitchesPerMsg, Format::digits);
        row("broker context switches, forced",
            cost -> of(cost.brokerScheduling(), Scheduling::involuntarySwitches), Format::count);
        row("broker threads waited for a processor, in all",
            cost -> of(cost.brokerScheduling(), Scheduling::runDelayNs), Format::time);
        row("client context switches", Cost::clientContextSwitches, Format::count);
        row("client context switches, forced",
            cost -> of(cost.clientScheduling(), Scheduling::involuntarySwitches), Format::count);
        row("client threads waited for a processor, in all",
            cost -> of(cost.clientScheduling(), Scheduling::runDelayNs), Format::time);
        group = "Memory";
        row("broker allocation per record", Cost::brokerAllocBytesPerMsg, Tables::allocation);
        row("broker garbage collection pauses", Cost::brokerGcPauseNs, Format::time);
        row("client allocation per record", Cost::allocBytesPerMsg, Tables::allocation);
        row("client garbage collection pauses", Cost::gcPauseNs, Format::time);
        group = "Disk";
        row("written to disk by the brokers", Cost::diskWriteBytes, Format::bytes);
        row("disk bytes per payload byte", Cost::writeAmplification, Format::digits);
        row("syncs", Cost::fsyncs, Format::count);
        row("log syncs", cost -> of(cost.fsyncLatency(), LatencySummary::count), Format::count);
        row("log sync p50", cost -> of(cost.fsyncLatency(), LatencySummary::p50Ns), Format::time);
        row("log sync p99", cost -> of(cost.fsyncLatency(), LatencySummary::p99Ns), Format::time);
        row("log sync max", cost -> of(cost.fsyncLatency(), LatencySummary::maxNs), Format::time);
        group = "Longest waits inside a broker";
        row("write call", Cost::longestWriteNs, Format::time);
        row("sync", Cost::longestSyncNs, Format::time);
        row("duty cycle", Cost::longestDutyCycleNs, Format::time);
        return table.end();
    }

    private void row(
        final String name, final Function<Cost, Number> figure, final Function<Double, String> format) {
        final double[] medians = legs.stream().mapToDouble(leg -> median(leg, figure)).toArray();
        final List<Object> row = new ArrayList<>(List.of(name));
        boolean isKnown = false;
        for (final double median : medians) {
            isKnown |= Double.isFinite(median);
            row.add(Double.isFinite(median) ? format.apply(median) : Format.NONE);
        }
        if (isKnown) {
            if (group != null) {
                table.group(group, columnCount);
                group = null;
            }
            table.row(row);
        }
    }

    /** What could not be measured; processes alike are told once. */
    private static String missing(final List<LegSummary> legs) {
        final Map<String, List<String>> alike = new LinkedHashMap<>();
        legs.stream().flatMap(leg -> costs(leg).stream()).flatMap(cost -> cost.unavailable().stream()).distinct()
            .forEach(sentence -> alike.computeIfAbsent(sentence.replaceAll("\\d+", "#"), s -> new ArrayList<>())
                .add(sentence));
        final StringBuilder html = new StringBuilder();
        alike.values().stream().limit(MAX_MISSING).forEach(sentences -> html.append(Html.paragraph("advice",
            sentences.get(0) + (sentences.size() > 1 ? " (And " + (sentences.size() - 1) + " more alike.)" : ""))));
        return html.toString();
    }

    /** Empty if no broker was measured by itself. */
    private static String brokers(final List<LegSummary> legs) {
        final HtmlTable table = new HtmlTable("brokers", "Each broker by itself, median over the runs").head(List.of("",
            "processor time", "allocated", "GC pauses", "written", "log sync p99", "forced switches",
            "claims a full ring refused", "ring at its fullest"));
        boolean isKnown = false;
        for (int leg = 0; leg < legs.size(); leg++) {
            final Map<String, List<BrokerCost>> byName = new LinkedHashMap<>();
            for (final Cost cost : costs(legs.get(leg))) {
                for (int i = 0; i < cost.brokers().size(); i++) {
                    byName.computeIfAbsent(name(cost.brokers().get(i), i), n -> new ArrayList<>())
                        .add(cost.brokers().get(i));
                }
            }
            for (final Map.Entry<String, List<BrokerCost>> broker : byName.entrySet()) {
                isKnown = true;
                final List<BrokerCost> all = broker.getValue();
                table.row(List.of(side(legs, leg, broker.getKey() + atEnd(all)),
                    cell(all, BrokerCost::cpuNs, Format::time), cell(all, BrokerCost::allocBytes, Format::bytes),
                    cell(all, BrokerCost::gcPauseNs, Format::time),
                    cell(all, BrokerCost::diskWriteBytes, Format::bytes),
                    cell(all, one -> of(one.fsyncLatency(), LatencySummary::p99Ns), Format::time),
                    cell(all, one -> of(one.scheduling(), Scheduling::involuntarySwitches), Format::count),
                    cell(all, BrokerCost::ringFullCount, Format::count),
                    cell(all, BrokerCost::ringHighWaterBytes, Format::binaryBytes)));
            }
        }
        return isKnown ? folded("Broker by broker", table) : "";
    }

    /** Some figures are those of a shorter time. */
    private static String atEnd(final List<BrokerCost> runs) {
        final Map<String, Integer> counts = new TreeMap<>();
        runs.stream().map(BrokerCost::atEnd).filter(Objects::nonNull)
            .forEach(state -> counts.merge(state, 1, Integer::sum));
        return counts.isEmpty() ? "" : " (" + counts.entrySet().stream().map(entry -> entry.getKey() + " at the end"
            + (runs.size() == 1 ? "" : " in " + entry.getValue() + " of " + runs.size() + " runs"))
            .collect(Collectors.joining(", ")) + ")";
    }

    /** Empty if no broker tells of its agents. */
    private static String agents(final List<LegSummary> legs) {
        final HtmlTable table = new HtmlTable("agents", "Kinds of agents, added up over the brokers (longest: of any)"
            + ", median over the runs").head(List.of("", "processor time", "allocated", "longest duty cycle",
            "duty cycles of 20 ms and more", "writes", "longest write", "syncs", "longest sync"));
        boolean isKnown = false;
        for (int leg = 0; leg < legs.size(); leg++) {
            final Map<String, List<AgentCost>> byName = new LinkedHashMap<>();
            for (final Cost cost : costs(legs.get(leg))) {
                final Map<String, AgentCost> sums = new LinkedHashMap<>();
                cost.brokers().stream().flatMap(broker -> broker.agents().stream())
                    .forEach(agent -> sums.merge(agent.agent(), agent, CostTables::sum));
                sums.forEach((name, sum) -> byName.computeIfAbsent(name, n -> new ArrayList<>()).add(sum));
            }
            for (final Map.Entry<String, List<AgentCost>> agent : byName.entrySet()) {
                isKnown = true;
                final List<AgentCost> all = agent.getValue();
                table.row(List.of(side(legs, leg, agent.getKey()),
                    cell(all, AgentCost::cpuNs, Format::time), cell(all, AgentCost::allocBytes, Format::bytes),
                    cell(all, AgentCost::longestDutyCycleNs, Format::time),
                    cell(all, AgentCost::slowDutyCycleCount, Format::count),
                    cell(all, AgentCost::writeCount, Format::count),
                    cell(all, AgentCost::longestWriteNs, Format::time),
                    cell(all, AgentCost::syncCount, Format::count),
                    cell(all, AgentCost::longestSyncNs, Format::time)));
            }
        }
        return isKnown ? folded("Agent by agent", table) : "";
    }

    private static AgentCost sum(final AgentCost a, final AgentCost b) {
        return new AgentCost(a.agent(), both(a.cpuNs(), b.cpuNs(), Long::sum),
            both(a.allocBytes(), b.allocBytes(), Long::sum),
            both(a.longestDutyCycleNs(), b.longestDutyCycleNs(), Math::max),
            both(a.slowDutyCycleCount(), b.slowDutyCycleCount(), Long::sum),
            both(a.writeCount(), b.writeCount(), Long::sum), both(a.writeBytes(), b.writeBytes(), Long::sum),
            both(a.longestWriteNs(), b.longestWriteNs(), Math::max),
            both(a.syncCount(), b.syncCount(), Long::sum), both(a.longestSyncNs(), b.longestSyncNs(), Math::max));
    }

    private static Long both(final Long a, final Long b, final BinaryOperator<Long> operator) {
        return a == null ? b : b == null ? a : operator.apply(a, b);
    }

    private static String folded(final String summary, final HtmlTable table) {
        return "<details class=\"files\"><summary>" + Html.escape(summary) + "</summary>\n" + table.end()
            + "</details>\n";
    }

    /** Processes that have no name have another id in each run. */
    private static String name(final BrokerCost broker, final int index) {
        return broker.name() != null ? broker.name() : broker.nodeId() != null ? "node " + broker.nodeId()
            : "process " + (index + 1);
    }

    private static Markup side(final List<LegSummary> legs, final int leg, final String name) {
        return new Markup(Tables.key(legs, leg) + Html.escape(name) + (legs.size() == 1 ? ""
            : " <span class=\"detail\">" + Html.escape(legs.get(leg).label()) + "</span>"));
    }

    private static <T> String cell(
        final List<T> all, final Function<T, Number> figure, final Function<Double, String> format) {
        final double median = Medians.of(all.stream().map(figure).filter(Objects::nonNull)
            .mapToDouble(Number::doubleValue).toArray());
        return Double.isFinite(median) ? format.apply(median) : Format.NONE;
    }

    private static <T> Number of(final T part, final Function<T, Number> figure) {
        return part == null ? null : figure.apply(part);
    }

    /** {@return the median over the runs of a side, not a number when none knows the figure} */
    static double median(final LegSummary leg, final Function<Cost, Number> figure) {
        return Medians.of(costs(leg).stream().map(figure).filter(Objects::nonNull)
            .mapToDouble(Number::doubleValue).toArray());
    }

    private static List<Cost> costs(final LegSummary leg) {
        return leg.usedRuns().stream().map(run -> run.document().measured()).filter(Objects::nonNull)
            .map(Measured::cost).filter(Objects::nonNull).toList();
    }
}
