/**
 * What this node answers to Kafka clients: one class per request or family of requests.
 *
 * <p>Threads: everything here belongs to the network thread, but for what says otherwise. May import: the transport's
 * Kafka codec and server seams, the engine's door, the metadata image and port, {@code shard}, {@code config}.
 */
package io.millrace.broker.api;
