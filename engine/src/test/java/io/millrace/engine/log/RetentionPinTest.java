package io.millrace.engine.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.engine.DurabilityProfile;
import io.millrace.engine.index.IndexEntry;
import io.millrace.engine.index.SegmentIndex;
import io.millrace.engine.segment.Segment;
import io.millrace.engine.segment.SegmentNames;
import io.millrace.engine.sim.SimDisk;
import io.millrace.engine.state.ShardState;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** Retention may look at an index only under a pin: maintenance empties an index that was sealed and is not pinned. */
class RetentionPinTest {
    private static final int PARTITION = 3;
    private static final long SEGMENT_LENGTH = 4096;

    private final SimDisk disk = new SimDisk(1);
    private final ShardState state = new ShardState();
    private int visitCount;

    @Test
    void shouldPinASegmentWhileItLooksAtItsIndexForRetention() throws IOException {
        final SegmentedLog log = logOfTwoSegments();
        final Segment first = log.segments().snapshot()[0];
        new LogRetention(log).retain(PARTITION, 1, LogRetention.NO_HORIZON);
        assertTrue(visitCount > 0, "the index was not looked at");
        assertFalse(first.isPinned(), "a pin was left behind");
        assertEquals(SEGMENT_LENGTH, log.startPosition());
    }

    @Test
    void shouldPinASegmentWhileItLooksAtItsIndexForADeletion() throws IOException {
        final SegmentedLog log = logOfTwoSegments();
        log.deletePartition(PARTITION + 1);
        assertTrue(visitCount > 0, "the index was not looked at");
        assertEquals(0, log.startPosition(), "a live segment was given back");
    }

    private SegmentedLog logOfTwoSegments() throws IOException {
        final LogConfiguration configuration = new LogConfiguration("test", DurabilityProfile.REPLICATED,
            (int) SEGMENT_LENGTH, 8 * SEGMENT_LENGTH, 0, true, SEGMENT_LENGTH, 1);
        state.applyBatch(PARTITION, 0, 20, -1, (short) -1, -1, 2 * SEGMENT_LENGTH);
        final SegmentedLog log = new SegmentedLog(configuration, disk, state,
            new LogHealth("test", error -> { }), 7);
        log.adopt(segment(0, 0));
        log.adopt(segment(SEGMENT_LENGTH, 10));
        log.resume(0, 2 * SEGMENT_LENGTH, 0, 2 * SEGMENT_LENGTH, 2 * SEGMENT_LENGTH);
        return log;
    }

    private Segment segment(final long base, final long firstOffset) throws IOException {
        final PinnedIndex index = new PinnedIndex(firstOffset);
        index.segment = new Segment(base, disk.open(SegmentNames.log(base), true), index);
        return index.segment;
    }

    /** Ten records of one partition; every look at them wants a pin. */
    private final class PinnedIndex implements SegmentIndex {
        private final long firstOffset;
        private Segment segment;

        PinnedIndex(final long firstOffset) {
            this.firstOffset = firstOffset;
        }

        private void look() {
            visitCount++;
            assertTrue(segment.isPinned(), () -> "not pinned: basePosition=" + segment.basePosition());
        }

        @Override
        public int entryCount(final int partitionId) {
            look();
            return 1;
        }

        @Override
        public long firstOffset(final int partitionId) {
            look();
            return firstOffset;
        }

        @Override
        public long nextOffset(final int partitionId) {
            look();
            return firstOffset + 10;
        }

        @Override
        public long batchesLength(final int partitionId) {
            look();
            return 1000;
        }

        @Override
        public long maxTimestampMs(final int partitionId) {
            look();
            return 0;
        }

        @Override
        public void load(final int partitionId, final int entryIndex, final IndexEntry target) {
            look();
        }

        @Override
        public void forEachPartition(final PartitionVisitor visitor) {
            look();
            visitor.onPartition(PARTITION, firstOffset, firstOffset + 10, 1000);
        }
    }
}
