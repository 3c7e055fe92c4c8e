/**
 * Bytes between processes. {@code replication} carries log bytes between brokers, {@code kafka} speaks the Kafka wire
 * protocol to clients.
 *
 * <p>May import: the engine's format package, aeron-all, kafka-clients.
 */
package io.millrace.transport;
