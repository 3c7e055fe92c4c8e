package io.millrace.results.statistics;

import java.util.Locale;
import java.util.SplittableRandom;

/**
 * Makes up lines of figures with and without a change among the last points, over and over, and counts what {@link
 * RecentChange} (the gate) and {@link ChangePoints} (the list) find. docs/compare.md has the command.
 */
final class HistorySimulation {
    static final double CONFIDENCE = 0.99;
    static final int LAST = 5;
    private static final double THRESHOLD = 0.05;
    private static final long SEED = 20_260_207;

    private HistorySimulation() {
    }

    /**
     * Prints everything: {@code HistorySimulation [TRIALS]}.
     *
     * @param args trials a case, 1000 unless given
     */
    public static void main(final String[] args) {
        final int trials = args.length > 0 ? Integer.parseInt(args[0]) : 1000;
        for (final VerdictSimulation.Noise noise : VerdictSimulation.Noise.values()) {
            for (final int lines : new int[] {1, 16}) {
                for (final int points : new int[] {8, 12, 20, 40}) {
                    System.out.printf(Locale.ROOT, "gate, %s, %d lines of %d points, no change: %.1f %%%n", noise,
                        lines, points, 100.0 * falseAlarms(noise, lines, points, trials) / trials);
                }
            }
        }
        for (final double effect : new double[] {1.2, 2}) {
            for (final int points : new int[] {8, 10, 12, 14, 20, 30}) {
                for (int count = 3; count <= LAST; count++) {
                    System.out.printf(Locale.ROOT, "x%.1f, normal, %d of %d points: gate of 1 line %.0f %%, of 16 "
                        + "%.0f %%; list %.0f %%%n", effect, count, points,
                        100.0 * found(effect, count, points, 1, trials) / trials,
                        100.0 * found(effect, count, points, 16, trials) / trials,
                        100.0 * listed(effect, count, points, trials) / trials);
                }
            }
        }
    }

    /** Trials with an alarm in any line. */
    static int falseAlarms(
        final VerdictSimulation.Noise noise, final int lines, final int points, final int trials) {
        final SplittableRandom random = new SplittableRandom(SEED + points * 31L + lines + noise.name().hashCode());
        int alarms = 0;
        for (int trial = 0; trial < trials; trial++) {
            boolean isAlarm = false;
            for (int line = 0; line < lines; line++) {
                isAlarm |= gate(line(random, noise, points, 0, 1), lines) != null;
            }
            alarms += isAlarm ? 1 : 0;
        }
        return alarms;
    }

    /** Trials in which the gate finds a change that is there, in one of so many lines. */
    static int found(final double effect, final int count, final int points, final int lines, final int trials) {
        final SplittableRandom random = new SplittableRandom(SEED + points * 31L + count);
        int found = 0;
        for (int trial = 0; trial < trials; trial++) {
            found += gate(line(random, VerdictSimulation.Noise.NORMAL, points, count, effect), lines) == null ? 0 : 1;
        }
        return found;
    }

    private static int listed(final double effect, final int count, final int points, final int trials) {
        final SplittableRandom random = new SplittableRandom(SEED + points * 31L + count);
        int found = 0;
        for (int trial = 0; trial < trials; trial++) {
            found += ChangePoints.find(line(random, VerdictSimulation.Noise.NORMAL, points, count, effect),
                1 - CONFIDENCE, THRESHOLD).isEmpty() ? 0 : 1;
        }
        return found;
    }

    private static ChangePoint gate(final double[] values, final int lines) {
        return RecentChange.of(values, LAST, (1 - CONFIDENCE) / lines, THRESHOLD, true).change();
    }

    private static double[] line(final SplittableRandom random, final VerdictSimulation.Noise noise, final int points,
        final int count, final double effect) {
        final double[] values = new double[points];
        for (int i = 0; i < points; i++) {
            values[i] = 1e6 * (i >= points - count ? effect : 1) * Math.exp(noise.draw(random));
        }
        return values;
    }
}
