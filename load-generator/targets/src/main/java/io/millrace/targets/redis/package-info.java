/**
 * Redis Streams: one server, a stream per partition, over a small client for its protocol (RESP2).
 *
 * <p>May import {@code targets.process} and {@code targets.wire}.
 */
package io.millrace.targets.redis;
