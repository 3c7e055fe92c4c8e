package io.millrace.results.report;

import io.millrace.results.model.Environment;
import io.millrace.results.store.EnvironmentReader;
import io.millrace.results.store.RunData;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Every machine the runs were measured on, and that of each worker; belongs to the method that renders. */
final class Machines {
    private static final int FEW = 4;
    private static final String MEASURING = "the measuring process";
    private static final Pattern WORKER = Pattern.compile("worker-(.+?)(?:_(\\d+))?");

    /** Once for each host in each state. */
    private final Map<String, Machine> byIdentity = new LinkedHashMap<>();

    private Machines(final List<RunData> runs) {
        for (final RunData run : runs) {
            if (run.document().env() != null) {
                add(run.document().env(), MEASURING);
            }
            final String own = run.document().env() == null ? null : run.document().env().host();
            EnvironmentReader.of(run).forEach((name, environment) -> {
                final Matcher worker = WORKER.matcher(name);
                if (worker.matches() && !name.equals(own)) {
                    add(environment, "worker " + worker.group(1)
                        + (worker.group(2) == null ? "" : ":" + worker.group(2)));
                }
            });
        }
    }

    /** One host and what ran on it. */
    private record Machine(Environment env, Set<String> parts) {
    }

    static Machines of(final List<RunData> runs) {
        return new Machines(runs);
    }

    private void add(final Environment env, final String part) {
        byIdentity.computeIfAbsent(env.host() + " " + env.fingerprint(), key -> new Machine(env, new LinkedHashSet<>()))
            .parts.add(part);
    }

    /** {@return how many machines, or states of one, there were} */
    int count() {
        return byIdentity.size();
    }

    /** {@return a row for each; empty if there is one only, which nothing but the measuring process ran on} */
    String table() {
        final List<Machine> machines = new ArrayList<>(byIdentity.values());
        if (machines.size() < 2 && machines.stream().allMatch(machine -> machine.parts.size() < 2)) {
            return "";
        }
        final HtmlTable table = new HtmlTable("machines", "Every machine that took part")
            .head(List.of("", "took part as", "processor", "cores", "memory", "kernel", "JDK"));
        machines.forEach(machine -> table.row(List.of(
            Objects.requireNonNullElse(machine.env.host(), "a host without a name"), String.join(", ", machine.parts),
            text(machine.env.cpu()), Format.count(machine.env.cores()), machine.env.memoryBytes() == null ? Format.NONE
            : Format.binaryBytes(machine.env.memoryBytes()), text(machine.env.kernel()), text(machine.env.jdk()))));
        return machines.size() <= FEW ? table.end() : "<details class=\"files\"><summary>All " + machines.size()
            + " machines that took part</summary>\n" + table.end() + "</details>\n";
    }

    private static String text(final String value) {
        return value == null ? Format.NONE : value;
    }
}
