package io.millrace.system.chaos;

import io.millrace.system.history.Anomaly;
import io.millrace.system.history.Verdict;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToLongFunction;

/** What all rounds come to, for people. Stateless. */
final class Summary {
    private Summary() {
    }

    static String text(final List<RoundResult> rounds) {
        final StringBuilder text = new StringBuilder("# Faults done to real processes\n\n");
        final List<CycleResult> cycles = rounds.stream().flatMap(round -> round.cycles().stream()).toList();
        text.append(String.format("%d rounds, %d cycles: %d ok, %d invalid (the fault did not happen), %d failed%n%n",
            rounds.size(), cycles.size(), count(cycles, CycleResult.OK), count(cycles, CycleResult.INVALID),
            count(cycles, CycleResult.FAILED)));
        faults(cycles, text);
        history(rounds, text);
        problems(rounds, text);
        return text.toString();
    }

    private static long count(final List<CycleResult> cycles, final String status) {
        return cycles.stream().filter(cycle -> cycle.status().equals(status)).count();
    }

    private static void faults(final List<CycleResult> cycles, final StringBuilder text) {
        text.append("| fault | cycles | seen to happen | standstill median ms | worst ms | recovery median ms | "
            + "worst ms |\n|---|---|---|---|---|---|---|\n");
        final Map<String, List<CycleResult>> byFault = new TreeMap<>();
        cycles.forEach(cycle -> byFault.computeIfAbsent(cycle.fault() + " " + cycle.variant(),
            key -> new java.util.ArrayList<>()).add(cycle));
        byFault.forEach((fault, some) -> text.append("| ").append(fault).append(" | ").append(some.size())
            .append(" | ").append(some.stream().filter(cycle -> cycle.evidence() != null).count()).append(" | ")
            .append(quantile(some, CycleResult::standstillMs, false)).append(" | ")
            .append(quantile(some, CycleResult::standstillMs, true)).append(" | ")
            .append(quantile(some, CycleResult::recoveryMs, false)).append(" | ")
            .append(quantile(some, CycleResult::recoveryMs, true)).append(" |\n"));
        text.append("\nStandstill: the longest time without an acknowledgement in any partition of the idempotent "
            + "topic (acks=all).\nRecovery: from the end of the fault until all replicas are in sync and every "
            + "partition acknowledges.\n\n");
    }

    private static long quantile(final List<CycleResult> cycles, final ToLongFunction<CycleResult> value,
        final boolean isWorst) {
        final long[] sorted = cycles.stream().mapToLong(value).sorted().toArray();
        return sorted[isWorst ? sorted.length - 1 : (sorted.length - 1) / 2];
    }

    private static void history(final List<RoundResult> rounds, final StringBuilder text) {
        final Map<Anomaly, Long> anomalies = new EnumMap<>(Anomaly.class);
        final List<Verdict> verdicts = rounds.stream().map(RoundResult::verdict).filter(one -> one != null).toList();
        verdicts.forEach(one -> one.anomalies().forEach((kind, count) -> anomalies.merge(kind, count, Long::sum)));
        text.append("## What clients saw\n\n");
        line(text, "records with a known end", sum(verdicts, Verdict::sent));
        line(text, "acknowledged", sum(verdicts, Verdict::acked));
        line(text, "refused for certain", sum(verdicts, Verdict::failed));
        line(text, "with an unknown outcome", sum(verdicts, Verdict::unknown));
        line(text, "of those there", sum(verdicts, Verdict::unknownPresent));
        line(text, "read while faults went on", sum(verdicts, Verdict::polled));
        line(text, "read back at the end of rounds", sum(verdicts, Verdict::drained));
        line(text, "there twice without idempotence, which may be", sum(verdicts, Verdict::retriedTwice));
        line(text, "acknowledged with acks=1", sum(verdicts, Verdict::ackedByLeader));
        line(text, "of those lost, not replicated when their leader was", sum(verdicts, Verdict::lostByLeader));
        line(text, "longest run of them in one lane", verdicts.stream().mapToLong(Verdict::longestLeaderRun).max()
            .orElse(0));
        line(text, "bytes of replicas compared", rounds.stream().mapToLong(RoundResult::comparedBytes).sum());
        text.append("\nAnomalies: ").append(anomalies.isEmpty() ? "none" : anomalies).append("\n");
    }

    private static long sum(final List<Verdict> verdicts, final ToLongFunction<Verdict> value) {
        return verdicts.stream().mapToLong(value).sum();
    }

    private static void line(final StringBuilder text, final String what, final long count) {
        text.append("- ").append(what).append(": ").append(count).append('\n');
    }

    private static void problems(final List<RoundResult> rounds, final StringBuilder text) {
        text.append("\n## What went wrong\n\n");
        boolean isAny = false;
        for (final RoundResult round : rounds) {
            final List<String> lines = new java.util.ArrayList<>(round.problems());
            round.clientFaults().forEach((what, count) -> lines.add(count + " times: " + what));
            if (round.verdict() != null) {
                lines.addAll(round.verdict().findings());
                if (!round.verdict().undrained().isEmpty()) {
                    lines.add("not read to the end: partitions " + round.verdict().undrained());
                }
            }
            round.cycles().stream().filter(cycle -> cycle.problem() != null)
                .forEach(cycle -> lines.add(cycle.describe()));
            for (final String line : lines) {
                isAny = true;
                text.append("- round ").append(round.round()).append(": ").append(line.replace("\n", " "))
                    .append('\n');
            }
        }
        text.append(isAny ? "" : "nothing\n");
    }
}
