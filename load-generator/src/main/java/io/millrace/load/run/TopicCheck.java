package io.millrace.load.run;

import io.millrace.load.driver.Backend;
import io.millrace.load.driver.RecordSource;
import io.millrace.load.driver.TopicAdmin;
import io.millrace.load.workload.RecordHeader;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.zip.CRC32C;

/**
 * Reads a topic that load runs have written to, without their ledger: what can be told from the records alone. Owned by
 * the thread that reads.
 */
public final class TopicCheck implements RecordSource.Handler {
    private static final int MAX_LANES = 1_000_000;
    private static final int MAX_FINDINGS = 20;

    private final BooleanSupplier stopped;
    private final Map<Lane, Seen> lanes = new HashMap<>();
    private final List<String> findings = new ArrayList<>();
    private final BitSet cutPartitions = new BitSet();
    private final CRC32C crc = new CRC32C();
    private long recordCount;
    private long corruptCount;
    private long duplicateCount;
    private long reorderedCount;

    private TopicCheck(final BooleanSupplier stopped) {
        this.stopped = stopped;
    }

    /**
     * What was found.
     *
     * @param records    read
     * @param runs       that wrote them
     * @param corrupt    records whose length, magic, checksum or partition does not hold, and damaged batches
     * @param duplicates found before
     * @param reordered  after a later one of the same run, producer and partition
     * @param gaps       holes in the sequences: records that were lost, or never acknowledged; where the beginning of
     *                   a partition is deleted, holes behind the first record that is left
     * @param findings   the first faults in words
     */
    public record Found(
        long records, long runs, long corrupt, long duplicates, long reordered, long gaps, List<String> findings) {
        /** {@return true if nothing came twice, out of order or damaged; gaps may be records that were refused} */
        public boolean isCorrect() {
            return corrupt == 0 && duplicates == 0 && reordered == 0;
        }
    }

    /**
     * Reads it all.
     *
     * @param backend of the cluster
     * @param topic   that exists
     * @param stopped true to stop reading
     * @return what was found
     */
    public static Found read(final Backend backend, final String topic, final BooleanSupplier stopped) {
        final TopicCheck check = new TopicCheck(stopped);
        try (TopicAdmin admin = backend.openAdmin()) {
            final int partitions = admin.partitionCount(topic);
            if (partitions == 0) {
                throw new RunRefusedException(ExitCodes.USAGE, "topic: name=" + topic + " does not exist there; see "
                    + "'millrace cluster status' or kcat -L");
            }
            backend.openSource().readAll(topic, new long[partitions], admin.endOffsets(topic, partitions), check);
        }
        return check.found();
    }

    @Override
    public void onRecord(final int partition, final ByteBuffer buffer, final int index, final int length) {
        recordCount++;
        if (!RecordHeader.isIntact(buffer, index, length, crc)) {
            corruptCount++;
            note("partition " + partition + ": length, magic or checksum does not hold: length=" + length);
            return;
        }
        final Lane lane =
            new Lane(RecordHeader.runId(buffer, index), RecordHeader.producerId(buffer, index), partition);
        final int sequence = RecordHeader.sequence(buffer, index);
        if (!lanes.containsKey(lane) && lanes.size() >= MAX_LANES || sequence < 0) {
            corruptCount++;
            note("partition " + partition + ": more producers than can be, or a sequence below 0: " + sequence);
            return;
        }
        final Seen seen = lanes.computeIfAbsent(lane, key -> new Seen());
        if (seen.sequences.get(sequence)) {
            duplicateCount++;
            note("partition " + partition + ": twice: producer=" + lane.producerId() + " sequence=" + sequence);
        } else if (sequence < seen.sequences.length() - 1) {
            reorderedCount++;
            note("partition " + partition + ": late: producer=" + lane.producerId() + " sequence=" + sequence);
        }
        seen.sequences.set(sequence);
    }

    @Override
    public void onDamagedBatch(final int partition, final long offset, final String reason) {
        corruptCount++;
        note("partition " + partition + ": batch at offset " + offset + ": " + reason);
    }

    @Override
    public void onDeleted(final int partition, final long fromOffset, final long toOffset) {
        cutPartitions.set(partition);
        note("partition " + partition + ": offsets " + fromOffset + " to " + (toOffset - 1) + " were deleted by "
            + "retention, and not checked");
    }

    @Override
    public boolean isStopped() {
        return stopped.getAsBoolean();
    }

    private Found found() {
        long gapCount = 0;
        for (final Map.Entry<Lane, Seen> lane : lanes.entrySet()) {
            final BitSet sequences = lane.getValue().sequences;
            final int first = cutPartitions.get(lane.getKey().partition()) ? sequences.nextSetBit(0) : 0;
            gapCount += sequences.length() - first - sequences.cardinality();
        }
        return new Found(recordCount, lanes.keySet().stream().map(Lane::runId).distinct().count(), corruptCount,
            duplicateCount, reorderedCount, gapCount, List.copyOf(findings));
    }

    private void note(final String finding) {
        if (findings.size() < MAX_FINDINGS) {
            findings.add(finding);
        }
    }

    private record Lane(long runId, int producerId, int partition) {
    }

    /** Sequences of one producer of one run in one partition. */
    private static final class Seen {
        private final BitSet sequences = new BitSet();
    }
}
