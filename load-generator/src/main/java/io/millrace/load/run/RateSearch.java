package io.millrace.load.run;

import io.millrace.load.workload.WorkloadException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/**
 * Which rate to try next, given what became of those before: a function of the answers, so that a search that was
 * interrupted goes on where it was when it is given the same answers again. Owned by one thread.
 *
 * <ol>
 * <li>bracket: double from the first rate until one misses; if the first one misses, halve until one meets.
 * <li>bisect: the geometric middle of limit and first miss, until they are close.
 * <li>repeat: the limit several times. If not most of them meet, it becomes a miss, and the next one is a little lower;
 * after a few of those the search goes back to the next lower rate that met before, and bisects again.
 * <li>curve: points below the limit, evenly on a scale of ratios. knee: densely from 0.90 to 1.05 times the limit.
 * </ol>
 */
public final class RateSearch {
    private static final int MAX_BISECTIONS = 20;
    private static final int MAX_HALVINGS = 7;
    private static final int MAX_LOWERINGS = 4;
    private static final int MAX_RETURNS = 4;
    private static final double LOWER = 0.95;
    private static final double CURVE_SPAN = 16;
    private static final double[] KNEE = {0.90, 0.925, 0.95, 0.975, 1.00, 1.025, 1.05};
    private static final double SAME = 0.01;

    private enum Stage { BRACKET, BISECT, REPEAT, CURVE, DONE }

    private final long fromPerS;
    private final long toPerS;
    private final int pointCount;
    private final double refine;
    private final int repeatGoal;
    private final List<Long> tried = new ArrayList<>();
    private final ArrayDeque<Step> planned = new ArrayDeque<>();
    /** Rates that met when they were tried once. */
    private final TreeSet<Long> met = new TreeSet<>();
    private Stage stage = Stage.BRACKET;
    private Step current;
    private long limitPerS;
    private long missPerS;
    private int bisectionCount;
    private int halvingCount;
    private int loweringCount;
    private int returnCount;
    private int repeatMet;
    private int repeatCount;

    /**
     * One run to make.
     *
     * @param stage    word for it
     * @param ratePerS to ask for
     */
    public record Step(String stage, long ratePerS) {
    }

    /**
     * @param fromPerS   where to begin
     * @param toPerS     not beyond
     * @param pointCount points of the curve
     * @param refine     how close limit and miss are to be, relative
     * @param repeatGoal runs at the limit
     */
    public RateSearch(
        final long fromPerS, final long toPerS, final int pointCount, final double refine, final int repeatGoal) {
        if (fromPerS < 1 || toPerS < fromPerS || toPerS > 100_000_000L) {
            throw new WorkloadException("from, to: values=" + fromPerS + ", " + toPerS + " are out of bounds; use 1 <= "
                + "from <= to <= 100M");
        }
        if (pointCount < 0 || pointCount > 100 || !(refine >= 0.005 && refine <= 1)
            || repeatGoal < 1 || repeatGoal > 100) {
            throw new WorkloadException("points, refine, repeat: values=" + pointCount + ", " + refine + ", "
                + repeatGoal + " are out of bounds; use 0 to 100, 0.005 to 1, 1 to 100");
        }
        this.fromPerS = fromPerS;
        this.toPerS = toPerS;
        this.pointCount = pointCount;
        this.refine = refine;
        this.repeatGoal = repeatGoal;
    }

    /** {@return the run to make next, null when all is known; the one before has been answered} */
    public Step next() {
        if (current != null) {
            throw new IllegalStateException("the run before was not answered: rate=" + current.ratePerS());
        }
        current = plan();
        if (current != null) {
            tried.add(current.ratePerS());
        }
        return current;
    }

    /**
     * Takes what became of the run.
     *
     * @param isMet true if it met its service level
     */
    public void answer(final boolean isMet) {
        final Step step = current;
        current = null;
        switch (stage) {
            case BRACKET -> bracket(step.ratePerS(), isMet);
            case BISECT -> bound(step.ratePerS(), isMet);
            case REPEAT -> {
                repeatCount++;
                repeatMet += isMet ? 1 : 0;
            }
            default -> { } // curve and knee are for the picture
        }
    }

    /** {@return true if there is a rate that most of its repeats met} */
    public boolean isFound() {
        return limitPerS > 0 && repeatCount > 0 && 2 * repeatMet > repeatCount;
    }

    /** {@return highest rate that met and has not failed since, 0 for none; it holds once {@link #isFound()}} */
    public long limitPerS() {
        return limitPerS;
    }

    /** {@return lowest rate that missed, 0 for none so far} */
    public long missPerS() {
        return missPerS;
    }

    /** {@return repeats at the limit that met} */
    public int repeatMet() {
        return repeatMet;
    }

    /** {@return repeats made at the limit} */
    public int repeatCount() {
        return repeatCount;
    }

    private Step plan() {
        while (true) {
            switch (stage) {
                case BRACKET -> {
                    if (limitPerS > 0 && missPerS > 0 || limitPerS >= toPerS) {
                        stage = Stage.BISECT;
                    } else if (limitPerS == 0 && halvingCount > MAX_HALVINGS || missPerS == 1) {
                        stage = Stage.DONE;
                    } else {
                        return new Step("bracket", limitPerS > 0 ? Math.min(toPerS, limitPerS * 2)
                            : missPerS > 0 ? Math.max(1, missPerS / 2) : fromPerS);
                    }
                }
                case BISECT -> {
                    final long middle = missPerS == 0 ? 0 : Math.round(Math.sqrt((double) limitPerS * missPerS));
                    if (missPerS > limitPerS * (1 + refine) && bisectionCount < MAX_BISECTIONS
                        && middle > limitPerS && middle < missPerS) {
                        bisectionCount++;
                        return new Step("bisect", middle);
                    }
                    stage = Stage.REPEAT;
                }
                case REPEAT -> {
                    if (repeatCount < repeatGoal) {
                        return new Step("repeat", limitPerS);
                    }
                    if (isFound()) {
                        planCurve();
                        stage = Stage.CURVE;
                    } else {
                        lower();
                    }
                }
                case CURVE -> {
                    final Step step = planned.pollFirst();
                    if (step != null) {
                        return step;
                    }
                    stage = Stage.DONE;
                }
                default -> {
                    return null;
                }
            }
        }
    }

    /** The limit did not hold: one lucky run says little, and so little that the truth may be far below. */
    private void lower() {
        missPerS = limitPerS;
        repeatMet = 0;
        repeatCount = 0;
        if (loweringCount < MAX_LOWERINGS && limitPerS > 1) {
            loweringCount++;
            limitPerS = Math.max(1, Math.min(limitPerS - 1, Math.round(limitPerS * LOWER)));
        } else if (returnCount < MAX_RETURNS) {
            returnCount++;
            loweringCount = 0;
            final Long below = met.lower(missPerS);
            limitPerS = below == null ? 0 : below;
            stage = below == null ? Stage.BRACKET : Stage.BISECT;
        } else {
            limitPerS = 0;
            stage = Stage.DONE;
        }
    }

    private void bracket(final long ratePerS, final boolean isMet) {
        if (!isMet && limitPerS == 0) {
            halvingCount++;
        }
        bound(ratePerS, isMet);
    }

    private void bound(final long ratePerS, final boolean isMet) {
        if (isMet) {
            met.add(ratePerS);
            limitPerS = Math.max(limitPerS, ratePerS);
        } else {
            missPerS = missPerS == 0 ? ratePerS : Math.min(missPerS, ratePerS);
        }
    }

    private void planCurve() {
        for (int i = 0; i < pointCount; i++) {
            plan("curve", limitPerS * Math.pow(CURVE_SPAN, (double) (i - pointCount) / pointCount));
        }
        for (final double factor : KNEE) {
            plan("knee", limitPerS * factor);
        }
    }

    /** What was run already need not be run again for the picture, and nobody asked for more than the last rate. */
    private void plan(final String word, final double ratePerS) {
        final long rate = Math.max(1, Math.round(ratePerS));
        final boolean isKnown = tried.stream().anyMatch(other -> Math.abs(other - rate) <= SAME * rate)
            || planned.stream().anyMatch(other -> Math.abs(other.ratePerS() - rate) <= SAME * rate);
        if (!isKnown && rate <= toPerS) {
            planned.addLast(new Step(word, rate));
        }
    }
}
