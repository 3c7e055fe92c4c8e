package io.millrace.results.report;

import io.millrace.results.model.Environment;
import io.millrace.results.model.RunDocument;
import io.millrace.results.model.RunParams;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** The machine, the settings and the exact command. */
final class EnvironmentCard {
    private static final int MAX_DIFFERENT = 3;
    /** Zero where the length of the run decides. */
    private static final String UNSET = "num_records";

    private EnvironmentCard() {
    }

    /** The first run's machine in full, and every other one that took part in a row. */
    static String html(final List<RunDocument> runs, final List<String> command, final Machines machines) {
        final StringBuilder html = new StringBuilder();
        final String machine = "Machine" + (machines.count() > 1 && runs.get(0).env() != null
            ? " " + runs.get(0).env().host() : "");
        html.append("<h3>Command</h3>\n<pre class=\"command\">").append(Html.escape(shell(command)))
            .append("</pre>\n");
        final Map<String, Object> load = load(runs);
        if (load.isEmpty()) {
            heading(html, machine);
            list(html, "machine", machine(runs.get(0)));
            return html.append(machines.table()).toString();
        }
        html.append("<div class=\"columns\"><div><h3>Load</h3>\n");
        list(html, "load", load);
        html.append("</div><div>");
        heading(html, machine);
        list(html, "machine", machine(runs.get(0)));
        return html.append("</div></div>\n").append(machines.table()).toString();
    }

    private static void heading(final StringBuilder html, final String text) {
        html.append("<h3>").append(Html.escape(text)).append("</h3>\n");
    }

    /** Each setting once; where the runs differ, every value it had. */
    private static Map<String, Object> load(final List<RunDocument> runs) {
        final Map<String, Set<String>> values = new LinkedHashMap<>();
        runs.forEach(run -> run.params().forEach((name, value) -> {
            final boolean isUnset = UNSET.equals(name) && value instanceof Number number && number.longValue() == 0;
            if (value != null && !isUnset && !RunParams.CLUSTER.equals(name)
                && !RunParams.DURABILITY.equals(name)) { // which has a table of its own
                values.computeIfAbsent(name, n -> new LinkedHashSet<>()).add(setting(name, value));
            }
        }));
        final Map<String, Object> load = new LinkedHashMap<>();
        values.forEach((name, different) -> load.put(
            name.replaceAll("_(per_s|s|ms|ns|bytes)$", "").replace('_', ' '),
            different.size() > MAX_DIFFERENT ? "another in each run" : String.join(" / ", different)));
        return load;
    }

    /** A figure with the unit its name ends with. */
    private static String setting(final String name, final Object value) {
        if (value instanceof List<?> several) {
            return several.stream().map(String::valueOf).collect(Collectors.joining(", "));
        }
        if (!(value instanceof Number number)) {
            return String.valueOf(value);
        }
        final double figure = number.doubleValue();
        final String text = figure == Math.rint(figure) ? Format.count(figure) : Format.trimmed(figure);
        if (name.endsWith("_ns")) {
            return Format.time(figure);
        }
        if (name.endsWith("_per_s")) {
            return figure > 0 ? text + "/s" : "unlimited";
        }
        return text + (name.endsWith("_bytes") ? " B" : name.endsWith("_s") ? " s" : name.endsWith("_ms") ? " ms" : "");
    }

    private static Map<String, Object> machine(final RunDocument run) {
        final Map<String, Object> facts = new LinkedHashMap<>();
        final Environment env = run.env();
        if (env != null) {
            facts.put("processor", env.cpu());
            facts.put("cores", env.cores() + (env.cgroup() != null && env.cgroup().cpus() != null
                ? ", limited to " + Format.trimmed(env.cgroup().cpus()) + " by the control group" : ""));
            facts.put("virtual machine", env.virtualised() == null ? null : env.virtualised() ? "yes" : "no");
            facts.put("governor", env.governor());
            facts.put("memory", binary(env.memoryBytes()));
            facts.put("memory limit", env.cgroup() == null ? null : binary(env.cgroup().memoryBytes()));
            facts.put("system", env.os());
            facts.put("kernel", env.kernel());
            facts.put("JDK", env.jdk());
            facts.put("JVM flags", env.jvmFlags() == null || env.jvmFlags().isEmpty() ? null
                : String.join(" ", env.jvmFlags()));
            disk(facts, env.disk());
            facts.put("/dev/shm", binary(env.devShmBytes()));
            facts.put("rmem_max", env.rmemMaxBytes() == null ? null : Format.count(env.rmemMaxBytes()) + " B");
            facts.put("wmem_max", env.wmemMaxBytes() == null ? null : Format.count(env.wmemMaxBytes()) + " B");
            facts.put("clock source", env.clocksource());
            facts.put("load before the run", env.loadAverage1m() == null ? null
                : Format.trimmed(env.loadAverage1m()) + " (1 min)");
            facts.put("stalls before the series", env.idle() == null ? null : "p50 " + Format.time(env.idle().p50Ns())
                + ", p99 " + Format.time(env.idle().p99Ns()) + ", longest " + Format.time(env.idle().maxNs())
                + " of an idle thread over " + Format.time(env.idle().durationNs()));
            facts.put("fingerprint", env.fingerprint() == null ? null
                : env.fingerprint().substring(0, Math.min(12, env.fingerprint().length())));
        }
        if (run.git() != null) {
            facts.put("built from", run.git().sha() + (run.git().dirty() ? ", with local changes" : ""));
        }
        return facts;
    }

    private static void disk(final Map<String, Object> facts, final Environment.Disk disk) {
        if (disk != null) {
            facts.put("disk", disk.fs() + (disk.device() == null ? "" : " on " + disk.device())
                + (disk.scheduler() == null ? "" : ", scheduler " + disk.scheduler()));
            facts.put("disk space", binary(disk.freeBytes()) + " free of " + binary(disk.totalBytes()));
            facts.put("mount options", disk.options());
            facts.put("sync of 4 KiB before the series", disk.fsyncP99Ns() == null ? null : "p50 "
                + Format.time(disk.fsyncP50Ns()) + ", p99 " + Format.time(disk.fsyncP99Ns()));
        }
    }

    private static String binary(final Long bytes) {
        return bytes == null ? null : Format.binaryBytes(bytes);
    }

    private static void list(final StringBuilder html, final String id, final Map<String, Object> facts) {
        html.append("<dl id=\"").append(id).append("\">\n");
        facts.forEach((name, value) -> {
            if (value != null) {
                html.append("<dt>").append(Html.escape(name)).append("</dt><dd>").append(Html.escape(value))
                    .append("</dd>\n");
            }
        });
        html.append("</dl>\n");
    }

    static String shell(final List<String> command) {
        final StringBuilder line = new StringBuilder();
        for (final String argument : command) {
            final boolean isPlain = argument.matches("[A-Za-z0-9_@%+=:,./-]+");
            line.append(line.isEmpty() ? "" : " ")
                .append(isPlain ? argument : "'" + argument.replace("'", "'\\''") + "'");
        }
        return line.isEmpty() ? "(not recorded)" : line.toString();
    }
}
