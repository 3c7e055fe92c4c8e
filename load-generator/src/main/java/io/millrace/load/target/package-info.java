/**
 * The seam to systems that this tool can start for a run: how they are started, what they promise, how their nodes are
 * found and started again.
 *
 * <p>Used by the thread that sets a run up, and by the thread that injects faults. May import {@code driver} and
 * {@code workload}; a system in a module of its own is found by {@link java.util.ServiceLoader}.
 */
package io.millrace.load.target;
