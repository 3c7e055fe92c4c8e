package io.millrace.load.run;

/** What the commands of the load generator end with. */
public final class ExitCodes {
    /** Done and valid. */
    public static final int OK = 0;
    /** An error of the load generator itself. */
    public static final int INTERNAL = 1;
    /** An option or workload that cannot be. */
    public static final int USAGE = 2;
    /** The target does not answer. */
    public static final int UNREACHABLE = 3;
    /** Complete, but invalid: rate, hiccup, errors. */
    public static final int INVALID = 4;
    /** Acknowledged records lost, duplicated, reordered or damaged. */
    public static final int INCORRECT = 5;
    /** A regression was found. */
    public static final int REGRESSION = 6;
    /** A service level was not met. */
    public static final int SLO_MISSED = 99;
    /** Ended by the user; the partial result is kept. */
    public static final int INTERRUPTED = 130;

    private ExitCodes() {
    }

    /**
     * Of two results the one that matters more: an incorrect history over everything, then the end by the user, then
     * an internal error or an unreachable target, then an invalid run, a missed service level, a regression.
     *
     * @param first  one code
     * @param second the other
     * @return the one to end with
     */
    public static int worse(final int first, final int second) {
        return severity(first) >= severity(second) ? first : second;
    }

    private static int severity(final int code) {
        return switch (code) {
            case OK -> 0;
            case REGRESSION -> 1;
            case SLO_MISSED -> 2;
            case INVALID -> 3;
            case USAGE -> 4;
            case UNREACHABLE -> 5;
            case INTERRUPTED -> 7;
            case INCORRECT -> 8;
            default -> 6; // an internal error, and what is not known
        };
    }
}
