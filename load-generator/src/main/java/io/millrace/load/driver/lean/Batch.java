package io.millrace.load.driver.lean;

import io.millrace.load.workload.RecordHeader;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** A batch being filled, waiting or in flight, with the times of its records; owned by the sending thread. */
final class Batch {
    final int id;
    Lane lane;

    private final BatchMemory memory;
    private final ByteBuffer bytes;
    private final CRC32C crc = new CRC32C();
    private final long[] dueNs;
    private final long[] sentNs;
    private int firstSequence;
    private int count;
    private boolean isSealed;
    private boolean isFateUnknown;

    Batch(final int id, final int maxRecordCount, final BatchMemory memory) {
        this.id = id;
        this.memory = memory;
        bytes = memory.bytes();
        dueNs = new long[maxRecordCount];
        sentNs = new long[maxRecordCount];
    }

    void begin(final Lane owner, final int sequence) {
        lane = owner;
        firstSequence = sequence;
        count = 0;
        memory.clear();
        isSealed = false;
        isFateUnknown = false;
    }

    boolean hasRoom(final int length) {
        return count < dueNs.length && memory.hasRoom(length);
    }

    void add(
        final long runId,
        final int producerId,
        final int partition,
        final int length,
        final byte[] key,
        final long due,
        final long now) {
        final int record = count++;
        dueNs[record] = due;
        sentNs[record] = now;
        final int index = memory.add(record, length, key);
        RecordHeader.prepare(bytes, index, runId, producerId, partition);
        RecordHeader.patch(bytes, index, length, firstSequence + record, due, crc);
    }

    void seal(final long timestampMs, final long producerId, final short epoch, final int baseSequence) {
        memory.seal(count, timestampMs, producerId, epoch, baseSequence);
        isSealed = true;
    }

    /** To be sealed again, with another producer id. */
    void unseal() {
        isSealed = false;
    }

    boolean isSealed() {
        return isSealed;
    }

    /** The broker may or may not have it: no answer, or one that leaves it open. */
    void fateUnknown() {
        isFateUnknown = true;
    }

    boolean isFateUnknown() {
        return isFateUnknown;
    }

    boolean isFull() {
        return count == dueNs.length || memory.isFull();
    }

    int count() {
        return count;
    }

    int sequence(final int record) {
        return firstSequence + record;
    }

    long dueNs(final int record) {
        return dueNs[record];
    }

    long sentNs(final int record) {
        return sentNs[record];
    }

    BatchMemory memory() {
        return memory;
    }
}
