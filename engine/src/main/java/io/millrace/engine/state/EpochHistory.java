package io.millrace.engine.state;

import io.millrace.engine.log.EpochSnapshot;
import java.util.Arrays;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

/**
 * Start positions of the leader epochs, oldest first; the oldest goes when there are too many. Owned by the engine
 * thread.
 */
final class EpochHistory {
    static final int MAX_COUNT = 1024;
    static final int ENTRY_LENGTH = 12;

    private final int[] epochs = new int[MAX_COUNT];
    private final long[] startPositions = new long[MAX_COUNT];
    private int count;
    private volatile EpochSnapshot snapshot = EpochSnapshot.EMPTY;

    int count() {
        return count;
    }

    int epochAt(final int index) {
        return epochs[index];
    }

    long startPositionAt(final int index) {
        return startPositions[index];
    }

    int lastEpoch() {
        return count == 0 ? -1 : epochs[count - 1];
    }

    boolean isFull() {
        return count == MAX_COUNT;
    }

    void add(final int epoch, final long startPosition) {
        if (isFull()) {
            count--;
            System.arraycopy(epochs, 1, epochs, 0, count);
            System.arraycopy(startPositions, 1, startPositions, 0, count);
        }
        epochs[count] = epoch;
        startPositions[count++] = startPosition;
        publish();
    }

    void removeLast() {
        count--;
        publish();
    }

    /** {@return what is known now; any thread} */
    EpochSnapshot snapshot() {
        return snapshot;
    }

    /** Rare enough for an array each time: epochs change with the leader only. */
    private void publish() {
        snapshot = new EpochSnapshot(epochs, startPositions, count);
    }

    void addOldest(final int epoch, final long startPosition) {
        System.arraycopy(epochs, 0, epochs, 1, count);
        System.arraycopy(startPositions, 0, startPositions, 1, count);
        epochs[0] = epoch;
        startPositions[0] = startPosition;
        count++;
        publish();
    }

    /** {@return the first epoch in which this history differs from another one, null when both are the same} */
    String difference(final EpochHistory before) {
        if (count != before.count) {
            return "epochs expected=" + before.count + " found=" + count;
        }
        for (int i = 0; i < count; i++) {
            if (epochs[i] != before.epochs[i] || startPositions[i] != before.startPositions[i]) {
                return "epoch expected=" + before.epochs[i] + " from " + before.startPositions[i] + " found="
                    + epochs[i] + " from " + startPositions[i];
            }
        }
        return null;
    }

    void clear() {
        count = 0;
        Arrays.fill(epochs, 0);
        publish();
    }

    void encode(final MutableDirectBuffer buffer, final int index) {
        for (int i = 0; i < count; i++) {
            buffer.putInt(index + i * ENTRY_LENGTH, epochs[i], LITTLE_ENDIAN);
            buffer.putLong(index + i * ENTRY_LENGTH + Integer.BYTES, startPositions[i], LITTLE_ENDIAN);
        }
    }

    static boolean isValid(final DirectBuffer buffer, final int index, final int entryCount) {
        int lastEpoch = -1;
        long lastStartPosition = 0;
        for (int i = 0; i < entryCount; i++) {
            final int epoch = buffer.getInt(index + i * ENTRY_LENGTH, LITTLE_ENDIAN);
            final long startPosition = buffer.getLong(index + i * ENTRY_LENGTH + Integer.BYTES, LITTLE_ENDIAN);
            if (epoch <= lastEpoch || startPosition < lastStartPosition) {
                return false;
            }
            lastEpoch = epoch;
            lastStartPosition = startPosition;
        }
        return true;
    }

    void decode(final DirectBuffer buffer, final int index, final int entryCount) {
        count = 0;
        for (int i = 0; i < entryCount; i++) {
            add(buffer.getInt(index + i * ENTRY_LENGTH, LITTLE_ENDIAN),
                buffer.getLong(index + i * ENTRY_LENGTH + Integer.BYTES, LITTLE_ENDIAN));
        }
    }
}
