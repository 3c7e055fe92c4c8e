/**
 * The commands {@code millrace broker}, one node in this process, and {@code millrace counters}, which reads the
 * counters of nodes in other processes.
 *
 * <p>Threads: the main thread waits, the shutdown hook closes. May import: {@code config}, {@code node}, the counters
 * of transport, picocli.
 */
package io.millrace.broker.command;
