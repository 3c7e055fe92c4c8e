/**
 * Replication of shards between brokers: leader push, handshake with truncation by epoch, acks of log positions, commit
 * over the maximal ISR.
 *
 * <p>The door is {@link io.millrace.broker.replication.ReplicationAgent}. Threads: everything here belongs to the
 * engine thread of its broker, except {@link io.millrace.broker.replication.ShardGauges}, which any thread may read.
 * May import: agrona, the engine's door, the replication seam of transport. No clock, thread, file or random of its
 * own: time comes with {@code doWork(nowNs)}, the rest by constructor, so a whole cluster runs in a simulation.
 */
package io.millrace.broker.replication;
