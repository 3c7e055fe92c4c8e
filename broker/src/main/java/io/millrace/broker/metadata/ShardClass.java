package io.millrace.broker.metadata;

import io.millrace.engine.DurabilityProfile;

/**
 * The terms under which a shard commits, fixed at its creation; a topic lives only in shards of its own class.
 *
 * @param replicationFactor how many replicas
 * @param profile           what acks=all promises
 * @param minInsyncReplicas fewest in-sync replicas with which acks=all is admitted
 * @param internal          whether it holds what consumer groups commit, and nothing else
 */
public record ShardClass(
    int replicationFactor, DurabilityProfile profile, int minInsyncReplicas, boolean internal)
    implements Comparable<ShardClass> {

    /** A class of clients' topics. */
    public ShardClass(final int replicationFactor, final DurabilityProfile profile, final int minInsyncReplicas) {
        this(replicationFactor, profile, minInsyncReplicas, false);
    }

    @Override
    public int compareTo(final ShardClass other) {
        int order = Integer.compare(replicationFactor, other.replicationFactor);
        if (order == 0) {
            order = profile.compareTo(other.profile);
        }
        order = order == 0 ? Integer.compare(minInsyncReplicas, other.minInsyncReplicas) : order;
        return order == 0 ? Boolean.compare(internal, other.internal) : order;
    }
}
