package io.millrace.results.model;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * One benchmark method with one set of parameters, as JMH measured it.
 *
 * @param benchmark         full name of the method
 * @param mode              JMH's short word: thrpt, avgt, sample, ss
 * @param threads           that ran it at once
 * @param plannedForks      asked for; an interrupted run has fewer
 * @param plannedIterations measured ones of each fork, asked for
 * @param params            by name, in the benchmark's order
 * @param jdk               version that the forks ran on
 * @param vm                its name
 * @param jvmArgs           of the forks
 * @param primary           the score
 * @param secondary         what profilers and counters added, by JMH's name
 */
public record JmhResult(
    String benchmark,
    String mode,
    int threads,
    int plannedForks,
    int plannedIterations,
    Map<String, String> params,
    String jdk,
    String vm,
    List<String> jvmArgs,
    JmhMetric primary,
    Map<String, JmhMetric> secondary) {
    /** Bytes allocated per operation, from {@code -prof gc}; its name in newer and in older files. */
    private static final List<String> ALLOCATION = List.of("gc.alloc.rate.norm", "\u00b7gc.alloc.rate.norm");

    /** JMH's profilers name their figures so; a benchmark's are Java identifiers. */
    private static final Pattern PROFILER = Pattern.compile("\u00b7|\\w+\\W");

    /** {@return class and method without the package} */
    public String shortName() {
        final int method = benchmark.lastIndexOf('.');
        final int type = method < 0 ? -1 : benchmark.lastIndexOf('.', method - 1);
        return benchmark.substring(type + 1);
    }

    /** {@return bytes allocated per operation, null unless {@code -prof gc} was on} */
    public JmhMetric allocation() {
        return ALLOCATION.stream().map(secondary::get).filter(metric -> metric != null).findFirst().orElse(null);
    }

    /** {@return what the benchmark's own counters say, without what profilers added} */
    public Map<String, JmhMetric> counters() {
        final Map<String, JmhMetric> counters = new TreeMap<>(secondary);
        counters.keySet().removeIf(name -> PROFILER.matcher(name).lookingAt());
        return counters;
    }

    /** {@return whether every planned iteration of every planned fork is there} */
    public boolean isComplete() {
        return plannedForks <= 0 ? primary.iterationCount() >= plannedIterations
            : primary.iterationCount() >= (long) plannedForks * plannedIterations;
    }
}
