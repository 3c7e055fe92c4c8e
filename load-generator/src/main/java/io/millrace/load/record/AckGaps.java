package io.millrace.load.record;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * Times in which a partition had no acknowledgement; written by the thread that answers one session, read when that has
 * ended. For runs with faults only: a run without pays nothing.
 */
public final class AckGaps {
    private static final int MAX_GAPS = 100_000;
    private static final long NEVER = Long.MIN_VALUE;

    private final long shortestNs;
    private final long[] lastNs;
    private final List<Gap> gaps = new ArrayList<>();

    /**
     * A time without acknowledgement.
     *
     * @param partition of all topics
     * @param startNs   last acknowledgement before
     * @param endNs     first one after
     */
    public record Gap(int partition, long startNs, long endNs) {
    }

    /**
     * @param partitionCount of all topics
     * @param shortestNs     gaps below are not kept
     */
    public AckGaps(final int partitionCount, final long shortestNs) {
        this.shortestNs = shortestNs;
        lastNs = new long[partitionCount];
        java.util.Arrays.fill(lastNs, NEVER);
    }

    /**
     * Adds the partitions that had an acknowledgement.
     *
     * @param served takes them
     */
    public void addServed(final BitSet served) {
        for (int i = 0; i < lastNs.length; i++) {
            if (lastNs[i] != NEVER) {
                served.set(i);
            }
        }
    }

    /**
     * {@return the gaps, a partition that stays silent to the end included}
     *
     * @param startNs of what is looked at
     * @param endNs   of what is looked at
     * @param served  partitions that some session has served: of those this one has not, it was silent all the time
     */
    public List<Gap> between(final long startNs, final long endNs, final BitSet served) {
        final List<Gap> all = new ArrayList<>(gaps);
        for (int i = 0; i < lastNs.length; i++) {
            if (lastNs[i] == NEVER && served.get(i)) {
                all.add(new Gap(i, startNs, endNs));
            } else if (lastNs[i] != NEVER && endNs - lastNs[i] >= shortestNs) {
                all.add(new Gap(i, lastNs[i], endNs));
            }
        }
        return all;
    }

    void onAcked(final int partition, final long ackedNs) {
        final long before = lastNs[partition];
        if (before != NEVER && ackedNs - before >= shortestNs && gaps.size() < MAX_GAPS) {
            gaps.add(new Gap(partition, before, ackedNs));
        }
        lastNs[partition] = ackedNs;
    }
}
