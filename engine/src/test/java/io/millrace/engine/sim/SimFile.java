package io.millrace.engine.sim;

import java.util.Arrays;
import java.util.BitSet;
import java.util.random.RandomGenerator;

/** Content of one simulated file: what programs see, and what is on the platter. Guarded by its disk. */
final class SimFile {
    static final int SECTOR_LENGTH = 512;

    private byte[] live = new byte[4 * 1024];
    private byte[] durable = new byte[4 * 1024];
    private final BitSet dirtySectors = new BitSet();
    /** What a failed sync dropped: programs still see it, the platter never will unless it is written again. */
    private final BitSet doomedSectors = new BitSet();
    private int liveLength;
    private int durableLength;

    SimFile() {
    }

    SimFile(final SimFile other) {
        live = other.live.clone();
        durable = other.durable.clone();
        dirtySectors.or(other.dirtySectors);
        liveLength = other.liveLength;
        durableLength = other.durableLength;
    }

    int length() {
        return liveLength;
    }

    byte get(final int index) {
        return live[index];
    }

    byte[] bytes() {
        return Arrays.copyOf(live, liveLength);
    }

    byte[] array() {
        return live;
    }

    void write(final byte[] source, final int sourceIndex, final int length, final int fileOffset) {
        final int end = fileOffset + length;
        if (end > live.length) {
            live = Arrays.copyOf(live, Math.max(end, live.length * 2));
        }
        System.arraycopy(source, sourceIndex, live, fileOffset, length);
        liveLength = Math.max(liveLength, end);
        final int endSector = (end + SECTOR_LENGTH - 1) / SECTOR_LENGTH;
        dirtySectors.set(fileOffset / SECTOR_LENGTH, endSector);
        doomedSectors.clear(fileOffset / SECTOR_LENGTH, endSector);
    }

    void truncate(final int length) {
        Arrays.fill(live, length, Math.max(length, liveLength), (byte) 0);
        dirtySectors.set(length / SECTOR_LENGTH, Math.max(length, liveLength) / SECTOR_LENGTH + 1);
        liveLength = length;
    }

    void sync() {
        if (durable.length < live.length) {
            durable = Arrays.copyOf(durable, live.length);
        }
        for (int i = dirtySectors.nextSetBit(0); i >= 0; i = dirtySectors.nextSetBit(i + 1)) {
            final int at = i * SECTOR_LENGTH;
            final int end = Math.min(at + SECTOR_LENGTH, live.length);
            if (at < end) {
                System.arraycopy(live, at, durable, at, end - at);
            }
        }
        durableLength = liveLength;
        dirtySectors.clear();
    }

    void failSync() {
        doomedSectors.or(dirtySectors);
        dirtySectors.clear();
    }

    /** Damage that was there all along: on the platter too. */
    void flipBit(final int byteIndex, final int bit) {
        live[byteIndex] ^= (byte) (1 << bit);
        if (byteIndex < durable.length) {
            durable[byteIndex] ^= (byte) (1 << bit);
        }
    }

    /** Each sector that was not synced survives on its own; so does the length. Returns how many sectors were lost. */
    int crash(final RandomGenerator random, final double survival) {
        final boolean isLengthKept = liveLength == durableLength || random.nextDouble() < survival;
        final int newLength = isLengthKept ? liveLength : durableLength;
        final BitSet lostSectors = new BitSet();
        lostSectors.or(doomedSectors);
        for (int i = dirtySectors.nextSetBit(0); i >= 0; i = dirtySectors.nextSetBit(i + 1)) {
            if (random.nextDouble() >= survival) {
                lostSectors.set(i);
            }
        }
        for (int i = lostSectors.nextSetBit(0); i >= 0; i = lostSectors.nextSetBit(i + 1)) {
            for (int at = i * SECTOR_LENGTH; at < Math.min((i + 1) * SECTOR_LENGTH, live.length); at++) {
                live[at] = at < durableLength ? durable[at] : 0;
            }
        }
        if (newLength < live.length) {
            Arrays.fill(live, newLength, live.length, (byte) 0);
        }
        liveLength = newLength;
        doomedSectors.clear();
        durable = live.clone();
        durableLength = liveLength;
        dirtySectors.clear();
        return lostSectors.cardinality();
    }
}
