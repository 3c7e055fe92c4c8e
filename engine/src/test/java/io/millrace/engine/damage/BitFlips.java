package io.millrace.engine.damage;

import io.millrace.engine.log.LogCheck;
import io.millrace.engine.sim.SimDisk;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * One bit flips in one field of a log's files, each class of field as often as any other; before the log is opened, or
 * under the open log.
 *
 * <p>Right is: behind the synced mark the log ends exactly before the damaged frame; below it opening is refused or the
 * segment set aside; what is derived (index, checkpoint) is built again; and an older segment, which recovery trusts,
 * is found by whoever reads it whole. Never may a reader hand over a batch that passes a client's checks and is not
 * what was written.
 */
final class BitFlips implements DamageCases {
    static final int CASES_PER_SAMPLE = 400;
    private static final int SEGMENT_LENGTH = 8 * 1024;
    private static final int TAIL_LENGTH = 3 * 1024;
    private static final int OPEN_LOG_CASE = 4;

    private long sampleSeed = Long.MIN_VALUE;
    private SampleLog sample;
    private List<Map.Entry<String, List<FlipField>>> classes;

    @Override
    public String run(final long seed, final long index) throws IOException {
        select(seed, index / CASES_PER_SAMPLE);
        final SplittableRandom random = new SplittableRandom(DamageCases.mix(seed, index));
        final Map.Entry<String, List<FlipField>> chosen = classes.get((int) (index % classes.size()));
        final FlipField field = chosen.getValue().get(random.nextInt(chosen.getValue().size()));
        final SimDisk disk = sample.disk(index);
        final int at = field.fileOffset() + random.nextInt(field.length());
        final int bit = random.nextInt(8);
        final String outcome;
        if (random.nextInt(OPEN_LOG_CASE) == 0) {
            outcome = "while open: " + flipUnderOpenLog(disk, field, at, bit);
        } else {
            disk.flipBit(field.file(), at, bit);
            outcome = openFlipped(disk, field, random);
        }
        return chosen.getKey() + ": " + outcome;
    }

    private void select(final long seed, final long number) {
        final long wanted = DamageCases.mix(seed, -1 - number);
        if (wanted != sampleSeed) {
            sampleSeed = wanted;
            sample = SampleLog.of(new SampleLog.Shape(
                wanted, (int) wanted, SEGMENT_LENGTH, number % 4 == 0 ? 2 * SEGMENT_LENGTH : TAIL_LENGTH, false));
            classes = new ArrayList<>(FlipField.of(sample).entrySet());
        }
    }

    private String openFlipped(final SimDisk disk, final FlipField field, final SplittableRandom random)
        throws IOException {
        if (field.place() == FlipField.Place.SYNCED) {
            return Outcomes.checkDamageBelowSynced(
                disk, sample, sample.segmentAt(field.frame()), field.frame(), random.nextBoolean());
        }
        if (field.place() == FlipField.Place.INDEX || field.place() == FlipField.Place.CHECKPOINT) {
            Check.that(Verified.of(disk).names(field.file()), "not found by the verifier");
        }
        final OpenedLog opened = OpenedLog.open(disk, sample.shape, random.nextBoolean());
        Check.equal(List.of(), opened.report.quarantinedFiles(), "set aside");
        return switch (field.place()) {
            case TAIL -> checkTail(opened, field);
            case SEALED -> checkServed(disk, opened, field);
            case UNUSED -> checkExact(opened, "harmless");
            case INDEX -> checkIndex(opened);
            case CHECKPOINT -> checkCheckpoint(opened);
            case SYNCED -> throw new AssertionError(field);
        };
    }

    private String checkTail(final OpenedLog opened, final FlipField field) {
        Check.equal(field.frame(), opened.end(), "end before the damaged frame");
        opened.requireBytesOf(sample.bytes);
        Check.equal(0, opened.readAll(sample.batches).refusedCount(), "refused batches");
        return "cut exactly";
    }

    private String checkExact(final OpenedLog opened, final String outcome) {
        Check.equal(sample.end, opened.end(), "end");
        Check.equal(sample.start, opened.start(), "start");
        opened.requireBytesOf(sample.bytes);
        Check.equal(0, opened.readAll(sample.batches).refusedCount(), "refused batches");
        return outcome;
    }

    private String checkIndex(final OpenedLog opened) {
        Check.equal(1 + sample.unsealedCount(), opened.report.rebuiltIndexCount(), "indexes built again");
        return checkExact(opened, "built again");
    }

    private String checkCheckpoint(final OpenedLog opened) {
        Check.that(opened.report.notes().toString().contains("checkpoint"), "notes: " + opened.report.notes());
        return checkExact(opened, "noticed, all scanned");
    }

    private String flipUnderOpenLog(final SimDisk disk, final FlipField field, final int at, final int bit)
        throws IOException {
        final OpenedLog opened = OpenedLog.open(disk, sample.shape, false);
        Check.equal(sample.end, opened.end(), "end");
        disk.flipBit(field.file(), at, bit);
        return switch (field.place()) {
            case UNUSED, CHECKPOINT -> checkExact(opened, "harmless");
            case INDEX -> {
                opened.requireBytesOf(sample.bytes);
                final OpenedLog.Received received = opened.readAll(sample.batches);
                Check.equal(0, received.refusedByClientCount, "batches that only the client refused");
                Check.that(received.refusedByLogCount == 0 || !opened.errors.isEmpty(), "silent");
                yield received.refusedByLogCount == 0 ? "harmless" : "refused by the reader";
            }
            default -> checkServed(disk, opened, field);
        };
    }

    /** The log is open and a frame is damaged: who reads it must notice. */
    private String checkServed(final SimDisk disk, final OpenedLog opened, final FlipField field) throws IOException {
        Check.equal(sample.end, opened.end(), "end");
        // what lies behind the synced mark is a torn tail for the verifier; the running log checks it all the same
        final long found = field.place() == FlipField.Place.TAIL
            ? LogCheck.firstDamage(disk, sample.bases, sample.end) : Verified.of(disk).firstFrame();
        Check.equal((long) field.frame(), found, "frame found by the verifier");
        final OpenedLog.Received received = opened.readAll(sample.batches);
        Check.that(received.refusedCount() <= 1, "more than one batch lost");
        Check.that(received.refusedByLogCount == 0 || opened.errors.size() == 1, "silent: " + opened.errors);
        if (field.isPatched()) {
            Check.equal(0, received.refusedByClientCount, "batches with a damaged header that went to the client");
        }
        return received.refusedByLogCount > 0 ? "found by the verifier, refused by the reader"
            : received.refusedByClientCount > 0 ? "found by the verifier, refused by the client"
            : "found by the verifier, in no batch that is read";
    }
}
