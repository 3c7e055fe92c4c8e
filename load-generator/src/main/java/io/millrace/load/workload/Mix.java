package io.millrace.load.workload;

/** Draws that are functions of their place: the same seed, stream and index give the same number, in any order. */
public final class Mix {
    private static final long GOLDEN = 0x9E3779B97F4A7C15L;
    private static final double UNIT = 0x1p-53;

    private Mix() {
    }

    /**
     * {@return 64 well mixed bits}
     *
     * @param seed   of the workload
     * @param stream what is drawn for, such as a producer
     * @param index  of the draw
     */
    public static long bits(final long seed, final long stream, final long index) {
        return finish(finish(seed + GOLDEN * (stream + 1)) + GOLDEN * (index + 1));
    }

    /**
     * {@return a number from 0 up to but not including 1}
     *
     * @param seed   of the workload
     * @param stream what is drawn for
     * @param index  of the draw
     */
    public static double unit(final long seed, final long stream, final long index) {
        return (bits(seed, stream, index) >>> 11) * UNIT;
    }

    private static long finish(final long value) { // the finalizer of SplitMix64
        final long once = (value ^ value >>> 30) * 0xBF58476D1CE4E5B9L;
        final long twice = (once ^ once >>> 27) * 0x94D049BB133111EBL;
        return twice ^ twice >>> 31;
    }
}
