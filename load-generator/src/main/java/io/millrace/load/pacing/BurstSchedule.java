package io.millrace.load.pacing;

/**
 * Bursts: tick i of the whole schedule is due when the first tick of its burst is. Owned by the thread that sends. Due
 * times are exact, as those of {@link Schedule}.
 */
public final class BurstSchedule implements TickSchedule {
    private final long startNs;
    private final long ratePerS;
    private final int burstSize;
    private final int producerIndex;
    private final int producerCount;
    private final long tickCount;
    private long index;

    /**
     * @param startNs       when the first burst is due
     * @param ratePerS      of all producers together, on average
     * @param burstSize     ticks of all producers that are due at once
     * @param producerIndex this one, from 0
     * @param producerCount all of them
     * @param totalTicks    ticks of all producers together before the schedule ends
     */
    public BurstSchedule(
        final long startNs,
        final long ratePerS,
        final int burstSize,
        final int producerIndex,
        final int producerCount,
        final long totalTicks) {
        this.startNs = startNs;
        this.ratePerS = ratePerS;
        this.burstSize = burstSize;
        this.producerIndex = producerIndex;
        this.producerCount = producerCount;
        tickCount = Schedule.ticksOf(totalTicks, producerIndex, producerCount);
    }

    @Override
    public long dueNs() {
        if (index >= tickCount) {
            return Schedule.NEVER;
        }
        final long tick = producerIndex + index * producerCount;
        return Schedule.dueNsOf(startNs, ratePerS, tick - tick % burstSize);
    }

    @Override
    public void advance() {
        index++;
    }

    @Override
    public long sentCount() {
        return index;
    }

    @Override
    public long remainingCount() {
        return tickCount - index;
    }

    /**
     * {@return ticks of the whole schedule that are due before a time: whole bursts}
     *
     * @param durationNs since the start
     * @param ratePerS   of all producers together
     * @param burstSize  ticks due at once
     */
    public static long ticksWithin(final long durationNs, final long ratePerS, final int burstSize) {
        final long even = Schedule.ticksWithin(durationNs, ratePerS);
        return (even + burstSize - 1) / burstSize * burstSize;
    }
}
