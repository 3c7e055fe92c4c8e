package io.millrace.load.run;

import io.millrace.load.workload.Workload;
import io.millrace.load.workload.WorkloadFile;
import io.millrace.load.workload.WorkloadKeys;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** The resolved workload as a workload file, every default spelled out; it can be run again as it is. */
public final class WorkloadYaml {
    private WorkloadYaml() {
    }

    /**
     * {@return the text of {@code workload.resolved.yaml}}
     *
     * @param workload to write
     */
    public static String write(final Workload workload) {
        return write(workload, "# every value in force, defaults included\n", name -> true);
    }

    /**
     * {@return a workload file with some of the values only}
     *
     * @param workload to write
     * @param heading  comment lines above
     * @param isWanted true for the name of a setting that is to be written
     */
    public static String write(
        final Workload workload, final String heading, final Predicate<String> isWanted) {
        final Map<String, Object> tree = new LinkedHashMap<>();
        final List<String> phases = new ArrayList<>();
        for (final WorkloadKeys.Key key : WorkloadKeys.all()) {
            final String value = workload.settings().get(key.name());
            if (!isWanted.test(key.name())) {
                continue;
            }
            if (key.path().startsWith(WorkloadKeys.PHASES)) {
                phase(key.name(), value, workload, phases);
            } else if (!value.isEmpty()) {
                put(tree, key.path().split("\\."), value);
            }
        }
        workload.topicConfigs().forEach((key, value) ->
            put(tree, new String[] {"target", "topic", "configs", key}, value));
        final StringBuilder text =
            new StringBuilder(heading).append("schema: ").append(WorkloadFile.SCHEMA).append('\n');
        tree.forEach((key, value) -> entry(text, "", key, value));
        text.append("phases:\n");
        phases.forEach(phase -> text.append("  - ").append(phase).append('\n'));
        return text.toString();
    }

    /**
     * Hashes a workload so that the sides of a comparison can be told to differ in nothing else.
     *
     * @param workload to hash
     * @param without  keys of {@link Workload#asTree()} to leave out
     * @return SHA-256 in hexadecimal
     */
    public static String sha256(final Workload workload, final Collection<String> without) {
        final StringBuilder text = new StringBuilder();
        workload.asTree().forEach((key, value) -> {
            if (!without.contains(key)) {
                entry(text, "", key, value);
            }
        });
        try {
            return HexFormat.of().formatHex(
                MessageDigest.getInstance("SHA-256").digest(text.toString().getBytes(StandardCharsets.UTF_8)));
        } catch (final NoSuchAlgorithmException ex) {
            throw new IllegalStateException("every JDK has SHA-256", ex);
        }
    }

    private static void phase(
        final String name, final String value, final Workload workload, final List<String> phases) {
        final boolean isCounted = workload.recordCount() > 0;
        final boolean hasBacklog = workload.phases().backlogLength() > 0;
        switch (name) {
            case "warmup" -> phases.add(workload.phases().isUntilSteady()
                ? "warmup: {until: steady, max: " + quoted(value.substring(value.indexOf(':') + 1)) + "}"
                : "warmup: " + quoted(value));
            case "duration" -> {
                if (!isCounted) {
                    phases.add("measure: " + quoted(value));
                }
            }
            case "num-records" -> {
                if (isCounted) {
                    phases.add("measure: {records: " + quoted(value) + "}");
                }
            }
            case "backlog" -> {
                if (hasBacklog) {
                    phases.add("backlog: {build: " + quoted(value) + "}");
                }
            }
            case "drain" -> phases.add("drain: {producers: "
                + quoted(workload.settings().get("drain-producers")) + ", max: " + quoted(value) + "}");
            case "cooldown" -> phases.add("cooldown: " + quoted(value));
            default -> { } // drain-producers stands with drain
        }
    }

    @SuppressWarnings("unchecked")
    private static void put(final Map<String, Object> tree, final String[] path, final String value) {
        Map<String, Object> at = tree;
        for (int i = 0; i < path.length - 1; i++) {
            at = (Map<String, Object>) at.computeIfAbsent(path[i], key -> new LinkedHashMap<String, Object>());
        }
        at.put(path[path.length - 1], value);
    }

    private static void entry(final StringBuilder text, final String indent, final String key, final Object value) {
        text.append(indent).append(key.matches("[A-Za-z0-9_]+") ? key : quoted(key)).append(':');
        if (value instanceof Map<?, ?> map) {
            text.append('\n');
            map.forEach((k, v) -> entry(text, indent + "  ", String.valueOf(k), v));
        } else {
            text.append(' ').append(quoted(String.valueOf(value))).append('\n');
        }
    }

    private static String quoted(final String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + '"';
    }
}
