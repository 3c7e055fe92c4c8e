package io.millrace.results.statistics;

import io.millrace.results.model.Environment;
import io.millrace.results.model.JmhResult;
import io.millrace.results.model.RunDocument;
import io.millrace.results.model.RunParams;
import io.millrace.results.store.JmhRun;
import io.millrace.results.store.RunData;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Finds what forbids to compare two sets of runs: other machines, other workloads. */
final class Comparability {
    /** Parameters that differ from run to run and change nothing. */
    private static final Set<String> IDLE_PARAMS =
        Set.of("topic", "seed", "driver_description", "run", "run_id", "bootstrap_server", RunParams.CLUSTER);
    /** Parameters that the other settings tell again, and exactly. */
    private static final Set<String> TOLD_AGAIN =
        Set.of(RunParams.WARMUP_S, RunParams.DURATION_S, RunParams.NUM_RECORDS, "workload");
    private static final int SHORT = 12;
    private static final int FEW_CORES = 2;

    private Comparability() {
    }

    /** Sentences on how the machines differ; empty if they do not, or are not known. */
    static List<String> machines(final Side base, final Side other) {
        final List<Environment> before = environments(base);
        final List<Environment> after = environments(other);
        final Set<String> prints = Stream.concat(before.stream(), after.stream()).map(Environment::fingerprint)
            .filter(Objects::nonNull).collect(Collectors.toCollection(TreeSet::new));
        if (prints.size() < 2) {
            return List.of();
        }
        final List<String> differences = new ArrayList<>();
        differ(differences, "processor", before, after, Environment::cpu);
        differ(differences, "cores", before, after, Environment::cores);
        differ(differences, "memory_bytes", before, after, Environment::memoryBytes);
        differ(differences, "kernel", before, after, Environment::kernel);
        differ(differences, "JDK", before, after, Environment::jdk);
        differ(differences, "governor", before, after, Environment::governor);
        differ(differences, "file system", before, after, env -> env.disk() == null ? null : env.disk().fs());
        return List.of("the machines differ: " + (differences.isEmpty() ? "fingerprint "
            + prints.stream().map(print -> print.substring(0, Math.min(SHORT, print.length())))
            .collect(Collectors.joining(" and ")) : String.join("; ", differences)));
    }

    /** What makes times of this machine worth less than its costs; null if nothing does, or it is not known. */
    static String noise(final Side base, final Side other) {
        final List<Environment> all = new ArrayList<>(environments(base));
        all.addAll(environments(other));
        final int cores = all.stream().mapToInt(Environment::cores).min().orElse(Integer.MAX_VALUE);
        final boolean isVirtual = all.stream().anyMatch(env -> Boolean.TRUE.equals(env.virtualised()));
        return cores > FEW_CORES && !isVirtual ? null : (cores > FEW_CORES ? "" : cores + " cores")
            + (isVirtual ? cores > FEW_CORES ? "virtual machine" : " of a virtual machine" : "")
            + ": judge by processor time and allocation first, and by times only of sides measured in turns";
    }

    /** Sentences on how the load differs between the runs of one cell. */
    static List<String> workloads(final String cell, final List<RunData> base, final List<RunData> other) {
        final Set<String> experiments = Stream.concat(base.stream(), other.stream())
            .map(run -> String.valueOf(run.document().experimentId())).collect(Collectors.toSet());
        final Set<String> hashes = Stream.concat(base.stream(), other.stream())
            .map(run -> run.document().workloadSha256()).filter(Objects::nonNull)
            .collect(Collectors.toCollection(TreeSet::new));
        final boolean isOneExperiment = experiments.size() == 1 && !experiments.contains("null");
        if (isOneExperiment && hashes.size() < 2) {
            return List.of(); // the legs differ in what the experiment asks about
        }
        // Where every run tells all that was asked for, a hash adds nothing but names and settings of later versions.
        final boolean isAllTold = Stream.concat(base.stream(), other.stream()).allMatch(RunCells::isAllTold);
        final Set<String> names = new TreeSet<>();
        Stream.concat(base.stream(), other.stream()).forEach(run -> names.addAll(run.document().params().keySet()));
        names.removeAll(IDLE_PARAMS);
        names.removeIf(name ->
            isAllTold && (TOLD_AGAIN.contains(name) || name.startsWith(RunParams.TOPIC_PREFIX)));
        if (!isAllTold) {
            names.remove(RunParams.OTHER_SETTINGS); // the hash has them, too
        }
        final List<String> differences = new ArrayList<>();
        names.remove(RunParams.DURABILITY);
        for (final String name : names) {
            differ(differences, name, base, other, run -> run.document().params().get(name));
        }
        differ(differences, "settings of the system", base, other, Comparability::systemSettings);
        if (differences.isEmpty() && (hashes.size() < 2 || isAllTold)) {
            return List.of();
        }
        return List.of((cell.isEmpty() ? "" : cell + ": ") + "the workloads differ: " + (differences.isEmpty()
            ? "hash " + hashes.stream().map(hash -> hash.substring(0, Math.min(SHORT, hash.length())))
            .collect(Collectors.joining(" and ")) : String.join("; ", differences)));
    }

    /** Of what a system promises only what it was told: the words around it may be put better in another version. */
    private static Object systemSettings(final RunData run) {
        return run.document().params().get(RunParams.DURABILITY) instanceof Map<?, ?> promise
            ? promise.entrySet().stream().map(part -> part.getKey() + "=" + part.getValue())
            .filter(part -> part.startsWith("setting ")).map(part -> part.substring("setting ".length())).sorted()
            .collect(Collectors.joining(", ")) : "";
    }

    /** Sentences on how the JVMs of two sets of JMH results differ. */
    static List<String> jvms(final List<JmhResult> base, final List<JmhResult> other) {
        final List<String> differences = new ArrayList<>();
        differ(differences, "JDK", base, other, JmhResult::jdk);
        differ(differences, "VM", base, other, JmhResult::vm);
        differ(differences, "JVM flags", base, other, result -> String.join(" ", result.jvmArgs()));
        return differences.isEmpty() ? List.of()
            : List.of("the forks' JVMs differ: " + String.join("; ", differences));
    }

    private static <T> void differ(final List<String> differences, final String name, final List<T> base,
        final List<T> other, final Function<T, Object> of) {
        final Set<String> before = values(base, of);
        final Set<String> after = values(other, of);
        if (!before.equals(after) || before.size() > 1) {
            differences.add(name + "=" + String.join("/", before) + " against " + String.join("/", after));
        }
    }

    private static <T> Set<String> values(final List<T> all, final Function<T, Object> of) {
        return all.stream().map(of).map(value -> value == null ? "unknown" : "".equals(value) ? "none"
            : String.valueOf(value))
            .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    private static List<Environment> environments(final Side side) {
        return Stream.concat(side.runs().stream().map(RunData::document),
            side.jmhRuns().stream().map(JmhRun::document)).map(RunDocument::env).filter(Objects::nonNull).toList();
    }
}
