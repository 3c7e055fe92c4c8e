package io.millrace.transport.kafka.codec;

/**
 * Where clients reach a broker that a response names as a leader.
 *
 * @param nodeId of the broker
 * @param host   name or address
 * @param port   of its Kafka listener
 */
public record NodeEndpoint(int nodeId, String host, int port) {
}
