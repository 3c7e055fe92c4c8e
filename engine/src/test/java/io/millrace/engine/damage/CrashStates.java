package io.millrace.engine.damage;

import io.millrace.engine.DurabilityProfile;
import io.millrace.engine.sim.SimDisk;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * Power goes after any operation on the files of a log, and of what no sync covers yet any part survives. The log must
 * open undamaged, and hold a prefix of what was written: in both profiles at least up to the synced mark, in
 * {@code durable} so with everything that was acknowledged.
 */
final class CrashStates implements DamageCases {
    static final int CASES_PER_TRACE = 500;

    /** For the proof that the cases can fail: with it a sync makes nothing durable. */
    private final boolean isSyncALie;
    private long traceSeed = Long.MIN_VALUE;
    private CrashTrace trace;

    CrashStates() {
        this(false);
    }

    CrashStates(final boolean isSyncALie) {
        this.isSyncALie = isSyncALie;
    }

    @Override
    public String run(final long seed, final long index) throws IOException {
        select(seed, index / CASES_PER_TRACE);
        final SplittableRandom random = new SplittableRandom(DamageCases.mix(seed, index));
        final int count = random.nextInt(trace.storage.count() + 1);
        final CrashImage.Survival survival =
            CrashImage.Survival.values()[(int) (index % CrashImage.Survival.values().length)];
        final CrashImage image = new CrashImage(
            trace.storage.operations, count, survival, isSyncALie, random);
        final SimDisk disk = image.build();
        int before = 0;
        while (before + 1 < trace.moments.size() && trace.moments.get(before + 1).operationCount() <= count) {
            before++;
        }
        // the call under way at the crash has begun or ended as far as anybody can tell
        final CrashTrace.Moment begun = trace.moments.get(before);
        final CrashTrace.Moment ended = trace.moments.get(Math.min(before + 1, trace.moments.size() - 1));
        final byte[] survived = check(disk, begun, ended, index);
        final int length = survived.length;
        return trace.profile.configName() + ", " + survival.name().toLowerCase(Locale.ROOT).replace('_', ' ') + ": "
            + (image.lostCount() == 0 ? "nothing lost by the disk" : length == begun.bytes().length
            ? "all there" : length == begun.synced() ? "synced prefix" : "prefix beyond the synced mark");
    }

    private void select(final long seed, final long number) throws IOException {
        final long wanted = DamageCases.mix(seed, -1 - number);
        if (wanted != traceSeed) {
            traceSeed = wanted;
            trace = new CrashTrace(wanted);
        }
    }

    private byte[] check(
        final SimDisk disk, final CrashTrace.Moment begun, final CrashTrace.Moment ended, final long index)
        throws IOException {
        final SampleLog.Shape shape =
            new SampleLog.Shape(0, trace.salt, CrashTrace.SEGMENT_LENGTH, 0, false);
        final OpenedLog opened = OpenedLog.open(disk, shape, true);
        final int end = opened.end();
        final int least = Math.min(begun.synced(), ended.synced());
        Check.that(end >= least, "synced and lost: end=" + end + " synced=" + least);
        if (trace.profile == DurabilityProfile.DURABLE) {
            final int acked = Math.min(begun.acked(), ended.acked());
            Check.that(end >= acked, "acknowledged and lost: end=" + end + " acked=" + acked);
        }
        final byte[] now = opened.bytes();
        final boolean isPrefix = isPrefix(now, opened.start(), end, begun.bytes())
            || isPrefix(now, opened.start(), end, ended.bytes());
        Check.that(isPrefix, "not a prefix of what was written: start=" + opened.start() + " end=" + end
            + " written=" + begun.bytes().length + " or " + ended.bytes().length);
        Check.equal(List.of(), opened.report.quarantinedFiles(), "set aside");
        Check.that(opened.report.notes().stream().noneMatch(note -> note.startsWith("checkpoint")),
            "a crash damaged the checkpoint: " + opened.report.notes());
        final byte[] survived = Arrays.copyOf(
            isPrefix(now, opened.start(), end, begun.bytes()) ? begun.bytes() : ended.bytes(), end);
        final SampleLog sample = SampleLog.ofBytes(shape, trace.profile, survived, opened.start());
        Check.equal(0, opened.readAll(sample.batches).refusedCount(), "refused batches");
        if (index % 4 == 0) {
            GoOn.afterRecovery(disk, sample, end);
        }
        return survived;
    }

    private static boolean isPrefix(final byte[] now, final int start, final int end, final byte[] written) {
        return end <= written.length && Arrays.equals(now, 0, end - start, written, start, end);
    }
}
