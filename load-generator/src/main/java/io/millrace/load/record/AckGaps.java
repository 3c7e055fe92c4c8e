package io.millrace.load.record;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;

/**
 * Times in which a partition had no acknowledgement; written by the thread that answers one session, read when that has
 * ended. For runs with faults only: a run without pays nothing.
 */
public final class AckGaps {
    /** Few enough that making room takes no time that shows. */
    private static final int USUAL_ROOM = 1 << 14;
    /** Outages of all partitions must stay the smaller half, else they would be taken for what is usual. */
    private static final int ROOM_PER_PARTITION = 8;

    private static final long NEVER = Long.MIN_VALUE;

    private final int maxCount;
    private final long[] firstNs;
    private final long[] lastNs;
    private final List<Gap> gaps = new ArrayList<>();
    private long shortestNs;
    private long floorNs;

    /**
     * A time without acknowledgement.
     *
     * @param partition of all topics
     * @param startNs   last acknowledgement before
     * @param endNs     first one after
     */
    public record Gap(int partition, long startNs, long endNs) {
        long lengthNs() {
            return endNs - startNs;
        }
    }

    /**
     * What one session tells. Of a partition that it never served it tells nothing: others did, or nobody.
     *
     * @param gaps    of the partitions it served
     * @param served  those, a bit each
     * @param floorNs gaps up to that were left out to keep the number of them low; 0 if none was
     */
    public record Session(List<Gap> gaps, long[] served, long floorNs) {
        /** Never null. */
        public Session {
            gaps = gaps == null ? List.of() : List.copyOf(gaps);
            served = served == null ? new long[0] : served.clone();
        }

        @Override
        public long[] served() {
            return served.clone();
        }

        /** {@return the partitions it served} */
        public BitSet partitions() {
            return BitSet.valueOf(served);
        }

        /**
         * {@return the same on a clock that began at another time}
         *
         * @param byNs what it says more
         */
        public Session shifted(final long byNs) {
            return new Session(gaps.stream()
                .map(gap -> new Gap(gap.partition, gap.startNs + byNs, gap.endNs + byNs)).toList(), served, floorNs);
        }

        /**
         * {@return the same with the longest gaps alone}
         *
         * @param maxCount of them
         */
        public Session longest(final int maxCount) {
            if (gaps.size() <= maxCount) {
                return this;
            }
            final List<Gap> sorted = gaps.stream().sorted(Comparator.comparingLong(Gap::lengthNs).reversed()).toList();
            return new Session(
                sorted.subList(0, maxCount), served, Math.max(floorNs, sorted.get(maxCount).lengthNs()));
        }
    }

    /**
     * @param partitionCount of all topics
     * @param shortestNs     gaps below are not kept
     */
    public AckGaps(final int partitionCount, final long shortestNs) {
        this.shortestNs = shortestNs;
        maxCount = Math.max(USUAL_ROOM, ROOM_PER_PARTITION * partitionCount);
        firstNs = new long[partitionCount];
        lastNs = new long[partitionCount];
        Arrays.fill(lastNs, NEVER);
    }

    /**
     * {@return what the session tells, with the times before a partition's first acknowledgement and after its last}
     *
     * @param startNs of what is looked at
     * @param endNs   of what is looked at
     */
    public Session between(final long startNs, final long endNs) {
        final List<Gap> all = new ArrayList<>(gaps);
        final BitSet served = new BitSet(lastNs.length);
        for (int i = 0; i < lastNs.length; i++) {
            if (lastNs[i] == NEVER) {
                continue;
            }
            served.set(i);
            if (firstNs[i] - startNs >= shortestNs) {
                all.add(new Gap(i, startNs, firstNs[i]));
            }
            if (endNs - lastNs[i] >= shortestNs) {
                all.add(new Gap(i, lastNs[i], endNs));
            }
        }
        return new Session(all, served.toLongArray(), floorNs);
    }

    void onAcked(final int partition, final long ackedNs) {
        final long before = lastNs[partition];
        if (before == NEVER) {
            firstNs[partition] = ackedNs;
        } else if (ackedNs - before >= shortestNs) {
            gaps.add(new Gap(partition, before, ackedNs));
            if (gaps.size() >= maxCount) {
                makeRoom();
            }
        }
        lastNs[partition] = ackedNs;
    }

    /** Many partitions with few records have many gaps, all of them usual: the longer half is what matters. */
    private void makeRoom() {
        final long[] lengths = gaps.stream().mapToLong(Gap::lengthNs).sorted().toArray();
        floorNs = lengths[lengths.length / 2];
        shortestNs = floorNs + 1;
        gaps.removeIf(gap -> gap.lengthNs() <= floorNs);
    }
}
