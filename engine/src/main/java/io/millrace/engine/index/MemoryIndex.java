package io.millrace.engine.index;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The index of a segment that is being written. The engine thread adds and cuts, any thread reads.
 *
 * <p>Entries live in chunks that stay with the index when it is cleared and used for a later segment, so that nothing
 * is allocated in steady state. Readers that overlap with a cut may see entries of either side of it; they find out by
 * the log's truncation stamp.
 */
public final class MemoryIndex implements SegmentIndex {
    private static final int CHUNK_ENTRY_COUNT_SHIFT = 4;
    private static final int CHUNK_ENTRY_COUNT = 1 << CHUNK_ENTRY_COUNT_SHIFT;
    private static final int CHUNK_MASK = CHUNK_ENTRY_COUNT - 1;
    private static final int KEPT_IDLE_PARTITION_COUNT = 64;

    private static final class EntryList {
        private static final VarHandle COUNT = handle();

        final int partitionId;
        long[][] chunks = new long[1][];
        int chunkCount;
        long batchesLength;
        long maxTimestampMs = Long.MIN_VALUE;
        private int count;

        EntryList(final int partitionId) {
            this.partitionId = partitionId;
        }

        private static VarHandle handle() {
            try {
                return MethodHandles.lookup().findVarHandle(EntryList.class, "count", int.class);
            } catch (final ReflectiveOperationException ex) {
                throw new ExceptionInInitializerError(ex);
            }
        }

        int countPlain() {
            return count;
        }

        int countAcquire() {
            return (int) COUNT.getAcquire(this);
        }

        void countRelease(final int newCount) {
            COUNT.setRelease(this, newCount); // pairs with countAcquire in readers: entries and chunks before the count
        }

        long word(final int entryIndex, final int word) {
            return chunks[entryIndex >> CHUNK_ENTRY_COUNT_SHIFT][(entryIndex & CHUNK_MASK) * IndexEntry.LONGS + word];
        }
    }

    private volatile PartitionMap<EntryList> lists = new PartitionMap<>();
    /** A block mostly holds one partition's batches in a row. */
    private EntryList lastAdded;
    private final List<long[]> freeChunks = new ArrayList<>();

    /**
     * Adds a batch behind the partition's others. Engine thread.
     *
     * @param partitionId    id within the shard
     * @param baseOffset     offset of its first record
     * @param nextOffset     offset after its last record
     * @param position       of its frame
     * @param batchLength    of the whole batch
     * @param maxTimestampMs its largest timestamp
     */
    public void add(
        final int partitionId,
        final long baseOffset,
        final long nextOffset,
        final long position,
        final int batchLength,
        final long maxTimestampMs) {
        final EntryList list = listFor(partitionId);
        final int count = list.countPlain();
        if (count == list.chunkCount << CHUNK_ENTRY_COUNT_SHIFT) {
            addChunk(list);
        }
        final long[] chunk = list.chunks[count >> CHUNK_ENTRY_COUNT_SHIFT];
        final int slot = (count & CHUNK_MASK) * IndexEntry.LONGS;
        chunk[slot] = baseOffset;
        chunk[slot + 1] = position;
        chunk[slot + 2] = IndexEntry.pack(nextOffset - baseOffset, batchLength);
        chunk[slot + 3] = maxTimestampMs;
        list.batchesLength += batchLength;
        list.maxTimestampMs = Math.max(list.maxTimestampMs, maxTimestampMs);
        list.countRelease(count + 1);
    }

    private EntryList listFor(final int partitionId) {
        EntryList list = lastAdded;
        if (list == null || list.partitionId != partitionId) {
            list = lists.get(partitionId);
            if (list == null) {
                list = new EntryList(partitionId);
                lists.add(partitionId, list);
            }
            lastAdded = list;
        }
        return list;
    }

    /**
     * Drops the entries of frames at and behind a position. Engine thread, inside the log's truncation stamp.
     *
     * @param position new end of the segment
     */
    public void truncate(final long position) {
        lists.forEach(list -> {
            int count = list.countPlain();
            while (count > 0 && list.word(count - 1, 1) >= position) {
                count--;
            }
            list.batchesLength = 0;
            list.maxTimestampMs = Long.MIN_VALUE;
            for (int i = 0; i < count; i++) {
                list.batchesLength += (int) list.word(i, 2);
                list.maxTimestampMs = Math.max(list.maxTimestampMs, list.word(i, 3));
            }
            list.countRelease(count);
        });
    }

    /** Empties the index for another segment. Only when nobody reads it any more. */
    public void clear() {
        final int[] used = new int[1];
        lists.forEach(list -> used[0] += list.countPlain() > 0 ? 1 : 0);
        // partition ids are never used again, so those of deleted topics must not pile up
        final boolean isMostlyIdle = lists.count() > KEPT_IDLE_PARTITION_COUNT + 2 * used[0];
        lists.forEach(list -> {
            for (int i = 0; i < list.chunkCount; i++) {
                freeChunks.add(list.chunks[i]);
                list.chunks[i] = null;
            }
            list.chunkCount = 0;
            list.batchesLength = 0;
            list.maxTimestampMs = Long.MIN_VALUE;
            list.countRelease(0);
        });
        lastAdded = null;
        if (isMostlyIdle) {
            lists = new PartitionMap<>();
        }
    }

    @Override
    public int entryCount(final int partitionId) {
        final EntryList list = lists.get(partitionId);
        return list == null ? 0 : list.countAcquire();
    }

    @Override
    public long firstOffset(final int partitionId) {
        final EntryList list = lists.get(partitionId);
        return list == null || list.countAcquire() == 0 ? -1 : list.word(0, 0);
    }

    @Override
    public long nextOffset(final int partitionId) {
        final EntryList list = lists.get(partitionId);
        final int count = list == null ? 0 : list.countAcquire();
        return count == 0 ? -1 : list.word(count - 1, 0) + IndexEntry.count(list.word(count - 1, 2));
    }

    @Override
    public long batchesLength(final int partitionId) {
        final EntryList list = lists.get(partitionId);
        return list == null || list.countAcquire() == 0 ? 0 : list.batchesLength;
    }

    @Override
    public long maxTimestampMs(final int partitionId) {
        final EntryList list = lists.get(partitionId);
        return list == null || list.countAcquire() == 0 ? Long.MIN_VALUE : list.maxTimestampMs;
    }

    @Override
    public void load(final int partitionId, final int entryIndex, final IndexEntry target) {
        final EntryList list = lists.get(partitionId);
        // not checked against the count: a reader that overlaps with a cut finds out by the log's truncation stamp
        target.set(list.word(entryIndex, 0), list.word(entryIndex, 1), list.word(entryIndex, 2),
            list.word(entryIndex, 3));
    }

    @Override
    public void forEachPartition(final PartitionVisitor visitor) {
        final boolean[] isStopped = new boolean[1];
        lists.forEach(list -> {
            final int count = list.countAcquire();
            if (count > 0 && !isStopped[0]) {
                final long nextOffset = list.word(count - 1, 0) + IndexEntry.count(list.word(count - 1, 2));
                isStopped[0] = !visitor.onPartition(
                    list.partitionId, list.word(0, 0), nextOffset, list.batchesLength);
            }
        });
    }

    /** {@return ids of the partitions that have entries, ascending} */
    int[] partitionIds() {
        final int[] ids = new int[lists.count()];
        final int[] count = new int[1];
        lists.forEach(list -> {
            if (list.countAcquire() > 0) {
                ids[count[0]++] = list.partitionId;
            }
        });
        final int[] sorted = Arrays.copyOf(ids, count[0]);
        Arrays.sort(sorted);
        return sorted;
    }

    private void addChunk(final EntryList list) {
        if (list.chunkCount == list.chunks.length) {
            list.chunks = Arrays.copyOf(list.chunks, list.chunks.length * 2);
        }
        final int last = freeChunks.size() - 1;
        list.chunks[list.chunkCount++] = last >= 0
            ? freeChunks.remove(last) : new long[CHUNK_ENTRY_COUNT * IndexEntry.LONGS];
    }
}
