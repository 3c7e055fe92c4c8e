package io.millrace.broker.node;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Says once that a log refuses writes for want of room, and once that it takes them again, however often both happen
 * meanwhile. Owned by the maintenance thread.
 */
final class Shortages {
    private static final long CHECK_INTERVAL_NS = 100_000_000L;
    /** On an almost full disk a short write may still fit between two long ones. */
    private static final long CALM_NS = 5_000_000_000L;

    private record Watched(String name, Supplier<String> shortage, Supplier<String> detail) {
    }

    private final NodeLog log;
    private final List<Watched> watched = new ArrayList<>();
    /** When each was last found short, by name. */
    private final Map<String, Long> lastShortNs = new HashMap<>();
    private long checkedNs;
    private boolean isChecked;

    Shortages(final NodeLog log) {
        this.log = log;
    }

    /**
     * Looks at a log from now on.
     *
     * @param name     for people
     * @param shortage why its last write was refused, null when it was not
     * @param detail   what else helps then; asked for once for each shortage
     */
    void watch(final String name, final Supplier<String> shortage, final Supplier<String> detail) {
        watched.add(new Watched(name, shortage, detail));
    }

    void check(final long nowNs) {
        if (isChecked && nowNs - checkedNs < CHECK_INTERVAL_NS) {
            return;
        }
        isChecked = true;
        checkedNs = nowNs;
        for (final Watched one : watched) {
            final String text = one.shortage().get();
            if (text != null) {
                onShortage(one.name(), lastShortNs.containsKey(one.name()) ? text : text + one.detail().get());
            } else {
                final Long shortNs = lastShortNs.get(one.name());
                if (shortNs != null && nowNs - shortNs >= CALM_NS) {
                    onRoom(one.name());
                }
            }
        }
    }

    void onShortage(final String name, final String text) {
        if (lastShortNs.put(name, checkedNs) == null) {
            log.warn(name + " refuses writes with KAFKA_STORAGE_ERROR, which clients try again, and serves reads: "
                + text);
        }
    }

    void onRoom(final String name) {
        if (lastShortNs.remove(name) != null) {
            log.info(name + " takes writes again");
        }
    }
}
