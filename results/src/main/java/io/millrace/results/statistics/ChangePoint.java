package io.millrace.results.statistics;

/**
 * Where the level of a line of figures changed.
 *
 * @param index  first point of the new level
 * @param before median of the level before
 * @param after  median of the level after
 * @param p      of Welch's test between the two levels' logarithms
 */
public record ChangePoint(int index, double before, double after, double p) {
    /** {@return after to before} */
    public double ratio() {
        return after / before;
    }
}
