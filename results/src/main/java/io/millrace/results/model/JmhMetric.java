package io.millrace.results.model;

import java.util.List;
import java.util.Map;

/**
 * One figure of a JMH benchmark.
 *
 * @param score      JMH's, over all iterations of all forks; NaN if there is none
 * @param scoreError half of JMH's 99.9 % interval, which takes iterations for independent; NaN if it gave none
 * @param unit       as JMH writes it, "ops/s"
 * @param forks      score of every measured iteration by fork, in the order they were run; may be empty
 * @param forkMeans  of each fork that has iterations; of all its samples in mode sample
 * @param quantiles  by percent as JMH writes it ("99.9"), over all samples; over iterations unless the mode is sample
 */
public record JmhMetric(
    double score, double scoreError, String unit, List<List<Double>> forks, List<Double> forkMeans,
    Map<String, Double> quantiles) {
    /** {@return the mean of all iterations; what a benchmark counted itself JMH adds up instead} */
    public double iterationMean() {
        return forks.stream().flatMap(List::stream).mapToDouble(Double::doubleValue).average().orElse(score);
    }

    /** {@return measured iterations over all forks} */
    public int iterationCount() {
        return forks.stream().mapToInt(List::size).sum();
    }
}
