package io.millrace.load.run;

import java.util.ArrayList;
import java.util.List;

/**
 * Tells when a warm-up may end: the median response time has neither drifted nor stepped over the last intervals, and
 * the target keeps up with its load. Owned by the run's thread.
 */
final class SteadyWatch {
    static final int WINDOW = 8;
    private static final double MAX_DRIFT = 0.10;
    private static final double MAX_STEP = 0.10;
    private static final double MIN_ACHIEVED = 0.98;

    private final List<Double> mediansNs = new ArrayList<>();
    private final List<Double> achieved = new ArrayList<>();

    /**
     * Takes one interval.
     *
     * @param p50Ns    its median response time, below 0 without answers
     * @param fraction of the asked rate that was acknowledged; 1 without a rate
     */
    void add(final double p50Ns, final double fraction) {
        if (p50Ns < 0) {
            mediansNs.clear(); // nothing was answered: whatever came before says nothing about what comes
            achieved.clear();
        } else {
            mediansNs.add(p50Ns);
            achieved.add(fraction);
        }
    }

    /** {@return true if the last intervals look alike} */
    boolean isSteady() {
        final int count = mediansNs.size();
        if (count < WINDOW) {
            return false;
        }
        final List<Double> last = mediansNs.subList(count - WINDOW, count);
        final double mean = achieved.subList(count - WINDOW, count).stream().mapToDouble(Double::doubleValue).average()
            .orElse(0);
        return mean >= MIN_ACHIEVED && Math.abs(SteadyCheck.drift(last, WINDOW)) <= MAX_DRIFT && step(last) <= MAX_STEP;
    }

    /** The change between the medians of both halves, relative to the first: a step that a slope would smooth away. */
    private static double step(final List<Double> series) {
        final int half = series.size() / 2;
        final double before = median(series.subList(0, half));
        final double after = median(series.subList(half, series.size()));
        return before == 0 ? 0 : Math.abs(after - before) / before;
    }

    private static double median(final List<Double> values) {
        final double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        final int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
