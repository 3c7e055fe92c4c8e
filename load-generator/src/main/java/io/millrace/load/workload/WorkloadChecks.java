package io.millrace.load.workload;

import java.util.Locale;

/** What concerns several settings of a workload together. */
final class WorkloadChecks {
    private static final long NS_PER_S = 1_000_000_000L;
    private static final int BATCH_OVERHEAD_LENGTH = 61 + 32;
    private static final long MAX_RECORD_COUNT = 4_000_000_000L;
    private static final int MAX_LANES = 10_000;
    private static final int MAX_PRODUCER_LANES = 1_000_000;

    private WorkloadChecks() {
    }

    /**
     * Refuses what cannot be.
     *
     * @param workload all of whose values are within their own bounds
     * @param asked    the rate as the user gave it
     */
    static void check(final Workload workload, final long asked) {
        if (!workload.isUnlimited()) {
            WorkloadBuilder.bounded("rate", workload.ratePerS(), 1, WorkloadBuilder.MAX_RATE_PER_S,
                "/s, or -1 for unlimited");
        }
        if (asked == Units.UNLIMITED && workload.arrival().kind() != Arrival.Kind.UNIFORM) {
            throw new WorkloadException("arrival: value=" + workload.arrival().word() + " needs a schedule, but rate "
                + "is -1; give a rate");
        }
        if (workload.arrival().isCurve() && workload.recordCount() > 0) {
            throw new WorkloadException("arrival: value=" + workload.arrival().word() + " is a curve over time, but "
                + "num-records says when the run ends; give a duration instead");
        }
        if (workload.recordCount() == 0 && workload.durationNs() < 100_000_000L) {
            throw new WorkloadException("duration: value=" + Units.duration(workload.durationNs())
                + " is shorter than 100 ms; measure for longer");
        }
        if (workload.lengths().maxLength() + BATCH_OVERHEAD_LENGTH > workload.batchLength()) {
            throw new WorkloadException("batch-size: value=" + workload.batchLength() + " B has no room for a record "
                + "of " + workload.lengths().maxLength() + " B and " + BATCH_OVERHEAD_LENGTH + " B around it; raise "
                + "--batch-size or lower --record-size");
        }
        if (workload.inFlightCount() < workload.producers()) {
            throw new WorkloadException("in-flight: value=" + workload.inFlightCount() + " is below the number of "
                + "producers, " + workload.producers() + "; raise --in-flight or lower --producers");
        }
        checkCounts(workload);
        checkPhases(workload);
    }

    private static void checkCounts(final Workload workload) {
        if (workload.laneCount() > MAX_LANES) {
            throw new WorkloadException("topics: " + workload.topicCount() + " topics of " + workload.partitions()
                + " partitions are more than " + MAX_LANES + " partitions; lower one of them");
        }
        if ((long) workload.laneCount() * workload.producers() > MAX_PRODUCER_LANES) {
            throw new WorkloadException("producers: " + workload.producers() + " producers on " + workload.laneCount()
                + " partitions need more sequences than " + MAX_PRODUCER_LANES + "; lower one of them");
        }
        if (workload.consumers() > 0 && "null".equals(workload.driver())) {
            throw new WorkloadException("consumers: value=" + workload.consumers() + " goes with no null driver, which "
                + "stores nothing to read; pass --consumers 0 or another --driver");
        }
        if (workload.consumers() > workload.laneCount()) {
            throw new WorkloadException("consumers: value=" + workload.consumers() + " is more than there are "
                + "partitions, " + workload.laneCount() + "; some would have none");
        }
        final double records = workload.isUnlimited() ? workload.recordCount()
            : workload.recordCount()
                + (double) workload.ratePerS() * (workload.durationNs() + workload.warmupNs()) / NS_PER_S;
        if (records > MAX_RECORD_COUNT) {
            throw new WorkloadException(String.format(Locale.ROOT, "run: %.0f records are more than %d; lower --rate, "
                + "--duration or --num-records", records, MAX_RECORD_COUNT));
        }
        if (workload.payload().compressible() > 0 && workload.payload().kind() != Payload.Kind.RANDOM) {
            throw new WorkloadException("compressible: value=" + workload.payload().compressible() + " goes with "
                + "payload=random only, not with " + workload.payload().word());
        }
    }

    private static void checkPhases(final Workload workload) {
        final Workload.Phases phases = workload.phases();
        if (phases.backlogLength() > 0 && (workload.consumers() == 0 || workload.recordCount() > 0)) {
            throw new WorkloadException("backlog: value=" + Units.length(phases.backlogLength()) + " needs consumers "
                + "that can fall behind, and a measured phase with a duration; set consumers and duration");
        }
        if (phases.isUntilSteady() && phases.warmupNs() < 10 * NS_PER_S) {
            throw new WorkloadException("warmup: value=steady:" + Units.duration(phases.warmupNs()) + " is too short "
                + "to see a steady state; allow 10 s at least");
        }
        for (final FaultStep fault : workload.faults()) {
            if (workload.recordCount() > 0 || fault.atNs() + fault.durationNs() >= workload.durationNs()) {
                throw new WorkloadException("faults: \"" + fault.word() + "\" does not end within the measured phase "
                    + (workload.recordCount() > 0 ? "of counted records; give a duration"
                    : "of " + Units.duration(workload.durationNs()) + "; raise --duration"));
            }
        }
    }
}
