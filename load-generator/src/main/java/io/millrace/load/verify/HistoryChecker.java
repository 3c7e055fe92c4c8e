package io.millrace.load.verify;

import io.millrace.load.driver.RecordSource;
import io.millrace.load.record.Ledger;
import io.millrace.load.workload.RecordHeader;
import io.millrace.load.workload.RecordLengths;
import io.millrace.results.model.Verification;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.zip.CRC32C;

/**
 * Compares what is read back with what was sent and acknowledged; owned by the verifying thread.
 *
 * <p>Memory: one bit a record sent, allocated up front from the ledger's counts.
 * <ul>
 * <li>lost acked: acknowledged, not found. Lost unacked: sent, never acknowledged, not found, which is no fault.
 * <li>duplicate: found before. Reordered: found after a later one of the same producer and partition.
 * <li>gap: a hole in a lane's sequence, below a record that was found, with an acknowledged record in it.
 * <li>deleted: of a part of the log that was deleted before it was read, as far as it would have been there.
 * <li>corrupt: wrong length, magic or checksum, in another partition than it was sent to, or never sent at all.
 * </ul>
 */
public final class HistoryChecker implements RecordSource.Handler {
    private static final int MAX_FINDINGS = 20;

    private final Ledger ledger;
    private final long runId;
    private final RecordLengths lengths;
    private final boolean isTopicShared;
    private final BooleanSupplier stopped;
    private final Lane[] lanes;
    private final CRC32C crc = new CRC32C();
    private final List<String> findings = new ArrayList<>();

    private long checked;
    private long duplicates;
    private long reordered;
    private long corrupt;
    private long foreign;
    private long unknown;
    private long deleted;

    /**
     * @param ledger        what was sent and acknowledged; complete
     * @param runId         of the run
     * @param lengths       of the records
     * @param isTopicShared true if the topic existed before, so that records of other runs are no fault
     * @param stopped       true to stop reading
     */
    public HistoryChecker(
        final Ledger ledger,
        final long runId,
        final RecordLengths lengths,
        final boolean isTopicShared,
        final BooleanSupplier stopped) {
        this.ledger = ledger;
        this.runId = runId;
        this.lengths = lengths;
        this.isTopicShared = isTopicShared;
        this.stopped = stopped;
        lanes = new Lane[ledger.producerCount() * ledger.partitionCount()];
        for (int i = 0; i < lanes.length; i++) {
            lanes[i] = new Lane(ledger.sentCount(i / ledger.partitionCount(), i % ledger.partitionCount()));
        }
    }

    @Override
    public void onRecord(final int partition, final ByteBuffer buffer, final int index, final int length) {
        if (!RecordHeader.isIntact(buffer, index, length, crc)) {
            if (!isTopicShared) {
                corrupt(partition, "length, magic or checksum does not hold: length=" + length);
            }
            return;
        }
        if (RecordHeader.runId(buffer, index) != runId) {
            if (!isTopicShared) {
                corrupt(partition, "a record of another run in a topic of this run");
            }
            foreign++;
            return;
        }
        final int producerId = RecordHeader.producerId(buffer, index);
        final int sentTo = RecordHeader.partition(buffer, index);
        final int sequence = RecordHeader.sequence(buffer, index);
        if (producerId >= 0 && producerId < ledger.producerCount() && !ledger.isKnown(producerId)) {
            unknown++;
            return;
        }
        checked++;
        if (producerId < 0 || producerId >= ledger.producerCount() || sentTo != partition
            || sequence < 0 || sequence >= ledger.sentCount(producerId, partition)
            || length != lengths.length(producerId, partition, sequence)) {
            corrupt(partition, "never sent so: producer=" + producerId + " partition=" + sentTo + " sequence="
                + sequence + " length=" + length);
            return;
        }
        final Lane lane = lanes[producerId * ledger.partitionCount() + partition];
        deleted += lane.settleDeleted(sequence);
        if (lane.isSeen(sequence)) {
            duplicates++;
            find("duplicate", partition, producerId, sequence);
            return;
        }
        lane.see(sequence);
        if (sequence < lane.highestSeen) {
            reordered++;
            find("reordered", partition, producerId, sequence);
        } else {
            lane.highestSeen = sequence;
        }
    }

    @Override
    public void onDamagedBatch(final int partition, final long offset, final String reason) {
        corrupt(partition, "batch at offset " + offset + ": " + reason);
    }

    @Override
    public void onDeleted(final int partition, final long fromOffset, final long toOffset) {
        for (int i = partition; i < lanes.length; i += ledger.partitionCount()) {
            lanes[i].beginDeleted();
        }
    }

    @Override
    public boolean isStopped() {
        return stopped.getAsBoolean();
    }

    /** {@return the verdict over everything read so far; call once, after the last record} */
    public Verification conclude() {
        long lostAcked = 0;
        long lostUnacked = 0;
        long gaps = 0;
        for (int i = 0; i < lanes.length; i++) {
            final int producerId = i / ledger.partitionCount();
            final int partition = i % ledger.partitionCount();
            final Lane lane = lanes[i];
            if (!ledger.isKnown(producerId)) {
                continue;
            }
            deleted += lane.settleDeleted(lane.sentCount);
            boolean isAckedHole = false;
            for (int sequence = 0; sequence < lane.sentCount; sequence++) {
                if (lane.isSeen(sequence)) {
                    gaps += isAckedHole ? 1 : 0;
                    isAckedHole = false;
                } else if (ledger.isAcked(producerId, partition, sequence)) {
                    lostAcked++;
                    isAckedHole = true;
                    find("lost although acknowledged", partition, producerId, sequence);
                } else {
                    lostUnacked++;
                }
            }
        }
        return new Verification(checked, lostAcked, lostUnacked, duplicates, gaps, reordered, corrupt);
    }

    /** {@return the first faults in words, at most {@value #MAX_FINDINGS}} */
    public List<String> findings() {
        return List.copyOf(findings);
    }

    /** {@return records of this run whose sender is gone, so that nobody knows what else it sent} */
    public long unknownCount() {
        return unknown;
    }

    /** {@return records that may have been deleted before they were read; known after the verdict} */
    public long deletedCount() {
        return deleted;
    }

    /** {@return records of other runs passed over} */
    public long foreignCount() {
        return foreign;
    }

    private void corrupt(final int partition, final String reason) {
        corrupt++;
        note("corrupt: partition=" + partition + " " + reason);
    }

    private void find(final String kind, final int partition, final int producerId, final int sequence) {
        if (findings.size() < MAX_FINDINGS) {
            note(kind + ": partition=" + partition + " producer=" + producerId + " sequence=" + sequence);
        }
    }

    private void note(final String finding) {
        if (findings.size() < MAX_FINDINGS) {
            findings.add(finding);
        }
    }

    /** One producer's records in one partition. */
    private static final class Lane {
        private static final long[] NONE = new long[1];

        private final int sentCount;
        private final long[] seen;
        private int highestSeen = -1;
        private int deletedFrom = -1;

        Lane(final int sentCount) {
            this.sentCount = sentCount;
            this.seen = sentCount == 0 ? NONE : new long[(sentCount >>> 6) + 1];
        }

        /** From here on records may be missing, up to the next one that is found. */
        void beginDeleted() {
            deletedFrom = deletedFrom < 0 ? highestSeen + 1 : deletedFrom;
        }

        /** {@return the records missing since then, which from now on count as seen} */
        long settleDeleted(final int upTo) {
            long count = 0;
            for (int sequence = deletedFrom; sequence >= 0 && sequence < upTo; sequence++) {
                if (!isSeen(sequence)) {
                    see(sequence);
                    count++;
                }
            }
            deletedFrom = -1;
            return count;
        }

        boolean isSeen(final int sequence) {
            return (seen[sequence >>> 6] & 1L << sequence) != 0;
        }

        void see(final int sequence) {
            seen[sequence >>> 6] |= 1L << sequence;
        }
    }
}
