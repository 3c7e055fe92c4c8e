package io.millrace.results.report;

import java.util.ArrayList;
import java.util.List;

/**
 * Maps figures onto a stretch of the drawing.
 *
 * @param isLog true for a logarithmic axis
 * @param low   figure at {@code from}
 * @param high  figure at {@code to}
 * @param from  coordinate
 * @param to    coordinate
 */
record Scale(boolean isLog, double low, double high, double from, double to) {
    private static final double[] STEPS = {1, 2, 5};
    private static final double LARGEST = 1e30;

    /** A logarithmic scale that encloses the figures with a little air, at least a factor of two long. */
    static Scale log(final double min, final double max, final double from, final double to) {
        final boolean isUsable = min > 0 && max >= min && max < LARGEST;
        double low = (isUsable ? min : 1) / 1.12;
        double high = (isUsable ? max : 10) * 1.12;
        if (high / low < 2) {
            final double middle = Math.sqrt(low * high);
            low = middle / Math.sqrt(2);
            high = middle * Math.sqrt(2);
        }
        return new Scale(true, low, high, from, to);
    }

    /** A linear scale from zero. */
    static Scale fromZero(final double max, final double from, final double to) {
        return new Scale(false, 0, max > 0 && max < LARGEST ? max * 1.08 : 1, from, to);
    }

    double at(final double value) {
        final double share = isLog
            ? Math.log(Math.max(value, low * 1e-3) / low) / Math.log(high / low) : (value - low) / (high - low);
        return from + Math.max(-0.02, Math.min(1.02, share)) * (to - from);
    }

    /** Round figures inside the scale, no more than about the given number. */
    List<Double> ticks(final int wanted) {
        return isLog ? logTicks(wanted) : linearTicks(wanted);
    }

    private List<Double> linearTicks(final int wanted) {
        final double rough = (high - low) / Math.max(1, wanted);
        final double power = Math.pow(10, Math.floor(Math.log10(rough)));
        double step = 10 * power;
        for (int i = STEPS.length - 1; i >= 0; i--) {
            if (STEPS[i] * power >= rough) {
                step = STEPS[i] * power;
            }
        }
        final List<Double> ticks = new ArrayList<>();
        for (double tick = Math.ceil(low / step) * step; tick <= high * (1 + 1e-9); tick += step) {
            ticks.add(tick);
        }
        return ticks;
    }

    private List<Double> logTicks(final int wanted) {
        List<Double> best = logTicks(STEPS, 1);
        if (best.size() > wanted) {
            best = logTicks(new double[] {1, 3}, 1);
        }
        if (best.size() < 3) {
            return linearTicks(Math.min(4, wanted)); // less than a decade: round steps read better
        }
        for (int decades = 1; best.size() > wanted; decades++) {
            best = logTicks(new double[] {1}, decades);
        }
        return best;
    }

    private List<Double> logTicks(final double[] steps, final int decades) {
        final List<Double> ticks = new ArrayList<>();
        for (int power = (int) Math.floor(Math.log10(low)); power <= Math.log10(high); power++) {
            for (final double step : steps) {
                final double tick = step * Math.pow(10, power);
                if (Math.floorMod(power, decades) == 0 && tick >= low && tick <= high) {
                    ticks.add(tick);
                }
            }
        }
        return ticks;
    }
}
