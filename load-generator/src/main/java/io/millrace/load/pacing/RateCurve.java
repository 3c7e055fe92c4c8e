package io.millrace.load.pacing;

/**
 * A rate that changes over time in straight pieces, the last rate holding for ever: how many ticks are due by a time,
 * and when a tick is due. Immutable. Computed in doubles from the curve itself, so that nothing drifts.
 */
public final class RateCurve {
    private static final double NS_PER_S = 1e9;

    private final double[] startS;
    private final double[] startTick;
    private final double[] fromPerS;
    private final double[] slope;

    /**
     * @param durationsNs of the pieces
     * @param fromPerS    rate at the beginning of each
     * @param toPerS      rate at the end of each
     */
    public RateCurve(final long[] durationsNs, final long[] fromPerS, final long[] toPerS) {
        final int count = durationsNs.length;
        startS = new double[count + 1];
        startTick = new double[count + 1];
        this.fromPerS = new double[count + 1];
        slope = new double[count + 1];
        for (int i = 0; i < count; i++) {
            final double seconds = durationsNs[i] / NS_PER_S;
            this.fromPerS[i] = fromPerS[i];
            slope[i] = (toPerS[i] - fromPerS[i]) / seconds;
            startS[i + 1] = startS[i] + seconds;
            startTick[i + 1] = startTick[i] + seconds * (fromPerS[i] + toPerS[i]) / 2.0;
        }
        this.fromPerS[count] = toPerS[count - 1];
    }

    /**
     * {@return when a tick is due, nanoseconds since the start}
     *
     * @param tick from 0
     */
    public long dueNs(final long tick) {
        int piece = startS.length - 1;
        while (startTick[piece] > tick) {
            piece--;
        }
        final double ticks = tick - startTick[piece];
        final double rate = fromPerS[piece];
        final double a = slope[piece];
        // The root of a/2 s^2 + rate s = ticks, in the form that stays exact for small slopes of either sign.
        final double seconds = 2 * ticks / (rate + Math.sqrt(Math.max(0, rate * rate + 2 * a * ticks)));
        return Math.round((startS[piece] + seconds) * NS_PER_S);
    }

    /**
     * {@return ticks due before a time}
     *
     * @param durationNs since the start
     */
    public long ticksWithin(final long durationNs) {
        final double at = durationNs / NS_PER_S;
        int piece = startS.length - 1;
        while (startS[piece] > at) {
            piece--;
        }
        final double seconds = at - startS[piece];
        return (long) Math.ceil(startTick[piece] + seconds * (fromPerS[piece] + slope[piece] * seconds / 2) - 1e-6);
    }
}
