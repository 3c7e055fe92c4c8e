package io.millrace.engine.state;

import java.util.Arrays;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.collections.Int2IntHashMap;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

/** Offsets of every partition of a shard, in the order in which they were first seen. Owned by the engine thread. */
final class PartitionTable {
    static final int NONE = -1;
    static final int ENTRY_LENGTH = 24;

    private static final int ID_FIELD_OFFSET = 0;
    private static final int FLAGS_FIELD_OFFSET = ID_FIELD_OFFSET + Integer.BYTES;
    private static final int LOG_START_FIELD_OFFSET = FLAGS_FIELD_OFFSET + Integer.BYTES;
    private static final int NEXT_OFFSET_FIELD_OFFSET = LOG_START_FIELD_OFFSET + Long.BYTES;
    private static final int DELETED_FLAG = 1;
    private static final int INITIAL_COUNT = 16;

    private final int maxCount;
    private final Int2IntHashMap slotById = new Int2IntHashMap(NONE);
    private int[] ids = new int[INITIAL_COUNT];
    private long[] logStartOffsets = new long[INITIAL_COUNT];
    private long[] nextOffsets = new long[INITIAL_COUNT];
    private boolean[] deleted = new boolean[INITIAL_COUNT];
    private int count;
    private int lastSlot;

    PartitionTable(final int maxCount) {
        this.maxCount = maxCount;
    }

    int count() {
        return count;
    }

    boolean isFull() {
        return count == maxCount;
    }

    /** A batch asks for its partition's slot several times in a row, so the last answer is looked at first. */
    int slotOf(final int partitionId) {
        if (lastSlot < count && ids[lastSlot] == partitionId) {
            return lastSlot;
        }
        final int slot = slotById.get(partitionId);
        if (slot != NONE) {
            lastSlot = slot;
        }
        return slot;
    }

    int idAt(final int slot) {
        return ids[slot];
    }

    long logStartOffset(final int slot) {
        return logStartOffsets[slot];
    }

    void logStartOffset(final int slot, final long offset) {
        logStartOffsets[slot] = offset;
    }

    long nextOffset(final int slot) {
        return nextOffsets[slot];
    }

    void nextOffset(final int slot, final long offset) {
        nextOffsets[slot] = offset;
    }

    boolean isDeleted(final int slot) {
        return deleted[slot];
    }

    void delete(final int slot) {
        deleted[slot] = true;
    }

    int register(final int partitionId) {
        if (count == ids.length) {
            final int newLength = count * 2;
            ids = Arrays.copyOf(ids, newLength);
            logStartOffsets = Arrays.copyOf(logStartOffsets, newLength);
            nextOffsets = Arrays.copyOf(nextOffsets, newLength);
            deleted = Arrays.copyOf(deleted, newLength);
        }
        final int slot = count++;
        ids[slot] = partitionId;
        logStartOffsets[slot] = 0;
        nextOffsets[slot] = 0;
        deleted[slot] = false;
        slotById.put(partitionId, slot);
        return slot;
    }

    /** Takes back the newest registration. */
    void unregisterLast() {
        slotById.remove(ids[--count]);
    }

    /** Removes an entry and keeps the order of the others: the encoded form shows it. */
    void remove(final int slot) {
        slotById.remove(ids[slot]);
        final int movedCount = --count - slot;
        System.arraycopy(ids, slot + 1, ids, slot, movedCount);
        System.arraycopy(logStartOffsets, slot + 1, logStartOffsets, slot, movedCount);
        System.arraycopy(nextOffsets, slot + 1, nextOffsets, slot, movedCount);
        System.arraycopy(deleted, slot + 1, deleted, slot, movedCount);
        for (int i = slot; i < count; i++) {
            slotById.put(ids[i], i);
        }
    }

    void clear() {
        count = 0;
        slotById.clear();
    }

    void encode(final MutableDirectBuffer buffer, final int index) {
        int at = index;
        for (int slot = 0; slot < count; slot++) {
            buffer.putInt(at + ID_FIELD_OFFSET, ids[slot], LITTLE_ENDIAN);
            buffer.putInt(at + FLAGS_FIELD_OFFSET, deleted[slot] ? DELETED_FLAG : 0, LITTLE_ENDIAN);
            buffer.putLong(at + LOG_START_FIELD_OFFSET, logStartOffsets[slot], LITTLE_ENDIAN);
            buffer.putLong(at + NEXT_OFFSET_FIELD_OFFSET, nextOffsets[slot], LITTLE_ENDIAN);
            at += ENTRY_LENGTH;
        }
    }

    static boolean isValid(final DirectBuffer buffer, final int index) {
        final long logStartOffset = buffer.getLong(index + LOG_START_FIELD_OFFSET, LITTLE_ENDIAN);
        return buffer.getInt(index + ID_FIELD_OFFSET, LITTLE_ENDIAN) >= 0
            && (buffer.getInt(index + FLAGS_FIELD_OFFSET, LITTLE_ENDIAN) & ~DELETED_FLAG) == 0
            && logStartOffset >= 0
            && logStartOffset <= buffer.getLong(index + NEXT_OFFSET_FIELD_OFFSET, LITTLE_ENDIAN);
    }

    /** Replaces all entries; what was deleted here stays so, and a log start that is further on here stays. */
    void decode(final DirectBuffer buffer, final int index, final int entryCount) {
        final PartitionTable old = copy();
        clear();
        int at = index;
        for (int i = 0; i < entryCount; i++) {
            final int id = buffer.getInt(at + ID_FIELD_OFFSET, LITTLE_ENDIAN);
            final int slot = slotOf(id) == NONE ? register(id) : slotOf(id);
            logStartOffsets[slot] = buffer.getLong(at + LOG_START_FIELD_OFFSET, LITTLE_ENDIAN);
            nextOffsets[slot] = buffer.getLong(at + NEXT_OFFSET_FIELD_OFFSET, LITTLE_ENDIAN);
            deleted[slot] = buffer.getInt(at + FLAGS_FIELD_OFFSET, LITTLE_ENDIAN) == DELETED_FLAG;
            final int oldSlot = old.slotOf(id);
            if (oldSlot != NONE) {
                deleted[slot] |= old.deleted[oldSlot];
                final long oldLogStartOffset = Math.min(old.logStartOffsets[oldSlot], nextOffsets[slot]);
                logStartOffsets[slot] = Math.max(logStartOffsets[slot], oldLogStartOffset);
            }
            at += ENTRY_LENGTH;
        }
        for (int i = 0; i < old.count && count < maxCount; i++) {
            if (old.deleted[i] && slotOf(old.ids[i]) == NONE) {
                deleted[register(old.ids[i])] = true;
            }
        }
    }

    private PartitionTable copy() {
        final PartitionTable copy = new PartitionTable(maxCount);
        for (int slot = 0; slot < count; slot++) {
            final int copied = copy.register(ids[slot]);
            copy.logStartOffsets[copied] = logStartOffsets[slot];
            copy.nextOffsets[copied] = nextOffsets[slot];
            copy.deleted[copied] = deleted[slot];
        }
        return copy;
    }
}
