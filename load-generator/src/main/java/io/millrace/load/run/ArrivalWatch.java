package io.millrace.load.run;

/**
 * Tells when consumers have received what there is, after the last record was answered. Owned by the run's thread.
 *
 * <p>Records that failed may be in the log or not. Where all that were acknowledged may have arrived, and nothing more
 * does for a while, the failed ones that are missing will not come.
 */
final class ArrivalWatch {
    static final long QUIET_NS = 2_000_000_000L;

    private long consumedInAll = -1;
    private long changedNs;

    /**
     * Looks what has arrived.
     *
     * @param totals so far
     * @param nowNs  time, by any clock
     * @return true if nothing more is to be waited for
     */
    boolean isOver(final RunTotals totals, final long nowNs) {
        if (totals.consumedInAll() != consumedInAll) {
            consumedInAll = totals.consumedInAll();
            changedNs = nowNs;
        }
        return totals.isAllConsumed()
            || totals.consumedInAll() >= totals.ackedInAll() && nowNs - changedNs >= QUIET_NS;
    }
}
