/**
 * What may be concluded from runs: ratios with intervals, and verdicts that may be "inconclusive".
 *
 * <p>The unit of replication is a run. Everything random is seeded, so the same runs give the same verdict. No input
 * or output, callers' threads. Imports the model and the store's values.
 */
package io.millrace.results.statistics;
