package io.millrace.load.pacing;

import java.util.function.LongToDoubleFunction;

/**
 * Arrivals of a Poisson process, one of its own for each producer, which together make one of the whole rate. Owned by
 * the thread that sends.
 *
 * <p>Gap i is drawn from tick i alone; due times are summed in a double from the start of the phase, which keeps them
 * exact to a nanosecond for 100 days.
 */
public final class PoissonSchedule implements TickSchedule {
    private static final double NS_PER_S = 1e9;

    private final long startNs;
    private final double meanGapNs;
    private final double endNs;
    private final long tickCount;
    private final LongToDoubleFunction draws;
    private long index;
    private double elapsedNs;

    /**
     * @param startNs       when the phase begins
     * @param ratePerS      of all producers together, on average
     * @param producerCount all of them
     * @param durationNs    no tick is due from then on; {@link Schedule#NEVER} if only the count ends it
     * @param tickCount     of this producer; {@link Long#MAX_VALUE} if only the time ends it
     * @param draws         a number from 0 up to but not including 1 for each tick
     */
    public PoissonSchedule(
        final long startNs,
        final long ratePerS,
        final int producerCount,
        final long durationNs,
        final long tickCount,
        final LongToDoubleFunction draws) {
        this.startNs = startNs;
        this.meanGapNs = NS_PER_S * producerCount / ratePerS;
        this.endNs = durationNs;
        this.tickCount = tickCount;
        this.draws = draws;
        elapsedNs = gap(0);
    }

    @Override
    public long dueNs() {
        return index >= tickCount || elapsedNs >= endNs ? Schedule.NEVER : startNs + (long) elapsedNs;
    }

    @Override
    public void advance() {
        index++;
        elapsedNs += gap(index);
    }

    @Override
    public long sentCount() {
        return index;
    }

    @Override
    public long remainingCount() {
        long count = 0;
        double at = elapsedNs;
        for (long i = index; i < tickCount && at < endNs; i++) {
            count++;
            at += gap(i + 1);
        }
        return count;
    }

    private double gap(final long tick) {
        return -Math.log(1 - draws.applyAsDouble(tick)) * meanGapNs;
    }
}
