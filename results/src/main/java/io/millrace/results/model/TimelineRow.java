package io.millrace.results.model;

/**
 * One second of a run; a row of {@code timeline.csv}.
 *
 * @param startMs wall-clock start of the second, milliseconds since the epoch
 * @param phase   "warmup", "measure" or "drain"
 * @param sent    records handed to the client
 * @param acked   records acknowledged
 * @param errors  records refused or given up
 * @param bytes   payload bytes acknowledged
 * @param p50Ns   median response time, -1 if nothing was acknowledged
 * @param p99Ns   99th percentile of the response time, -1 if nothing was acknowledged
 * @param maxNs   longest response time, -1 if nothing was acknowledged
 */
public record TimelineRow(
    long startMs,
    String phase,
    long sent,
    long acked,
    long errors,
    long bytes,
    long p50Ns,
    long p99Ns,
    long maxNs) {
}
