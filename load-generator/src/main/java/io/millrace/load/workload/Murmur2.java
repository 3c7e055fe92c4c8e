package io.millrace.load.workload;

/** The hash by which Kafka's clients choose a key's partition. */
final class Murmur2 {
    private static final int SEED = 0x9747b28c;
    private static final int FACTOR = 0x5bd1e995;
    private static final int SHIFT = 24;

    private Murmur2() {
    }

    static int hash(final byte[] data, final int length) {
        int hash = SEED ^ length;
        int at = 0;
        for (; at + Integer.BYTES <= length; at += Integer.BYTES) {
            int word = data[at] & 0xff | (data[at + 1] & 0xff) << 8 | (data[at + 2] & 0xff) << 16
                | (data[at + 3] & 0xff) << 24;
            word *= FACTOR;
            word ^= word >>> SHIFT;
            word *= FACTOR;
            hash = hash * FACTOR ^ word;
        }
        final int rest = length - at;
        if (rest > 2) {
            hash ^= (data[at + 2] & 0xff) << 16;
        }
        if (rest > 1) {
            hash ^= (data[at + 1] & 0xff) << 8;
        }
        if (rest > 0) {
            hash = (hash ^ data[at] & 0xff) * FACTOR;
        }
        hash = (hash ^ hash >>> 13) * FACTOR;
        return hash ^ hash >>> 15;
    }
}
