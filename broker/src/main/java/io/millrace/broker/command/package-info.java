/**
 * The {@code millrace broker} command: one node in this process.
 *
 * <p>Threads: the main thread waits, the shutdown hook closes. May import: {@code config}, {@code node}, picocli.
 */
package io.millrace.broker.command;
