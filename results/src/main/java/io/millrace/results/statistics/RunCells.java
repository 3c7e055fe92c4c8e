package io.millrace.results.statistics;

import io.millrace.results.model.Experiment;
import io.millrace.results.model.RunParams;
import io.millrace.results.store.ExperimentData;
import io.millrace.results.store.RunData;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Sorts runs by what was asked of the cluster. */
public final class RunCells {
    /** The settings that tell cells apart; all there are, the last one holds what the others do not name. */
    public static final List<String> PARAMS = List.of("target", "driver", "acks", "profile", "rate_per_s",
        "record_bytes", "partitions", "producers", "consumers", "replication_factor", "batch_bytes", "linger_ns",
        "compression", "arrival", "record_size", "keys", "topics", "in_flight", "threads", "payload",
        "min_insync_replicas", "faults", RunParams.WORKERS, RunParams.WORKERS_CLOCK, RunParams.RECORDING,
        RunParams.OTHER_SETTINGS);
    /** What tells apart sides that differ in something else than those. */
    private static final String SIDE = "side";
    private static final String SEPARATOR = "\n";
    private static final String OTHERS = RunParams.OTHER_SETTINGS + "=";

    /** By setting after setting, numbers by size; leader, which is the usual base, before all. */
    static final Comparator<String> ORDER = (a, b) -> {
        final String[] left = a.split(SEPARATOR);
        final String[] right = b.split(SEPARATOR);
        for (int i = 0; i < Math.min(left.length, right.length); i++) {
            final int order = compare(left[i], right[i]);
            if (order != 0) {
                return order;
            }
        }
        return left.length - right.length;
    };

    private RunCells() {
    }

    private static int compare(final String a, final String b) {
        final String left = a.substring(a.indexOf('=') + 1);
        final String right = b.substring(b.indexOf('=') + 1);
        try {
            return Double.compare(Double.parseDouble(left), Double.parseDouble(right));
        } catch (final NumberFormatException ex) {
            return "leader".equals(left) && "all".equals(right) ? -1
                : "all".equals(left) && "leader".equals(right) ? 1 : left.compareTo(right);
        }
    }

    /**
     * Runs by setting.
     *
     * @param runs in any order
     * @return by an opaque key, in the order in which the settings first occur
     */
    public static Map<String, List<RunData>> group(final List<RunData> runs) {
        return group(runs, true);
    }

    /** {@return runs by setting, those that not every result tells left out if asked for} */
    static Map<String, List<RunData>> group(final List<RunData> runs, final boolean isAllTold) {
        final List<String> names =
            PARAMS.stream().filter(name -> isAllTold || !RunParams.OTHER_SETTINGS.equals(name)).toList();
        final Map<String, List<RunData>> cells = new LinkedHashMap<>();
        for (final RunData run : runs) {
            cells.computeIfAbsent(key(run, names), k -> new ArrayList<>()).add(run);
        }
        return cells;
    }

    /** {@return whether a result tells all settings that are not the default: older ones do not} */
    public static boolean isAllTold(final RunData run) {
        return run.document().params().get(RunParams.OTHER_SETTINGS) != null;
    }

    /**
     * Tells whether an experiment is of many settings rather than of two rivals.
     *
     * @param data any
     * @return true if it has more than two sides, if its sides are rates, or if a side has several settings
     */
    public static boolean isMatrix(final ExperimentData data) {
        final List<Experiment.Leg> legs = data.experiment().legs();
        return legs != null && (legs.size() > 2
            || legs.size() == 2 && Experiment.SWEEP.equals(data.experiment().kind())
            || legs.stream().anyMatch(leg -> group(data.runs(leg.name())).size() > 1));
    }

    /**
     * What tells the cells of these runs apart.
     *
     * @param runs any
     * @return {@link #PARAMS}, with the side before them if sides differ in none of them
     */
    public static List<String> names(final List<RunData> runs) {
        if (group(runs).values().stream().allMatch(cell ->
            cell.stream().map(run -> String.valueOf(run.document().leg())).distinct().count() == 1)) {
            return PARAMS;
        }
        final List<String> names = new ArrayList<>(List.of(SIDE));
        names.addAll(PARAMS);
        return names;
    }

    /**
     * Names for cells: those settings only in which they differ.
     *
     * @param keys all keys, of one or more groups
     * @return by key
     */
    public static Map<String, String> labels(final Collection<String> keys) {
        final Map<String, String> labels = new LinkedHashMap<>();
        for (final String key : keys) {
            final String[] parts = key.split(SEPARATOR);
            final StringBuilder label = new StringBuilder();
            for (int i = 0; i < parts.length; i++) {
                final int at = i;
                if (keys.stream().map(k -> k.split(SEPARATOR)[at]).distinct().count() > 1) {
                    label.append(label.isEmpty() ? "" : ", ").append(parts[i].startsWith(OTHERS)
                        ? others(parts[i], keys.stream().map(k -> k.split(SEPARATOR)[at]).toList())
                        : parts[i].replaceFirst("^" + SIDE + "=", "").replace("_per_s=", "=").replace("_bytes=", "="));
                }
            }
            labels.put(key, label.toString());
        }
        return labels;
    }

    /** Of the other settings those that not all have. */
    private static String others(final String part, final List<String> all) {
        final List<String> words = words(part);
        final Set<String> common = new HashSet<>(words);
        all.forEach(other -> common.retainAll(words(other)));
        final String own = words.stream().filter(word -> !common.contains(word)).collect(Collectors.joining("; "));
        return own.isEmpty() || "-".equals(own) ? "defaults" : own;
    }

    private static List<String> words(final String part) {
        return List.of(part.substring(OTHERS.length()).split("; "));
    }

    /**
     * One run's settings as a key.
     *
     * @param run   any
     * @param names of the settings
     * @return equal for equal settings
     */
    public static String key(final RunData run, final List<String> names) {
        return names.stream().map(name -> name + "=" + value(run, name)).collect(Collectors.joining(SEPARATOR));
    }

    /**
     * A setting of a run.
     *
     * @param run  any
     * @param name of the setting
     * @return its text, a dash if it is not known
     */
    public static String value(final RunData run, final String name) {
        final Object value = !SIDE.equals(name) ? run.document().params().get(name)
            : run.document().legLabel() != null ? run.document().legLabel() : run.document().leg();
        return value == null || "".equals(value) ? "-" : String.valueOf(value).replace(SEPARATOR, " ");
    }

    /**
     * Settings of which the runs have more than one value.
     *
     * @param runs any
     * @return in the order of {@link #names}
     */
    public static List<String> factors(final List<RunData> runs) {
        return different(names(runs), runs);
    }

    /** Settings of which the runs have more than one value, without a look at their sides. */
    static List<String> different(final List<RunData> runs) {
        return different(PARAMS, runs);
    }

    private static List<String> different(final List<String> names, final List<RunData> runs) {
        return names.stream().filter(name -> values(runs, name).size() > 1).toList();
    }

    /** The values of a setting. */
    static Set<String> values(final List<RunData> runs, final String name) {
        return runs.stream().map(run -> value(run, name)).collect(Collectors.toSet());
    }
}
