package io.millrace.results.model;

/** What a run directory holds; the {@code kind} of {@code run.json}. */
public final class RunKind {
    /** Load on a cluster: histograms, timeline, events, verification. What a document without a kind is. */
    public static final String BENCH = "bench";
    /** JMH benchmarks: JMH's own JSON. */
    public static final String JMH = "jmh";

    private RunKind() {
    }
}
