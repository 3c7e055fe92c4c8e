package io.millrace.broker.metadata;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What differs between two images. Tables that both images share cost nothing.
 *
 * @param brokers        new or changed, as they are now
 * @param shards         new or changed, as they are now
 * @param topics         new or changed, as they are now
 * @param deletedTopics  gone, as they were
 * @param riskyElections shards as they are now, for which an election was held since the previous image that may have
 *                       lost committed records; each broker logs them. Empty when there was no previous image
 */
public record MetadataChanges(
    List<BrokerInfo> brokers, List<ShardInfo> shards, List<TopicInfo> topics, List<TopicInfo> deletedTopics,
    List<ShardInfo> riskyElections) {

    /**
     * {@return what changed}
     *
     * @param previous older image
     * @param image    newer image
     */
    public static MetadataChanges between(final MetadataImage previous, final MetadataImage image) {
        return new MetadataChanges(
            changed(previous.brokerTable(), image.brokerTable()),
            changed(previous.shardTable(), image.shardTable()),
            changed(previous.topicTable(), image.topicTable()),
            missing(previous.topicTable(), image.topicTable()),
            risky(previous.shardTable(), image.shardTable()));
    }

    private static List<ShardInfo> risky(final Map<Integer, ShardInfo> previous, final Map<Integer, ShardInfo> now) {
        return changed(previous, now).stream().filter(shard -> {
            final ShardInfo before = previous.get(shard.id());
            return before != null && !before.elections().equals(shard.elections());
        }).toList();
    }

    private static <K, V> List<V> changed(final Map<K, V> previous, final Map<K, V> now) {
        final List<V> result = new ArrayList<>();
        if (previous != now) {
            now.forEach((key, value) -> {
                if (!value.equals(previous.get(key))) {
                    result.add(value);
                }
            });
        }
        return List.copyOf(result);
    }

    private static <K, V> List<V> missing(final Map<K, V> previous, final Map<K, V> now) {
        final List<V> result = new ArrayList<>();
        if (previous != now) {
            previous.forEach((key, value) -> {
                if (!now.containsKey(key)) {
                    result.add(value);
                }
            });
        }
        return List.copyOf(result);
    }
}
