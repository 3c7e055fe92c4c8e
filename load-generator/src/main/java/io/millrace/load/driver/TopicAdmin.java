package io.millrace.load.driver;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;

/** Creates, looks at and deletes topics; used by the thread that sets a run up. Calls block, each within a bound. */
public interface TopicAdmin extends AutoCloseable {
    /** {@return where the brokers of the cluster listen} */
    List<InetSocketAddress> brokers();

    /**
     * {@return partitions of a topic, 0 if there is none of that name}
     *
     * @param topic name
     */
    int partitionCount(String topic);

    /**
     * Creates a topic and waits until every partition has a leader.
     *
     * @param topic             name
     * @param partitions        number of them
     * @param replicationFactor replicas of each
     * @param configs           by Kafka's keys
     */
    void create(String topic, int partitions, int replicationFactor, Map<String, String> configs);

    /**
     * {@return the configuration of a topic as far as the cluster tells it, by Kafka's keys}
     *
     * @param topic name
     */
    Map<String, String> configs(String topic);

    /**
     * Deletes a topic; none of that name is no error.
     *
     * @param topic name
     */
    void delete(String topic);

    /** {@return false if each partition is there once, whatever replication factor is asked for} */
    default boolean hasReplicas() {
        return true;
    }

    /**
     * {@return offset after the last readable record, by partition}
     *
     * @param topic      name
     * @param partitions number of them
     */
    long[] endOffsets(String topic, int partitions);

    /**
     * {@return who is who in the cluster, for faults by role}
     *
     * @param topic whose first partition is looked at
     */
    default ClusterNodes nodes(final String topic) {
        throw new TargetRefusedException("this target has no nodes that a fault could hit; leave the faults out, or "
            + "choose a target of several nodes", null);
    }

    /**
     * Who is who.
     *
     * @param addresses    of the nodes, by id
     * @param controllerId of the metadata's leader, -1 if not known
     * @param leaderId     of the topic's first partition, -1 if it has none
     * @param replicaIds   of that partition
     */
    record ClusterNodes(
        Map<Integer, InetSocketAddress> addresses, int controllerId, int leaderId, List<Integer> replicaIds) {
    }

    @Override
    void close();
}
