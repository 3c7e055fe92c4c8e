/**
 * The Aeron adapter of {@link io.millrace.transport.replication.ReplicaLink}: one media driver and one client, both
 * invoked from the thread that calls {@code doWork}, and one unicast publication and subscription per peer and stream.
 *
 * <p>Threads: everything belongs to the engine thread. May import: the replication seam, aeron, agrona.
 */
package io.millrace.transport.replication.aeron;
