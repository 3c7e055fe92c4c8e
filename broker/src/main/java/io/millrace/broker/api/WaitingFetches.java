package io.millrace.broker.api;

import io.millrace.broker.shard.LocalShard;
import io.millrace.engine.PartitionNews;
import io.millrace.engine.PartitionReader;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntConsumer;
import java.util.function.Predicate;
import org.agrona.collections.Int2ObjectHashMap;
import org.agrona.collections.Long2ObjectHashMap;

/**
 * Fetches that wait for data, by the partitions they asked for. Owned by the network thread.
 *
 * <p>A fetch is looked at when records of one of its partitions were committed, not when others' were: the log tells
 * which of the watched partitions were written to, and those are stirred until all of it is committed. A fetch that
 * names a partition twice, or one for which there is no room, waits for its time only.
 */
final class WaitingFetches {
    private static final int INITIAL_CAPACITY = 4;
    private static final long UNKNOWN = -1;
    /** Partitions of all waiting fetches together, about 50 bytes each. */
    private static final int MAX_ENTRY_COUNT = 512 * 1024;
    /** What grew beyond is not kept for the next. */
    static final int MAX_POOLED_CAPACITY = 1024;
    private static final int MAX_POOLED_COUNT = 1024;

    /** The fetches that wait for one partition. */
    static final class Waiters {
        private Shard shard;
        private int idInShard;
        private PendingFetch[] fetches = new PendingFetch[INITIAL_CAPACITY];
        /** Which of the fetch's partitions this is. */
        private int[] entries = new int[INITIAL_CAPACITY];
        private int count;
        private boolean isStirred;
        private boolean isMoved;
        private long seenHighWatermark;
    }

    /** A shard that somebody waited for. */
    private static final class Shard {
        final LocalShard local;
        final PartitionReader reader;
        final PartitionNews news;
        final List<Waiters> stirred = new ArrayList<>();
        final IntConsumer onWritten;
        long seenCommitted = UNKNOWN;

        Shard(final LocalShard local, final WaitingFetches owner) {
            this.local = local;
            reader = local.takeReader();
            news = local.news();
            onWritten = (idInShard) -> owner.onWritten(this, idInShard);
        }
    }

    private final Long2ObjectHashMap<Waiters> partitions = new Long2ObjectHashMap<>();
    private final Int2ObjectHashMap<Shard> shardsById = new Int2ObjectHashMap<>();
    private final List<Shard> shards = new ArrayList<>();
    private final List<PendingFetch> all = new ArrayList<>();
    private final ArrayDeque<Waiters> pool = new ArrayDeque<>();
    private int entryCount;
    private long round;

    boolean isEmpty() {
        return all.isEmpty();
    }

    /** Adds a fetch; its partitions follow. */
    void add(final PendingFetch fetch) {
        fetch.waitIndex = all.size();
        all.add(fetch);
    }

    /**
     * Lets a fetch wait for a partition too, from an offset on.
     *
     * @return false when it waits for its time only, from now on
     */
    boolean add(final PendingFetch fetch, final LocalShard local, final int idInShard, final long fetchOffset) {
        final Shard shard = shard(local);
        final long key = key(local, idInShard);
        Waiters waiters = partitions.get(key);
        if (waiters == null) {
            waiters = pool.isEmpty() ? new Waiters() : pool.poll();
            waiters.shard = shard;
            waiters.idInShard = idInShard;
            partitions.put(key, waiters);
        }
        if (entryCount == MAX_ENTRY_COUNT || waiters.count > 0 && waiters.fetches[waiters.count - 1] == fetch) {
            removeEntries(fetch);
            if (waiters.count == 0 && waiters.shard != null && !waiters.isStirred) {
                forget(waiters);
            }
            return false;
        }
        if (waiters.count == waiters.fetches.length) {
            waiters.fetches = Arrays.copyOf(waiters.fetches, waiters.count * 2);
            waiters.entries = Arrays.copyOf(waiters.entries, waiters.count * 2);
        }
        waiters.fetches[waiters.count] = fetch;
        waiters.entries[waiters.count] = fetch.waitsFor(waiters, waiters.count);
        waiters.count++;
        entryCount++;
        shard.news.watch(idInShard);
        if (shard.reader.logEndOffset(idInShard) > fetchOffset) {
            stir(waiters);
            waiters.seenHighWatermark = UNKNOWN;
            shard.seenCommitted = UNKNOWN; // it may have been committed since the fetch was looked at
        }
        return true;
    }

    /** Takes a fetch out, if it is in. */
    void remove(final PendingFetch fetch) {
        if (fetch.waitIndex < 0) {
            return;
        }
        final PendingFetch last = all.remove(all.size() - 1);
        if (last != fetch) {
            all.set(fetch.waitIndex, last);
            last.waitIndex = fetch.waitIndex;
        }
        fetch.waitIndex = -1;
        removeEntries(fetch);
    }

    private void removeEntries(final PendingFetch fetch) {
        for (int i = 0; i < fetch.waitersCount(); i++) {
            remove(fetch.waiters(i), fetch.placeInWaiters(i));
        }
        fetch.clearWaiters();
    }

    private void remove(final Waiters waiters, final int place) {
        entryCount--;
        final int last = --waiters.count;
        final PendingFetch moved = waiters.fetches[last];
        final int entry = waiters.entries[last];
        waiters.fetches[last] = null;
        if (place < last) {
            waiters.fetches[place] = moved;
            waiters.entries[place] = entry;
            moved.placeInWaiters(entry, place);
        }
        if (last == 0 && !waiters.isStirred) {
            forget(waiters);
        }
    }

    private void forget(final Waiters waiters) {
        partitions.remove(key(waiters.shard.local, waiters.idInShard));
        waiters.shard = null;
        if (waiters.fetches.length <= MAX_POOLED_CAPACITY && pool.size() < MAX_POOLED_COUNT) {
            pool.push(waiters);
        }
    }

    /**
     * Looks at those for which something was committed.
     *
     * @param look answers a fetch if it can, and takes it out then
     * @return how many were answered
     */
    int onCommits(final Predicate<PendingFetch> look) {
        int answered = 0;
        for (int i = 0; i < shards.size(); i++) {
            final Shard shard = shards.get(i);
            final long committed = shard.local.marks().committedAcquire();
            if (committed != shard.seenCommitted) {
                shard.seenCommitted = committed;
                shard.news.take(shard.onWritten);
                round++;
                // all marks before any look: what a look may have missed is not taken for seen
                for (int j = 0; j < shard.stirred.size(); j++) {
                    noteMove(shard.stirred.get(j));
                }
                for (int j = shard.stirred.size() - 1; j >= 0; j--) {
                    answered += onCommit(shard.stirred.get(j), look);
                    settle(shard, j);
                }
            }
        }
        return answered;
    }

    /**
     * Looks at all: leaders changed, or partitions came or went.
     *
     * @param look answers a fetch if it can, and takes it out then
     * @return how many were answered
     */
    int onChange(final Predicate<PendingFetch> look) {
        int answered = 0;
        for (int i = all.size() - 1; i >= 0; i--) {
            answered += look.test(all.get(i)) ? 1 : 0;
        }
        return answered;
    }

    private static void noteMove(final Waiters waiters) {
        final long highWatermark = highWatermark(waiters);
        waiters.isMoved = highWatermark != waiters.seenHighWatermark;
        waiters.seenHighWatermark = highWatermark;
    }

    private int onCommit(final Waiters waiters, final Predicate<PendingFetch> look) {
        int answered = 0;
        for (int i = waiters.isMoved ? waiters.count - 1 : -1; i >= 0; i--) {
            // a fetch that is answered takes itself out everywhere, so that others may move, but only downwards
            if (i < waiters.count && waiters.fetches[i].lookedRound != round) {
                waiters.fetches[i].lookedRound = round;
                answered += look.test(waiters.fetches[i]) ? 1 : 0;
            }
        }
        return answered;
    }

    /** Stirs a partition no more once all that was written is committed, or nobody waits for it. */
    private void settle(final Shard shard, final int index) {
        final Waiters waiters = shard.stirred.get(index);
        if (waiters.count > 0) {
            shard.news.watch(waiters.idInShard);
            if (shard.reader.logEndOffset(waiters.idInShard) != waiters.seenHighWatermark) {
                return;
            }
        }
        waiters.isStirred = false;
        final Waiters last = shard.stirred.remove(shard.stirred.size() - 1);
        if (last != waiters) {
            shard.stirred.set(index, last);
        }
        if (waiters.count == 0) {
            forget(waiters);
        }
    }

    private void onWritten(final Shard shard, final int idInShard) {
        final Waiters waiters = partitions.get(key(shard.local, idInShard));
        if (waiters != null) {
            stir(waiters);
        }
    }

    private static void stir(final Waiters waiters) {
        if (!waiters.isStirred) {
            waiters.isStirred = true;
            waiters.seenHighWatermark = UNKNOWN;
            waiters.shard.stirred.add(waiters);
        }
    }

    /** An index that cannot be read is something to tell whoever waits. */
    private static long highWatermark(final Waiters waiters) {
        try {
            return waiters.shard.reader.highWatermark(waiters.idInShard);
        } catch (final UncheckedIOException ex) {
            return UNKNOWN - 1;
        }
    }

    private Shard shard(final LocalShard local) {
        Shard shard = shardsById.get(local.shardId()); // a shard is opened once in the life of a process
        if (shard == null) {
            shard = new Shard(local, this);
            shardsById.put(local.shardId(), shard);
            shards.add(shard);
        }
        return shard;
    }

    private static long key(final LocalShard shard, final int idInShard) {
        return (long) shard.shardId() << Integer.SIZE | idInShard & 0xFFFFFFFFL;
    }
}
