package io.millrace.engine.state;

import java.util.Arrays;
import java.util.function.IntPredicate;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

/**
 * The last batches of each (partition, producer id), oldest use first. Owned by the engine thread.
 *
 * <p>Bounded: when it is full the one used longest ago in the log is dropped, on each replica at the same frame. One
 * entry lives in a slot of {@link #STRIDE} longs: key, then {@link #KEPT_COUNT} batches in a ring.
 */
final class ProducerTable {
    static final int NONE = -1;
    static final int KEPT_COUNT = 5;
    static final int HEADER_LENGTH = 16;
    static final int BATCH_LENGTH = 24;
    static final int MAX_ENTRY_LENGTH = HEADER_LENGTH + KEPT_COUNT * BATCH_LENGTH;

    private static final int STRIDE = 2 + 3 * KEPT_COUNT;
    private static final int BATCHES = 2;
    private static final int INITIAL_COUNT = 16;

    private static final int UNDO_CREATE = 1;
    private static final int UNDO_EVICT = 2;
    private static final int UNDO_APPEND = 3;

    private final int maxCount;
    private final UndoStack undo;
    private long[] longs = new long[INITIAL_COUNT * STRIDE];
    private int[] older = new int[INITIAL_COUNT];
    private int[] newer = new int[INITIAL_COUNT];
    private int[] freeSlots = new int[INITIAL_COUNT];
    private int[] table = newTable(INITIAL_COUNT);
    private int freeCount;
    private int usedCount;
    private int count;
    private int oldest = NONE;
    private int newest = NONE;

    ProducerTable(final int maxCount, final UndoStack undo) {
        this.maxCount = maxCount;
        this.undo = undo;
    }

    int count() {
        return count;
    }

    int find(final int partitionId, final long producerId) {
        final int mask = table.length - 1;
        int i = hash(partitionId, producerId) & mask;
        while (table[i] != NONE) {
            final int slot = table[i];
            if (longs[slot * STRIDE] == producerId && partitionId(slot) == partitionId) {
                return slot;
            }
            i = (i + 1) & mask;
        }
        return NONE;
    }

    short epoch(final int slot) {
        return (short) (meta(slot) >>> 16);
    }

    int lastSequence(final int slot) {
        return (int) longs[batchAt(slot, keptCount(slot) - 1)];
    }

    /** {@return index of the kept batch with these sequences, -1 when there is none} */
    int findBatch(final int slot, final int firstSequence, final int lastSequence) {
        final long sequences = pack(firstSequence, lastSequence);
        for (int i = 0; i < keptCount(slot); i++) {
            if (longs[batchAt(slot, i)] == sequences) {
                return i;
            }
        }
        return NONE;
    }

    long baseOffset(final int slot, final int batch) {
        return longs[batchAt(slot, batch) + 1];
    }

    long endPosition(final int slot, final int batch) {
        return longs[batchAt(slot, batch) + 2];
    }

    @SuppressWarnings("checkstyle:ParameterNumber") // a batch is that many numbers, and an object would be garbage
    void append(
        final int partitionId,
        final long producerId,
        final short epoch,
        final int firstSequence,
        final int lastSequence,
        final long baseOffset,
        final long endPosition) {
        int slot = find(partitionId, producerId);
        if (slot == NONE) {
            slot = create(partitionId, producerId, epoch);
        }
        final boolean sameEpoch = epoch(slot) == epoch;
        final int first = sameEpoch ? firstBatch(slot) : 0;
        final int keptCount = sameEpoch ? keptCount(slot) : 0;
        final int target = (first + keptCount) % KEPT_COUNT; // the oldest one when all are used
        final int at = slot * STRIDE + BATCHES + 3 * target;
        if (undo.isActive()) {
            undo.push(longs[at]);
            undo.push(longs[at + 1]);
            undo.push(longs[at + 2]);
            undo.push(at);
            undo.push(meta(slot));
            undo.push(newer[slot]);
            undo.push(slot);
            undo.push(UNDO_APPEND);
        }
        longs[at] = pack(firstSequence, lastSequence);
        longs[at + 1] = baseOffset;
        longs[at + 2] = endPosition;
        final boolean full = keptCount == KEPT_COUNT;
        meta(slot, partitionId, epoch, full ? (first + 1) % KEPT_COUNT : first, full ? KEPT_COUNT : keptCount + 1);
        unlink(slot);
        linkBefore(slot, NONE);
    }

    /** Takes back the change on top of the undo stack, whose kind was popped already. */
    void undo(final int kind) {
        if (kind == UNDO_CREATE) {
            release(undo.popInt());
        } else if (kind == UNDO_EVICT) {
            final int slot = allocate();
            for (int i = STRIDE - 1; i >= 0; i--) {
                longs[slot * STRIDE + i] = undo.pop();
            }
            insert(slot);
            linkBefore(slot, oldest);
        } else {
            final int slot = undo.popInt();
            final int newerSlot = undo.popInt();
            longs[slot * STRIDE + 1] = undo.pop();
            final int at = undo.popInt();
            longs[at + 2] = undo.pop();
            longs[at + 1] = undo.pop();
            longs[at] = undo.pop();
            unlink(slot);
            linkBefore(slot, newerSlot);
        }
    }

    void removePartition(final int partitionId) {
        int slot = oldest;
        while (slot != NONE) {
            final int next = newer[slot];
            if (partitionId(slot) == partitionId) {
                release(slot);
            }
            slot = next;
        }
    }

    void clear() {
        Arrays.fill(table, NONE);
        freeCount = 0;
        usedCount = 0;
        count = 0;
        oldest = NONE;
        newest = NONE;
    }

    /**
     * {@return the first producer whose kept batches differ from those of another table, null when there is none} When
     * one of the tables is full, who was forgotten may differ.
     */
    String difference(final ProducerTable before, final IntPredicate isIgnored) {
        final boolean isFull = count == maxCount || before.count == before.maxCount;
        for (int slot = oldest; slot != NONE; slot = newer[slot]) {
            final int other = before.find(partitionId(slot), longs[slot * STRIDE]);
            if (!isIgnored.test(partitionId(slot)) && (other == NONE ? !isFull : !isSame(slot, before, other))) {
                return "producer " + longs[slot * STRIDE] + " of partition " + partitionId(slot) + " is not as its "
                    + "batches say";
            }
        }
        for (int slot = before.oldest; slot != NONE && !isFull; slot = before.newer[slot]) {
            final int id = before.partitionId(slot);
            if (!isIgnored.test(id) && find(id, before.longs[slot * STRIDE]) == NONE) {
                return "producer " + before.longs[slot * STRIDE] + " of partition " + id + " is missing";
            }
        }
        return null;
    }

    private boolean isSame(final int slot, final ProducerTable before, final int other) {
        boolean isSame = epoch(slot) == before.epoch(other) && keptCount(slot) == before.keptCount(other);
        for (int i = 0; isSame && i < keptCount(slot); i++) {
            final int mine = batchAt(slot, i);
            final int others = before.batchAt(other, i);
            isSame = longs[mine] == before.longs[others] && longs[mine + 1] == before.longs[others + 1]
                && longs[mine + 2] == before.longs[others + 2];
        }
        return isSame;
    }

    int encodedLength() {
        int length = 0;
        for (int slot = oldest; slot != NONE; slot = newer[slot]) {
            length += HEADER_LENGTH + BATCH_LENGTH * keptCount(slot);
        }
        return length;
    }

    void encode(final MutableDirectBuffer buffer, final int index) {
        int at = index;
        for (int slot = oldest; slot != NONE; slot = newer[slot]) {
            buffer.putInt(at, partitionId(slot), LITTLE_ENDIAN);
            buffer.putShort(at + 4, epoch(slot), LITTLE_ENDIAN);
            buffer.putShort(at + 6, (short) keptCount(slot), LITTLE_ENDIAN);
            buffer.putLong(at + 8, longs[slot * STRIDE], LITTLE_ENDIAN);
            at += HEADER_LENGTH;
            for (int i = 0; i < keptCount(slot); i++) {
                final int batch = batchAt(slot, i);
                buffer.putInt(at, (int) (longs[batch] >>> 32), LITTLE_ENDIAN);
                buffer.putInt(at + 4, (int) longs[batch], LITTLE_ENDIAN);
                buffer.putLong(at + 8, longs[batch + 1], LITTLE_ENDIAN);
                buffer.putLong(at + 16, longs[batch + 2], LITTLE_ENDIAN);
                at += BATCH_LENGTH;
            }
        }
    }

    /** {@return length of the entry, -1 when it is invalid or longer than what is left} */
    static int validLength(final DirectBuffer buffer, final int index, final int limit) {
        if (limit - index < HEADER_LENGTH + BATCH_LENGTH) {
            return NONE;
        }
        final int batchCount = buffer.getShort(index + 6, LITTLE_ENDIAN);
        final int length = HEADER_LENGTH + BATCH_LENGTH * batchCount;
        final boolean valid = batchCount > 0 && batchCount <= KEPT_COUNT && length <= limit - index
            && buffer.getInt(index, LITTLE_ENDIAN) >= 0
            && buffer.getLong(index + 8, LITTLE_ENDIAN) >= 0;
        return valid ? length : NONE;
    }

    /** {@return index after the entry} */
    int decode(final DirectBuffer buffer, final int index) {
        final int partitionId = buffer.getInt(index, LITTLE_ENDIAN);
        final short epoch = buffer.getShort(index + 4, LITTLE_ENDIAN);
        final int batchCount = buffer.getShort(index + 6, LITTLE_ENDIAN);
        final long producerId = buffer.getLong(index + 8, LITTLE_ENDIAN);
        int at = index + HEADER_LENGTH;
        for (int i = 0; i < batchCount; i++) {
            append(partitionId, producerId, epoch, buffer.getInt(at, LITTLE_ENDIAN),
                buffer.getInt(at + 4, LITTLE_ENDIAN), buffer.getLong(at + 8, LITTLE_ENDIAN),
                buffer.getLong(at + 16, LITTLE_ENDIAN));
            at += BATCH_LENGTH;
        }
        return at;
    }

    private int create(final int partitionId, final long producerId, final short epoch) {
        if (count == maxCount) {
            evictOldest();
        }
        final int slot = allocate();
        longs[slot * STRIDE] = producerId;
        meta(slot, partitionId, epoch, 0, 0);
        insert(slot);
        linkBefore(slot, NONE);
        if (undo.isActive()) {
            undo.push(slot);
            undo.push(UNDO_CREATE);
        }
        return slot;
    }

    private void evictOldest() {
        final int slot = oldest;
        if (undo.isActive()) {
            for (int i = 0; i < STRIDE; i++) {
                undo.push(longs[slot * STRIDE + i]);
            }
            undo.push(UNDO_EVICT);
        }
        release(slot);
    }

    /** Slots are given out in the reverse order of their release, so an undone change finds its own slot again. */
    private int allocate() {
        count++;
        if (freeCount > 0) {
            return freeSlots[--freeCount];
        }
        if (usedCount == older.length) {
            grow();
        }
        return usedCount++;
    }

    private void grow() {
        final int newCount = usedCount * 2;
        longs = Arrays.copyOf(longs, newCount * STRIDE);
        older = Arrays.copyOf(older, newCount);
        newer = Arrays.copyOf(newer, newCount);
        freeSlots = Arrays.copyOf(freeSlots, newCount);
        table = newTable(newCount);
        for (int slot = oldest; slot != NONE; slot = newer[slot]) {
            insert(slot);
        }
    }

    private void release(final int slot) {
        erase(slot);
        unlink(slot);
        freeSlots[freeCount++] = slot;
        count--;
    }

    private void insert(final int slot) {
        final int mask = table.length - 1;
        int i = hash(partitionId(slot), longs[slot * STRIDE]) & mask;
        while (table[i] != NONE) {
            i = (i + 1) & mask;
        }
        table[i] = slot;
    }

    /** Linear probing without tombstones: what follows the hole moves back when the hole lies on its way. */
    private void erase(final int slot) {
        final int mask = table.length - 1;
        int hole = hash(partitionId(slot), longs[slot * STRIDE]) & mask;
        while (table[hole] != slot) {
            hole = (hole + 1) & mask;
        }
        int i = (hole + 1) & mask;
        while (table[i] != NONE) {
            final int home = hash(partitionId(table[i]), longs[table[i] * STRIDE]) & mask;
            if (((i - home) & mask) >= ((i - hole) & mask)) {
                table[hole] = table[i];
                hole = i;
            }
            i = (i + 1) & mask;
        }
        table[hole] = NONE;
    }

    private void unlink(final int slot) {
        if (older[slot] == NONE) {
            oldest = newer[slot];
        } else {
            newer[older[slot]] = newer[slot];
        }
        if (newer[slot] == NONE) {
            newest = older[slot];
        } else {
            older[newer[slot]] = older[slot];
        }
    }

    /** Links a slot into the order of use before another one, or as the newest. */
    private void linkBefore(final int slot, final int newerSlot) {
        final int olderSlot = newerSlot == NONE ? newest : older[newerSlot];
        older[slot] = olderSlot;
        newer[slot] = newerSlot;
        if (olderSlot == NONE) {
            oldest = slot;
        } else {
            newer[olderSlot] = slot;
        }
        if (newerSlot == NONE) {
            newest = slot;
        } else {
            older[newerSlot] = slot;
        }
    }

    private long meta(final int slot) {
        return longs[slot * STRIDE + 1];
    }

    private void meta(final int slot, final int partitionId, final short epoch, final int first, final int keptCount) {
        longs[slot * STRIDE + 1] = (long) partitionId << 32 | (epoch & 0xFFFFL) << 16 | (long) first << 8 | keptCount;
    }

    private int partitionId(final int slot) {
        return (int) (meta(slot) >>> 32);
    }

    private int firstBatch(final int slot) {
        return (int) meta(slot) >>> 8 & 0xFF;
    }

    private int keptCount(final int slot) {
        return (int) meta(slot) & 0xFF;
    }

    private int batchAt(final int slot, final int batch) {
        return slot * STRIDE + BATCHES + 3 * ((firstBatch(slot) + batch) % KEPT_COUNT);
    }

    private static long pack(final int firstSequence, final int lastSequence) {
        return (long) firstSequence << 32 | lastSequence & 0xFFFFFFFFL;
    }

    private static int hash(final int partitionId, final long producerId) {
        final long mixed = (producerId * 31 + partitionId) * 0x9E3779B97F4A7C15L;
        return (int) (mixed >>> 32);
    }

    private static int[] newTable(final int slotCount) {
        final int[] table = new int[slotCount * 2];
        Arrays.fill(table, NONE);
        return table;
    }
}
