package io.millrace.broker.metadata;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/**
 * Spreads leadership evenly over one command's elections, however many there are. Owned by the state machine, for one
 * command.
 */
final class LeaderChoice {
    private final MetadataState state;
    private final Map<Integer, Integer> ledCountByBroker = new HashMap<>();

    LeaderChoice(final MetadataState state) {
        this.state = state;
        for (final ShardInfo shard : state.shards()) {
            ledCountByBroker.merge(shard.leader(), 1, Integer::sum);
        }
    }

    /** {@return of the candidates that can be given shards the one that leads fewest; the first replica of equals} */
    int fewestLed(final ShardInfo shard, final Collection<Integer> candidates) {
        int best = MetadataImage.NO_LEADER;
        for (final int replica : shard.replicas()) {
            if (candidates.contains(replica) && state.isAssignable(replica)
                && (best == MetadataImage.NO_LEADER || ledCount(replica) < ledCount(best))) {
                best = replica;
            }
        }
        return best;
    }

    void moved(final int from, final int to) {
        ledCountByBroker.merge(from, -1, Integer::sum);
        ledCountByBroker.merge(to, 1, Integer::sum);
    }

    private int ledCount(final int brokerId) {
        return ledCountByBroker.getOrDefault(brokerId, 0);
    }
}
