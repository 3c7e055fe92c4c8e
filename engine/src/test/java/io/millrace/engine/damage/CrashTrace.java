package io.millrace.engine.damage;

import io.millrace.engine.DurabilityProfile;
import io.millrace.engine.format.FrameDescriptor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.agrona.concurrent.UnsafeBuffer;

/** A random life of one log: batches, rolls, syncs, checkpoints, retention, cuts, restarts. Immutable once made. */
final class CrashTrace {
    static final int SEGMENT_LENGTH = 4 * 1024;

    private static final int STEP_COUNT = 90;

    /**
     * What was true of the log when so many operations had been done.
     *
     * @param bytes  of the log at their positions, those of segments given back included
     * @param synced what was said to be safe
     * @param acked  position up to which producers had their answers
     */
    record Moment(int operationCount, byte[] bytes, int synced, int acked) {
    }

    final TracingStorage storage = new TracingStorage();
    final DurabilityProfile profile;
    final int salt;
    /** In order; between two of them lies one call of the engine. */
    final List<Moment> moments = new ArrayList<>();
    private final SplittableRandom random;
    private byte[] bytes = {};
    private SampleWriter writer;
    private long tag;
    private int epoch;
    /** Where the log ended when so many batches had been offered since the start. */
    private final TreeMap<Long, Integer> offered = new TreeMap<>();
    private int acked;

    CrashTrace(final long seed) throws IOException {
        random = new SplittableRandom(seed);
        salt = (int) seed;
        tag = seed & 0xffff_ffffL;
        profile = random.nextBoolean() ? DurabilityProfile.DURABLE : DurabilityProfile.REPLICATED;
        moments.add(new Moment(0, bytes, 0, 0));
        open();
        for (int i = 0; i < STEP_COUNT; i++) {
            step(random.nextInt(24));
        }
        Check.that(writer.errors.isEmpty(), "trace: " + writer.errors);
    }

    private void open() throws IOException {
        offered.clear();
        writer = new SampleWriter(storage, profile, SEGMENT_LENGTH, salt);
        note();
        lead();
    }

    private void lead() throws IOException {
        writer.lead(++epoch);
        note();
    }

    private void step(final int kind) throws IOException {
        if (kind < 12) {
            for (int i = random.nextInt(4); i >= 0; i--) {
                writer.offer(random.nextInt(SampleLog.PARTITION_COUNT), 1 + random.nextInt(3),
                    1 + random.nextInt(random.nextInt(4) == 0 ? 900 : 200), ++tag);
            }
            Check.that(writer.drain(), "batch refused: " + writer.errors);
            offered.put(writer.offeredCount(), (int) writer.log.endPosition());
        } else if (kind < 16) {
            writer.sync();
            note();
            writer.drain(); // hands out the answers
        } else if (kind < 19) {
            while (writer.maintainOnce() > 0) {
                note();
            }
        } else if (kind == 19) {
            writer.checkpoint();
        } else if (kind == 20) {
            retain();
        } else if (kind == 21) {
            cut();
        } else {
            restart(kind == 22);
        }
        note();
    }

    private void retain() {
        writer.commitAll();
        note();
        for (int i = 0; i < SampleLog.PARTITION_COUNT; i++) {
            writer.log.retain(i, random.nextInt(3_000));
        }
        writer.log.tellLogStarts();
    }

    /** As a follower does it; what was synced may go too, when another leader says so. */
    private void cut() throws IOException {
        writer.log.stopLeading();
        note();
        final int start = (int) writer.log.startPosition();
        final List<Integer> ends = new ArrayList<>();
        final UnsafeBuffer buffer = new UnsafeBuffer(bytes);
        for (int at = start; at < bytes.length;) {
            at += FrameDescriptor.alignedLength(FrameDescriptor.length(buffer, at));
            ends.add(at);
        }
        final int position = ends.get(Math.max(0, ends.size() - 1 - random.nextInt(8)));
        writer.log.truncate(position);
        acked = Math.min(acked, position);
        offered.clear();
        note();
        lead();
    }

    private void restart(final boolean isKilled) throws IOException {
        if (isKilled) {
            storage.killProcess();
        } else {
            writer.close();
            note();
        }
        open();
    }

    private void note() {
        final int start = (int) writer.log.startPosition();
        final int end = (int) writer.log.endPosition();
        final Moment before = moments.get(moments.size() - 1);
        final int synced = (int) writer.log.marks().syncedAcquire();
        final Map.Entry<Long, Integer> answered = offered.floorEntry(writer.lastAcked());
        if (answered != null) {
            acked = answered.getValue();
        }
        if (before.operationCount() == storage.count() && before.synced() == synced && before.acked() == acked
            && before.bytes().length == end) {
            return;
        }
        if (!writer.isClosed()) {
            try {
                final byte[] now = writer.bytes();
                bytes = Arrays.copyOf(bytes, end);
                System.arraycopy(now, 0, bytes, start, end - start);
            } catch (final IOException ex) {
                throw new AssertionError("trace cannot be read: " + ex, ex);
            }
        }
        moments.add(new Moment(storage.count(), bytes.clone(), synced, acked));
    }
}
