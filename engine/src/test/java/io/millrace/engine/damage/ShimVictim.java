package io.millrace.engine.damage;

import io.millrace.engine.DurabilityProfile;
import io.millrace.engine.io.FileLogStorage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

/** A process of its own whose writes and syncs fail: by the preloaded shim, or because its disk is full. */
final class ShimVictim {
    private static final int SEGMENT_LENGTH = 8 * 1024;
    private static final int STEP_LIMIT = 2_000;
    private static final int BALLAST_LENGTH = 48 * 1024;
    private static final int ROUND_COUNT = 3;

    /** What is made to fail, and what must come of it. */
    private enum Fault {
        SHORT_WRITE(ShimControl.Operation.WRITE, ShimControl.Action.SHORT_WRITE, ".log", false),
        LOG_WRITE(ShimControl.Operation.WRITE, ShimControl.Action.IO_ERROR, ".log", true),
        LOG_FULL(ShimControl.Operation.WRITE, ShimControl.Action.NO_SPACE, ".log", false),
        LOG_SYNC(ShimControl.Operation.SYNC, ShimControl.Action.IO_ERROR, ".log", true),
        CHECKPOINT_WRITE(ShimControl.Operation.WRITE, ShimControl.Action.IO_ERROR, "checkpoint", false),
        CHECKPOINT_SYNC(ShimControl.Operation.SYNC, ShimControl.Action.IO_ERROR, "checkpoint", false),
        INDEX_WRITE(ShimControl.Operation.WRITE, ShimControl.Action.IO_ERROR, ".index", false),
        INDEX_FULL(ShimControl.Operation.WRITE, ShimControl.Action.NO_SPACE, ".index", false);

        private final ShimControl.Operation operation;
        private final ShimControl.Action action;
        private final String file;
        private final boolean isFatal;

        Fault(
            final ShimControl.Operation operation,
            final ShimControl.Action action,
            final String file,
            final boolean isFatal) {
            this.operation = operation;
            this.action = action;
            this.file = file;
            this.isFatal = isFatal;
        }
    }

    private final FileLogStorage storage;
    private final DurabilityProfile profile;
    private final SplittableRandom random;
    /** Where the log ended when so many batches had been offered. */
    private final TreeMap<Long, Integer> offered = new TreeMap<>();
    private SampleWriter writer;
    private long tag;
    private int refusedCount;

    private ShimVictim(final Path directory, final long seed) throws IOException {
        storage = new FileLogStorage(directory);
        random = new SplittableRandom(seed);
        profile = random.nextBoolean() ? DurabilityProfile.DURABLE : DurabilityProfile.REPLICATED;
        writer = new SampleWriter(storage, profile, SEGMENT_LENGTH, (int) seed);
        writer.lead(1);
    }

    /**
     * Runs the cases and prints a line for each; an exception ends the process with another exit code than 0.
     *
     * @param args {@code shim control directory seed count}, or {@code full directory seed 1}
     * @throws Exception when a case fails
     */
    public static void main(final String[] args) throws Exception {
        final boolean isShim = "shim".equals(args[0]);
        final ShimControl control = isShim ? new ShimControl(Path.of(args[1])) : null;
        final Path directory = Path.of(args[args.length - 3]);
        final long seed = Long.parseLong(args[args.length - 2]);
        final int count = Integer.parseInt(args[args.length - 1]);
        for (int i = 0; i < count; i++) {
            try {
                final ShimVictim victim = new ShimVictim(directory.resolve("case-" + i), DamageCases.mix(seed, i));
                System.out.println("case=" + i + " seed=" + seed + " " + (isShim
                    ? victim.runFault(control, Fault.values()[i % Fault.values().length])
                    : victim.runFullDisk(directory)));
            } catch (final Exception | AssertionError ex) {
                throw new AssertionError("case=" + i + " seed=" + seed + ": " + ex, ex);
            }
        }
    }

    private String runFault(final ShimControl control, final Fault fault) throws IOException {
        for (int i = random.nextInt(30); i >= 0; i--) {
            step();
        }
        Check.that(refusedCount == 0 && writer.errors.isEmpty(), "before the fault: " + writer.errors);
        final boolean isRepeated = fault.action == ShimControl.Action.NO_SPACE && random.nextBoolean();
        control.arm(fault.operation, fault.action, fault.file, random.nextInt(12), isRepeated);
        int steps = 0;
        while (control.doneCount() == 0) {
            Check.that(steps++ < STEP_LIMIT, fault + " never happened: calls=" + control.seenCount());
            step();
        }
        final long seen = control.seenCount();
        final int acked = acked();
        for (int i = 0; i < 5; i++) {
            step();
        }
        final long done = control.doneCount();
        Check.equal(fault.isFatal, writer.log.isOffline(), fault + ": log is offline");
        if (fault.isFatal) {
            Check.equal(seen, control.seenCount(), fault + ": calls after the log went offline");
            Check.that(refusedCount >= 5, fault + ": batches taken by a log that is offline");
            Check.equal(acked, acked(), fault + ": acknowledged by a log that is offline");
        }
        control.disarm();
        if (!fault.isFatal) {
            for (int i = 0; i < 5; i++) {
                refusedCount = 0;
                step();
                Check.equal(0, refusedCount, fault + ": refused though the fault is over");
            }
        }
        checkReopened();
        return fault + " profile=" + profile.configName() + " call=" + seen + " done=" + done;
    }

    /** Fills the disk, frees some of it, and goes on, three times. */
    private String runFullDisk(final Path disk) throws IOException {
        int fullCount = 0;
        for (int round = 0; round < ROUND_COUNT; round++) {
            Files.write(disk.resolve("ballast-" + round), new byte[BALLAST_LENGTH]);
        }
        for (int round = 0; round < ROUND_COUNT; round++) {
            refusedCount = 0;
            for (int i = 0; refusedCount == 0; i++) {
                Check.that(i < STEP_LIMIT, "disk never full");
                step();
            }
            Check.that(!writer.log.isOffline(), "offline because the disk is full: " + writer.errors);
            Check.that(writer.log.shortage() != null, "no word on the shortage");
            final byte[] full = writer.bytes();
            fullCount += refusedCount;
            Files.delete(disk.resolve("ballast-" + round));
            refusedCount = 0;
            for (int i = 0; i < 20; i++) {
                step();
            }
            Check.equal(0, refusedCount, "refused though there is room again");
            Check.that(Arrays.equals(full, Arrays.copyOf(writer.bytes(), full.length)), "what was there stayed");
        }
        checkReopened();
        return "FULL_DISK profile=" + profile.configName() + " refused=" + fullCount + " done=" + fullCount;
    }

    private void step() throws IOException {
        writer.offer(random.nextInt(SampleLog.PARTITION_COUNT), 1, 1 + random.nextInt(900), ++tag);
        if (!writer.drain()) {
            refusedCount++;
        } else if (!writer.log.isOffline()) {
            offered.put(writer.offeredCount(), (int) writer.log.endPosition());
        }
        if (random.nextInt(3) == 0) {
            writer.sync();
            writer.drain();
        }
        if (random.nextInt(3) == 0) {
            writer.checkpoint();
        }
        writer.maintain();
    }

    private int acked() {
        final Map.Entry<Long, Integer> last = offered.floorEntry(writer.lastAcked());
        return last == null ? 0 : last.getValue();
    }

    /** As after a kill: the log is left as it is, and opened anew. */
    private void checkReopened() throws IOException {
        final int end = (int) writer.log.endPosition();
        final int acked = acked();
        final byte[] before = writer.bytes();
        writer = new SampleWriter(storage, profile, SEGMENT_LENGTH, 1);
        final int newEnd = (int) writer.log.endPosition();
        Check.that(newEnd >= acked, "acknowledged and lost: end=" + newEnd + " acked=" + acked);
        final byte[] after = writer.bytes();
        final int common = Math.min(end, newEnd);
        Check.that(Arrays.equals(before, 0, common, after, 0, common), "bytes after the fault");
        offered.clear();
        refusedCount = 0;
        writer.lead(1_000);
        step();
        Check.equal(0, refusedCount, "refused when opened anew: " + writer.errors);
        writer.close();
    }
}
