package io.millrace.broker.metadata;

import io.millrace.engine.DurabilityProfile;

/**
 * The terms under which a shard commits, fixed at its creation; a topic lives only in shards of its own class.
 *
 * @param replicationFactor how many replicas
 * @param profile           what acks=all promises
 * @param minInsyncReplicas fewest in-sync replicas with which acks=all is admitted
 */
public record ShardClass(int replicationFactor, DurabilityProfile profile, int minInsyncReplicas)
    implements Comparable<ShardClass> {

    @Override
    public int compareTo(final ShardClass other) {
        int order = Integer.compare(replicationFactor, other.replicationFactor);
        if (order == 0) {
            order = profile.compareTo(other.profile);
        }
        return order == 0 ? Integer.compare(minInsyncReplicas, other.minInsyncReplicas) : order;
    }
}
