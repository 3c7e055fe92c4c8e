package io.millrace.results.statistics;

/** Student's t distribution, for any number of degrees of freedom, whole or not. */
final class StudentT {
    private static final double[] LANCZOS = {
        676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059, 12.507343278686905,
        -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
    };
    private static final double TINY = 1e-300;
    private static final int MAX_TERMS = 500;
    private static final int HALVINGS = 200;

    private StudentT() {
    }

    /**
     * How likely a value at least so far from zero is.
     *
     * @param t       any sign; infinite gives 0
     * @param degrees of freedom, positive
     * @return probability of both tails together
     */
    static double twoSided(final double t, final double degrees) {
        if (Double.isInfinite(t)) {
            return 0;
        }
        return incompleteBeta(degrees / 2, 0.5, degrees / (degrees + t * t));
    }

    /**
     * The value beyond which, both sides taken together, a given share lies.
     *
     * @param share   in (0, 1): 0.05 for a 95 % interval
     * @param degrees of freedom, positive
     * @return positive
     */
    static double critical(final double share, final double degrees) {
        double low = 0;
        double high = 1;
        while (twoSided(high, degrees) > share) {
            low = high;
            high *= 2;
        }
        for (int i = 0; i < HALVINGS && high - low > 1e-12 * high; i++) {
            final double middle = (low + high) / 2;
            if (twoSided(middle, degrees) > share) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return (low + high) / 2;
    }

    /** Regularised incomplete beta function by its continued fraction (modified Lentz). */
    private static double incompleteBeta(final double a, final double b, final double x) {
        if (x <= 0 || x >= 1) {
            return x <= 0 ? 0 : 1;
        }
        if (x > (a + 1) / (a + b + 2)) {
            return 1 - incompleteBeta(b, a, 1 - x); // where the fraction converges fast
        }
        final double front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x)
            + b * Math.log1p(-x)) / a;
        double c = 1;
        double d = 1 / nonZero(1 - (a + b) * x / (a + 1));
        double fraction = d;
        for (int m = 1; m <= MAX_TERMS; m++) {
            final double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
            d = 1 / nonZero(1 + even * d);
            c = nonZero(1 + even / c);
            fraction *= d * c;
            final double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
            d = 1 / nonZero(1 + odd * d);
            c = nonZero(1 + odd / c);
            fraction *= d * c;
            if (Math.abs(d * c - 1) < 1e-15) {
                break;
            }
        }
        return front * fraction;
    }

    private static double nonZero(final double value) {
        return Math.abs(value) < TINY ? TINY : value;
    }

    private static double logGamma(final double z) {
        if (z < 0.5) {
            return Math.log(Math.PI / Math.sin(Math.PI * z)) - logGamma(1 - z);
        }
        double sum = 0.99999999999980993;
        for (int i = 0; i < LANCZOS.length; i++) {
            sum += LANCZOS[i] / (z + i);
        }
        final double t = z + LANCZOS.length - 1.5;
        return 0.5 * Math.log(2 * Math.PI) + (z - 0.5) * Math.log(t) - t + Math.log(sum);
    }
}
