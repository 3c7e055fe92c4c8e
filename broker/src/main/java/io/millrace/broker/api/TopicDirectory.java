package io.millrace.broker.api;

import io.millrace.broker.metadata.BrokerConfigRules;
import io.millrace.broker.metadata.BrokerInfo;
import io.millrace.broker.metadata.MetadataChanges;
import io.millrace.broker.metadata.MetadataImage;
import io.millrace.broker.metadata.ShardInfo;
import io.millrace.broker.metadata.TopicInfo;
import io.millrace.broker.shard.LocalShards;
import io.millrace.engine.ErrorCodes;
import io.millrace.transport.kafka.codec.NodeEndpoint;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.agrona.DirectBuffer;
import org.agrona.collections.Int2ObjectHashMap;
import org.agrona.collections.Long2ObjectHashMap;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Topics and shards by name and number, found without allocation. Owned by the network thread.
 */
final class TopicDirectory {
    static final String MAX_MESSAGE_BYTES = "max.message.bytes";
    private static final long FNV_BASIS = 0xcbf29ce484222325L;
    private static final long FNV_PRIME = 0x100000001b3L;

    private final LocalShards localShards;
    private final int nodeId;
    private final int fileMaxBatchLength;
    private final Map<String, TopicView> byName = new HashMap<>();
    private final Long2ObjectHashMap<List<TopicView>> byHash = new Long2ObjectHashMap<>();
    private final Long2ObjectHashMap<List<TopicView>> byIdHash = new Long2ObjectHashMap<>();
    private final Int2ObjectHashMap<ShardView> shards = new Int2ObjectHashMap<>();
    private MetadataImage image = MetadataImage.EMPTY;
    private boolean leaseHeld = true;
    private int defaultMaxBatchLength;

    /**
     * Knows nothing yet.
     *
     * @param localShards        open here
     * @param nodeId             of this node
     * @param fileMaxBatchLength of topics that say nothing themselves, as long as the metadata says nothing either
     */
    TopicDirectory(final LocalShards localShards, final int nodeId, final int fileMaxBatchLength) {
        this.localShards = localShards;
        this.nodeId = nodeId;
        this.fileMaxBatchLength = fileMaxBatchLength;
        this.defaultMaxBatchLength = fileMaxBatchLength;
    }

    /**
     * {@return whether this node has heard of its own registration}
     *
     * <p>Until then a topic may be there that it has not heard of, and clients forget a topic that is unknown.
     */
    boolean isUpToDate() {
        return image.isLive(nodeId);
    }

    /**
     * {@return what a client is told that asks for a topic or a partition that is not known here}
     *
     * @param isById whether it asks for a topic id
     */
    short unknownTopic(final boolean isById) {
        if (!isUpToDate()) {
            return ErrorCodes.NOT_LEADER_OR_FOLLOWER; // librdkafka gives a partition up that is unknown
        }
        return isById ? KafkaErrors.UNKNOWN_TOPIC_ID : ErrorCodes.UNKNOWN_TOPIC_OR_PARTITION;
    }

    MetadataImage image() {
        return image;
    }

    /** Notes whether this node may answer as a leader; to be asked anew for each request and duty cycle. */
    void leaseHeld(final boolean isHeld) {
        leaseHeld = isHeld;
    }

    /** {@return whether this node leads a shard now, in the epoch that the metadata names, and may say so} */
    boolean leads(final ShardView shard) {
        return leaseHeld && shard.isLedHere();
    }

    /** {@return whether clients are told that this node leads a shard, which it may not do yet} */
    boolean isNamed(final ShardView shard) {
        return shard.visibleLeaderId == nodeId;
    }

    /** Takes in a newer image. {@return what has changed} */
    MetadataChanges onImage(final MetadataImage newImage) {
        final MetadataChanges changes = MetadataChanges.between(image, newImage);
        image = newImage;
        changes.deletedTopics().forEach((topic) -> remove(topic.name()));
        for (final ShardInfo shard : changes.shards()) {
            view(shard.id()).info = shard;
        }
        final String told = newImage.brokerConfig(nodeId, BrokerConfigRules.MESSAGE_MAX_BYTES);
        final int newDefault = told == null ? fileMaxBatchLength : Integer.parseInt(told);
        final Collection<TopicInfo> changed = newDefault == defaultMaxBatchLength ? changes.topics() : image.topics();
        defaultMaxBatchLength = newDefault;
        for (final TopicInfo topic : changed) {
            remove(topic.name());
            put(topic);
        }
        refreshShards();
        return changes;
    }

    /** Looks again which shards are open here and who is seen to lead; cheap, one round over the shards. */
    void refreshShards() {
        for (final ShardView view : shards.values()) {
            view.visibleLeaderId = view.info == null ? MetadataImage.NO_LEADER : image.leaderOf(view.info);
            view.local = localShards.get(view.shardId);
        }
    }

    /** {@return whether this node leads whatever the metadata says it leads} */
    boolean leadsAllItShould() {
        for (final ShardView view : shards.values()) {
            if (view.info != null && view.visibleLeaderId == nodeId && !view.isLedHere()) {
                return false;
            }
        }
        return true;
    }

    /** {@return the topic of this name, or null} */
    TopicView find(final DirectBuffer buffer, final int index, final int length) {
        final List<TopicView> candidates = byHash.get(hash(buffer, index, length));
        if (candidates != null) {
            for (int i = 0; i < candidates.size(); i++) {
                if (candidates.get(i).hasName(buffer, index, length)) {
                    return candidates.get(i);
                }
            }
        }
        return null;
    }

    /** {@return the topic of this name, or null} */
    TopicView find(final String name) {
        return byName.get(name);
    }

    /** {@return the topic of this id, given in halves, or null} */
    TopicView find(final long idMost, final long idLeast) {
        final List<TopicView> candidates = byIdHash.get(idMost ^ idLeast);
        if (candidates != null) {
            for (int i = 0; i < candidates.size(); i++) {
                final UUID id = candidates.get(i).info.id();
                if (id.getMostSignificantBits() == idMost && id.getLeastSignificantBits() == idLeast) {
                    return candidates.get(i);
                }
            }
        }
        return null;
    }

    /** {@return where clients reach a broker, null when that is not known} */
    NodeEndpoint endpoint(final int brokerId) {
        final BrokerInfo broker = image.broker(brokerId);
        return broker == null ? null : new NodeEndpoint(brokerId, broker.host(), broker.port());
    }

    private ShardView view(final int shardId) {
        return shards.computeIfAbsent(shardId, ShardView::new);
    }

    private void put(final TopicInfo topic) {
        final ShardView[] views = new ShardView[topic.partitionCount()];
        for (int i = 0; i < views.length; i++) {
            views[i] = view(topic.shardId(i));
        }
        final String configured = topic.configs().get(MAX_MESSAGE_BYTES);
        final String minIsr = topic.configs().get(TopicAdminHandler.MIN_INSYNC_REPLICAS);
        final TopicView view = new TopicView(topic, views,
            configured == null ? defaultMaxBatchLength : Integer.parseInt(configured),
            minIsr == null ? 0 : Integer.parseInt(minIsr));
        byName.put(topic.name(), view);
        byHash.computeIfAbsent(hash(topic.name()), (key) -> new ArrayList<>(1)).add(view);
        byIdHash.computeIfAbsent(hash(topic.id()), (key) -> new ArrayList<>(1)).add(view);
    }

    private void remove(final String name) {
        final TopicView view = byName.remove(name);
        if (view != null) {
            removeFrom(byHash, hash(name), view);
            removeFrom(byIdHash, hash(view.info.id()), view);
        }
    }

    private static void removeFrom(
        final Long2ObjectHashMap<List<TopicView>> map, final long hash, final TopicView view) {
        final List<TopicView> candidates = map.get(hash);
        candidates.remove(view);
        if (candidates.isEmpty()) {
            map.remove(hash);
        }
    }

    /** Ids are random already. */
    private static long hash(final UUID id) {
        return id.getMostSignificantBits() ^ id.getLeastSignificantBits();
    }

    private static long hash(final String name) {
        final byte[] utf8 = name.getBytes(StandardCharsets.UTF_8);
        return hash(new UnsafeBuffer(utf8), 0, utf8.length);
    }

    /** FNV-1a, 64 bits. */
    private static long hash(final DirectBuffer buffer, final int index, final int length) {
        long hash = FNV_BASIS;
        for (int i = 0; i < length; i++) {
            hash = (hash ^ (buffer.getByte(index + i) & 0xff)) * FNV_PRIME;
        }
        return hash;
    }
}
