/**
 * The door of the engine: what another module may know of one shard's log.
 *
 * <p>Threads: {@link io.millrace.engine.ShardLog} is owned by the engine thread of its broker; the methods that any
 * thread may call say so. May import: agrona and the engine's own packages.
 */
package io.millrace.engine;
