package io.millrace.system.chaos;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/** What clients were told, counted by kind; and what no client should ever be told. Any thread. */
final class LoadErrors {
    private static final int LIMIT = 50;

    private final Map<String, Long> counts = new TreeMap<>();
    private final Map<String, Long> faults = new LinkedHashMap<>();

    synchronized void count(final String who, final Throwable error) {
        counts.merge(who + " " + error.getClass().getSimpleName(), 1L, Long::sum);
    }

    /** Something that is wrong whatever was done to the cluster. */
    synchronized void fault(final String what) {
        if (faults.size() < LIMIT || faults.containsKey(what)) {
            faults.merge(what, 1L, Long::sum);
        }
    }

    synchronized Map<String, Long> counts() {
        return new TreeMap<>(counts);
    }

    synchronized Map<String, Long> faults() {
        return new LinkedHashMap<>(faults);
    }
}
