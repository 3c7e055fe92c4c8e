/**
 * A node's counters, readable by other processes while it runs: one memory-mapped file of Agrona counters, whose ids
 * and labels stand in {@link io.millrace.transport.counters.NodeCounter} and
 * {@link io.millrace.transport.counters.AgentCounter}.
 *
 * <p>Threads: each counter has one writing thread; readers map the file read-only. May import: Agrona. An adapter: it
 * opens files.
 */
package io.millrace.transport.counters;
