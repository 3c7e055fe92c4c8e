package io.millrace.results.store;

/** Names inside a run or experiment directory. */
public final class RunFiles {
    /** Header and outcome. */
    public static final String RUN = "run.json";
    /** Settings as resolved, every default spelled out. */
    public static final String WORKLOAD = "workload.resolved.yaml";
    /** Interval histograms, HistogramLogWriter format 1.3. */
    public static final String LATENCY = "latency.hlog";
    /** A row a second. */
    public static final String TIMELINE = "timeline.csv";
    /** A JSON object a line. */
    public static final String EVENTS = "events.jsonl";
    /** What reading back showed. */
    public static final String VERIFY = "verify.json";
    /** Directory: a file per host. */
    public static final String ENV = "env";
    /** Directory: logs of the processes that took part. */
    public static final String LOGS = "logs";
    /** JMH's own JSON, in a run of kind jmh. */
    public static final String JMH_RESULT = "jmh-result.json";
    /** In the directory above the runs of an experiment. */
    public static final String EXPERIMENT = "experiment.json";

    /** Beside it, if the experiment is a sweep. */
    public static final String SWEEP = "sweep.json";

    /** Directory in that of an experiment: another one, made with it, whose two sides are the same. */
    public static final String CONTROL = "control";

    static final String TIMELINE_HEADER = "start_ms,phase,sent,acked,errors,bytes,p50_ns,p99_ns,max_ns";

    private RunFiles() {
    }
}
