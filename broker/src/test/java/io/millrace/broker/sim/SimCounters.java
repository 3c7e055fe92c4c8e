package io.millrace.broker.sim;

import java.util.Map;
import java.util.TreeMap;

/** What happened in the runs of a campaign; a campaign whose faults did not happen proves nothing. */
final class SimCounters {
    private final TreeMap<String, Long> counts = new TreeMap<>();
    private long events;

    void event() {
        events++;
    }

    void count(final String what) {
        count(what, 1);
    }

    void count(final String what, final long times) {
        if (times != 0) {
            counts.merge(what, times, Long::sum);
        }
    }

    long get(final String what) {
        return counts.getOrDefault(what, 0L);
    }

    /** {@return all of them, events included} */
    Map<String, Long> all() {
        final TreeMap<String, Long> all = new TreeMap<>(counts);
        all.merge("events", events, Long::sum);
        return all;
    }

    void add(final SimCounters other) {
        other.counts.forEach(this::count);
        events += other.events;
    }

    @Override
    public String toString() {
        return all().toString();
    }
}
