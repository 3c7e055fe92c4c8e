/**
 * NATS JetStream: one server or a cluster of them, a stream in files per partition, over a small client for its
 * protocol.
 *
 * <p>May import {@code targets.process} and {@code targets.wire}.
 */
package io.millrace.targets.nats;
