/**
 * The TCP server: an NIO reactor that reads length-prefixed requests into bounded memory, hands them to a
 * {@link io.millrace.transport.kafka.server.RequestHandler} and sends replies in the order of the requests.
 *
 * <p>Threads: everything here belongs to one network thread, except {@code wakeup()} and reading counters. May import:
 * agrona, the engine's {@code io} seam, {@code kafka.codec}.
 */
package io.millrace.transport.kafka.server;
