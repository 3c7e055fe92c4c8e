/**
 * The commands {@code millrace broker}, one node in this process, {@code millrace counters}, which reads the counters
 * of nodes in other processes, and {@code millrace log}, which looks at log files.
 *
 * <p>Threads: the main thread runs or waits, the shutdown hook closes. May import: {@code config}, {@code node}, the
 * counters of transport and its reader of record batches, the engine, picocli.
 */
package io.millrace.broker.command;
