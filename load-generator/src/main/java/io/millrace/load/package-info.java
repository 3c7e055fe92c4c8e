/**
 * The load generator: a workload is paced by an open-loop schedule through a driver, recorded, read back and verified.
 *
 * <p>Packages, lower first: {@code workload} and {@code pacing} (plain values), {@code record}, {@code driver} with its
 * implementations, {@code verify}, {@code run} (one run from topic to verdict), {@code command} (picocli).
 * May import transport's lean client and results; each driver brings its own client.
 */
package io.millrace.load;
