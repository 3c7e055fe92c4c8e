package io.millrace.load.run;

import io.millrace.load.workload.Units;
import io.millrace.load.workload.Workload;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** How much disk a run will need, as far as that can be known before; refuses a run that would fill the disk. */
final class DiskEstimate {
    private static final double NS_PER_S = 1e9;
    /** Frame, batch and record headers around one record, when batches are small. */
    private static final long OVERHEAD_LENGTH = 64;
    /** Index files, segments allocated ahead, result files. */
    private static final double MARGIN = 1.2;
    private static final long RESERVE_LENGTH = 256L << 20;
    /** What an unlimited run may reach at most, for want of better knowledge. */
    private static final double UNLIMITED_LENGTH_PER_S = 250e6;
    private static final double UNLIMITED_RATE_PER_S = 2e6;

    private DiskEstimate() {
    }

    /**
     * {@return bytes a run writes on one machine}
     *
     * @param workload what is run
     * @param replicas of each record on that machine
     */
    static long length(final Workload workload, final int replicas) {
        final double recordLength = workload.recordLength() + OVERHEAD_LENGTH;
        final double ratePerS = workload.isUnlimited()
            ? Math.min(UNLIMITED_RATE_PER_S, UNLIMITED_LENGTH_PER_S / recordLength)
            : workload.ratePerS();
        final double records =
            workload.recordCount() + ratePerS * (workload.warmupNs() + workload.durationNs()) / NS_PER_S;
        return (long) ((records * recordLength + workload.phases().backlogLength()) * replicas * MARGIN);
    }

    /**
     * Refuses a run whose estimate exceeds the free disk.
     *
     * @param workload what is run
     * @param target   where
     */
    static void check(final Workload workload, final Target target) {
        if (!target.isLocal() || target.dataDir() == null) {
            return;
        }
        final long free = freeLength(target.dataDir());
        final long needed = length(workload, workload.replicationFactor());
        if (needed + RESERVE_LENGTH > free) {
            throw new RunRefusedException(ExitCodes.USAGE, "disk: the run may write " + Units.length(needed) + " ("
                + workload.replicationFactor() + " replicas on this machine, " + Units.length(RESERVE_LENGTH)
                + " kept free) but " + target.dataDir() + " has " + Units.length(free) + " free; lower --rate, "
                + "--duration, --record-size or --replication-factor, or put the data elsewhere with --data");
        }
    }

    /**
     * {@return true if the disk is about to be full}
     *
     * @param target where the data goes
     */
    static boolean isNearlyFull(final Target target) {
        return target.isLocal() && target.dataDir() != null && freeLength(target.dataDir()) < RESERVE_LENGTH / 2;
    }

    private static long freeLength(final Path dir) {
        Path existing = dir.toAbsolutePath().normalize();
        while (!Files.exists(existing)) {
            existing = existing.getParent();
        }
        try {
            return Files.getFileStore(existing).getUsableSpace();
        } catch (final IOException ex) {
            return Long.MAX_VALUE; // unknown: the brokers will say when it is full
        }
    }
}
