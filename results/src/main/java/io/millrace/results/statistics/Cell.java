package io.millrace.results.statistics;

import java.util.List;

/**
 * One setting both sides were measured in.
 *
 * @param label     what sets it apart from the other cells; empty if it is the only one
 * @param isJmh     true if it is a JMH benchmark
 * @param estimates one per figure
 * @param leftOut   runs, or pairs of runs, that were left out because they are not valid
 * @param isPaired  true if the runs are paired
 */
public record Cell(String label, boolean isJmh, List<RatioEstimate> estimates, int leftOut, boolean isPaired) {
}
