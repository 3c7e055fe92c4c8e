package io.millrace.broker.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** The faults of a run, drawn from its seed before it begins, so that a run can be repeated with some of them only. */
final class FaultPlan {
    private static final long MS = 1_000_000;

    private FaultPlan() {
    }

    /** {@return the faults of a run, by time} */
    static List<Fault> of(final SimOptions options) {
        final SplittableRandom random = new SplittableRandom(options.seed() ^ 0x5DEECE66DL);
        final List<FaultKind> kinds = List.copyOf(options.faults());
        final List<Fault> faults = new ArrayList<>();
        long atNs = SimOptions.WARM_UP_NS;
        while (!kinds.isEmpty()) {
            // now and then a quiet time, in which what is left of earlier faults can be mended
            atNs += random.nextInt(10) == 0 ? random.nextLong(400 * MS, 900 * MS) : random.nextLong(5 * MS, 250 * MS);
            if (atNs >= options.durationNs()) {
                break;
            }
            final FaultKind kind = kinds.get(random.nextInt(kinds.size()));
            final int broker = 1 + random.nextInt(SimOptions.BROKER_COUNT);
            final int other = 1 + (broker + random.nextInt(SimOptions.BROKER_COUNT - 1)) % SimOptions.BROKER_COUNT;
            faults.add(new Fault(atNs, kind, broker, other, length(options, kind, random), random.nextLong()));
        }
        return faults;
    }

    private static long length(final SimOptions options, final FaultKind kind, final SplittableRandom random) {
        final long sessionNs = options.sessionTimeoutNs();
        return switch (kind) {
            case KILL, KILL_ALL, POWER_CUT, POWER_CUT_ALL, SHUTDOWN, SYNC_ERROR ->
                random.nextInt(3) == 0 ? random.nextLong(sessionNs, 3 * sessionNs) : random.nextLong(MS, 200 * MS);
            // on both sides of the time-outs
            case PAUSE -> random.nextLong(5 * MS, random.nextBoolean() ? sessionNs / 2 : 3 * sessionNs);
            case PARTITION, PARTITION_ONE_WAY, ISOLATE, QUORUM_CUT ->
                random.nextLong(5 * MS, random.nextBoolean() ? 200 * MS : 3 * sessionNs);
            case QUORUM_DOWN -> random.nextLong(20 * MS, 2 * sessionNs);
            case BACK_PRESSURE, COMMANDS_LOST, REPLIES_LOST -> random.nextLong(50 * MS, 700 * MS);
            default -> 0;
        };
    }
}
