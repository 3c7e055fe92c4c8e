package io.millrace.meter;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/**
 * Makes any JVM keep a meter: {@code -javaagent:process-meter.jar}. Two daemon threads, one that measures stalls and
 * one that looks once a second at allocation and garbage collections. A JVM that cannot keep a meter runs all the same.
 */
public final class MeterAgent {
    private static final long INTERVAL_NS = 1_000_000_000L;

    private MeterAgent() {
    }

    /**
     * Called by the JVM before its main method.
     *
     * @param arguments none are known
     */
    public static void premain(final String arguments) {
        // all of it on threads of its own: nothing of the JVM's management is loaded before the application begins
        final Thread thread = new Thread(MeterAgent::run, "process-meter");
        thread.setDaemon(true);
        thread.start();
    }

    /** {@return the jar to start other JVMs with; null where this class comes from no jar} */
    public static Path jar() {
        try {
            final Path place = Path.of(MeterAgent.class.getProtectionDomain().getCodeSource().getLocation().toURI());
            return Files.isRegularFile(place) ? place : null;
        } catch (final URISyntaxException | RuntimeException ex) {
            return null;
        }
    }

    private static void run() {
        final MeterFile file;
        try {
            file = MeterFile.create();
        } catch (final IOException | RuntimeException ex) {
            System.err.println("process-meter: no meter of this process: " + ex);
            return;
        }
        HiccupThread.into(file).start();
        final Sampler sampler = new Sampler(file);
        while (true) {
            sampler.sample();
            LockSupport.parkNanos(INTERVAL_NS);
        }
    }

    /** Owned by the agent's thread. */
    static final class Sampler {
        private final MeterFile file;
        private final GcPauses collections = new GcPauses();
        private final ThreadMXBean threads =
            ManagementFactory.getThreadMXBean() instanceof ThreadMXBean bean ? bean : null;
        private Map<Long, Long> lastLengths = Map.of();
        private long allocatedLength;

        Sampler(final MeterFile file) {
            this.file = file;
        }

        /** {@return what was allocated up to the last sample, as far as it was seen} */
        long allocatedLength() {
            return allocatedLength;
        }

        void sample() {
            if (threads != null) {
                final long[] ids = threads.getAllThreadIds();
                final long[] lengths = threads.getThreadAllocatedBytes(ids);
                final Map<Long, Long> newLengths = new HashMap<>();
                for (int i = 0; i < ids.length; i++) {
                    if (lengths[i] >= 0) { // else it has ended, and takes what it allocated last with it
                        newLengths.put(ids[i], lengths[i]);
                        allocatedLength += lengths[i] - lastLengths.getOrDefault(ids[i], 0L);
                    }
                }
                lastLengths = newLengths;
                file.set(Figure.ALLOCATED_LENGTH, allocatedLength);
            }
            file.set(Figure.GC_COUNT, collections.count());
            file.set(Figure.GC_PAUSE_NS, collections.pauseNs());
            file.set(Figure.SAMPLED_AT_MS, Math.max(1, file.ageMs())); // last: what it dates is there
        }
    }
}
