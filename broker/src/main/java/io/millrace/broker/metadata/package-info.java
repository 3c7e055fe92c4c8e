/**
 * What a cluster agrees on: brokers, topics, shards, leaders, epochs, in-sync replicas. A deterministic state machine
 * ({@code MetadataStateMachine}) turns commands into records; {@link io.millrace.broker.metadata.MetadataImage} is what
 * everybody else sees; {@link io.millrace.broker.metadata.MetadataQuorum} is the port, with an in-memory implementation
 * here and the Aeron Cluster one in the package below.
 *
 * <p>Threads: images are immutable and go anywhere; a quorum belongs to the metadata thread, other threads use its
 * {@link io.millrace.broker.metadata.MetadataProxy}. May import: agrona, the engine's storage seam.
 */
package io.millrace.broker.metadata;
