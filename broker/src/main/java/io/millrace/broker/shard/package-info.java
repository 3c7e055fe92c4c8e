/**
 * The shards whose logs are open on this node, as the engine thread and the network thread both see them.
 *
 * <p>Threads: {@link io.millrace.broker.shard.LocalShards} is read by any thread and changed by the engine thread. May
 * import: the engine's door.
 */
package io.millrace.broker.shard;
