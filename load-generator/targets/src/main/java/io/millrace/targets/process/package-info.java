/**
 * Processes of other systems: found, started on loopback in a directory of the run, awaited, stopped by their id.
 *
 * <p>Owned by the thread that sets a run up. May import {@code load.driver} for its exceptions.
 */
package io.millrace.targets.process;
