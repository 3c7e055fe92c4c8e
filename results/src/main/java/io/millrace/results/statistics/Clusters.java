package io.millrace.results.statistics;

import io.millrace.results.model.RunParams;
import io.millrace.results.store.RunData;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Which start of a system runs met. Processes that are started anew have a level of their own (memory layout, compiled
 * code, placement), so runs on the same ones are no more independent of each other than the seconds of one run: of two
 * sides that are not paired each start counts once, with the mean of its runs.
 */
final class Clusters {
    private Clusters() {
    }

    /** {@return equal words for runs that met the same processes, as far as that is known} */
    static List<String> of(final List<RunData> runs) {
        return runs.stream().map(Clusters::of).toList();
    }

    /**
     * What a result does not tell is inferred. A single run starts its own system, and without one there is none that
     * could be shared; runs of one command share theirs, unless each was to have a new one. What is at an address
     * cannot be started anew by the command.
     */
    private static String of(final RunData run) {
        final Object told = run.document().params().get(RunParams.CLUSTER);
        if (told != null) {
            return String.valueOf(told);
        }
        final boolean isStarted = !RunCells.value(run, RunParams.TARGET).matches("\\S+:\\d+");
        final boolean isOwn = run.document().experimentId() == null || "null".equals(RunCells.value(run, "driver"))
            || isStarted && RunCells.value(run, RunParams.OTHER_SETTINGS).contains("restart-broker=true");
        return isOwn ? "run " + run.document().runId() : "experiment " + run.document().experimentId();
    }

    /** {@return true if a run met a system and does not tell which start of it} */
    static boolean isInferred(final RunData run) {
        return run.document().params().get(RunParams.CLUSTER) == null
            && !"null".equals(RunCells.value(run, "driver"));
    }

    /**
     * Figures of clusters from those of their runs.
     *
     * @param samples  of the runs
     * @param clusters that they met
     * @return the geometric means, one a cluster that has any figure
     */
    static List<RunSample> means(final List<RunSample> samples, final List<String> clusters) {
        final Map<String, List<RunSample>> byCluster = new LinkedHashMap<>();
        for (int i = 0; i < samples.size(); i++) {
            if (samples.get(i).isUsable()) {
                byCluster.computeIfAbsent(clusters.get(i), cluster -> new ArrayList<>()).add(samples.get(i));
            }
        }
        return byCluster.values().stream().map(Clusters::mean).toList();
    }

    /** The replicates of the runs are independent, so any of one may be put with any of another. */
    private static RunSample mean(final List<RunSample> runs) {
        if (runs.size() == 1) {
            return runs.get(0);
        }
        final double value =
            Math.exp(runs.stream().mapToDouble(run -> Math.log(run.value())).average().orElseThrow());
        final double[][] noise = runs.stream().map(RunSample::logNoise).toArray(double[][]::new);
        final double[] replicates =
            new double[Arrays.stream(noise).mapToInt(of -> of.length).max().orElseThrow()];
        for (int i = 0; i < replicates.length; i++) {
            double sum = 0;
            for (final double[] of : noise) {
                sum += of.length == 0 ? 0 : of[i % of.length];
            }
            replicates[i] = value * Math.exp(sum / runs.size());
        }
        return new RunSample(value, replicates);
    }
}
