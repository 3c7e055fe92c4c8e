package io.millrace.broker.shard;

import java.util.HashMap;
import java.util.Map;

/** All shards that are open on this node. Read by any thread, changed by one thread at a time. */
public final class LocalShards {
    private volatile Map<Integer, LocalShard> byId = Map.of();
    private volatile LocalShard[] array = {};

    /**
     * {@return an open shard, null when it is not open here}
     *
     * @param shardId its id
     */
    public LocalShard get(final int shardId) {
        return byId.get(shardId);
    }

    /** {@return all open shards; shared, not to be written to} */
    public LocalShard[] all() {
        return array;
    }

    /**
     * Makes a shard visible, for as long as this process lives: others keep it.
     *
     * @param shard open, and not there yet
     */
    public synchronized void add(final LocalShard shard) {
        final Map<Integer, LocalShard> copy = new HashMap<>(byId);
        if (copy.put(shard.shardId(), shard) != null) {
            throw new IllegalStateException(
                "a shard is opened once only: shardId=" + shard.shardId() + "; start the node again");
        }
        byId = copy;
        array = copy.values().toArray(new LocalShard[0]);
    }
}
