package io.millrace.broker.api;

import io.millrace.broker.metadata.MetadataImage;
import io.millrace.broker.metadata.ShardInfo;
import io.millrace.engine.ErrorCodes;
import io.millrace.transport.kafka.message.Metadata;
import java.util.ArrayList;
import java.util.List;

/** Topics as the descriptions of the cluster show them. Owned by the network thread. */
final class TopicDescriber {
    /** Bits of all operations there are on a topic: without an authorizer a client may do everything. */
    static final int TOPIC_OPERATIONS = bits(3, 4, 5, 6, 7, 8, 10, 11);
    /** Bits of all operations there are on a group. */
    static final int GROUP_OPERATIONS = bits(3, 6, 8, 10, 11);
    /** Bits of all operations there are on the cluster. */
    static final int CLUSTER_OPERATIONS = bits(5, 7, 8, 9, 10, 11, 12);

    private final TopicDirectory topics;

    TopicDescriber(final TopicDirectory topics) {
        this.topics = topics;
    }

    private static int bits(final int... operations) {
        int bits = 0;
        for (final int operation : operations) {
            bits |= 1 << operation;
        }
        return bits;
    }

    Metadata.Partition partition(final TopicView topic, final int partition) {
        final ShardView shard = topic.shards[partition];
        final ShardInfo info = shard.info;
        final int leader = shard.visibleLeaderId;
        final List<Integer> offline = info.replicas().stream()
            .filter((id) -> !topics.image().isLive(id)).toList();
        return new Metadata.Partition(
            leader == MetadataImage.NO_LEADER ? KafkaErrors.LEADER_NOT_AVAILABLE : ErrorCodes.NONE,
            partition, leader, info.leaderEpoch(), info.replicas(), info.isr(), offline);
    }

    List<Metadata.Partition> partitions(final TopicView topic) {
        final List<Metadata.Partition> partitions = new ArrayList<>(topic.partitionCount());
        for (int i = 0; i < topic.partitionCount(); i++) {
            partitions.add(partition(topic, i));
        }
        return partitions;
    }
}
