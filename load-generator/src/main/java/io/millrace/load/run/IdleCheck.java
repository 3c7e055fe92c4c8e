package io.millrace.load.run;

import io.millrace.load.record.HiccupMeter;
import io.millrace.load.workload.Units;
import io.millrace.results.model.Environment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;
import org.agrona.concurrent.SystemNanoClock;

/**
 * The control before a series: stalls of this machine while this tool does nothing and has started nothing, and how
 * long its disk takes to sync.
 *
 * @param durationNs how long stalls were looked for; 0 if they were not
 * @param stalls     of an idle thread
 * @param syncs      of 4 KiB, null if that could not be tried
 */
public record IdleCheck(long durationNs, Histogram stalls, Histogram syncs) {
    private static final long LONGEST_NS = 3_000_000_000L;
    private static final int PART = 10;
    private static final int SYNC_COUNT = 100;
    private static final long SYNC_LIMIT_NS = 1_000_000_000L;

    /**
     * {@return how long to look before runs of a length: a tenth of one, three seconds at most}
     *
     * @param runNs length of one run, 0 if that is not known
     */
    public static long durationNs(final long runNs) {
        return runNs <= 0 ? LONGEST_NS / PART : Math.min(LONGEST_NS, runNs / PART);
    }

    /**
     * Looks.
     *
     * @param durationNs how long, above 0
     * @param dataDir    on the disk the brokers will use, null if that is another machine's
     * @return what was found
     */
    public static IdleCheck run(final long durationNs, final Path dataDir) {
        return new IdleCheck(durationNs, stalls(durationNs), dataDir == null ? null : syncs(dataDir));
    }

    /**
     * {@return stalls of this process over a time in which its thread waits}
     *
     * @param durationNs how long
     */
    public static Histogram stalls(final long durationNs) {
        try (HiccupMeter meter = new HiccupMeter(SystemNanoClock.INSTANCE)) {
            meter.start();
            final long endNs = System.nanoTime() + durationNs;
            while (System.nanoTime() - endNs < 0) {
                LockSupport.parkNanos(endNs - System.nanoTime());
            }
            return meter.takeInterval();
        }
    }

    /** {@return the same in a line} */
    public String words() {
        return "idle machine over " + Units.duration(durationNs) + ": stalls p50 "
            + Units.duration(stalls.getValueAtPercentile(50)) + ", p99 "
            + Units.duration(stalls.getValueAtPercentile(99)) + ", max " + Units.duration(stalls.getMaxValue())
            + (syncs == null ? "" : "; a sync of 4 KiB p50 " + Units.duration(syncs.getValueAtPercentile(50)) + ", max "
            + Units.duration(syncs.getMaxValue()));
    }

    /**
     * {@return an environment that says what was found}
     *
     * @param env of the run
     */
    Environment addTo(final Environment env) {
        final Environment.Disk disk = env.disk() == null || syncs == null ? env.disk()
            : env.disk().withFsync(syncs.getValueAtPercentile(50), syncs.getValueAtPercentile(99));
        return env.with(disk, new Environment.Idle(durationNs, stalls.getTotalCount(),
            stalls.getValueAtPercentile(50), stalls.getValueAtPercentile(99), stalls.getMaxValue()));
    }

    /** The nearest directory that is there: nothing is made before a cluster makes its own. */
    private static Histogram syncs(final Path dataDir) {
        try {
            Path existing = dataDir.toAbsolutePath().normalize();
            while (existing != null && !Files.isDirectory(existing)) {
                existing = existing.getParent();
            }
            return existing == null ? null : FsyncProbe.run(existing, SYNC_COUNT, SYNC_LIMIT_NS);
        } catch (final IOException ex) {
            return null; // not ours to write in; the doctor says so
        }
    }
}
