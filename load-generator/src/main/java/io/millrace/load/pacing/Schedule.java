package io.millrace.load.pacing;

/**
 * Intended send times of one producer in one phase; owned by the thread that sends.
 *
 * <p>Tick i is due at start + i * 10^9 / rate, rounded down to a nanosecond: computed with a carried remainder, never
 * from a rounded interval, so it does not drift, and never moved, however late the sender is. With several producers
 * producer p of n takes the ticks p, p + n, p + 2n, ... of the one schedule.
 */
public final class Schedule implements TickSchedule {
    /** Due time of a schedule that has ended. */
    public static final long NEVER = Long.MAX_VALUE;
    /** Highest rate the arithmetic is exact for. */
    public static final long MAX_RATE_PER_S = 1_000_000_000L;

    private static final long NS_PER_S = 1_000_000_000L;

    private final long ratePerS;
    private final long stepNs;
    private final long stepRemainder;
    private final long tickCount;

    private long remainder;
    private long dueNs;
    private long index;

    /**
     * @param startNs       when tick 0 of the whole schedule is due
     * @param ratePerS      of all producers together
     * @param producerIndex this one, from 0
     * @param producerCount all of them
     * @param totalTicks    ticks of all producers together before the schedule ends
     */
    public Schedule(
        final long startNs,
        final long ratePerS,
        final int producerIndex,
        final int producerCount,
        final long totalTicks) {
        if (ratePerS < 1 || ratePerS > MAX_RATE_PER_S) {
            throw new IllegalArgumentException("rate: value=" + ratePerS + " is not in 1.." + MAX_RATE_PER_S);
        }
        this.ratePerS = ratePerS;
        this.stepNs = producerCount * NS_PER_S / ratePerS;
        this.stepRemainder = producerCount * NS_PER_S % ratePerS;
        this.tickCount = ticksOf(totalTicks, producerIndex, producerCount);
        this.dueNs = dueNsOf(startNs, ratePerS, producerIndex);
        this.remainder = producerIndex * NS_PER_S % ratePerS;
        if (tickCount == 0) {
            dueNs = NEVER;
        }
    }

    /**
     * When a tick is due; for checks and for single questions, {@link #advance()} is the cheap way.
     *
     * @param startNs  when tick 0 is due
     * @param ratePerS at most {@link #MAX_RATE_PER_S}
     * @param tick     from 0
     * @return start + tick * 10^9 / rate, exact
     */
    public static long dueNsOf(final long startNs, final long ratePerS, final long tick) {
        // Whole seconds first: what is left is below rate * 10^9 and fits a long.
        return startNs + tick / ratePerS * NS_PER_S + tick % ratePerS * NS_PER_S / ratePerS;
    }

    /**
     * Ticks of the whole schedule that are due before a time.
     *
     * @param durationNs since the start
     * @param ratePerS   of all producers together
     * @return their number
     */
    public static long ticksWithin(final long durationNs, final long ratePerS) {
        final long seconds = durationNs / NS_PER_S;
        final long rest = durationNs % NS_PER_S;
        // A tick that is due exactly at the end belongs to what comes next: round up, since tick 0 is due at the start.
        return seconds * ratePerS + (rest * ratePerS + NS_PER_S - 1) / NS_PER_S;
    }

    /**
     * {@return a producer's share of the ticks}
     *
     * @param totalTicks    of all producers
     * @param producerIndex from 0
     * @param producerCount all of them
     */
    public static long ticksOf(final long totalTicks, final int producerIndex, final int producerCount) {
        return totalTicks / producerCount + (producerIndex < totalTicks % producerCount ? 1 : 0);
    }

    @Override
    public long dueNs() {
        return dueNs;
    }

    @Override
    public void advance() {
        index++;
        if (index >= tickCount) {
            dueNs = NEVER;
            return;
        }
        dueNs += stepNs;
        remainder += stepRemainder;
        if (remainder >= ratePerS) {
            remainder -= ratePerS;
            dueNs++;
        }
    }

    @Override
    public long sentCount() {
        return index;
    }

    @Override
    public long remainingCount() {
        return tickCount - index;
    }
}
