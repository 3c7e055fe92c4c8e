/**
 * The metadata quorum on Aeron Cluster (Raft): a node of the quorum and a broker's session with it.
 *
 * <p>Threads: each class names its own. May import: the metadata package above, aeron-all.
 */
package io.millrace.broker.metadata.cluster;
