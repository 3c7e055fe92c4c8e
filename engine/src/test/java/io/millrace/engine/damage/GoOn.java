package io.millrace.engine.damage;

import io.millrace.engine.sim.SimDisk;
import java.io.IOException;
import java.util.Arrays;

/** A recovered log must take new batches, and keep them. */
final class GoOn {
    private static final int EPOCH = 1_000;
    private static final int BATCH_COUNT = 3;

    private GoOn() {
    }

    static void afterRecovery(final SimDisk disk, final SampleLog sample, final int end) throws IOException {
        final SampleWriter writer =
            new SampleWriter(disk, sample.profile, sample.shape.segmentLength(), sample.shape.salt());
        Check.equal((long) end, writer.log.endPosition(), "end when opened once more");
        writer.lead(EPOCH);
        for (int i = 0; i < BATCH_COUNT; i++) {
            writer.offer(i, 1, 50 + i, 77 + i);
        }
        Check.that(writer.drain(), "a batch was refused: " + writer.errors);
        final byte[] after = writer.bytes();
        final int newEnd = (int) writer.log.endPosition();
        disk.killProcess();
        final SampleWriter again =
            new SampleWriter(disk, sample.profile, sample.shape.segmentLength(), sample.shape.salt());
        Check.equal((long) newEnd, again.log.endPosition(), "end with new batches");
        Check.that(Arrays.equals(after, again.bytes()), "new batches read back");
        final int start = (int) again.log.startPosition();
        Check.that(Arrays.equals(after, 0, end - start, sample.bytes, start, end), "old bytes under new batches");
    }
}
