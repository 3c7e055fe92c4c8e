package io.millrace.broker.api;

import io.millrace.broker.metadata.BrokerInfo;
import io.millrace.broker.metadata.MetadataImage;
import io.millrace.broker.metadata.QuorumStatus;
import io.millrace.broker.metadata.ShardInfo;
import io.millrace.broker.metadata.TopicInfo;
import io.millrace.broker.replication.ShardGauges;
import io.millrace.broker.shard.LocalShard;
import io.millrace.broker.shard.LocalShards;
import io.millrace.broker.shard.TopicPins;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What one broker knows of the cluster, as JSON: the metadata, its own part in the quorum, the marks of the shards it
 * has. Whoever wants the whole asks every broker. Stateless.
 */
final class ClusterStatusView {
    private static final long NS_PER_MS = 1_000_000L;

    private ClusterStatusView() {
    }

    static String toJson(final int nodeId, final MetadataImage image, final QuorumStatus quorum,
        final List<ShardGauges> gauges, final LocalShards localShards, final long nowNs) {
        final JsonText json = new JsonText().beginObject()
            .field("schema", "millrace/broker-view/v1")
            .field("nodeId", nodeId)
            .field("clusterId", image.clusterId() == null ? null : image.clusterId().toString())
            .field("version", image.version())
            .field("topics", image.topics().size());
        putQuorum(json, quorum, nowNs);
        putBrokers(json, image);
        putShards(json, image);
        putLogs(json, image, gauges, localShards);
        return json.endObject().toString();
    }

    private static void putQuorum(final JsonText json, final QuorumStatus quorum, final long nowNs) {
        json.name("quorum").beginObject()
            .field("role", word(quorum.role()))
            .field("leader", quorum.leaderNodeId())
            .field("term", quorum.termId())
            .field("commitPosition", quorum.commitPosition())
            .field("session", word(quorum.session()))
            .field("heardMsAgo", Math.max(0, nowNs - quorum.heardNs()) / NS_PER_MS)
            .name("controllers").beginArray();
        for (final QuorumStatus.Controller controller : quorum.controllers()) {
            json.beginObject().field("nodeId", controller.nodeId()).field("host", controller.host())
                .field("metadataPort", controller.metadataPort()).endObject();
        }
        json.endArray().endObject();
    }

    private static void putBrokers(final JsonText json, final MetadataImage image) {
        json.name("brokers").beginArray();
        image.brokers().stream().sorted(Comparator.comparingInt(BrokerInfo::id)).forEach((broker) ->
            json.beginObject()
                .field("id", broker.id())
                .field("host", broker.host())
                .field("port", broker.port())
                .field("epoch", broker.epoch())
                .field("state", state(broker))
                .endObject());
        json.endArray();
    }

    private static String state(final BrokerInfo broker) {
        if (broker.shuttingDown()) {
            return broker.isRegistered() ? "shutting down" : "shut down";
        }
        return !broker.fenced() ? "live" : broker.isRegistered() ? "starting" : "fenced";
    }

    private static void putShards(final JsonText json, final MetadataImage image) {
        final Map<Integer, Integer> partitionCounts = new HashMap<>();
        for (final TopicInfo topic : image.topics()) {
            for (int i = 0; i < topic.partitionCount(); i++) {
                partitionCounts.merge(topic.shardId(i), 1, Integer::sum);
            }
        }
        json.name("shards").beginArray();
        image.shards().stream().sorted(Comparator.comparingInt(ShardInfo::id)).forEach((shard) ->
            json.beginObject()
                .field("id", shard.id())
                .field("replicationFactor", shard.shardClass().replicationFactor())
                .field("profile", word(shard.shardClass().profile()))
                .field("minInsyncReplicas", shard.shardClass().minInsyncReplicas())
                .field("leader", image.leaderOf(shard))
                .field("leaderEpoch", shard.leaderEpoch())
                .field("replicas", shard.replicas())
                .field("isr", shard.isr())
                .field("eligible", shard.eligible())
                .field("waitingFor", shard.waiting() ? shard.lastIsr() : List.of())
                .field("uncleanElections", shard.elections().unclean())
                .field("powerCutElections", shard.elections().powerCut())
                .field("partitions", partitionCounts.getOrDefault(shard.id(), 0))
                .endObject());
        json.endArray();
    }

    /** Lags are known where a shard is led, in the order of its replicas; -1 for one not heard of in this epoch. */
    private static void putLogs(final JsonText json, final MetadataImage image, final List<ShardGauges> gauges,
        final LocalShards localShards) {
        json.name("logs").beginArray();
        for (final ShardGauges gauge : gauges) {
            final ShardInfo shard = image.shard(gauge.shardId());
            final long role = gauge.get(ShardGauges.ROLE);
            json.beginObject()
                .field("shard", gauge.shardId())
                .field("role", role == ShardGauges.ROLE_LEADER ? "leader"
                    : role == ShardGauges.ROLE_FOLLOWER ? "follower" : "idle")
                .field("leaderEpoch", gauge.get(ShardGauges.LEADER_EPOCH))
                .field("written", gauge.get(ShardGauges.WRITTEN))
                .field("synced", gauge.get(ShardGauges.SYNCED))
                .field("committed", gauge.get(ShardGauges.COMMITTED));
            if (role == ShardGauges.ROLE_LEADER && shard != null) {
                json.name("lags").beginArray();
                for (int i = 0; i < shard.replicas().size(); i++) {
                    json.value(gauge.lagLength(i));
                }
                json.endArray();
                putPins(json, image, localShards.get(gauge.shardId()));
            }
            json.endObject();
        }
        json.endArray();
    }

    private static void putPins(final JsonText json, final MetadataImage image, final LocalShard shard) {
        json.name("pins").beginArray();
        for (final TopicPins.Pin pin : shard == null ? List.<TopicPins.Pin>of() : TopicPins.of(shard, image)) {
            json.beginObject().field("topic", pin.topic()).field("partition", pin.partition())
                .field("deadBytes", pin.deadLength()).endObject();
        }
        json.endArray();
    }

    private static String word(final Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}
