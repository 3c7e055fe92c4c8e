package io.millrace.results.statistics;

import java.util.Locale;

/** What a comparison says. */
public enum Verdict {
    /** The whole interval lies beyond the threshold, and what equal sides may differ by, on the good side. */
    IMPROVED,
    /** The whole interval lies beyond the threshold, and what equal sides may differ by, on the bad side. */
    REGRESSED,
    /** The whole interval lies within the threshold. */
    SAME,
    /** None of these, or too few runs to say. */
    INCONCLUSIVE;

    /** {@return the word for tables} */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
