package io.millrace.engine.log;

import io.millrace.engine.format.BatchDescriptor;
import io.millrace.engine.format.FrameDescriptor;
import io.millrace.engine.index.IndexEntry;
import io.millrace.engine.index.SealedIndex;
import java.io.IOException;
import java.util.function.Consumer;
import org.agrona.DirectBuffer;
import org.agrona.collections.Int2IntCounterMap;

/**
 * Holds a sealed index against the batches of its segment, in passing: it keeps one count per partition and no entries.
 * Owned by one thread; stops at the first difference.
 */
final class IndexComparison {
    private final Int2IntCounterMap seenCounts = new Int2IntCounterMap(0);
    private final IndexEntry entry = new IndexEntry();
    private SealedIndex index;
    private String file;

    /** Begins with another index; null compares nothing. */
    void begin(final SealedIndex newIndex, final String indexFile) {
        index = newIndex;
        file = indexFile;
        seenCounts.clear();
    }

    /** Stops comparing: batches are missing from now on. */
    void giveUp() {
        index = null;
    }

    void onBatch(
        final DirectBuffer buffer, final int frame, final long position, final Consumer<Finding> findings)
        throws IOException {
        if (index == null) {
            return;
        }
        final int partitionId = FrameDescriptor.partitionId(buffer, frame);
        final int batch = frame + FrameDescriptor.HEADER_LENGTH;
        final int entryIndex = seenCounts.getAndIncrement(partitionId);
        final String batchText = text(partitionId, BatchDescriptor.baseOffset(buffer, batch),
            BatchDescriptor.nextOffset(buffer, batch), position, BatchDescriptor.totalLength(buffer, batch),
            BatchDescriptor.maxTimestampMs(buffer, batch));
        if (entryIndex >= index.entryCount(partitionId)) {
            differ("the index lacks a batch", batchText, "", findings);
            return;
        }
        index.load(partitionId, entryIndex, entry);
        if (entry.position() != position || entry.baseOffset() != BatchDescriptor.baseOffset(buffer, batch)
            || entry.nextOffset() != BatchDescriptor.nextOffset(buffer, batch)
            || entry.batchLength() != BatchDescriptor.totalLength(buffer, batch)
            || entry.maxTimestampMs() != BatchDescriptor.maxTimestampMs(buffer, batch)) {
            differ("the index says something else than the segment", batchText,
                text(partitionId, entry.baseOffset(), entry.nextOffset(), entry.position(), entry.batchLength(),
                    entry.maxTimestampMs()), findings);
        }
    }

    void finish(final long endPosition, final int lastFrameCrc, final Consumer<Finding> findings) {
        if (index == null) {
            return;
        }
        if (index.endPosition() != endPosition || index.lastFrameCrc() != lastFrameCrc) {
            differ("the index is of another segment", "end=" + endPosition + " lastFrameCrc=" + lastFrameCrc,
                "end=" + index.endPosition() + " lastFrameCrc=" + index.lastFrameCrc(), findings);
            return;
        }
        final SealedIndex compared = index;
        compared.forEachPartition((partitionId, firstOffset, nextOffset, length) -> {
            final int seenCount = seenCounts.get(partitionId);
            final int entryCount = compared.entryCount(partitionId);
            if (seenCount != entryCount) {
                differ("the index has batches that the segment has not",
                    seenCount + " batches of partition " + partitionId, Integer.toString(entryCount), findings);
            }
            return seenCount == entryCount;
        });
    }

    private void differ(
        final String problem, final String expected, final String found, final Consumer<Finding> findings) {
        findings.accept(new Finding(Finding.Kind.INDEX, file, -1, problem, expected, found));
        index = null;
    }

    private static String text(final int partitionId, final long baseOffset, final long nextOffset,
        final long position, final int batchLength, final long maxTimestampMs) {
        return "{partition=" + partitionId + " offsets=" + baseOffset + ".." + (nextOffset - 1) + " position="
            + position + " length=" + batchLength + " maxTimestamp=" + maxTimestampMs + "}";
    }
}
