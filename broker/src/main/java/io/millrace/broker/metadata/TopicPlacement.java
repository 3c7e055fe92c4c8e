package io.millrace.broker.metadata;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Spreads partitions of one topic over the shards of its class, creating shards as they are needed. Works on
 * copies; the caller turns {@link #changedShards} into records. Owned by the state machine, for one command.
 */
final class TopicPlacement {
    /**
     * Shards that one broker leads, of all classes together, before a class has to do with what it has: each one led
     * costs a ring, an epoch and a stream to every follower. With three brokers the last one can lead them all.
     */
    static final int ENOUGH_LED_COUNT = 8;
    /** Shards of the cluster at most, for each live broker: a class that would need one more is refused. */
    static final int MAX_LED_COUNT = 16;

    private final MetadataState state;
    private final ShardClass shardClass;
    private final int shardsPerBroker;
    private final List<Integer> liveBrokers = new ArrayList<>();
    private final Map<Integer, List<Integer>> shardsByLeader = new TreeMap<>();
    private final Map<Integer, ShardInfo> changedShards = new TreeMap<>();
    private final Map<Integer, Integer> ledByBroker = new HashMap<>();
    private final Map<Integer, Integer> placedByBroker = new HashMap<>();
    private final Map<Integer, Integer> placedByShard = new HashMap<>();
    private final Map<Integer, Integer> shardCountByLeader = new HashMap<>();
    private final int enoughLedCount;
    private int shardCount;
    private int nextShardId;

    TopicPlacement(final MetadataState state, final ShardClass shardClass, final int shardsPerBroker) {
        this.state = state;
        this.shardClass = shardClass;
        this.shardsPerBroker = shardsPerBroker;
        enoughLedCount = Math.max(ENOUGH_LED_COUNT, shardsPerBroker);
        nextShardId = state.nextShardId();
        for (final BrokerInfo broker : state.brokers()) {
            if (broker.isAssignable()) {
                liveBrokers.add(broker.id());
            }
        }
        for (final ShardInfo shard : state.shards()) {
            shardCount++;
            shardCountByLeader.merge(shard.replicas().get(0), 1, Integer::sum); // as it is when all are well
            ledByBroker.merge(shard.leader(), state.partitionCount(shard.id()), Integer::sum);
            if (shard.shardClass().equals(shardClass) && state.isAssignable(shard.leader())) {
                shardsByLeader.computeIfAbsent(shard.leader(), id -> new ArrayList<>()).add(shard.id());
            }
        }
    }

    /** {@return whether there is a place: enough live brokers for a new shard, or a shard whose leader lives} */
    boolean isPossible() {
        return canCreateShard() || !shardsByLeader.isEmpty();
    }

    /** {@return whether the class has no shard yet and the cluster as many as it may have} */
    boolean isFull() {
        return shardsByLeader.isEmpty() && shardCount >= MAX_LED_COUNT * liveBrokers.size();
    }

    int shardCount() {
        return shardCount;
    }

    int liveBrokerCount() {
        return liveBrokers.size();
    }

    Collection<ShardInfo> changedShards() {
        return changedShards.values();
    }

    /** Counts the partitions that the topic has already, so that new ones go where there are few. */
    void count(final TopicInfo topic) {
        for (int partition = 0; partition < topic.partitionCount(); partition++) {
            placedByBroker.merge(state.shard(topic.shardId(partition)).leader(), 1, Integer::sum);
        }
    }

    /** Finds a place for every partition from a number on; the arrays' entries before it stay. */
    void place(final int[] shardIds, final int[] partitionIds, final int first) {
        for (int partition = first; partition < shardIds.length; partition++) {
            final int leader = least(leaders(), placedByBroker, ledByBroker);
            final ShardInfo shard = shardOf(leader);
            shardIds[partition] = shard.id();
            partitionIds[partition] = shard.nextPartitionId();
            changedShards.put(shard.id(), shard.withNextPartitionId(shard.nextPartitionId() + 1));
            placedByBroker.merge(leader, 1, Integer::sum);
            placedByShard.merge(shard.id(), 1, Integer::sum);
        }
    }

    /** {@return partitions in the fullest of the shards that were given some} */
    int fullestShardCount() {
        return placedByShard.entrySet().stream()
            .mapToInt(placed -> state.partitionCount(placed.getKey()) + placed.getValue()).max().orElse(0);
    }

    /** Who leads a shard of the class, or may get one; if nobody may, who leads fewest of all does. */
    private Collection<Integer> leaders() {
        if (!canCreateShard()) {
            return shardsByLeader.keySet();
        }
        final List<Integer> leaders = liveBrokers.stream()
            .filter(id -> shardsByLeader.containsKey(id) || shardCountOf(id) < enoughLedCount).toList();
        return leaders.isEmpty() ? List.of(least(liveBrokers, shardCountByLeader, ledByBroker)) : leaders;
    }

    private int shardCountOf(final int leader) {
        return shardCountByLeader.getOrDefault(leader, 0);
    }

    private boolean canCreateShard() {
        return liveBrokers.size() >= shardClass.replicationFactor();
    }

    private ShardInfo shardOf(final int leader) {
        final List<Integer> led = shardsByLeader.computeIfAbsent(leader, id -> new ArrayList<>());
        if (canCreateShard() && (led.isEmpty() || led.size() < shardsPerBroker
            && shardCountOf(leader) < enoughLedCount && placedByShard.keySet().containsAll(led))) {
            final ShardInfo created = newShard(leader);
            led.add(created.id());
            return created;
        }
        final Map<Integer, Integer> lived = new HashMap<>();
        led.forEach(id -> lived.put(id, state.partitionCount(id)));
        final int shardId = least(led, placedByShard, lived);
        final ShardInfo changed = changedShards.get(shardId);
        return changed == null ? state.shard(shardId) : changed;
    }

    /** The leader, then the live brokers after it; shifted from shard to shard so that no pair carries everything. */
    private ShardInfo newShard(final int leader) {
        final int shardId = nextShardId++;
        shardCount++;
        shardCountByLeader.merge(leader, 1, Integer::sum);
        final List<Integer> others = new ArrayList<>();
        final int at = liveBrokers.indexOf(leader);
        for (int i = 1; i < liveBrokers.size(); i++) {
            others.add(liveBrokers.get((at + i) % liveBrokers.size()));
        }
        final List<Integer> replicas = new ArrayList<>();
        replicas.add(leader);
        for (int i = 0; i < shardClass.replicationFactor() - 1; i++) {
            replicas.add(others.get((shardId / liveBrokers.size() + i) % others.size()));
        }
        return ShardInfo.created(shardId, shardClass, replicas, leader);
    }

    private static int least(
        final Collection<Integer> ids, final Map<Integer, Integer> first, final Map<Integer, Integer> second) {
        int best = -1;
        for (final int id : ids) {
            if (best == -1) {
                best = id;
                continue;
            }
            int order = Integer.compare(first.getOrDefault(id, 0), first.getOrDefault(best, 0));
            order = order == 0 ? Integer.compare(second.getOrDefault(id, 0), second.getOrDefault(best, 0)) : order;
            best = order < 0 || order == 0 && id < best ? id : best;
        }
        return best;
    }
}
