/**
 * Where in a segment the batches of a partition are: one entry per batch, grouped by partition, in memory while the
 * segment is written and in a file once it is sealed.
 *
 * <p>Threads: the engine thread fills the index in memory, any thread reads either kind, maintenance seals. May import:
 * agrona, {@code format}, {@code io}.
 */
package io.millrace.engine.index;
