/**
 * One shard's log as a row of segments: writing blocks, recovery, the one reader that everybody shares, syncing,
 * retention, truncation.
 *
 * <p>Threads: writing belongs to the engine thread, syncing to the syncer, files and indexes to maintenance; readers
 * run on any thread, each with its own reader. May import: the engine's door, {@code format}, {@code io},
 * {@code segment}, {@code index}. The writer and the shard's state build on this package, not the other way round.
 */
package io.millrace.engine.log;
