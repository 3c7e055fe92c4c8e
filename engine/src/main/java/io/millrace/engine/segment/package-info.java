/**
 * One file of a shard's log with its index, the row of them, and files made ready for the next one.
 *
 * <p>Threads: the engine thread changes the row, any thread reads it; a segment is pinned while a reader uses it and is
 * given back only when nobody does. May import: agrona, {@code format}, {@code io}, {@code index}.
 */
package io.millrace.engine.segment;
