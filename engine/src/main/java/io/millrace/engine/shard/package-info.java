/**
 * Puts one shard's log together: files, state, ring, writer. What other modules hold is the engine's door; they come
 * here to open a shard.
 *
 * <p>Threads: a shard belongs to the engine thread of its broker; {@link io.millrace.engine.log.LogSyncer} and
 * {@link io.millrace.engine.log.SegmentMaintenance} are shared by all shards of a broker and run on threads of their
 * own. May import: every package of the engine.
 */
package io.millrace.engine.shard;
