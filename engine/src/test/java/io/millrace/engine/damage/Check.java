package io.millrace.engine.damage;

/** Fails a damage case; without a test framework, since the cases also run as a campaign of their own. */
final class Check {
    private Check() {
    }

    static void that(final boolean isTrue, final String problem) {
        if (!isTrue) {
            throw new AssertionError(problem);
        }
    }

    static void equal(final Object expected, final Object actual, final String what) {
        if (!expected.equals(actual)) {
            throw new AssertionError(what + ": expected=" + expected + " actual=" + actual);
        }
    }
}
