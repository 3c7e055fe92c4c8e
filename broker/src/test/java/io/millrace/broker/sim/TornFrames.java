package io.millrace.broker.sim;

import io.millrace.engine.format.BatchDescriptor;
import io.millrace.engine.format.Checksums;
import io.millrace.engine.format.FrameDescriptor;
import io.millrace.engine.io.LogFile;
import io.millrace.engine.segment.SegmentNames;
import io.millrace.engine.sim.SimDisk;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** A mutant: gives torn batch frames the checksums that a recovery asks for, as if it asked for none. */
final class TornFrames {
    private TornFrames() {
    }

    static void makeWhole(final SimDisk disk) {
        final Checksums checksums = new Checksums();
        for (final String name : disk.list()) {
            final long base = SegmentNames.basePosition(name, SegmentNames.LOG_SUFFIX);
            if (base >= 0) {
                final byte[] bytes = disk.bytes(name);
                if (repair(new UnsafeBuffer(bytes), base, checksums)) {
                    store(disk, name, bytes);
                }
            }
        }
    }

    private static boolean repair(final UnsafeBuffer buffer, final long base, final Checksums checksums) {
        boolean changed = false;
        int index = 0;
        int previousCrc = 0;
        while (index + FrameDescriptor.MIN_BATCH_FRAME_LENGTH <= buffer.capacity()) {
            final int length = FrameDescriptor.length(buffer, index);
            if (length < FrameDescriptor.HEADER_LENGTH || index + length > buffer.capacity()
                || FrameDescriptor.position(buffer, index) != base + index) {
                break;
            }
            final int batch = index + FrameDescriptor.HEADER_LENGTH;
            if (FrameDescriptor.type(buffer, index) == FrameDescriptor.TYPE_BATCH && index > 0
                && length >= FrameDescriptor.MIN_BATCH_FRAME_LENGTH) {
                final int batchLength = length - FrameDescriptor.HEADER_LENGTH;
                final int crc = checksums.batchCrc(buffer, batch, batchLength);
                if (crc != BatchDescriptor.crc(buffer, batch)
                    || previousCrc != FrameDescriptor.previousCrc(buffer, index)) {
                    BatchDescriptor.putCrc(buffer, batch, crc);
                    FrameDescriptor.putPreviousCrc(buffer, index, previousCrc);
                    FrameDescriptor.putHeaderCrc(buffer, index, checksums.newBatchFrameCrc(buffer, index));
                    changed = true;
                }
            }
            previousCrc = FrameDescriptor.headerCrc(buffer, index);
            index += FrameDescriptor.alignedLength(length);
        }
        return changed;
    }

    private static void store(final SimDisk disk, final String name, final byte[] bytes) {
        try (LogFile file = disk.open(name, false)) {
            final ByteBuffer source = ByteBuffer.wrap(bytes);
            while (source.hasRemaining()) {
                file.write(source, source.position());
            }
            file.sync();
        } catch (final IOException ex) {
            throw new UncheckedIOException(ex);
        }
    }
}
