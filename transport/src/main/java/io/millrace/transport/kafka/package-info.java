/**
 * The Kafka wire protocol: what travels over TCP between clients and a broker.
 *
 * <p>Lives here: nothing but the sub-packages {@code codec} (bytes to fields and back), {@code message} (plain records
 * of the cold requests), {@code server} (the TCP reactor) and {@code client} (a lean client). Threads: each
 * sub-package says so. May import: agrona, the engine's {@code io} seam; kafka-clients' generated message classes only
 * inside {@code codec} and {@code client}, never in a public signature.
 */
package io.millrace.transport.kafka;
