/**
 * The seam between the brokers of one cluster: {@link io.millrace.transport.replication.ReplicaLink}. The Aeron adapter
 * and the simulated link both stand behind it.
 *
 * <p>Threads: a link belongs to the engine thread of its broker. May import: agrona.
 */
package io.millrace.transport.replication;
