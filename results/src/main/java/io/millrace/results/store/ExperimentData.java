package io.millrace.results.store;

import io.millrace.results.model.Experiment;

import java.util.List;

/**
 * The runs of one experiment, or runs that were named together.
 *
 * @param experiment its document; made up from the runs if they were named one by one
 * @param runs       load on a cluster, in the order they were run; empty if there are JMH runs only
 * @param jmhRuns    JMH benchmarks, in the order they were run
 * @param problems   sentences on runs that are listed but cannot be read
 * @param control    an experiment made with this one whose two sides are the same; null without one
 */
public record ExperimentData(
    Experiment experiment, List<RunData> runs, List<JmhRun> jmhRuns, List<String> problems, ExperimentData control) {
    /**
     * The runs of one side.
     *
     * @param leg its name
     * @return in the order they were run
     */
    public List<RunData> runs(final String leg) {
        return runs.stream().filter(run -> leg.equals(run.document().leg())).toList();
    }
}
