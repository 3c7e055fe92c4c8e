package io.millrace.broker.sim;

/**
 * One fault of a run, with everything that is random about it.
 *
 * @param atNs     when it begins
 * @param kind     what it is
 * @param broker   whom it hits
 * @param other    who else
 * @param lengthNs how long it lasts, or how long a stopped broker stays away
 * @param detail   random number for what else is to be decided
 */
record Fault(long atNs, FaultKind kind, int broker, int other, long lengthNs, long detail) {
    private static final long MS = 1_000_000;

    /** {@return a choice that this fault makes, from 0 to below the bound} */
    int choice(final int bound) {
        return (int) Math.floorMod(detail, (long) bound);
    }

    @Override
    public String toString() {
        return String.format("at %5d ms: %s, for %d ms", atNs / MS, kind.describe(broker, other), lengthNs / MS);
    }
}
