/**
 * One run from topic to verdict: phases, sending threads, sampling, progress, cost, verification, cleaning up.
 *
 * <p>The thread that calls {@code BenchRun.execute} samples and reports; sending threads each own a driver session.
 * May import every other package of this module but {@code command}.
 */
package io.millrace.load.run;
