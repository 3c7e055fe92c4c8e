package io.millrace.broker.api;

import io.millrace.broker.shard.LocalShard;
import io.millrace.engine.PartitionReader;
import io.millrace.transport.kafka.server.ReplySlot;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** One Fetch request in work or waiting, and the readers that its reply pins. Pooled; owned by the network thread. */
final class PendingFetch {
    private static final int INITIAL_CAPACITY = 4;

    ReplySlot slot;
    int waitIndex = -1;
    /** When it was last looked at because something was committed. */
    long lookedRound;
    private WaitingFetches.Waiters[] waiters = new WaitingFetches.Waiters[INITIAL_CAPACITY];
    private int[] places = new int[INITIAL_CAPACITY];
    private int waitersCount;
    private final List<LocalShard> shards = new ArrayList<>();
    private final List<PartitionReader> readers = new ArrayList<>();

    /**
     * Notes that this fetch waits for one partition more.
     *
     * @param partition its waiters
     * @param place     of this fetch among them
     * @return which of the partitions it is
     */
    int waitsFor(final WaitingFetches.Waiters partition, final int place) {
        if (waitersCount == waiters.length) {
            waiters = Arrays.copyOf(waiters, waitersCount * 2);
            places = Arrays.copyOf(places, waitersCount * 2);
        }
        waiters[waitersCount] = partition;
        places[waitersCount] = place;
        return waitersCount++;
    }

    int waitersCount() {
        return waitersCount;
    }

    WaitingFetches.Waiters waiters(final int entry) {
        return waiters[entry];
    }

    int placeInWaiters(final int entry) {
        return places[entry];
    }

    void placeInWaiters(final int entry, final int place) {
        places[entry] = place;
    }

    /** {@return whether it is small enough to be kept for another request} */
    boolean isPoolable() {
        return waiters.length <= WaitingFetches.MAX_POOLED_CAPACITY;
    }

    void clearWaiters() {
        Arrays.fill(waiters, 0, waitersCount, null);
        waitersCount = 0;
    }

    PartitionReader reader(final LocalShard shard) {
        for (int i = 0; i < shards.size(); i++) {
            if (shards.get(i) == shard) {
                return readers.get(i);
            }
        }
        final PartitionReader reader = shard.takeReader();
        shards.add(shard);
        readers.add(reader);
        return reader;
    }

    void releaseReaders() {
        for (int i = shards.size() - 1; i >= 0; i--) {
            shards.get(i).giveBack(readers.get(i));
        }
        shards.clear();
        readers.clear();
    }
}
