/**
 * Bytes to fields and back. Produce, Fetch, ApiVersions and the request header have flyweights that allocate nothing;
 * all other requests go through a codec class per family of APIs and the generated message classes of the pinned
 * kafka-clients, which no public signature shows.
 *
 * <p>Threads: flyweights belong to the thread that made them; the codecs of cold requests are stateless. May import:
 * agrona, the engine's {@code io} seam, {@code kafka.message}, kafka-clients.
 */
package io.millrace.transport.kafka.codec;
