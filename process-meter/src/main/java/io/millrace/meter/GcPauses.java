package io.millrace.meter;

import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;

/** Garbage collections of this JVM that stop its threads; any thread. */
public final class GcPauses {
    private static final long NS_PER_MS = 1_000_000L;

    private final List<GarbageCollectorMXBean> collectors = ManagementFactory.getGarbageCollectorMXBeans().stream()
        .filter(collector -> stops(collector.getName())).toList();

    /** Looks at the collectors that this JVM has. */
    public GcPauses() {
    }

    /** {@return whether what a collector of that name reports is pauses} */
    static boolean stops(final String collector) {
        // ZGC and Shenandoah report their cycles, which run beside the application, and their pauses apart
        return !collector.contains("Cycles");
    }

    /** {@return pauses so far} */
    public long count() {
        return collectors.stream().mapToLong(collector -> Math.max(0, collector.getCollectionCount())).sum();
    }

    /** {@return their length so far, which the JVM tells in whole milliseconds each} */
    public long pauseNs() {
        return collectors.stream().mapToLong(collector -> Math.max(0, collector.getCollectionTime())).sum() * NS_PER_MS;
    }
}
