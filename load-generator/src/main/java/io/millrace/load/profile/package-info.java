/**
 * Where time, memory and waiting go: flight recordings of processes, flame graphs made from them, and async-profiler
 * where it is at hand.
 *
 * <p>Used by the run's thread. Imports nothing of the other packages but {@code workload}'s exception.
 */
package io.millrace.load.profile;
