package io.millrace.load.pacing;

/** Ticks along a curve of rates, shared out among the producers in turn; owned by the thread that sends. */
public final class CurveSchedule implements TickSchedule {
    private final long startNs;
    private final RateCurve curve;
    private final int producerIndex;
    private final int producerCount;
    private final long tickCount;
    private long index;
    private long dueNs;

    /**
     * @param startNs       when the phase begins
     * @param curve         of all producers together
     * @param producerIndex this one, from 0
     * @param producerCount all of them
     * @param totalTicks    ticks of all producers together before the schedule ends
     */
    public CurveSchedule(
        final long startNs,
        final RateCurve curve,
        final int producerIndex,
        final int producerCount,
        final long totalTicks) {
        this.startNs = startNs;
        this.curve = curve;
        this.producerIndex = producerIndex;
        this.producerCount = producerCount;
        tickCount = Schedule.ticksOf(totalTicks, producerIndex, producerCount);
        find();
    }

    @Override
    public long dueNs() {
        return dueNs;
    }

    @Override
    public void advance() {
        index++;
        find();
    }

    @Override
    public long sentCount() {
        return index;
    }

    @Override
    public long remainingCount() {
        return tickCount - index;
    }

    private void find() {
        dueNs = index >= tickCount ? Schedule.NEVER : startNs + curve.dueNs(producerIndex + index * producerCount);
    }
}
