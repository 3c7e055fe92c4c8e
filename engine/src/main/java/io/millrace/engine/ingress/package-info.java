/**
 * The way into a led shard: a ring whose records are the frames of the log to be.
 *
 * <p>Threads: any thread claims and commits; only the engine thread reads, opens and closes. May import: agrona, the
 * engine's door, {@code format}.
 */
package io.millrace.engine.ingress;
