/**
 * Bytes to fields and back. Produce, Fetch, ApiVersions and the request header have flyweights that allocate nothing;
 * all other requests go through {@link io.millrace.transport.kafka.codec.ColdCodec} and the generated message classes
 * of the pinned kafka-clients, which no public signature shows.
 *
 * <p>Threads: flyweights belong to the thread that made them; ColdCodec is stateless. May import: agrona, the engine's
 * {@code io} seam, {@code kafka.message}, kafka-clients.
 */
package io.millrace.transport.kafka.codec;
