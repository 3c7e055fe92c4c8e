package io.millrace.engine.index;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.function.Consumer;

/**
 * A map from partition id to an object. One owner thread adds, any thread looks up without a lock; nothing is removed
 * while others read.
 *
 * @param <V> what is kept per partition
 */
public final class PartitionMap<V> {
    private static final VarHandle TABLE_ENTRY = MethodHandles.arrayElementVarHandle(Object[].class);
    private static final int INITIAL_CAPACITY = 16;

    private static final class Slot<V> {
        final int partitionId;
        final V value;

        Slot(final int partitionId, final V value) {
            this.partitionId = partitionId;
            this.value = value;
        }
    }

    private volatile Object[] table = new Object[INITIAL_CAPACITY];
    private int count;

    /**
     * {@return what is kept for a partition, null when nothing is; any thread}
     *
     * @param partitionId id within the shard
     */
    public V get(final int partitionId) {
        final Object[] slots = table;
        final int mask = slots.length - 1;
        int i = hash(partitionId) & mask;
        while (true) {
            @SuppressWarnings("unchecked")
            final Slot<V> slot = (Slot<V>) TABLE_ENTRY.getAcquire(slots, i);
            if (slot == null) {
                return null;
            }
            if (slot.partitionId == partitionId) {
                return slot.value;
            }
            i = (i + 1) & mask;
        }
    }

    /**
     * Adds a partition that is not in the map yet. Owner thread.
     *
     * @param partitionId id within the shard
     * @param value       kept for it
     */
    public void add(final int partitionId, final V value) {
        if ((count + 1) * 2 > table.length) {
            grow();
        }
        insert(table, new Slot<>(partitionId, value));
        count++;
    }

    /** {@return how many partitions there are. Owner thread} */
    public int count() {
        return count;
    }

    /**
     * Visits all values, in an order that depends only on what was added. Any thread.
     *
     * @param consumer takes each
     */
    public void forEach(final Consumer<? super V> consumer) {
        final Object[] slots = table;
        for (int i = 0; i < slots.length; i++) {
            @SuppressWarnings("unchecked")
            final Slot<V> slot = (Slot<V>) TABLE_ENTRY.getAcquire(slots, i);
            if (slot != null) {
                consumer.accept(slot.value);
            }
        }
    }

    private void grow() {
        final Object[] old = table;
        final Object[] grown = new Object[old.length * 2];
        for (final Object slot : old) {
            if (slot != null) {
                insert(grown, (Slot<?>) slot);
            }
        }
        table = grown;
    }

    private static void insert(final Object[] slots, final Slot<?> slot) {
        final int mask = slots.length - 1;
        int i = hash(slot.partitionId) & mask;
        while (slots[i] != null) {
            i = (i + 1) & mask;
        }
        TABLE_ENTRY.setRelease(slots, i, slot); // pairs with getAcquire in get and forEach
    }

    private static int hash(final int partitionId) {
        final int mixed = partitionId * 0x9E3779B9;
        return mixed ^ mixed >>> 16;
    }
}
