package io.millrace.system.history;

import java.util.ArrayList;
import java.util.List;

/** A growing array of longs, 0 where nothing was put. Owned by the checking thread. */
final class Pages {
    private static final int PAGE_SHIFT = 10;
    private static final int PAGE_LENGTH = 1 << PAGE_SHIFT;
    /** More records of one partition or lane than this is not a history, but a damaged file. */
    private static final long LIMIT = 1L << 31;

    private final List<long[]> pages = new ArrayList<>();

    long get(final long index) {
        final long page = index >> PAGE_SHIFT;
        return index < 0 || page >= pages.size() ? 0 : pages.get((int) page)[(int) index & PAGE_LENGTH - 1];
    }

    void set(final long index, final long value) {
        if (index < 0 || index >= LIMIT) {
            throw new IllegalArgumentException("number out of range: " + index + ", limit=" + LIMIT);
        }
        final int page = (int) (index >> PAGE_SHIFT);
        while (pages.size() <= page) {
            pages.add(new long[PAGE_LENGTH]);
        }
        pages.get(page)[(int) index & PAGE_LENGTH - 1] = value;
    }
}
